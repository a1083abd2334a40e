/** Which thread has which MCP servers. The client itself is loaded when the first server is configured. */

import type { SandboxedRunner } from '../../execution/command-runner.ts';
import type { Homes } from '../../execution/sandbox-settings.ts';
import { imported, late } from '../../late.ts';
import type { McpServer, ServerState, ThreadServers } from '../../mcp/index.ts';
import { type ServerSpec, serversOf } from '../../mcp/server-config.ts';
import type { Approver, Clock, Log, TurnSettings } from '../../ports.ts';
import { AgentError, type McpServerStartupState } from '../../protocol/index.ts';
import type { ServerTools } from '../../tools/tool.ts';
import type { Configuration } from '../config/configuration.ts';
import type { LiveThread } from '../threads/live-thread.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import type { HandlerContext, Handlers } from '../wire/connection.ts';

/** What `mcp-handlers.ts` answers. */
export const MCP_METHODS = [
  'mcpServerStatus/list',
  'config/mcpServer/reload',
  'mcpServer/tool/call',
  'mcpServer/resource/read',
  'mcpServer/oauth/login',
  'gantry/mcpServer/permissions/read',
  'gantry/mcpServer/permissions/set',
] as const;

export type McpThreadsOptions = {
  version: string;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  homes: Homes;
  configuration: Configuration;
  runner: () => Promise<SandboxedRunner>;
  threads: () => ThreadRegistry;
  clock: Clock;
  log: Log;
};

export type McpThreads = {
  /** For a thread's loop; costs nothing while no server is configured. */
  toolsFor(threadId: string): ServerTools;
  /** The same handlers; servers of the threads that they open are started. */
  following(handlers: Handlers): Handlers;
  /** What is configured for a thread, or without one for the core's own folder. */
  configured(thread: LiveThread | null): ReturnType<typeof serversOf>;
  /** The thread's servers, started if they were not; null when none is configured. */
  of(thread: LiveThread): Promise<ThreadServers | null>;
  /** Servers of no thread, for as long as `use` takes. */
  beside<T>(specs: readonly ServerSpec[], use: (servers: ThreadServers) => Promise<T>): Promise<T>;
  /** Starts servers anew in every thread, as they are configured now; without names, all. */
  restart(names?: readonly string[]): void;
  /** What signing in takes. */
  signIn(): Promise<SignIn>;
};

type Mcp = typeof import('../../mcp/index.ts');
export type SignIn = { mcp: Mcp; store: ReturnType<Mcp['createOAuthStore']>; fetch: typeof fetch };

/** How a server's state is told of a thread's start-up; null: it is not. */
const TOLD: Readonly<Record<ServerState, McpServerStartupState | null>> = {
  notStarted: null,
  disabled: null,
  starting: 'starting',
  connected: 'ready',
  authenticationRequired: 'failed',
  failed: 'failed',
  cancelled: 'cancelled',
};

const nobody: Approver['elicitation'] = async () => ({ action: 'failed', content: null, meta: null });

export function createMcpThreads(options: McpThreadsOptions): McpThreads {
  const { version, env, cwd, homes, configuration, clock, log } = options;
  const opened = new WeakMap<LiveThread, Promise<ThreadServers>>();

  const signIn = late(async (): Promise<SignIn> => {
    const mcp = await imported(import('../../mcp/index.ts'));
    return { mcp, store: mcp.createOAuthStore(configuration.home), fetch: mcp.createHttpFetch(env) };
  });

  const configured: McpThreads['configured'] = (thread) => {
    const folder = thread?.settings.cwd ?? cwd;
    return serversOf(configuration.load(folder, thread?.overrides), folder);
  };

  const remember = async (server: string, tool: string): Promise<void> => {
    const { editConfigFile } = await imported(import('../config/edit-config-file.ts'));
    const { writablePath, requirements } = configuration.loadUser();
    const path = ['mcp_servers', server, 'tools', tool, 'approval_mode'];
    editConfigFile(writablePath, [{ path, value: 'approve' }], requirements);
  };

  const rememberQuietly = (server: string, tool: string): void =>
    void remember(server, tool).catch((error) =>
      log('warn', `that ${tool} of ${server} may always run could not be written down`, error),
    );

  const connectionOf =
    ({ mcp, store, fetch }: SignIn, roots: () => readonly string[]) =>
    (spec: ServerSpec) => ({
      version,
      place: { roots: roots(), homes, env, report: async () => (await options.runner()).ready() },
      fetch,
      clock,
      log,
      authProvider: () => {
        const { transport } = spec;
        if (transport.type === 'stdio' || transport.bearerVariable !== null) return null;
        return mcp.storedProvider(store, spec.name, transport.url);
      },
    });

  const open = async (thread: LiveThread): Promise<ThreadServers> => {
    const tools = await signIn();
    const servers = new tools.mcp.ThreadServers({
      connection: connectionOf(tools, () => thread.settings.roots),
      approver: thread.approver,
      settings: () => thread.settings,
      activeTurnId: () => thread.activeTurnId,
      configured: () => configured(thread).servers,
      graceMs: () =>
        configuration.load(thread.settings.cwd, thread.overrides).config.mcp_optional_startup_grace_ms ?? null,
      remember: rememberQuietly,
      onState(name, state, error) {
        const status = TOLD[state];
        if (status === null) return;
        const isSignIn = state === 'authenticationRequired';
        thread.broadcast({
          method: 'mcpServer/startupStatus/updated',
          params: {
            threadId: thread.id,
            name,
            status,
            error,
            failureReason: isSignIn ? 'reauthenticationRequired' : null,
          },
        });
      },
      onWarning: (message) => thread.broadcast({ method: 'warning', params: { threadId: thread.id, message } }),
    });
    void servers.apply(configured(thread).servers);
    return servers;
  };

  const of: McpThreads['of'] = async (thread) => {
    const known = opened.get(thread);
    if (known) return known;
    const { servers, problems } = configured(thread);
    for (const message of problems) thread.broadcast({ method: 'warning', params: { threadId: thread.id, message } });
    if (servers.length === 0) return null;
    const opening = open(thread);
    opened.set(thread, opening);
    thread.onClose(async () => (await opening.catch(() => null))?.close());
    return opening;
  };

  /** Throws what is wrong with servers without which the thread must not begin. */
  const whileRequired = async (thread: LiveThread): Promise<void> => {
    const servers = await of(thread);
    const required = (servers?.servers ?? []).filter(({ spec }) => spec.required && spec.enabled);
    await Promise.all(required.map((server) => server.start()));
    const failed = required.filter(({ state }) => state !== 'connected');
    if (failed.length === 0) return;
    const why = failed.map(({ spec, error }: McpServer) => `${spec.name}: ${error ?? 'it did not start'}`);
    throw new AgentError('mcp', `required MCP servers failed to initialize: ${why.join('; ')}`);
  };

  const following: McpThreads['following'] = (handlers) => {
    const wrapped: Handlers = { ...handlers };
    for (const method of ['thread/start', 'thread/resume', 'thread/fork', 'thread/revert'] as const) {
      const handler = handlers[method] as ((params: unknown, context: HandlerContext) => unknown) | undefined;
      if (!handler) continue;
      const starting = async (params: unknown, context: HandlerContext): Promise<unknown> => {
        const registry = options.threads();
        const before = new Set(registry.all);
        const answer = await handler(params, context);
        for (const thread of registry.all.filter((one) => !before.has(one))) {
          if (configured(thread).servers.some(({ required, enabled }) => required && enabled)) {
            context.answerFirst();
            try {
              await whileRequired(thread);
            } catch (error) {
              await registry.unload(thread.id);
              throw error;
            }
          } else context.afterReply(() => void of(thread).catch((error) => log('error', 'MCP servers', error)));
        }
        return answer;
      };
      Object.assign(wrapped, { [method]: starting });
    }
    return wrapped;
  };

  return {
    configured,
    of,
    following,
    signIn,
    toolsFor(threadId) {
      let current: ThreadServers | null = null;
      return {
        async refresh(settings: TurnSettings, signal) {
          const thread = options.threads().get(threadId);
          try {
            current = thread ? await of(thread) : null;
            await current?.refresh(settings, signal);
          } catch (error) {
            log('error', 'MCP servers could not be started', error);
          }
        },
        specs: (model) => current?.specs(model) ?? [],
        find: (name) => current?.find(name),
      };
    },
    async beside(specs, use) {
      const tools = await signIn();
      const servers = new tools.mcp.ThreadServers({
        connection: connectionOf(tools, () => [cwd]),
        approver: { elicitation: nobody } as Approver,
        settings: () => ({ approvalPolicy: 'never' }) as TurnSettings,
        activeTurnId: () => null,
        configured: () => specs,
        graceMs: () => null,
        remember: rememberQuietly,
        onState: () => {},
        onWarning: () => {},
      });
      try {
        await servers.apply(specs);
        return await use(servers);
      } finally {
        await servers.close();
      }
    },
    restart(names) {
      for (const thread of options.threads().all) {
        const known = opened.get(thread);
        const again = known
          ? known.then((servers) => servers.restart(configured(thread).servers, names))
          : of(thread).then(() => undefined);
        again.catch((error) => log('error', 'MCP servers could not be started anew', error));
      }
    },
  };
}
