/** What MCP servers ask a person, shown as cards; and the approval of a tool call, which comes the same way. No editor. */
import * as z from 'zod/mini';
import {
  type McpElicitationPrimitiveSchema,
  McpElicitationSchema,
  type RequestId,
  type ServerRequestAnswer,
  type ServerRequestParams,
} from '../../agent-core/protocol/index.ts';
import { type ElicitationView, type FieldValues, type FieldView, readForm } from '../../webview/bridge/elicitation.ts';
import type { ApprovalDecision, ApprovalView, ItemView } from '../../webview/bridge/panel-state.ts';
import { type Waiting, WaitingRequests } from './waiting.ts';

type Params = ServerRequestParams<'mcpServer/elicitation/request'>;
type Answer = ServerRequestAnswer<'mcpServer/elicitation/request'>;
export class Elicitations {
  readonly #waiting = new WaitingRequests<ElicitationView, Answer>();
  /** What is asked in this thread is another than before. */
  readonly onChanged = this.#waiting.onChanged;
  #count = 0;

  get size(): number {
    return this.#waiting.size;
  }

  get(id: string): ElicitationView | undefined {
    return this.#waiting.get(id);
  }

  ofThread(threadId: string): ElicitationView[] {
    return this.#waiting.ofThread(threadId);
  }

  /** Resolves with the person's answer; with `cancel` when it was taken back or cannot be shown. Never rejects. */
  ask(params: Params, requestId: RequestId | null): Promise<Answer> {
    this.#count += 1;
    const view = elicitationView(`elicitation-${this.#count}`, params);
    if (!view) return Promise.resolve({ action: 'cancel', content: null });
    return this.#waiting.wait(params.threadId, requestId, view);
  }

  /** What was filled in goes to the server only when it is what the server asked for; false: it still waits, or is gone. */
  submit(id: string, values: FieldValues): boolean {
    const view = this.get(id);
    const read = readForm(view?.kind === 'form' ? view.fields : [], values);
    return (
      read.ok && this.#waiting.close(id, { action: 'accept', content: view?.kind === 'form' ? read.content : null })
    );
  }

  refuse(id: string, action: 'decline' | 'cancel'): void {
    this.#waiting.close(id, { action, content: null });
  }

  takeBack(threadId: string, requestId: RequestId): void {
    this.#cancel((one) => one.threadId === threadId && one.requestId === requestId);
  }

  /** Nobody waits any more for what was asked in a turn that is over. */
  endTurn(threadId: string, turnId: string): void {
    this.#cancel((one) => one.threadId === threadId && one.view.turnId === turnId);
  }

  takeBackAll(): void {
    this.#cancel(() => true);
  }

  #cancel(which: (one: Waiting<ElicitationView, Answer>) => boolean): void {
    for (const { id } of this.#waiting.matching(which)) this.refuse(id, 'cancel');
  }
}

/** Null: a form of a kind that the panel did not say it can show. */
export function elicitationView(id: string, params: Params): ElicitationView | null {
  const base = { id, turnId: params.turnId ?? null, server: params.serverName, message: params.message };
  if (params.mode === 'url') return { ...base, kind: 'url', url: params.url, host: webHost(params.url) };
  const schema = z.safeParse(McpElicitationSchema, params.requestedSchema);
  if (!schema.success) return null;
  const required = new Set(schema.data.required ?? []);
  const fields = Object.entries(schema.data.properties).map(([name, one]) => fieldView(name, one, required.has(name)));
  return { ...base, kind: 'form', fields };
}

function webHost(url: string): string | null {
  const parsed = URL.parse(url);
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed.host : null;
}

function fieldView(name: string, schema: McpElicitationPrimitiveSchema, required: boolean): FieldView {
  const base = { name, label: schema.title || name, description: schema.description ?? null, required };
  switch (schema.type) {
    case 'boolean':
      return { ...base, kind: 'boolean', initial: schema.default ?? false };
    case 'number':
    case 'integer':
      return {
        ...base,
        kind: 'number',
        whole: schema.type === 'integer',
        minimum: schema.minimum ?? null,
        maximum: schema.maximum ?? null,
        initial: schema.default?.toString() ?? '',
      };
    case 'array': {
      const { items, minItems, maxItems } = schema;
      const options = 'anyOf' in items ? items.anyOf.map(titled) : items.enum.map((value) => ({ value, label: value }));
      const initial = schema.default ?? [];
      return { ...base, kind: 'choices', options, minItems: minItems ?? null, maxItems: maxItems ?? null, initial };
    }
    case 'string': {
      const initial = schema.default ?? '';
      if ('oneOf' in schema) return { ...base, kind: 'choice', options: schema.oneOf.map(titled), initial };
      if ('enum' in schema) {
        const names = 'enumNames' in schema ? schema.enumNames : null;
        const options = schema.enum.map((value, index) => ({ value, label: names?.[index] ?? value }));
        return { ...base, kind: 'choice', options, initial };
      }
      const { format, minLength, maxLength } = schema;
      return {
        ...base,
        kind: 'text',
        format: format ?? null,
        minLength: minLength ?? null,
        maxLength: maxLength ?? null,
        initial,
      };
    }
  }
}

const titled = (option: { const: string; title: string }) => ({ value: option.const, label: option.title });

/** The marks by which the agent's own question about a tool call is known. */
const approvalMeta = z.object({
  codex_approval_kind: z.literal('mcp_tool_call'),
  persist: z.catch(z.union([z.string(), z.array(z.string())]), []),
  tool_name: z.catch(z.nullish(z.string()), null),
  tool_title: z.catch(z.nullish(z.string()), null),
  tool_description: z.catch(z.nullish(z.string()), null),
  tool_params: z.catch(z.nullish(z.record(z.string(), z.unknown())), null),
  reason: z.catch(z.nullish(z.string()), null),
});

/** `items` are the thread's that nobody is asked about yet, to find the call that is meant. Null: the server asks for itself. */
export function toolApprovalView(id: string, params: Params, items: readonly ItemView[]): ApprovalView | null {
  const meta = z.safeParse(approvalMeta, params._meta);
  if (!meta.success || params.mode === 'url') return null;
  const { tool_params: args, tool_title: title, tool_description: description, tool_name: named } = meta.data;
  const calls = items.flatMap(({ item, done }) => {
    if (done || item.type !== 'mcpToolCall' || item.server !== params.serverName) return [];
    return (named == null || item.tool === named) && sameTable(item.arguments, args) ? [item] : [];
  });
  // The request has no field for the tool's name; its message quotes it.
  const found = calls.find(({ tool }) => params.message.includes(`"${tool}"`)) ?? calls[0];
  const tool = found?.tool ?? named ?? title ?? null;
  const persist = new Set(typeof meta.data.persist === 'string' ? [meta.data.persist] : meta.data.persist);
  const decisions: ApprovalDecision[] = [
    'accept',
    ...(persist.has('session') ? (['acceptForSession'] as const) : []),
    ...(persist.has('always') ? (['acceptAlways'] as const) : []),
    'decline',
  ];
  return {
    id,
    itemId: found?.id ?? id,
    turnId: params.turnId ?? '',
    kind: 'mcpTool',
    reason: meta.data.reason ?? null,
    command: null,
    cwd: null,
    unsandboxed: false,
    files: [],
    decisions,
    tool: {
      server: params.serverName,
      name: tool,
      title: title === tool ? null : (title ?? null),
      description: description ?? null,
      message: params.message,
      arguments: args ?? {},
    },
  };
}

/** How the wire says a decision about a tool call. */
export function toolApprovalAnswer(decision: ApprovalDecision): Answer {
  if (decision === 'declineAlways') return { action: 'decline', content: null };
  if (decision === 'decline' || decision === 'cancel') return { action: decision, content: null };
  const persist = decision === 'acceptForSession' ? 'session' : decision === 'acceptAlways' ? 'always' : null;
  return { action: 'accept', content: {}, ...(persist === null ? {} : { _meta: { persist } }) };
}

const sameTable = (a: unknown, b: Record<string, unknown> | null | undefined): boolean =>
  JSON.stringify(sorted(a ?? {})) === JSON.stringify(sorted(b ?? {}));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}
