/** How the MCP servers came up, as the agent told it last. No editor. */
import { Emitter, type Event } from 'vscode-jsonrpc';
import type { ServerNotification, ServerNotificationParams } from '../../agent-core/protocol/index.ts';

export type McpStartup = Pick<
  ServerNotificationParams<'mcpServer/startupStatus/updated'>,
  'status' | 'error' | 'failureReason'
>;

type Source = { onNotification: Event<ServerNotification>; onLost: Event<void> };

export class McpStartups {
  readonly #last = new Map<string, McpStartup>();
  readonly #changed = new Emitter<void>();
  readonly onChanged: Event<void> = this.#changed.event;

  constructor(core: Source) {
    core.onNotification(({ method, params }) => {
      if (method !== 'mcpServer/startupStatus/updated') return;
      this.#last.set(keyOf(params.threadId, params.name), params);
      this.#changed.fire();
    });
    core.onLost(() => this.#last.clear());
  }

  /** Undefined: nothing was told of this server in this thread. */
  of(threadId: string | null, name: string): McpStartup | undefined {
    return this.#last.get(keyOf(threadId, name)) ?? this.#last.get(keyOf(null, name));
  }
}

const keyOf = (threadId: string | null | undefined, name: string): string => `${threadId ?? ''}\0${name}`;
