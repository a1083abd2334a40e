/** The servers that a configuration names, with every default filled in. (pure) */
import path from 'node:path';
import { type Layer, type LoadedConfig, type McpSandboxConfig, type McpServerConfig, merged } from '../config/index.ts';

export type ApprovalMode = NonNullable<McpServerConfig['default_tools_approval_mode']>;

export type StdioServer = {
  type: 'stdio';
  command: string;
  args: string[];
  env: Record<string, string>;
  /** Names of variables that are passed on. */
  envVars: string[];
  cwd: string;
  sandbox: McpSandboxConfig;
  /** A project brings it: what its table names opens nothing that lies outside of the workspace. */
  isProjects: boolean;
};

export type HttpServer = {
  type: 'http';
  url: string;
  bearerVariable: string | null;
  headers: Record<string, string>;
  /** Header to variable. */
  headerVariables: Record<string, string>;
  scopes: string[] | null;
  clientId: string | null;
};

export type ServerSpec = {
  name: string;
  transport: StdioServer | HttpServer;
  enabled: boolean;
  required: boolean;
  startupMs: number;
  toolMs: number;
  /** Null: all that are not disabled. */
  enabledTools: readonly string[] | null;
  disabledTools: readonly string[];
  parallelTools: boolean;
  approvalMode: ApprovalMode;
  toolApproval: Readonly<Record<string, ApprovalMode>>;
  /** False: it comes from the project's files or from a client, and the user's config.toml says nothing of it. */
  isUsers: boolean;
};

export type Servers = { servers: ServerSpec[]; problems: string[] };

const STARTUP_SEC = 10;
const TOOL_SEC = 60;

/** What the user's own files say of servers; a table without command or url names none. */
function usersTables(layers: readonly Layer[]): Record<string, McpServerConfig> {
  const own = layers.filter(({ name, disabledReason }) => name.type === 'user' && disabledReason === null);
  const { mcp_servers: tables } = merged(own.map(({ raw }) => raw)) as {
    mcp_servers?: Record<string, McpServerConfig>;
  };
  return Object.fromEntries(
    Object.entries(tables ?? {}).filter(([, { command, url }]) => command !== undefined || url !== undefined),
  );
}

const filled = (texts: Readonly<Record<string, string>> | undefined): Record<string, string> => ({ ...texts });

function transportOf(config: McpServerConfig, cwd: string, isProjects: boolean): StdioServer | HttpServer | string {
  if (config.command !== undefined && config.url !== undefined) return 'has both command and url: remove one';
  if (config.command !== undefined && config.command.trim() !== '') {
    return {
      type: 'stdio',
      command: config.command,
      args: config.args ?? [],
      env: filled(config.env),
      envVars: (config.env_vars ?? []).map((each) => (typeof each === 'string' ? each : each.name)),
      cwd: path.resolve(cwd, config.cwd ?? '.'),
      sandbox: config.sandbox ?? {},
      isProjects,
    };
  }
  if (config.url === undefined) return 'needs command (a program) or url (a server that runs already)';
  return {
    type: 'http',
    url: config.url,
    bearerVariable: config.bearer_token_env_var ?? null,
    headers: filled(config.http_headers),
    headerVariables: filled(config.env_http_headers),
    scopes: config.scopes ?? null,
    clientId: config.oauth?.client_id ?? null,
  };
}

/** In the order of the configuration. A server that cannot be meant is a problem, as a sentence. */
export function serversOf({ config, layers }: Pick<LoadedConfig, 'config' | 'layers'>, cwd: string): Servers {
  const own = usersTables(layers);
  const servers: ServerSpec[] = [];
  const problems: string[] = [];
  for (const [name, given] of Object.entries(config.mcp_servers ?? {})) {
    const isUsers = Object.hasOwn(own, name);
    const isForeign =
      !isUsers && layers.some(({ name: { type }, raw }) => type === 'project' && namesServer(raw, name));
    // What the user allowed for a server of this name was not meant for one that a project brings under it.
    const { sandbox: _, tools: __, default_tools_approval_mode: ___, ...plain } = given;
    const table: McpServerConfig = isForeign ? plain : given;
    const transport = transportOf(table, cwd, isForeign);
    if (typeof transport === 'string') {
      problems.push(`mcp_servers.${name} ${transport}.`);
      continue;
    }
    servers.push({
      name,
      transport,
      enabled: table.enabled ?? true,
      required: table.required ?? false,
      startupMs: table.startup_timeout_ms ?? (table.startup_timeout_sec ?? STARTUP_SEC) * 1000,
      toolMs: (table.tool_timeout_sec ?? TOOL_SEC) * 1000,
      enabledTools: table.enabled_tools ?? null,
      disabledTools: table.disabled_tools ?? [],
      parallelTools: table.supports_parallel_tool_calls ?? false,
      approvalMode: table.default_tools_approval_mode ?? 'auto',
      toolApproval: Object.fromEntries(
        Object.entries(table.tools ?? {}).flatMap(([tool, { approval_mode: mode }]) => (mode ? [[tool, mode]] : [])),
      ),
      isUsers,
    });
  }
  return { servers, problems };
}

function namesServer(raw: Layer['raw'], name: string): boolean {
  const tables = raw.mcp_servers;
  return typeof tables === 'object' && tables !== null && Object.hasOwn(tables, name);
}

/** Whether two are started alike, so that one that runs can stay. */
export const sameServer = (a: ServerSpec, b: ServerSpec): boolean =>
  JSON.stringify([a.transport, a.enabled, a.enabledTools, a.disabledTools]) ===
  JSON.stringify([b.transport, b.enabled, b.enabledTools, b.disabledTools]);
