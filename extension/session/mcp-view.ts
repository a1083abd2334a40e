/** The MCP servers as a person sees them, worked out from what the agent tells. Pure. */
import * as z from 'zod/mini';
import type { GantryMcpServerPermissions, McpServerStatus } from '../../agent-core/protocol/index.ts';
import { type GantryMcpSandbox, GantryMcpSandbox as gantryMcpSandbox } from '../../agent-core/protocol/index.ts';
import type { McpStartup } from './mcp-startups.ts';

export type McpServerView = {
  name: string;
  state: 'starting' | 'ready' | 'failed' | 'signIn' | 'disabled' | 'idle';
  /** The state in words, with why. */
  words: string;
  tools: string[];
  /** What it may do on this machine, in a sentence; null where the agent does not say. */
  profile: string | null;
  /** The table of config.toml; null: nothing of it can be changed from here, `fixedBecause` says why. */
  sandbox: GantryMcpSandbox | null;
  fixedBecause: string | null;
  /** It is signed in to, or can be. */
  canSignIn: boolean;
};

export type McpFacts = {
  statuses: readonly McpServerStatus[];
  /** Empty for an agent that knows no profiles. */
  permissions: readonly GantryMcpServerPermissions[];
  /** The configuration as it was read. */
  config: unknown;
  startup(name: string): McpStartup | undefined;
};

const configured = z.object({
  mcp_servers: z.catch(
    z.record(
      z.string(),
      z.object({
        enabled: z.catch(z.nullish(z.boolean()), null),
        sandbox: z.catch(z.nullish(gantryMcpSandbox), null),
      }),
    ),
    {},
  ),
});

/** By name. Servers that are switched off are among them, also where the agent does not list them. */
export function mcpServerViews({ statuses, permissions, config, startup }: McpFacts): McpServerView[] {
  const parsed = z.safeParse(configured, config);
  const tables = new Map(Object.entries(parsed.success ? parsed.data.mcp_servers : {}));
  const names = new Set([...statuses.map(({ name }) => name), ...tables.keys()]);
  return [...names].sort().map((name) => {
    const status = statuses.find((one) => one.name === name);
    const own = permissions.find((one) => one.name === name);
    const table = tables.get(name);
    const tools = Object.keys(status?.tools ?? {});
    return {
      name,
      ...stateOf(status, table?.enabled === false, startup(name), tools.length),
      tools,
      profile: own?.summary ?? null,
      sandbox: own && own.fixedBecause === null ? (table?.sandbox ?? {}) : null,
      fixedBecause: own?.fixedBecause ?? null,
      canSignIn: status?.authStatus === 'notLoggedIn' || status?.authStatus === 'oAuth',
    };
  });
}

function stateOf(
  status: McpServerStatus | undefined,
  isOff: boolean,
  startup: McpStartup | undefined,
  tools: number,
): Pick<McpServerView, 'state' | 'words'> {
  const runtime = status?.runtimeStatus ?? null;
  if (isOff || runtime === 'disabled') return { state: 'disabled', words: 'disabled' };
  if (
    runtime === 'authenticationRequired' ||
    startup?.failureReason === 'reauthenticationRequired' ||
    (status?.authStatus === 'notLoggedIn' && tools === 0)
  )
    return { state: 'signIn', words: 'needs you to sign in' };
  const ready = { state: 'ready', words: tools === 1 ? 'ready, 1 tool' : `ready, ${tools} tools` } as const;
  if (runtime === 'connected' || (runtime === null && tools > 0)) return ready;
  const why = status?.toolsError ?? (startup?.status === 'failed' ? startup.error : null);
  if (why || runtime === 'failed' || startup?.status === 'failed')
    return { state: 'failed', words: why ? `failed: ${why}` : 'failed, and gave no reason' };
  if (runtime === 'starting' || startup?.status === 'starting') return { state: 'starting', words: 'starting' };
  return startup?.status === 'ready' ? ready : { state: 'idle', words: 'not started' };
}

/** One thing more that a server may do. */
export type McpWish = { type: 'network' } | { type: 'hosts'; hosts: string[] } | { type: 'write'; folder: string };

/** The table with the wish in it; what it held before stays. */
export function widened(sandbox: GantryMcpSandbox, wish: McpWish): GantryMcpSandbox {
  if (wish.type === 'network') return { ...sandbox, network: true };
  if (wish.type === 'write') return { ...sandbox, write: [...new Set([...(sandbox.write ?? []), wish.folder])] };
  if (sandbox.network === true) return sandbox;
  return { ...sandbox, network: [...new Set([...(sandbox.network || []), ...wish.hosts])] };
}

/** What a yes opens, for the person who gives it. */
export function wishText(name: string, wish: McpWish): { question: string; detail: string; yes: string } {
  const after = 'This is written into your config.toml, and the server is started again.';
  if (wish.type === 'write')
    return {
      question: `Let ${name} write in ${wish.folder}?`,
      detail: `The server can then create, change and delete any file in that folder, without asking. ${after}`,
      yes: 'Allow Writing',
    };
  if (wish.type === 'network')
    return {
      question: `Let ${name} use the network?`,
      detail: `The server can then send whatever it may read, your workspace among it, to any host. ${after}`,
      yes: 'Allow Network',
    };
  const hosts = wish.hosts.join(', ');
  return {
    question: `Let ${name} reach ${hosts}?`,
    detail: `The server can then send whatever it may read, your workspace among it, to ${hosts}. ${after}`,
    yes: wish.hosts.length === 1 ? 'Allow Host' : 'Allow Hosts',
  };
}

/** Host names out of what a person typed; a text says what is wrong. */
export function parseHosts(text: string): string[] | string {
  const hosts = text.split(/[\s,]+/).filter(Boolean);
  if (hosts.length === 0) return 'Type at least one host, as api.example.com.';
  const wrong = hosts.find((host) => !/^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host));
  return wrong === undefined
    ? hosts.map((host) => host.toLowerCase())
    : `${wrong} is no host name. Leave out https:// and the path.`;
}
