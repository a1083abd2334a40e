/** Runs the tool calls of one answer, and pairs each with its result. */

import type { ContentPart, HistoryItem } from '../models/model-client.ts';
import { AgentError, type ThreadItem } from '../protocol/index.ts';
import { noSuchTool } from '../tools/index.ts';
import type { Tool, ToolContext, ToolOutcome } from '../tools/tool.ts';
import type { ToolCall } from './item-stream.ts';
import type { TurnItems } from './items.ts';
import type { Toolbox } from './toolbox.ts';
import type { TurnHooks } from './turn-hooks.ts';

export type ToolResult = Extract<HistoryItem, { type: 'toolResult' }>;

export type CallContext = Omit<ToolContext, 'itemId' | 'items'> & {
  items: TurnItems;
  toolbox: Toolbox;
  /** Null: nobody has a word in what the tools do. */
  hooks: TurnHooks | null;
};

/**
 * Results in the order of the calls, one for each, also when the turn was interrupted meanwhile. Neighbours that may run
 * beside each other do. `onCancelled` hears at once that the person ended the turn.
 */
export async function runCalls(
  calls: readonly ToolCall[],
  context: CallContext,
  onCancelled: () => void,
): Promise<ToolResult[]> {
  const results: ToolResult[] = [];
  const isParallel = (call: ToolCall | undefined) =>
    call !== undefined && context.toolbox.find(call.name)?.parallel === true;
  for (let at = 0; at < calls.length; ) {
    let end = at + 1;
    if (isParallel(calls[at])) while (end < calls.length && isParallel(calls[end])) end++;
    results.push(...(await Promise.all(calls.slice(at, end).map((call) => runCall(call, context, onCancelled)))));
    at = end;
  }
  return results;
}

/** With what a person has granted by now. */
const granted = ({ settings, approvals, turnId }: CallContext): CallContext['settings'] => {
  const more = approvals.grants.of(turnId);
  return more ? { ...settings, granted: more } : settings;
};

/** The result of a call of which nothing more will be known. */
export function lostResult({ callId, kind }: ToolCall): ToolResult {
  const text = 'Gantry failed before this call was done; it may have run in part.';
  return { type: 'toolResult', callId, kind, output: [{ type: 'text', text }], success: false };
}

async function runCall(call: ToolCall, context: CallContext, onCancelled: () => void): Promise<ToolResult> {
  const itemId = context.items.claimId(call.callId);
  const tool = context.toolbox.find(call.name);
  const outcome = context.signal.aborted
    ? ({ type: 'cancelled', text: 'Not run: the turn was interrupted before.' } as const)
    : await runTool(tool, call, { ...context, itemId, settings: granted(context) });
  if (outcome.type === 'cancelled') onCancelled();
  if (outcome.type === 'rejected') showRejected(call, itemId, outcome.text, context.items);
  return {
    type: 'toolResult',
    callId: call.callId,
    kind: call.kind,
    output: [{ type: 'text', text: outcome.text }, ...imagesOf(outcome)],
    success: outcome.type === 'done' && outcome.success,
  };
}

const imagesOf = (outcome: ToolOutcome): ContentPart[] =>
  outcome.type === 'done' ? (outcome.images ?? []).map((url) => ({ type: 'image', url })) : [];

async function runTool(
  tool: Tool | undefined,
  call: ToolCall,
  context: CallContext & { itemId: string },
): Promise<ToolOutcome> {
  if (!tool) return { type: 'rejected', text: noSuchTool(call.name, context.toolbox.otherNames) };
  try {
    return await runHooked(tool, call, context);
  } catch (error) {
    const message = error instanceof AgentError ? error.message : `${call.name} failed inside Gantry: ${String(error)}`;
    if (!(error instanceof AgentError)) context.log('error', 'a tool threw', error);
    const open = context.items.open.get(context.itemId);
    if (!open) return { type: 'rejected', text: message };
    context.items.completed(asFailed(open));
    return { type: 'done', success: false, text: message };
  }
}

async function runHooked(tool: Tool, call: ToolCall, context: CallContext & { itemId: string }): Promise<ToolOutcome> {
  const { hooks } = context;
  if (!hooks) return tool.run(call.input, context);
  const before = await hooks.beforeTool(call);
  if (context.signal.aborted) return { type: 'cancelled', text: 'Not run: the turn was interrupted before.' };
  if ('outcome' in before) return before.outcome;
  return hooks.afterTool(before.call, await tool.run(before.call.input, context));
}

/** An item as it ends when nothing more is known of it. */
export function asFailed(item: ThreadItem): ThreadItem {
  switch (item.type) {
    case 'commandExecution':
    case 'fileChange':
    case 'mcpToolCall':
    case 'dynamicToolCall':
      return { ...item, status: 'failed' };
    default:
      return item;
  }
}

function showRejected(call: ToolCall, id: string, text: string, items: TurnItems): void {
  const item = {
    type: 'dynamicToolCall',
    id,
    namespace: null,
    tool: call.name,
    arguments: argumentsOf(call),
    contentItems: null,
    success: null,
    durationMs: null,
  } as const;
  items.started({ ...item, status: 'inProgress' });
  items.completed({
    ...item,
    status: 'failed',
    contentItems: [{ type: 'inputText', text }],
    success: false,
    durationMs: 0,
  });
}

function argumentsOf(call: ToolCall): unknown {
  if (call.kind === 'freeform') return { input: call.input };
  try {
    return JSON.parse(call.input);
  } catch {
    return { input: call.input };
  }
}
