/** The turns of a thread: a user's message, a step towards the goal, a compaction, a review. */
import type { HistoryItem, ResolvedModel } from '../models/model-client.ts';
import type { Submission } from '../ports.ts';
import type { UserInput } from '../protocol/index.ts';
import { announcements } from './announcements.ts';
import { assemble } from './assemble.ts';
import { type CompactionScope, compact, isFull } from './compact.ts';
import { continuationText } from './goals.ts';
import { instruction, note } from './history.ts';
import { planAnswers } from './plan-answers.ts';
import { runReview } from './review.ts';
import { type Conversation, createRounds } from './rounds.ts';
import { type ThreadState, takeInjected } from './thread-state.ts';
import { createTurnFrame, type TurnFrame } from './turn-frame.ts';
import { userMessages } from './user-input.ts';

export type TurnSubmission = Exclude<Submission, { type: 'steer' | 'interrupt' | 'stopCommand' | 'tell' | 'decided' }>;

export type Turn = {
  readonly id: string;
  readonly type: TurnSubmission['type'];
  /** False: this turn takes no more input, which then needs a turn of its own. */
  readonly isSteerable: boolean;
  steer(input: UserInput[], clientId: string | null): void;
  interrupt(): void;
  /** Runs to its end; never rejects. `onEnd` is called in the same breath as the last emission. */
  run(onEnd: (outcome: TurnOutcome) => void): Promise<void>;
};

export type TurnOutcome = {
  type: TurnSubmission['type'];
  status: 'completed' | 'interrupted' | 'failed';
  /** How many tools the model called. */
  callCount: number;
};

const ABORTED_NOTE =
  'The user interrupted the previous turn. Its commands were killed and may have run in part. Look at how things stand before you rely on them.';

export function createTurn(state: ThreadState, submission: TurnSubmission): Turn {
  const { history } = state;
  const { turnId, settings } = submission;
  const frame = createTurnFrame(state, turnId, settings);
  const { steering } = frame;
  const isSteerable = submission.type === 'turn' || submission.type === 'goal';
  const rounds = createRounds(state, frame, threadConversation(state, frame));

  const converse = async (first: (model: ResolvedModel) => void) => {
    if (frame.failure) return;
    const [model] = await Promise.all([frame.resolveModel(), state.serverTools?.refresh(settings, frame.signal)]);
    if (!model || frame.signal.aborted) return;
    warnOfTier(state, frame, model);
    // What is too long already is shortened before anything is added to it.
    if (state.settings !== null && isFull(state, model) && !(await makeRoom(state, frame, model, BETWEEN))) return;
    const source = state.hasBegun ? null : history.isEmpty ? 'startup' : 'resume';
    await assemble(state, frame, model);
    state.hasBegun = true;
    if (source !== null) await frame.hooks?.begin(source);
    first(model);
    await rounds.run(model);
  };

  const work = async () => {
    frame.begin();
    frame.hooks?.refresh();
    switch (submission.type) {
      case 'turn':
        frame.show({ input: submission.input, clientId: submission.clientId });
        return converse(() => {});
      case 'goal':
        // It may have been reached, changed or taken back while this turn waited.
        if (!state.goals.isActive) return;
        return converse(() => {
          const { goal } = state.goals;
          if (goal) history.append(turnId, [instruction(continuationText(goal))]);
        });
      case 'compact': {
        const model = frame.failure ? null : await frame.resolveModel();
        if (model) await makeRoom(state, frame, model, { ...BETWEEN, isManual: true });
        return;
      }
      case 'review': {
        const model = frame.failure ? null : await frame.resolveModel();
        if (model) await runReview(state, frame, model, submission);
        return;
      }
      default:
        submission satisfies never;
    }
  };

  const settle = async () => {
    // Steering that came too late for the model is not lost: it is shown now and sent with the next turn.
    for (const one of steering.take()) frame.show(one);
    // Only where the turn broke off between a call and its result: a history must not hold one without the other.
    rounds.settle();
    if (!frame.isInterrupted) return;
    frame.hooks?.interrupted();
    await state.commands.kill(turnId);
    // Of a compaction or a review the model saw nothing that was broken off.
    if (isSteerable) history.append(turnId, [note('turn_aborted', ABORTED_NOTE)]);
  };

  return {
    id: turnId,
    type: submission.type,
    isSteerable,
    steer: (input, clientId) => steering.push({ input, clientId }),
    interrupt: frame.interrupt,
    async run(onEnd) {
      await work().catch(frame.failWith);
      await settle().catch(frame.failWith);
      await frame.filesSettled();
      // From here on nothing is awaited, so that no steering falls between the last look and the end.
      for (const one of steering.take()) frame.show(one);
      const status = frame.failure ? 'failed' : frame.isInterrupted ? 'interrupted' : 'completed';
      endGoal(state, frame);
      frame.end();
      onEnd({ type: submission.type, status, callCount: rounds.callCount });
    },
  };
}

/** Once for each tier: the turn runs, and nobody shall believe that it runs as was asked. */
function warnOfTier(state: ThreadState, { settings }: TurnFrame, model: ResolvedModel): void {
  const tier = settings.serviceTier ?? null;
  if (tier === null || model.client.honoursServiceTier || state.warnedTier === tier) return;
  state.warnedTier = tier;
  const { threadId } = state.ports;
  const message = `${model.info.providerName} has no service tiers that Gantry could ask for: "${tier}" is not applied.`;
  state.ports.emit({ method: 'warning', params: { threadId, message } });
}

/** A goal is not pursued against the user's stop, nor against a limit of the account. */
function endGoal(state: ThreadState, frame: TurnFrame): void {
  if (!state.goals.isActive) return;
  try {
    if (frame.isInterrupted) state.goals.mark(frame.turnId, 'paused');
    else if (frame.failure?.codexErrorInfo === 'usageLimitExceeded') state.goals.mark(frame.turnId, 'usageLimited');
  } catch (error) {
    frame.failWith(error);
  }
}

/** The model has said all, and nothing came since that it could answer. */
function hasLastWord(items: readonly HistoryItem[]): boolean {
  const last = items.at(-1);
  return last?.type === 'message' && last.role === 'assistant';
}

/** The thread's own conversation. */
function threadConversation(state: ThreadState, frame: TurnFrame): Conversation {
  const { history } = state;
  const { turnId, settings, steering, items } = frame;
  let isFirst = true;
  /** All that this turn was about was kept from the model. */
  let isBlocked = false;
  return {
    history,
    settings,
    cacheKey: state.ports.threadId,
    context: frame.context,
    answers: settings.mode?.kind === 'plan' ? planAnswers(items) : items,
    async prepare(model) {
      const wasFirst = isFirst;
      isFirst = false;
      const { fs } = state.ports;
      const inEditor = await state.editorTexts.takeNotes({ fs, settings, history: () => history.snapshot() });
      for (const one of steering.take()) frame.show(one);
      takeInjected(state, turnId);
      history.append(turnId, inEditor);
      history.append(
        turnId,
        state.commands.takeNews().map(({ tag, text }) => note(tag, text)),
      );
      history.append(turnId, announcements(state, settings));
      const isAnswered = await flushInput(state, frame, model);
      history.append(turnId, frame.hooks?.takeNotes() ?? []);
      isBlocked = !isAnswered && (wasFirst || hasLastWord(history.snapshot()));
    },
    get isStopped() {
      return isBlocked || frame.hooks?.isStopped === true;
    },
    goesOn: async () => (await frame.hooks?.goesOn()) ?? false,
    async makeRoom(model, force) {
      // Before the first call that was looked after already, when the turn's own message was not in yet.
      if (!force && (isFirst || !isFull(state, model))) return !frame.signal.aborted;
      return makeRoom(state, frame, model, { isMidTurn: true, isOverflow: force, isManual: false });
    },
  };
}

/** Before anything of the turn is said, or with nothing else to do. */
const BETWEEN = { isMidTurn: false, isOverflow: false, isManual: false };

/** False when the turn is over. */
async function makeRoom(
  state: ThreadState,
  frame: TurnFrame,
  model: ResolvedModel,
  when: Pick<CompactionScope, 'isMidTurn' | 'isOverflow' | 'isManual'>,
): Promise<boolean> {
  const { turnId, settings, items, signal, hooks } = frame;
  const result = await compact(state, model, { turnId, settings, items, signal, hooks, ...when });
  if (result.type === 'failed') frame.fail(result.error);
  return result.type === 'done' && !signal.aborted;
}

/** False when there was something, and hooks kept all of it from the model. */
async function flushInput(state: ThreadState, frame: TurnFrame, model: ResolvedModel): Promise<boolean> {
  const { ports } = state;
  const warn = (message: string) => ports.emit({ method: 'warning', params: { threadId: ports.threadId, message } });
  const waiting = state.unsent;
  const given: typeof waiting = [];
  for (const one of waiting) {
    const isForModel = (await frame.hooks?.prompt(one.input)) ?? true;
    // A hook that was broken off has said nothing: the message waits, and is looked at again with the next turn.
    if (frame.signal.aborted) return true;
    if (isForModel) given.push(one);
  }
  const messages = await Promise.all(
    given.map(async ({ input }): Promise<HistoryItem[]> => {
      const named = () => ports.prompt.named(input, frame.settings);
      const [words, ...rest] = await userMessages(input, model.info, named, warn);
      return words?.type === 'message' ? [{ ...words, origin: 'user' }, ...rest] : rest;
    }),
  );
  // What came while hooks and files were read waits for the next call.
  state.unsent = state.unsent.slice(waiting.length);
  state.history.append(frame.turnId, messages.flat());
  return waiting.length === 0 || given.length > 0;
}
