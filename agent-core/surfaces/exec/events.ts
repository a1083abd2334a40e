/** What `exec --json` prints: one object a line, made from what the core tells any client. (pure) */
import {
  type AnyThreadItem,
  isKnownItem,
  type ServerNotification,
  type ThreadItem,
  type TurnError,
} from '../../protocol/index.ts';

export type ExecItem = { id: string; type: string; [field: string]: unknown };
export type ExecUsage = {
  input_tokens: number;
  cached_input_tokens: number;
  cache_write_input_tokens: number;
  output_tokens: number;
  reasoning_output_tokens: number;
};
export type ExecEvent =
  | { type: 'thread.started'; thread_id: string }
  | { type: 'turn.started' }
  | { type: 'item.started' | 'item.updated' | 'item.completed'; item: ExecItem }
  | { type: 'turn.completed'; usage: ExecUsage }
  | { type: 'turn.failed'; error: { message: string } }
  | { type: 'error'; message: string };

const statusNames: Readonly<Record<string, string>> = { inProgress: 'in_progress' };
const statusOf = (status: string): string => statusNames[status] ?? status;
const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Whose tools are called that no server brought. */
const OWN_SERVER = 'gantry';

/** An item without its id; null for one that these events have no type for. */
function describeItem(item: ThreadItem): { type: string; [field: string]: unknown } | null {
  switch (item.type) {
    case 'agentMessage':
      return { type: 'agent_message', text: item.text };
    case 'reasoning': {
      const parts = item.summary.length > 0 ? item.summary : item.content;
      const text = parts.join('\n').trim();
      return text === '' ? null : { type: 'reasoning', text };
    }
    case 'commandExecution':
      return {
        type: 'command_execution',
        command: item.command,
        aggregated_output: item.aggregatedOutput ?? '',
        exit_code: item.exitCode ?? null,
        status: statusOf(item.status),
      };
    case 'fileChange':
      return {
        type: 'file_change',
        changes: item.changes.map(({ path, kind }) => ({ path, kind: kind.type })),
        // Their readers know no patch that was declined.
        status: item.status === 'declined' ? 'failed' : statusOf(item.status),
      };
    case 'mcpToolCall':
      return {
        type: 'mcp_tool_call',
        server: item.server,
        tool: item.tool,
        arguments: item.arguments ?? null,
        result: item.result
          ? { content: item.result.content, structured_content: item.result.structuredContent ?? null }
          : null,
        error: item.error ? { message: item.error.message } : null,
        status: statusOf(item.status),
      };
    case 'dynamicToolCall': {
      // Their readers know one kind of call with a name, arguments and a result; left out, what was read would be unseen.
      // A call that was refused is for the model alone, as the reference has it.
      if (item.status !== 'completed') return null;
      const texts = (item.contentItems ?? []).flatMap((part) => (part.type === 'inputText' ? [part.text] : []));
      return {
        type: 'mcp_tool_call',
        server: item.namespace ?? OWN_SERVER,
        tool: item.tool,
        arguments: item.arguments ?? null,
        result: { content: texts.map((text) => ({ type: 'text', text })), structured_content: null },
        error: null,
        status: 'completed',
      };
    }
    case 'webSearch':
      return { type: 'web_search', query: item.query, action: item.action ?? null };
    case 'collabAgentToolCall':
      return {
        type: 'collab_tool_call',
        tool: snakeCase(item.tool),
        sender_thread_id: item.senderThreadId,
        receiver_thread_ids: item.receiverThreadIds,
        prompt: item.prompt ?? null,
        agents_states: item.agentsStates,
        status: statusOf(item.status),
      };
    default:
      return null;
  }
}

/** Items of these types are told only once they are complete. */
const ONLY_COMPLETED: ReadonlySet<string> = new Set(['agent_message', 'reasoning']);

const describeError = ({ message, additionalDetails }: TurnError): string =>
  additionalDetails && !message.includes(additionalDetails) ? `${message} (${additionalDetails})` : message;

const withDetails = (summary: string, details: string | null | undefined): string =>
  details && !summary.includes(details) ? `${summary}\n${details}` : summary;

const noUsage = (): ExecUsage => ({
  input_tokens: 0,
  cached_input_tokens: 0,
  cache_write_input_tokens: 0,
  output_tokens: 0,
  reasoning_output_tokens: 0,
});

/** Follows one turn of one thread. What comes before `started` is kept for it. */
export class ExecEvents {
  /** The turn's last message so far. */
  lastMessage: string | null = null;
  readonly #ids = new Map<string, string>();
  #early: ServerNotification[] | null = [];
  #nextId = 0;
  #plan: ExecItem | null = null;
  #usage = noUsage();

  started(threadId: string): ExecEvent[] {
    return [{ type: 'thread.started', thread_id: threadId }, ...this.held()];
  }

  /** What was told before the thread: it may say why there is none. */
  held(): ExecEvent[] {
    const early = this.#early ?? [];
    this.#early = null;
    return early.flatMap((notification) => this.take(notification));
  }

  take(notification: ServerNotification): ExecEvent[] {
    if (this.#early) {
      this.#early.push(notification);
      return [];
    }
    const { method, params } = notification;
    switch (method) {
      case 'turn/started':
        return [{ type: 'turn.started' }];
      case 'item/started':
        return this.#item('item.started', params.item);
      case 'item/completed':
        return this.#item('item.completed', params.item);
      case 'turn/plan/updated':
        return this.#planned(
          params.plan.map(({ step, status }) => ({ text: step, completed: status === 'completed' })),
        );
      case 'thread/tokenUsage/updated': {
        const { total } = params.tokenUsage;
        this.#usage = {
          input_tokens: total.inputTokens,
          cached_input_tokens: total.cachedInputTokens,
          cache_write_input_tokens: total.cacheWriteInputTokens,
          output_tokens: total.outputTokens,
          reasoning_output_tokens: total.reasoningOutputTokens,
        };
        return [];
      }
      case 'error':
        return [{ type: 'error', message: describeError(params.error) }];
      case 'mcpServer/startupStatus/updated': {
        const { name, status, error } = params;
        return status === 'failed'
          ? [this.#notice(`The MCP server ${name} failed: ${error ?? 'it did not start.'}`)]
          : [];
      }
      case 'warning':
        return [this.#notice(params.message)];
      case 'configWarning':
      case 'deprecationNotice':
        return [this.#notice(withDetails(params.summary, params.details))];
      case 'turn/completed': {
        const plan: ExecEvent[] = this.#plan ? [{ type: 'item.completed', item: this.#plan }] : [];
        const { status, error } = params.turn;
        if (status === 'completed') return [...plan, { type: 'turn.completed', usage: this.#usage }];
        const message = error ? describeError(error) : `The turn was ${status}.`;
        return [...plan, { type: 'turn.failed', error: { message } }];
      }
      default:
        return [];
    }
  }

  #item(type: 'item.started' | 'item.completed', item: AnyThreadItem): ExecEvent[] {
    const described = isKnownItem(item) ? describeItem(item) : null;
    if (described === null) return [];
    if (type === 'item.started' && ONLY_COMPLETED.has(described.type)) return [];
    if (described.type === 'agent_message') this.lastMessage = String(described.text);
    const id = this.#ids.get(item.id) ?? this.#newId();
    if (type === 'item.started') this.#ids.set(item.id, id);
    else this.#ids.delete(item.id);
    return [{ type, item: { id, ...described } }];
  }

  #planned(items: { text: string; completed: boolean }[]): ExecEvent[] {
    const type = this.#plan ? 'item.updated' : 'item.started';
    this.#plan = { id: this.#plan?.id ?? this.#newId(), type: 'todo_list', items };
    return [{ type, item: this.#plan }];
  }

  #notice(message: string): ExecEvent {
    return { type: 'item.completed', item: { id: this.#newId(), type: 'error', message } };
  }

  #newId(): string {
    return `item_${this.#nextId++}`;
  }
}
