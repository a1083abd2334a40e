/** Shortens a thread's history inside a running turn, by the provider's own way or by a summary that we ask for. */
import { type KeptState, newHistory } from '../compaction/new-history.ts';
import { CHECKPOINT_INSTRUCTION, HOPELESS, PROVIDER_SUMMARY } from '../compaction/prompts.ts';
import { SHRINK_TRIES, shrink } from '../compaction/shrink.ts';
import { compactLimit } from '../compaction/size.ts';
import type { HistoryItem, ModelInfo, ModelRequest, ModelUsage, ResolvedModel } from '../models/model-client.ts';
import type { TurnSettings } from '../ports.ts';
import type { TurnError } from '../protocol/index.ts';
import { turnError } from './errors.ts';
import { goalBudget } from './goals.ts';
import type { TurnItems } from './items.ts';
import { callModel } from './model-call.ts';
import { silentItems } from './silent-items.ts';
import { noUsage, spend, type ThreadState, wireUsage } from './thread-state.ts';
import type { TurnHooks } from './turn-hooks.ts';

/** The user's messages get this much of the new history, or a quarter of what the model takes where that is less. */
const USER_TOKENS = 20_000;
/** Less than this would not even hold what is asked. */
const LEAST_USER_TOKENS = 500;
/** Below this the history has grown too little since its last compaction for another to help. */
const LEAST_GROWTH = 0.1;

export type CompactionScope = {
  turnId: string;
  settings: TurnSettings;
  items: TurnItems;
  signal: AbortSignal;
  /** The provider said that the history is too long, whatever we know of its limit. */
  isOverflow: boolean;
  /** The turn goes on with the new history, and its own messages are part of it. */
  isMidTurn: boolean;
  /** The user asked for it. */
  isManual: boolean;
  hooks: TurnHooks | null;
};

export type Compacted = { type: 'done' } | { type: 'cut' } | { type: 'failed'; error: TurnError };

/** Whether the history is so large that it is to be compacted before the next call. */
export function isFull(state: ThreadState, model: ResolvedModel): boolean {
  const limit = compactLimit(model.info);
  if (limit === null || state.history.tokens < limit) return false;
  const before = state.compactedTokens;
  return before === null || state.history.tokens - before >= limit * LEAST_GROWTH;
}

/**
 * Replaces the history by a shorter one, and tells the client by an item of its own. A failure leaves the history as it
 * was. Throws what `record` throws.
 */
export async function compact(state: ThreadState, model: ResolvedModel, scope: CompactionScope): Promise<Compacted> {
  const { items, turnId, settings, signal } = scope;
  const trigger = scope.isManual ? 'manual' : 'auto';
  if (!((await scope.hooks?.beforeCompaction(trigger)) ?? true)) return { type: signal.aborted ? 'cut' : 'done' };
  const item = { type: 'contextCompaction', id: items.claimId('') } as const;
  items.started(item);
  if (state.history.isEmpty) {
    items.completed(item);
    return { type: 'done' };
  }
  const short = await shorten(state, model, scope);
  if (short.type !== 'short' || signal.aborted) {
    items.completed(item);
    return short.type === 'failed' ? short : { type: 'cut' };
  }
  const limit = compactLimit(model.info);
  const next = newHistory({
    initial: await state.ports.prompt.initial(settings, model.info),
    before: state.history.snapshot(),
    kept: keptState(state),
    summary: short.summary,
    opaque: short.opaque,
    userTokens: userBudget(limit ?? (scope.isOverflow ? state.history.tokens : null)),
    isMidTurn: scope.isMidTurn,
  });
  if (short.usage) recordUsage(state, turnId, short.usage, model.info);
  state.history.replace(turnId, next);
  state.settings = settings;
  state.announced = { mode: null, goal: null };
  state.editorTexts.forget();
  state.seen.forget();
  state.compactedTokens = state.history.tokens;
  items.completed(item);
  tellUsage(state, turnId, model.info.contextWindow);
  await scope.hooks?.afterCompaction(trigger);
  return { type: 'done' };
}

/** A quarter of what the model takes, if that is known. */
const userBudget = (limit: number | null): number =>
  limit === null ? USER_TOKENS : Math.min(USER_TOKENS, Math.max(LEAST_USER_TOKENS, Math.floor(limit / 4)));

function keptState(state: ThreadState): KeptState {
  const { goal } = state.goals;
  return {
    ledger: state.ledger,
    openApprovals: [...state.openApprovals.values()],
    standingApprovals: [...state.standing],
    runningCommands: state.commands.list().map(({ sessionId, command }) => ({ sessionId, command })),
    goal: goal && `${goal.objective} (${goal.status}; ${goalBudget(goal)})`,
  };
}

function recordUsage(state: ThreadState, turnId: string, usage: ModelUsage, info: ModelInfo): void {
  spend(state, turnId, usage, info);
  state.goals.account(turnId, usage.input - usage.cachedInput + usage.output, 0);
}

/** The last call is what the next one will weigh: that is what a client shows as "context used". */
function tellUsage(state: ThreadState, turnId: string, modelContextWindow: number | null): void {
  const last = wireUsage({ ...noUsage, input: state.history.tokens });
  const tokenUsage = { total: wireUsage(state.usageTotal), last, modelContextWindow };
  const { threadId } = state.ports;
  state.ports.emit({ method: 'thread/tokenUsage/updated', params: { threadId, turnId, tokenUsage } });
}

type Short =
  | { type: 'short'; summary: string; opaque: HistoryItem[]; usage: ModelUsage | null }
  | { type: 'cut' }
  | { type: 'failed'; error: TurnError };

async function shorten(state: ThreadState, model: ResolvedModel, scope: CompactionScope): Promise<Short> {
  const request = (items: readonly HistoryItem[]): ModelRequest => ({
    model: model.info.model,
    items,
    tools: [],
    parallelToolCalls: false,
    effort: scope.settings.effort,
    outputSchema: null,
    cacheKey: state.ports.threadId,
  });
  if (model.client.compact) {
    const answer = await model.client.compact(request(state.history.snapshot()), scope.signal);
    if (scope.signal.aborted) return { type: 'cut' };
    if (answer.ok && answer.items.length > 0) {
      return { type: 'short', summary: PROVIDER_SUMMARY, opaque: answer.items, usage: answer.usage };
    }
    // Not every account and model may use it; the summary works everywhere, and fails in its own words if it must.
    if (!answer.ok) state.ports.log('warn', `the provider did not compact: ${answer.error.message}`);
  }
  return summarize(state, model, scope, request);
}

async function summarize(
  state: ThreadState,
  model: ResolvedModel,
  scope: CompactionScope,
  request: (items: readonly HistoryItem[]) => ModelRequest,
): Promise<Short> {
  const { threadId } = state.ports;
  const text = state.ports.compactPrompt?.() ?? CHECKPOINT_INSTRUCTION;
  const checkpoint: HistoryItem = { type: 'message', role: 'user', content: [{ type: 'text', text }] };
  const whole = state.history.snapshot();
  for (let attempt = 0; ; attempt++) {
    const items = attempt === 0 ? whole : shrink(whole, attempt);
    const answer = await callModel(model, request([...items, checkpoint]), scope.signal, {
      items: silentItems(scope.items),
      sleep: state.sleep,
      random: state.random,
      onRetry: (error) =>
        state.ports.emit({ method: 'error', params: { threadId, turnId: scope.turnId, error, willRetry: true } }),
      endsTurn: () => false,
    });
    if (answer.type === 'cut') return { type: 'cut' };
    if (answer.type === 'answered') {
      return { type: 'short', summary: textOf(answer.items), opaque: [], usage: answer.usage };
    }
    if (answer.error.codexErrorInfo !== 'contextWindowExceeded') return { type: 'failed', error: answer.error };
    if (attempt === SHRINK_TRIES) {
      return { type: 'failed', error: turnError(HOPELESS, 'contextWindowExceeded', answer.error.additionalDetails) };
    }
  }
}

const textOf = (items: readonly HistoryItem[]): string =>
  items
    .flatMap((item) => (item.type === 'message' ? item.content : []))
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n');
