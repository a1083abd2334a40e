/** Reads and changes the MCP servers of the thread that is shown. No editor. */
import type { Event } from 'vscode-jsonrpc';
import type { McpServerStatus, ServerNotificationParams } from '../../agent-core/protocol/index.ts';
import type { CoreClient } from '../core/core-client.ts';
import type { CoreSupervisor } from '../core/core-supervisor.ts';
import type { McpStartups } from './mcp-startups.ts';
import { type McpServerView, type McpWish, mcpServerViews, widened } from './mcp-view.ts';

export type McpDeps = { core: CoreSupervisor; startups: McpStartups; threadId(): string | null };
export type McpReading = { servers: McpServerView[]; problems: string[] };
export type SignIn = { url: string; done: Promise<{ success: boolean; error: string | null }> };

/** Each rejects with a sentence when it cannot be done. */
export class McpServers {
  readonly #deps: McpDeps;

  constructor(deps: McpDeps) {
    this.#deps = deps;
  }

  /** A server came up, or did not. */
  get onChanged(): Event<void> {
    return this.#deps.startups.onChanged;
  }

  async read(): Promise<McpReading> {
    const client = await this.#deps.core.ready();
    const threadId = this.#deps.threadId();
    const [statuses, { config }, own] = await Promise.all([
      allStatuses(client, threadId),
      client.request('config/read', { includeLayers: false }),
      client.gantry ? client.request('gantry/mcpServer/permissions/read', { threadId }) : null,
    ]);
    const servers = mcpServerViews({
      statuses,
      permissions: own?.data ?? [],
      config,
      startup: (name) => this.#deps.startups.of(threadId, name),
    });
    return { servers, problems: own?.problems ?? [] };
  }

  /** The agent knows only a restart of all. */
  async restart(): Promise<void> {
    await this.#deps.core.request('config/mcpServer/reload', undefined);
  }

  async setEnabled(name: string, enabled: boolean): Promise<void> {
    const keyPath = `mcp_servers.${JSON.stringify(name)}.enabled`;
    await this.#deps.core.request('config/value/write', { keyPath, value: enabled, mergeStrategy: 'replace' });
    await this.restart();
  }

  /** What it may do from now on, in a sentence. */
  async allow({ name, sandbox }: McpServerView, wish: McpWish): Promise<string> {
    if (sandbox === null) throw new Error(`What ${name} may do cannot be changed from here.`);
    const params = { name, threadId: this.#deps.threadId(), sandbox: widened(sandbox, wish) };
    const { permissions } = await this.#deps.core.request('gantry/mcpServer/permissions/set', params);
    return permissions.summary;
  }

  /** Takes back all that was allowed beyond the default. */
  async confine({ name }: McpServerView): Promise<string> {
    const params = { name, threadId: this.#deps.threadId(), sandbox: null };
    const { permissions } = await this.#deps.core.request('gantry/mcpServer/permissions/set', params);
    return permissions.summary;
  }

  /** `done` never rejects; it stays open as long as the agent waits for the person. */
  async signIn(name: string): Promise<SignIn> {
    const { core } = this.#deps;
    const threadId = this.#deps.threadId();
    let loginId: string | null = null;
    const done = new Promise<Awaited<SignIn['done']>>((resolve) => {
      const end = (result: Awaited<SignIn['done']>) => {
        for (const one of subscriptions) one.dispose();
        resolve(result);
      };
      const isThis = (told: ServerNotificationParams<'mcpServer/oauthLogin/completed'>) =>
        told.name === name && (loginId === null || (told.loginId ?? loginId) === loginId);
      const subscriptions = [
        core.onNotification(({ method, params }) => {
          if (method === 'mcpServer/oauthLogin/completed' && isThis(params))
            end({ success: params.success, error: params.error ?? null });
        }),
        core.onLost(() => end({ success: false, error: 'The agent stopped meanwhile.' })),
      ];
    });
    const answer = await core.request('mcpServer/oauth/login', threadId ? { name, threadId } : { name });
    loginId = answer.loginId ?? null;
    return { url: answer.authorizationUrl, done };
  }
}

async function allStatuses(client: CoreClient, threadId: string | null): Promise<McpServerStatus[]> {
  const all: McpServerStatus[] = [];
  let cursor: string | null = null;
  do {
    const page: { data: McpServerStatus[]; nextCursor?: string | null | undefined } = await client.request(
      'mcpServerStatus/list',
      { ...(threadId ? { threadId } : {}), cursor, detail: 'toolsAndAuthOnly' },
    );
    all.push(...page.data);
    cursor = page.nextCursor ?? null;
  } while (cursor !== null);
  return all;
}
