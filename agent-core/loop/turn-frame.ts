/** What every turn has, whatever it does: its items, its status on the wire, its beginning and its end. */
import type { ResolvedModel } from '../models/model-client.ts';
import type { TurnSettings } from '../ports.ts';
import { AgentError, type ThreadActiveFlag, type TurnError, type Turn as WireTurn } from '../protocol/index.ts';
import { createTurnDiff, type TurnDiff } from '../tools/turn-diff.ts';
import { createDecidingApprover } from './deciding.ts';
import { turnError } from './errors.ts';
import { createTurnItems, type TurnItems } from './items.ts';
import { createSteering, type PendingInput, type Steering } from './steering.ts';
import type { ThreadState } from './thread-state.ts';
import { asFailed, type CallContext } from './tool-runner.ts';
import { createToolbox } from './toolbox.ts';
import { createTurnHooks, type TurnHooks } from './turn-hooks.ts';

export type TurnFrame = {
  readonly turnId: string;
  readonly settings: TurnSettings;
  readonly items: TurnItems;
  readonly steering: Steering;
  /** For the tools of this turn. */
  readonly context: CallContext;
  readonly hooks: TurnHooks | null;
  /** Aborts when the turn was interrupted or has failed. */
  readonly signal: AbortSignal;
  readonly isInterrupted: boolean;
  readonly failure: TurnError | null;
  interrupt(): void;
  /** The first failure counts. */
  fail(error: TurnError): void;
  /** For what was thrown. */
  failWith(error: unknown): void;
  begin(): void;
  /** Shows input at once; the model gets it with its next call. */
  show(input: PendingInput): void;
  /** Null when the turn is over before, or has failed for want of a model. */
  resolveModel(): Promise<ResolvedModel | null>;
  /** Resolves when what commands changed in files is known, as far as it can be. */
  filesSettled(): Promise<void>;
  /** Completes what is open and says how the turn ended. Awaits nothing. */
  end(): void;
};

export function createTurnFrame(state: ThreadState, turnId: string, settings: TurnSettings): TurnFrame {
  const { ports } = state;
  const { threadId, clock } = ports;
  const steering = createSteering();
  const abort = new AbortController();
  let isInterrupted = false;
  let failure: TurnError | null = null;
  let startedAtMs = 0;
  let isOver = false;
  const flags: ThreadActiveFlag[] = [];

  const stop = () => {
    steering.stop();
    abort.abort();
  };
  const interrupt = () => {
    isInterrupted = true;
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

  const emitStatus = () =>
    ports.emit({
      method: 'thread/status/changed',
      params: { threadId, status: { type: 'active', activeFlags: [...new Set(flags)] } },
    });

  const waiting = (flag: ThreadActiveFlag = 'waitingOnApproval') => {
    const isNew = !flags.includes(flag);
    flags.push(flag);
    if (isNew) emitStatus();
    let over = false;
    return () => {
      if (over) return;
      over = true;
      flags.splice(flags.indexOf(flag), 1);
      if (!flags.includes(flag) && !abort.signal.aborted) emitStatus();
    };
  };

  const hooks =
    ports.hooks &&
    createTurnHooks({
      hooks: ports.hooks,
      turnId,
      settings,
      items,
      signal: abort.signal,
      lifetime: state.lifetime.signal,
      append: (added) => state.history.append(turnId, added),
      warn: (message) => ports.emit({ method: 'warning', params: { threadId, message } }),
    });

  const diff = createTurnDiff(settings.cwd);
  let label: string | null = null;
  const checkpoints =
    ports.checkpoints?.forTurn({
      turnId,
      settings,
      label: () => label,
      changed(file) {
        if (file) diff.changed(file.path, file.before, file.after, file.movedFrom);
        // What a command does after its turn is told, but the turn's diff is on record by then.
        else if (!isOver) items.diffUpdated(diff.text());
      },
    }) ?? null;

  const context: CallContext = {
    hooks: hooks ?? null,
    turnId,
    settings: settings.mode?.kind === 'plan' ? lookingOnly(settings) : settings,
    signal: abort.signal,
    items,
    approver: createDecidingApprover({
      approver: ports.approver,
      hooks: hooks ?? null,
      open: state.openApprovals,
      standing: state.standing,
      turnId,
      record: ports.record,
      now: () => clock.now(),
    }),
    waiting,
    approvals: state.approvals,
    commands: state.commands,
    diff: noticing(diff, state),
    diskGate: state.diskGate,
    seen: state.seen,
    runner: checkpoints?.runner(ports.runner) ?? ports.runner,
    rules: ports.rules ?? null,
    fs: checkpoints?.files(ports.fs) ?? ports.fs,
    realPath: state.realPath,
    sleep: state.sleep,
    clock,
    log: ports.log,
    goals: state.goals.keeper(turnId),
    toolbox: createToolbox({
      settings,
      clientTools: state.clientTools,
      serverTools: state.serverTools,
      offersPermissions: ports.offersPermissions?.() ?? false,
      hasGoal: () => state.goals.goal !== null && state.goals.goal.status !== 'complete',
    }),
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

  return {
    turnId,
    settings,
    items,
    steering,
    context,
    hooks: hooks ?? null,
    signal: abort.signal,
    get isInterrupted() {
      return isInterrupted;
    },
    get failure() {
      return failure;
    },
    interrupt,
    fail,
    failWith,
    begin() {
      startedAtMs = clock.now();
      emitStatus();
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
    },
    filesSettled: async () => checkpoints?.end(),
    show({ input, clientId }) {
      label ??= labelOf(input);
      const item = { type: 'userMessage', id: items.claimId(''), clientId, content: input } as const;
      items.started(item);
      items.completed(item);
      state.unsent.push({ input, clientId });
    },
    async resolveModel() {
      const resolved = await ports.models.resolve(settings.model, abort.signal);
      if (abort.signal.aborted) return null;
      if (resolved.ok) return resolved.model;
      fail(turnError(resolved.problem));
      return null;
    },
    end() {
      const atMs = clock.now();
      for (const item of [...items.open.values()]) {
        if (item.type !== 'commandExecution' || !state.commands.runs(item.id)) items.completed(asFailed(item));
      }
      const status = failure ? 'failed' : isInterrupted ? 'interrupted' : 'completed';
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
    },
  };
}

/** What the tools change is also what the user decides on later, and what a command may find unsaved. */
const noticing = (diff: TurnDiff, { editorTexts, diskGate, seen }: ThreadState): TurnDiff => ({
  ...diff,
  changed(path, before, after, movedFrom) {
    diff.changed(path, before, after, movedFrom);
    editorTexts.wrote(path, before, after);
    diskGate.edited(path);
    if (after !== null && before === null) seen.saw(path, after);
    else if (after !== null) seen.told(path, after);
  },
});

/** The first words of a message. */
const labelOf = (input: PendingInput['input']): string | null =>
  input.flatMap((part) => (part.type === 'text' ? part.text.trim().split('\n')[0] || [] : []))[0] ?? null;

/** Plan mode is not left to the model's goodwill: what it calls can read, and write only after a person's yes. */
const lookingOnly = (settings: TurnSettings): TurnSettings => ({
  ...settings,
  editApproval: 'refuse',
  sandboxPolicy:
    settings.sandboxPolicy.type === 'externalSandbox'
      ? settings.sandboxPolicy
      : { type: 'readOnly', networkAccess: false },
});
