/** The ways to a loaded thread: a new one, one from its file, a fork of another. */
import type { AgentThread, ThreadSeed } from '../../loop/agent-thread.ts';
import type { Clock, Log, TurnSettings } from '../../ports.ts';
import { AgentError } from '../../protocol/index.ts';
import { cutTurnNote } from '../../threads/history-repair.ts';
import type { RolloutProblem } from '../../threads/line-heads.ts';
import type { RolloutLine, ThreadLine } from '../../threads/rollout.ts';
import type { ThreadFile } from '../../threads/thread-file.ts';
import { loadFacts, loadSeed, type ThreadFacts } from '../../threads/thread-history.ts';
import type { ThreadPlace } from '../../threads/thread-paths.ts';
import { readLines, type ThreadStore } from '../../threads/thread-store.ts';
import { cutView, type ThreadView } from '../../threads/thread-view.ts';
import { newSettings, resolveFolder } from '../turns/turn-settings.ts';
import type { Connection } from '../wire/connection.ts';
import { type AgentPorts, type ConfigOverrides, LiveThread, type LiveThreadOptions } from './live-thread.ts';
import {
  type ForkParams,
  lostMeta,
  newMeta,
  overridden,
  overridesLine,
  type ReadThreadConfig,
  type ResumeParams,
  type Standing,
  type StartParams,
  storedSettings,
} from './thread-start.ts';

/** What loading a thread takes; the heavy parts come when they are first needed. */
export type ThreadServices = {
  version: string;
  /** What new threads come from, in the wire's words. */
  source: string;
  store: ThreadStore;
  clock: Clock;
  newId: () => string;
  log: Log;
  announce: LiveThreadOptions['announce'];
  threadConfig: ReadThreadConfig;
  models: LiveThreadOptions['models'];
  /** Loads the loop. */
  agentFactory(): Promise<(ports: AgentPorts, seed: ThreadSeed) => AgentThread>;
  /** Settles when commands can be run; never rejects. */
  ready(): Promise<unknown>;
  /** Begins in the background with what the first turn of a new thread needs. Never throws. */
  lookAhead(settings: TurnSettings, overrides: () => ConfigOverrides): void;
};

const emptySeed = (): ThreadSeed => ({
  history: [],
  settings: null,
  usageTotal: { input: 0, cachedInput: 0, cacheWriteInput: 0, output: 0, reasoningOutput: 0 },
});

type Parts = Standing & {
  meta: ThreadLine;
  file: ThreadFile | null;
  seed: () => ThreadSeed;
  facts: ThreadFacts | null;
  recencyAtMs: number;
};

/** Contract: everything throws `AgentError` for what cannot be, and leaves nothing open then. */
export type ThreadLoader = {
  start(params: StartParams, connection: Connection): Promise<LiveThread>;
  /** `kept` counts in place of what the file says. */
  open(place: ThreadPlace, onProblems: (problems: RolloutProblem[]) => void, kept?: Standing): Promise<LiveThread>;
  /** `parent` when it is loaded. The client's overrides are not in it yet. */
  fork(params: ForkParams, place: ThreadPlace, parent: LiveThread | null, connection: Connection): Promise<LiveThread>;
  /** What a client asks for with resume or fork counts from the next turn. */
  override(thread: LiveThread, params: ResumeParams | ForkParams): Promise<void>;
};

export function createThreadLoader(services: ThreadServices): ThreadLoader {
  const load = async ({ facts, ...parts }: Parts): Promise<LiveThread> => {
    const { clock, log, newId, models, store } = services;
    const createAgent = await services.agentFactory();
    return new LiveThread({
      ...parts,
      name: facts?.name ?? null,
      preview: facts?.preview ?? '',
      models,
      clock,
      log,
      newId,
      placeOf: (threadId) => store.sections.of(threadId),
      readMarks: store.readMarks,
      announce: services.announce,
      ready: services.ready(),
      createAgent,
    });
  };

  const start = async (params: StartParams, connection: Connection): Promise<LiveThread> => {
    const { store, threadConfig, source, clock } = services;
    const cwd = resolveFolder(params.cwd, process.cwd());
    const overrides = params.config ?? {};
    const config = await threadConfig({
      cwd,
      model: params.model ?? null,
      modelProvider: params.modelProvider ?? null,
      overrides,
      allowDemo: connection.capabilities.gantry !== null,
    });
    const editApproval = connection.capabilities.gantry ? params.gantry?.editApproval : undefined;
    const settings = newSettings(cwd, config, params, editApproval);
    const threadSource = params.threadSource ?? null;
    const meta = newMeta(services, settings, connection, {
      source,
      forkedFromId: null,
      gitInfo: null,
      threadSource,
    });
    const file = params.ephemeral ? null : store.create(meta);
    const kept = overridesLine(overrides, {}, clock.now());
    if (kept) file?.append(kept);
    const tools = params.dynamicTools ?? [];
    if (tools.length > 0) file?.append({ type: 'dynamicTools', at: clock.now(), tools });
    const seed = (): ThreadSeed => ({ ...emptySeed(), dynamicTools: tools });
    return load({ meta, file, settings, overrides, seed, facts: null, recencyAtMs: meta.at });
  };

  const fork = async (
    params: ForkParams,
    place: ThreadPlace,
    parent: LiveThread | null,
    connection: Connection,
  ): Promise<LiveThread> => {
    const { store, clock, threadConfig, log } = services;
    const whole = store.view(place);
    const last = lastShared(params, whole);
    const before = readLines(whole, (reader) => loadFacts(whole, reader));
    const settings = parent?.settings ?? (await storedSettings(before, place, threadConfig, log));
    const overrides = parent?.overrides ?? before.overrides;
    const meta = newMeta(services, settings, connection, {
      source: before.meta?.source ?? 'vscode',
      forkedFromId: params.threadId,
      gitInfo: before.meta?.gitInfo ?? null,
      threadSource: params.threadSource ?? null,
    });
    const at = clock.now();
    const lines: RolloutLine[] = [];
    if (before.name !== null) lines.push({ type: 'name', at, name: before.name });
    const kept = overridesLine(overrides, {}, at);
    if (kept) lines.push(kept);
    // Nothing of the parent's file is shared then, and its tools stand there.
    const tools = last === null ? readLines(whole, (reader) => loadSeed(whole, reader)).dynamicTools : [];
    if (tools.length > 0) lines.push({ type: 'dynamicTools', at, tools });
    if (last !== null && whole.turns.find(({ id }) => id === last)?.end === null) {
      lines.push({ type: 'turnCompleted', at, turnId: last, status: 'interrupted', error: null, durationMs: null });
    }
    const file = params.ephemeral ? null : store.fork(meta, place, last, lines);
    const view = file
      ? store.view({ threadId: meta.threadId, path: file.path, archived: false })
      : cutView(whole, last);
    const facts = readLines(view, (reader) => loadFacts(view, reader));
    // Read now: the parent goes on, and may be gone when the first turn comes.
    const seed = readLines(view, (reader) => loadSeed(view, reader));
    const recencyAtMs = view.turns.at(-1)?.startedAtMs ?? meta.at;
    return load({ meta, file, settings, overrides, seed: () => seed, facts, recencyAtMs });
  };

  const open = async (
    place: ThreadPlace,
    onProblems: (problems: RolloutProblem[]) => void,
    kept?: Standing,
  ): Promise<LiveThread> => {
    const { store, clock, threadConfig, log } = services;
    const file = store.open(place);
    try {
      const view = store.view(place);
      onProblems(view.problems);
      endCutTurn(view, file, clock.now());
      const facts = readLines(view, (reader) => loadFacts(view, reader));
      const { settings, overrides } = kept ?? {
        settings: await storedSettings(facts, place, threadConfig, log),
        overrides: facts.overrides,
      };
      const meta = facts.meta ?? lostMeta(place, settings);
      const seed = (): ThreadSeed => {
        const now = store.view(place);
        return readLines(now, (reader) => loadSeed(now, reader));
      };
      const recencyAtMs = view.turns.at(-1)?.startedAtMs ?? meta.at;
      return await load({ meta, file, settings, overrides, seed, facts, recencyAtMs });
    } catch (error) {
      file.close();
      throw error;
    }
  };

  const override = async (thread: LiveThread, params: ResumeParams | ForkParams): Promise<void> => {
    const before: ConfigOverrides = thread.overrides;
    const { settings, overrides } = await overridden(thread, params, services.threadConfig);
    const kept = overridesLine(overrides, before, services.clock.now());
    if (kept) thread.record(kept);
    thread.settings = settings;
    thread.overrides = overrides;
  };

  return { start, open, fork, override };
}

/** The last turn that a fork shares with its parent; null when that is none. Throws for a turn that is not there. */
function lastShared({ threadId, lastTurnId, beforeTurnId }: ForkParams, { turns }: ThreadView): string | null {
  if (lastTurnId && beforeTurnId) {
    throw new AgentError('invalidRequest', '`beforeTurnId` cannot be combined with `lastTurnId`; pass one of them');
  }
  const named = lastTurnId ?? beforeTurnId ?? null;
  if (named === null) return turns.at(-1)?.id ?? null;
  const index = turns.findIndex(({ id }) => id === named);
  if (index < 0) throw new AgentError('invalidRequest', `turn not found in thread ${threadId}: ${named}`);
  return turns[lastTurnId ? index : index - 1]?.id ?? null;
}

/** A turn that nobody runs any more is ended, and the model is told with the next one. */
function endCutTurn(view: ThreadView, file: ThreadFile, at: number): void {
  const last = view.turns.at(-1);
  if (!last || last.end) return;
  const turnId = last.id;
  const lines: RolloutLine[] = [
    { type: 'history', at, turnId, items: [cutTurnNote()] },
    { type: 'turnCompleted', at, turnId, status: 'interrupted', error: null, durationMs: null },
  ];
  for (const line of lines) file.append(line);
}
