/** One turn: assemble, call the model, run its tools, and again, until it answers without a call. No limit on rounds. */

import type { ModelRequest, ModelUsage, ResolvedModel } from '../models/model-client.ts';
import type { Submission } from '../ports.ts';
import { AgentError, type TurnError, type UserInput, type Turn as WireTurn } from '../protocol/index.ts';
import { toolSpecs } from '../tools/index.ts';
import { createTurnDiff } from '../tools/turn-diff.ts';
import { turnError } from './errors.ts';
import { note } from './history.ts';
import type { ToolCall } from './item-stream.ts';
import { createTurnItems } from './items.ts';
import { type Answer, callModel } from './model-call.ts';
import { createSteering, type PendingInput } from './steering.ts';
import { addUsage, type ThreadState, wireUsage } from './thread-state.ts';
import { asFailed, type CallContext, lostResult, runCalls } from './tool-runner.ts';
import { userMessages } from './user-input.ts';

export type Turn = {
  readonly id: string;
  steer(input: UserInput[], clientId: string | null): void;
  interrupt(): void;
  /** Runs to its end; never rejects. `onEnd` is called in the same breath as the last emission. */
  run(onEnd: () => void): Promise<void>;
};

const ABORTED_NOTE =
  'The user interrupted the previous turn. Its commands were killed and may have run in part. Look at how things stand before you rely on them.';

const cutMessage = ({ displayName }: ResolvedModel['info']) =>
  `${displayName} reached the limit of one answer before it was done; what it said so far is kept. Send "go on" to let it continue, or ask for less at once.`;

export function createTurn(state: ThreadState, submission: Extract<Submission, { type: 'turn' }>): Turn {
  const { ports, history } = state;
  const { threadId, clock } = ports;
  const { turnId, settings } = submission;
  const steering = createSteering();
  const abort = new AbortController();
  let interrupted = false;
  let failure: TurnError | null = null;
  let waitingCount = 0;
  let startedAtMs = 0;
  let isOver = false;
  /** Calls in the history that have no result yet. */
  let unanswered: readonly ToolCall[] = [];

  const stop = () => {
    steering.stop();
    abort.abort();
  };
  const interrupt = () => {
    interrupted = true;
    stop();
  };
  const fail = (error: TurnError) => {
    failure ??= error;
    stop();
  };
  const failWith = (error: unknown) => {
    if (!(error instanceof AgentError)) ports.log('error', 'a turn threw', error);
    fail(turnError(error instanceof AgentError ? error.message : `Gantry failed inside: ${String(error)}`));
  };

  const items = createTurnItems(ports, turnId, (error) => {
    // A command may outlive its turn; then nobody is left to fail.
    if (isOver) ports.log('error', 'a line could not be recorded', error);
    else failWith(error);
  });
  const diff = createTurnDiff(settings.cwd);

  const emitStatus = (activeFlags: 'waitingOnApproval'[]) =>
    ports.emit({ method: 'thread/status/changed', params: { threadId, status: { type: 'active', activeFlags } } });

  const waiting = () => {
    waitingCount += 1;
    if (waitingCount === 1) emitStatus(['waitingOnApproval']);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      waitingCount -= 1;
      if (waitingCount === 0 && !abort.signal.aborted) emitStatus([]);
    };
  };

  const context: CallContext = {
    turnId,
    settings,
    signal: abort.signal,
    items,
    approver: ports.approver,
    waiting,
    approvals: state.approvals,
    commands: state.commands,
    diff,
    runner: ports.runner,
    fs: ports.fs,
    protectedPaths: ports.protectedPaths ?? [],
    realPath: state.realPath,
    sleep: state.sleep,
    clock,
    log: ports.log,
  };

  const wireTurn = (over: Partial<WireTurn>): WireTurn => ({
    id: turnId,
    rootTurnId: turnId,
    items: [],
    itemsView: 'notLoaded',
    status: 'inProgress',
    error: null,
    startedAt: Math.floor(startedAtMs / 1000),
    completedAt: null,
    durationMs: null,
    ...over,
  });

  const begin = () => {
    startedAtMs = clock.now();
    emitStatus([]);
    try {
      ports.record({ type: 'turnStarted', at: startedAtMs, turnId });
      const json = JSON.stringify(settings);
      if (json !== state.recordedSettings)
        ports.record({ type: 'settings', at: startedAtMs, settings: { ...settings } });
      state.recordedSettings = json;
    } catch (error) {
      failWith(error);
    }
    ports.emit({ method: 'turn/started', params: { threadId, turn: wireTurn({}) } });
  };

  /** Shows input at once; the model gets it with its next call. */
  const show = ({ input, clientId }: PendingInput) => {
    const item = { type: 'userMessage', id: items.claimId(''), clientId, content: input } as const;
    items.started(item);
    items.completed(item);
    state.unsent.push({ input, clientId });
  };

  const warn = (message: string) => ports.emit({ method: 'warning', params: { threadId, message } });

  const flushInput = async (model: ResolvedModel) => {
    const messages = await Promise.all(
      state.unsent.map(({ input }) => userMessages(input, model.info, () => ports.prompt.named(input, settings), warn)),
    );
    state.unsent = [];
    history.append(turnId, messages.flat());
  };

  /** What the model has to know before the first call of the turn. */
  const assemble = async (model: ResolvedModel) => {
    const told = state.settings
      ? await ports.prompt.changes(state.settings, settings)
      : await ports.prompt.initial(settings, model.info);
    history.append(turnId, told);
    state.settings = settings;
  };

  const takeSteering = async (model: ResolvedModel) => {
    for (const one of steering.take()) show(one);
    for (const row of state.commands.takeStopped()) {
      const text = `The user stopped the command with session ID ${row.sessionId}: ${row.cmd}`;
      history.append(turnId, [note('command_stopped', text)]);
    }
    await flushInput(model);
  };

  const reportUsage = (usage: ModelUsage | null, contextWindow: number | null) => {
    if (usage) {
      state.usageTotal = addUsage(state.usageTotal, usage);
      ports.record({ type: 'usage', at: clock.now(), turnId, usage, contextWindow });
      const total = wireUsage(state.usageTotal);
      const tokenUsage = { total, last: wireUsage(usage), modelContextWindow: contextWindow };
      ports.emit({ method: 'thread/tokenUsage/updated', params: { threadId, turnId, tokenUsage } });
    }
    const text = diff.text();
    if (text) items.diffUpdated(text);
  };

  const askModel = (model: ResolvedModel): Promise<Answer> =>
    steering.during((signal) => {
      const request: ModelRequest = {
        model: model.info.model,
        items: history.snapshot(),
        tools: toolSpecs(model.info),
        parallelToolCalls: model.info.supportsParallelToolCalls,
        effort: settings.effort,
        outputSchema: settings.outputSchema,
        cacheKey: threadId,
      };
      return callModel(model, request, signal, {
        items,
        sleep: state.sleep,
        random: state.random,
        onRetry: (error) => ports.emit({ method: 'error', params: { threadId, turnId, error, willRetry: true } }),
        endsTurn: () => !steering.isWaiting,
      });
    });

  /** True when the turn has come to its end. */
  const round = async (model: ResolvedModel): Promise<boolean> => {
    await takeSteering(model);
    if (abort.signal.aborted) return true;
    const answer = await askModel(model);
    if (answer.type === 'failed') {
      fail(answer.error);
      return true;
    }
    if (answer.type === 'answered') unanswered = answer.calls;
    history.append(turnId, answer.items);
    if (answer.type === 'cut') return abort.signal.aborted;
    const results = await runCalls(answer.calls, context, interrupt);
    unanswered = [];
    history.append(turnId, results);
    reportUsage(answer.usage, model.info.contextWindow);
    if (answer.isCut && answer.calls.length === 0 && !steering.isWaiting) fail(turnError(cutMessage(model.info)));
    return abort.signal.aborted || (answer.calls.length === 0 && !steering.isWaiting);
  };

  const work = async () => {
    begin();
    show({ input: submission.input, clientId: submission.clientId });
    if (failure) return;
    const resolved = await ports.models.resolve(settings.model, abort.signal);
    if (abort.signal.aborted) return;
    if (!resolved.ok) return fail(turnError(resolved.problem));
    await assemble(resolved.model);
    while (!(await round(resolved.model)));
  };

  const settle = async () => {
    // Steering that came too late for the model is not lost: it is shown now and sent with the next turn.
    for (const one of steering.take()) show(one);
    // Only where the turn broke off between a call and its result: a history must not hold one without the other.
    history.append(turnId, unanswered.map(lostResult));
    if (!interrupted) return;
    await state.commands.kill(turnId);
    history.append(turnId, [note('turn_aborted', ABORTED_NOTE)]);
  };

  const end = () => {
    const atMs = clock.now();
    for (const item of [...items.open.values()]) {
      if (item.type !== 'commandExecution' || !state.commands.runs(item.id)) items.completed(asFailed(item));
    }
    const status = failure ? 'failed' : interrupted ? 'interrupted' : 'completed';
    const durationMs = Math.max(0, Math.round(atMs - startedAtMs));
    try {
      ports.record({ type: 'turnCompleted', at: atMs, turnId, status, error: failure, durationMs });
    } catch (error) {
      ports.log('error', 'the end of a turn could not be recorded', error);
    }
    const last = status === 'completed' ? items.lastAgentMessage() : null;
    const turn = wireTurn({
      items: last ? [last] : [],
      itemsView: last ? 'summary' : 'notLoaded',
      status,
      error: failure,
      completedAt: Math.floor(atMs / 1000),
      durationMs,
    });
    const threadStatus = failure ? ({ type: 'systemError' } as const) : ({ type: 'idle' } as const);
    ports.emit({ method: 'thread/status/changed', params: { threadId, status: threadStatus } });
    if (failure) ports.emit({ method: 'error', params: { threadId, turnId, error: failure, willRetry: false } });
    isOver = true;
    ports.emit({ method: 'turn/completed', params: { threadId, turn } });
  };

  return {
    id: turnId,
    steer: (input, clientId) => steering.push({ input, clientId }),
    interrupt,
    async run(onEnd) {
      await work().catch(failWith);
      await settle().catch(failWith);
      // From here on nothing is awaited, so that no steering falls between the last look and the end.
      for (const one of steering.take()) show(one);
      end();
      onEnd();
    },
  };
}
