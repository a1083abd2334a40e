/** The rounds of a turn: call the model, run its tools, and again, until it answers without a call. No limit on them. */
import { compactLimit } from '../compaction/size.ts';
import type { HistoryItem, ModelInfo, ModelRequest, ModelUsage, ResolvedModel } from '../models/model-client.ts';
import type { TurnSettings } from '../ports.ts';
import { turnError } from './errors.ts';
import type { History } from './history.ts';
import type { ToolCall } from './item-stream.ts';
import type { TurnItems } from './items.ts';
import { type Answer, callModel } from './model-call.ts';
import { noUsage, spend, type ThreadState, wireUsage } from './thread-state.ts';
import { type CallContext, lostResult, runCalls } from './tool-runner.ts';
import type { TurnFrame } from './turn-frame.ts';

/** What the rounds talk about: the thread's own conversation, or one beside it. */
export type Conversation = {
  history: History;
  settings: TurnSettings;
  /** Providers cache prompts by it. */
  cacheKey: string;
  /** Beside the thread's own: it does not count as the thread's context. */
  isAside?: boolean;
  /** For the tools; its items show what they do. */
  context: CallContext;
  /** Where answers are shown. */
  answers: TurnItems;
  /** Before each call: what has come meanwhile goes into the history. */
  prepare(model: ResolvedModel): Promise<void>;
  /** Somebody wants no further call of the model. */
  readonly isStopped?: boolean;
  /** The model is done. True: something came up that it has to see to. */
  goesOn?(): Promise<boolean>;
  /** Makes room when the history is full, or, with `force`, when the provider said so. False: it could not be done. */
  makeRoom(model: ResolvedModel, force: boolean): Promise<boolean>;
};

export type Rounds = {
  run(model: ResolvedModel): Promise<void>;
  /** Pairs calls that were cut off from their results. */
  settle(): void;
  readonly callCount: number;
};

const cutMessage = ({ displayName }: ResolvedModel['info']) =>
  `${displayName} reached the limit of one answer before it was done; what it said so far is kept. Send "go on" to let it continue, or ask for less at once.`;

export function createRounds(state: ThreadState, frame: TurnFrame, talk: Conversation): Rounds {
  const { ports } = state;
  const { threadId, clock } = ports;
  const { turnId, steering, signal } = frame;
  const { history } = talk;
  /** Calls in the history that have no result yet. */
  let unanswered: readonly ToolCall[] = [];
  let callCount = 0;
  let accountedAtMs = clock.now();

  const account = (usage: ModelUsage | null) => {
    const now = clock.now();
    const tokens = usage ? Math.max(0, usage.input - usage.cachedInput) + usage.output : 0;
    state.goals.account(turnId, tokens, Math.max(0, now - accountedAtMs));
    accountedAtMs = now;
  };

  const reportUsage = (usage: ModelUsage | null, info: ModelInfo) => {
    if (usage) {
      spend(state, turnId, usage, info);
      const total = wireUsage(state.usageTotal);
      const last = wireUsage(talk.isAside ? { ...noUsage, input: state.history.tokens } : usage);
      const tokenUsage = { total, last, modelContextWindow: info.contextWindow };
      ports.emit({ method: 'thread/tokenUsage/updated', params: { threadId, turnId, tokenUsage } });
    }
    account(usage);
    const text = talk.context.diff.text();
    if (text) frame.items.diffUpdated(text);
  };

  const askModel = (model: ResolvedModel): Promise<Answer> =>
    steering.during((abort) => {
      const { settings } = talk;
      const request: ModelRequest = {
        model: model.info.model,
        items: history.snapshot(),
        tools: talk.context.toolbox.specs(model.info),
        parallelToolCalls: model.info.supportsParallelToolCalls,
        effort: settings.effort,
        outputSchema: settings.outputSchema,
        cacheKey: talk.cacheKey,
        reasoningSummary: settings.summary ?? null,
        serviceTier: settings.serviceTier ?? null,
      };
      const { contextWindow, provider } = model.info;
      const limit = compactLimit(model.info);
      state.lastRequest = { request, provider, contextWindow, compactLimit: limit, sentAtMs: clock.now() };
      return callModel(model, request, abort, {
        items: talk.answers,
        sleep: state.sleep,
        random: state.random,
        onRetry: (error) => ports.emit({ method: 'error', params: { threadId, turnId, error, willRetry: true } }),
        endsTurn: () => !steering.isWaiting,
      });
    });

  /** An answer, with one more try after making room when the provider found the conversation too long. */
  const answerOf = async (model: ResolvedModel): Promise<Answer | null> => {
    const answer = await askModel(model);
    const isFull = answer.type === 'failed' && answer.error.codexErrorInfo === 'contextWindowExceeded';
    if (!isFull) return answer;
    if (!(await talk.makeRoom(model, true))) return null;
    await talk.prepare(model);
    return signal.aborted ? null : askModel(model);
  };

  const keep = (items: readonly HistoryItem[], usage: ModelUsage | null) => {
    history.append(turnId, items);
    if (usage) history.measured(usage.input + usage.output);
  };

  /** True when the turn has come to its end. */
  const round = async (model: ResolvedModel): Promise<boolean> => {
    if (!(await talk.makeRoom(model, false))) return true;
    await talk.prepare(model);
    if (signal.aborted || talk.isStopped) return true;
    const answer = await answerOf(model);
    if (answer === null) return true;
    if (answer.type === 'failed') {
      frame.fail(answer.error);
      return true;
    }
    if (answer.type === 'answered') unanswered = answer.calls;
    keep(answer.items, answer.type === 'answered' ? answer.usage : null);
    if (answer.type === 'cut') return signal.aborted;
    callCount += answer.calls.length;
    const results = await runCalls(answer.calls, talk.context, frame.interrupt);
    unanswered = [];
    history.append(turnId, results);
    reportUsage(answer.usage, model.info);
    const isDone = answer.calls.length === 0 && !steering.isWaiting;
    if (answer.isCut && isDone) frame.fail(turnError(cutMessage(model.info)));
    if (signal.aborted || talk.isStopped) return true;
    return isDone && !(await talk.goesOn?.());
  };

  return {
    async run(model) {
      while (!(await round(model)));
    },
    settle() {
      history.append(turnId, unanswered.map(lostResult));
      unanswered = [];
      account(null);
    },
    get callCount() {
      return callCount;
    },
  };
}
