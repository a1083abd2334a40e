/** MCP servers on the wire: what they are and offer, calls by the client itself, signing in, and what they may do. */
import type { McpServer, ThreadServers } from '../../mcp/index.ts';
import { launchProfile } from '../../mcp/launch.ts';
import { profileText } from '../../mcp/profile.ts';
import type { ServerSpec } from '../../mcp/server-config.ts';
import {
  AgentError,
  type ClientRequestParams,
  type GantryMcpServerPermissions,
  type McpServerStatus,
  type Resource,
  type ResourceContent,
  type ResourceTemplate,
  type Tool,
} from '../../protocol/index.ts';
import { editConfigFile } from '../config/edit-config-file.ts';
import type { LiveThread } from '../threads/live-thread.ts';
import type { Handlers } from '../wire/connection.ts';
import { pageOf, pageSize } from '../wire/pages.ts';
import type { MCP_METHODS, McpThreads, McpThreadsOptions, SignIn } from './mcp-threads.ts';

export type McpHandlerOptions = Pick<McpThreadsOptions, 'configuration' | 'homes' | 'env' | 'cwd' | 'threads'> & {
  mcp: McpThreads;
  newId: () => string;
  onConfigWritten: () => void;
};

const LOGIN_SEC = 300;
const MOST_PAGES = 50;

const unknownServer = (name: string): AgentError => new AgentError('mcp', `unknown MCP server '${name}'`);

export function mcpHandlers(options: McpHandlerOptions): Pick<Handlers, (typeof MCP_METHODS)[number]> {
  const { mcp, threads, configuration, homes, env, cwd, newId } = options;
  const threadOf = (threadId: string | null | undefined): LiveThread | null =>
    threadId ? threads().loaded(threadId) : null;

  /** In the thread's connection, or without a thread in one that ends with the answer. */
  const withServer = async <T>(
    thread: LiveThread | null,
    name: string,
    use: (server: McpServer) => Promise<T>,
  ): Promise<T> => {
    const spec = mcp.configured(thread).servers.find((one) => one.name === name);
    if (!spec) throw unknownServer(name);
    const using = (servers: ThreadServers | null): Promise<T> => {
      const server = servers?.get(name);
      if (!server) throw unknownServer(name);
      return use(server);
    };
    return thread ? using(await mcp.of(thread)) : mcp.beside([spec], using);
  };

  const permissionsOf = (spec: ServerSpec, thread: LiveThread | null): GantryMcpServerPermissions => {
    const { name, transport } = spec;
    if (transport.type === 'http') {
      const summary = `It runs at ${new URL(transport.url).host}, and sees nothing of this machine but what it is sent.`;
      const fixedBecause = 'It does not run on this machine.';
      return { name, transport: 'http', confined: true, read: [], write: [], network: true, summary, fixedBecause };
    }
    const roots = thread?.settings.roots ?? [cwd];
    const profile = launchProfile(name, transport, { roots, homes, env, report: unneeded });
    const fixedBecause = spec.isUsers
      ? null
      : `It does not stand in your own config.toml. Copy [mcp_servers.${name}] there to give it more.`;
    return { name, transport: 'stdio', ...profile, summary: profileText(profile), fixedBecause };
  };

  return {
    async 'mcpServerStatus/list'({ threadId, cursor, detail, limit, serverName }) {
      const thread = threadOf(threadId);
      const specs = mcp.configured(thread).servers.filter(({ name }) => !serverName || name === serverName);
      const size = pageSize(limit, 50, 500);
      const page = pageOf({
        all: specs,
        idOf: ({ name }) => name,
        cursor: cursor ?? null,
        limit: size,
        ascending: true,
      });
      if (page.data.length === 0) return { data: [], nextCursor: null };
      const tools = await mcp.signIn();
      const rows = (servers: ThreadServers | null) =>
        Promise.all(
          page.data.map((spec) => statusOf(spec, servers?.get(spec.name), detail !== 'toolsAndAuthOnly', tools)),
        );
      if (thread) return { data: await rows(await mcp.of(thread)), nextCursor: page.nextCursor };
      const data = await mcp.beside(page.data, rows);
      // Connections that end with the answer are nobody's.
      return { data: data.map((row) => ({ ...row, runtimeStatus: null })), nextCursor: page.nextCursor };
    },

    'config/mcpServer/reload'(_params, { afterReply }) {
      afterReply(() => mcp.restart());
      return {};
    },

    async 'mcpServer/tool/call'({ threadId, server: name, tool, arguments: args, _meta }, { signal }) {
      return withServer(threadOf(threadId), name, async (server) => {
        await server.start();
        if (server.state === 'connected' && !server.tools.some((one) => one.name === tool)) {
          throw new AgentError('mcp', `The MCP server ${name} has no tool '${tool}' that may be used.`);
        }
        const meta = isTable(_meta) ? _meta : undefined;
        const answer = await server.call(tool, isTable(args) ? args : {}, { signal, meta });
        const { content, structuredContent, isError, _meta: answered } = answer;
        return {
          content,
          ...(structuredContent === undefined ? {} : { structuredContent }),
          ...(isError === undefined ? {} : { isError }),
          ...(answered === undefined ? {} : { _meta: answered }),
        };
      });
    },

    async 'mcpServer/resource/read'({ threadId, server: name, uri }, { signal }) {
      const { NO_TIMEOUT } = (await mcp.signIn()).mcp;
      return withServer(threadOf(threadId), name, async (server) => {
        const { contents } = await server.request(signal, (client, bounded) =>
          client.readResource({ uri }, { signal: bounded, timeout: NO_TIMEOUT }),
        );
        return { contents: contents as ResourceContent[] };
      });
    },

    async 'mcpServer/oauth/login'(params, { connection, afterReply }) {
      const spec = mcp.configured(threadOf(params.threadId)).servers.find(({ name }) => name === params.name);
      if (!spec) throw new AgentError('invalidRequest', `No MCP server named '${params.name}' found.`);
      const login = await startLogin(spec, params, await mcp.signIn());
      const loginId = newId();
      const tell = (success: boolean, error: string | null) =>
        connection.notify({
          method: 'mcpServer/oauthLogin/completed',
          params: { threadId: params.threadId ?? null, name: spec.name, success, error, loginId },
        });
      afterReply(() => {
        login.done.then(
          () => {
            tell(true, null);
            mcp.restart([spec.name]);
          },
          (error: unknown) => tell(false, error instanceof Error ? error.message : String(error)),
        );
      });
      return { authorizationUrl: login.authorizationUrl, loginId };
    },

    'gantry/mcpServer/permissions/read'({ threadId }) {
      const thread = threadOf(threadId);
      const { servers, problems } = mcp.configured(thread);
      return { data: servers.map((spec) => permissionsOf(spec, thread)), problems };
    },

    'gantry/mcpServer/permissions/set'({ name, threadId, sandbox }, { afterReply }) {
      const thread = threadOf(threadId);
      const find = () => mcp.configured(thread).servers.find((one) => one.name === name);
      const before = find();
      if (!before) throw unknownServer(name);
      const { fixedBecause } = permissionsOf(before, thread);
      if (fixedBecause !== null)
        throw new AgentError('invalidRequest', `${name} cannot be given more. ${fixedBecause}`);
      const { writablePath, requirements } = configuration.loadUser();
      editConfigFile(
        writablePath,
        [{ path: ['mcp_servers', name, 'sandbox'], value: sandbox ?? undefined }],
        requirements,
      );
      options.onConfigWritten();
      afterReply(() => mcp.restart([name]));
      return { permissions: permissionsOf(find() ?? before, thread) };
    },
  };
}

const unneeded = () => Promise.reject(new Error('nothing is started'));

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function startLogin(
  { name, transport }: ServerSpec,
  { scopes, timeoutSecs }: ClientRequestParams<'mcpServer/oauth/login'>,
  { mcp, store, fetch }: SignIn,
) {
  if (transport.type !== 'http' || transport.bearerVariable !== null) {
    throw new AgentError(
      'invalidRequest',
      `OAuth login is only for servers with a url and without bearer_token_env_var; ${name} is none.`,
    );
  }
  return mcp.startLogin({
    name,
    url: transport.url,
    scopes: scopes ?? transport.scopes,
    clientId: transport.clientId,
    timeoutMs: (timeoutSecs && timeoutSecs > 0 ? timeoutSecs : LOGIN_SEC) * 1000,
    store,
    fetch,
    signal: new AbortController().signal,
  });
}

async function statusOf(
  spec: ServerSpec,
  server: McpServer | undefined,
  isFull: boolean,
  signIn: SignIn,
): Promise<McpServerStatus> {
  const state = server?.state ?? (spec.enabled ? 'notStarted' : 'disabled');
  const client = server?.connection?.client;
  const capabilities = client?.getServerCapabilities();
  const tools = server?.tools ?? [];
  const hasResources = isFull && server !== undefined && capabilities?.resources !== undefined;
  const [authStatus, resources, resourceTemplates] = await Promise.all([
    signIn.mcp.authStatus(spec, state, signIn),
    hasResources ? resourcesOf(server, signIn) : [],
    hasResources ? templatesOf(server, signIn) : [],
  ]);
  return {
    name: spec.name,
    authStatus,
    runtimeStatus: state,
    tools: Object.fromEntries(tools.map((tool) => [tool.name, wireTool(tool)])),
    toolsError: tools.length === 0 ? (server?.error ?? null) : null,
    resources,
    resourceTemplates,
    serverInfo: client?.getServerVersion() ?? null,
    ...(capabilities === undefined ? {} : { serverCapabilities: capabilities }),
    httpOrigin: spec.transport.type === 'http' ? new URL(spec.transport.url).origin : null,
    pluginId: null,
  };
}

const wireTool = ({
  name,
  title,
  description,
  inputSchema,
  outputSchema,
  annotations,
  icons,
  _meta,
}: McpServer['tools'][number]): Tool => ({
  name,
  inputSchema,
  ...(title === undefined ? {} : { title }),
  ...(description === undefined ? {} : { description }),
  ...(outputSchema === undefined ? {} : { outputSchema }),
  ...(annotations === undefined ? {} : { annotations }),
  ...(icons === undefined ? {} : { icons }),
  ...(_meta === undefined ? {} : { _meta }),
});

/** All pages; what the server does not tell in time, or refuses to, is left out. */
async function resourcesOf(server: McpServer, { mcp }: SignIn): Promise<Resource[]> {
  const all: Resource[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const answer = await server
      .request(new AbortController().signal, (client, signal) =>
        client.listResources(cursor === undefined ? {} : { cursor }, { signal, timeout: mcp.NO_TIMEOUT }),
      )
      .catch(() => null);
    if (answer === null) break;
    all.push(...(answer.resources as Resource[]));
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return all;
}

async function templatesOf(server: McpServer, { mcp }: SignIn): Promise<ResourceTemplate[]> {
  const answer = await server
    .request(new AbortController().signal, (client, signal) =>
      client.listResourceTemplates({}, { signal, timeout: mcp.NO_TIMEOUT }),
    )
    .catch(() => null);
  return (answer?.resourceTemplates ?? []) as ResourceTemplate[];
}
