/** The threads that are loaded in this core, and the way from a file to one. */
import path from 'node:path';
import type { AgentThread, ThreadSeed } from '../loop/agent-thread.ts';
import type { Clock, Log } from '../ports.ts';
import {
  AgentError,
  noRollout,
  type Thread,
  type Turn,
  type TurnItemsView,
  threadNotFound,
} from '../protocol/index.ts';
import { cutTurnNote } from '../threads/history-repair.ts';
import type { RolloutProblem } from '../threads/line-heads.ts';
import type { RolloutLine, ThreadLine } from '../threads/rollout.ts';
import type { ThreadFile } from '../threads/thread-file.ts';
import { loadFacts, loadSeed, loadTurn, type ThreadFacts } from '../threads/thread-history.ts';
import { type ThreadPlace, threadIdOf } from '../threads/thread-paths.ts';
import { readLines, type ThreadStore } from '../threads/thread-store.ts';
import type { ThreadSummary } from '../threads/thread-summary.ts';
import { cutView, type ThreadView, type TurnView } from '../threads/thread-view.ts';
import { isUuid } from '../threads/uuid.ts';
import type { Connection } from './connection.ts';
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
import { newSettings, resolveFolder } from './turn-settings.ts';
import { wireSummary } from './wire-thread.ts';

/** What loading a thread takes; the heavy parts come when they are first needed. */
export type ThreadServices = {
  version: string;
  /** What new threads come from, in the wire's words. */
  source: string;
  store: ThreadStore;
  clock: Clock;
  newId: () => string;
  log: Log;
  threadConfig: ReadThreadConfig;
  models: LiveThreadOptions['models'];
  /** Loads the loop. */
  agentFactory(): Promise<(ports: AgentPorts, seed: ThreadSeed) => AgentThread>;
  /** Settles when commands can be run; never rejects. */
  ready(): Promise<unknown>;
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

export class ThreadRegistry {
  readonly #services: ThreadServices;
  readonly #loaded = new Map<string, LiveThread>();
  /** Loads that are under way, so that two resumes at once share one. */
  readonly #loading = new Map<string, Promise<LiveThread>>();

  /** Unloads that are under way: until they end, the file is still ours. */
  readonly #unloading = new Map<string, Promise<void>>();

  constructor(services: ThreadServices) {
    this.#services = services;
  }

  newId(): string {
    return this.#services.newId();
  }

  ids(): string[] {
    return [...this.#loaded.keys()];
  }

  /** Every loaded thread. */
  get all(): LiveThread[] {
    return [...this.#loaded.values()];
  }

  get(threadId: string): LiveThread | undefined {
    return this.#loaded.get(threadId);
  }

  /** Throws `thread not found`. */
  loaded(threadId: string): LiveThread {
    const thread = this.#loaded.get(threadId);
    if (!thread) throw threadNotFound(threadId);
    return thread;
  }

  /** The thread's file. Throws when there is none. */
  place(threadId: string): ThreadPlace {
    checkThreadId(threadId);
    const place = this.#services.store.find(threadId);
    if (!place) throw noRollout(threadId);
    return place;
  }

  /** The thread whose file this is. Throws for any other file. */
  idOfFile(file: string): string {
    const threadId = threadIdOf(file);
    const place = threadId && this.#services.store.find(threadId);
    if (!place || place.path !== path.resolve(file)) {
      throw new AgentError('noRollout', `no rollout found at ${file}; pass the path that thread/list gives`);
    }
    return place.threadId;
  }

  async start(params: StartParams, connection: Connection): Promise<LiveThread> {
    const { store, threadConfig, source, clock } = this.#services;
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
    const meta = newMeta(this.#services, settings, connection, {
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
    return this.#load({ meta, file, settings, overrides, seed, facts: null, recencyAtMs: meta.at });
  }

  /** Loads a thread from its file, or finds it loaded; the client's overrides count from the next turn. */
  async resume(
    params: ResumeParams,
    connection: Connection,
  ): Promise<{ thread: LiveThread; problems: RolloutProblem[] }> {
    checkThreadId(params.threadId);
    await this.settled(params.threadId);
    const known = this.#loaded.get(params.threadId);
    let problems: RolloutProblem[] = [];
    let thread = known ?? (await this.#loading.get(params.threadId));
    if (!thread) {
      const place = this.place(params.threadId);
      if (place.archived) {
        throw new AgentError(
          'invalidRequest',
          `session ${params.threadId} is archived. Bring it back with thread/unarchive first.`,
        );
      }
      const loading = this.#open(place, (found) => {
        problems = [...found];
      });
      this.#loading.set(params.threadId, loading);
      thread = await loading.finally(() => this.#loading.delete(params.threadId));
    }
    await this.#override(thread, params);
    const editApproval = connection.capabilities.gantry ? params.gantry?.editApproval : undefined;
    if (editApproval) thread.setEditApproval(editApproval);
    return { thread, problems };
  }

  /** A thread of its own that begins with what another said, up to a turn. */
  async fork(params: ForkParams, connection: Connection): Promise<LiveThread> {
    const { store, clock, threadConfig, log } = this.#services;
    const place = this.place(params.threadId);
    const lastTurnId = params.lastTurnId ?? null;
    const whole = store.view(place);
    if (lastTurnId !== null && !whole.turns.some(({ id }) => id === lastTurnId))
      throw new AgentError('invalidRequest', `turn not found in thread ${params.threadId}: ${lastTurnId}`);
    const before = readLines(whole, (reader) => loadFacts(whole, reader));
    const parent = this.get(params.threadId);
    const settings = parent?.settings ?? (await storedSettings(before, place, threadConfig, log));
    const overrides = parent?.overrides ?? before.overrides;
    const meta = newMeta(this.#services, settings, connection, {
      source: before.meta?.source ?? 'vscode',
      forkedFromId: params.threadId,
      gitInfo: before.meta?.gitInfo ?? null,
      threadSource: params.threadSource ?? null,
    });
    const at = clock.now();
    const last = lastTurnId ?? whole.turns.at(-1)?.id ?? null;
    const lines: RolloutLine[] = [];
    if (before.name !== null) lines.push({ type: 'name', at, name: before.name });
    const kept = overridesLine(overrides, {}, at);
    if (kept) lines.push(kept);
    if (last !== null && whole.turns.find(({ id }) => id === last)?.end === null) {
      lines.push({ type: 'turnCompleted', at, turnId: last, status: 'interrupted', error: null, durationMs: null });
    }
    const file = params.ephemeral ? null : store.fork(meta, place, lastTurnId, lines);
    const view = file
      ? store.view({ threadId: meta.threadId, path: file.path, archived: false })
      : cutView(whole, last);
    const facts = readLines(view, (reader) => loadFacts(view, reader));
    // Read now: the parent goes on, and may be gone when the first turn comes.
    const seed = readLines(view, (reader) => loadSeed(view, reader));
    const recencyAtMs = view.turns.at(-1)?.startedAtMs ?? meta.at;
    const thread = await this.#load({ meta, file, settings, overrides, seed: () => seed, facts, recencyAtMs });
    await this.#override(thread, params);
    return thread;
  }

  /** Goes back to before a turn; what came after stays in the file. */
  async revert(threadId: string, beforeTurnId: string): Promise<LiveThread> {
    const thread = this.loaded(threadId);
    if (thread.activeTurnId !== null) throw new AgentError('invalidRequest', 'a turn is running; interrupt it first');
    if (!this.turnViews(thread).some(({ id }) => id === beforeTurnId)) {
      throw new AgentError('invalidRequest', `turn not found in thread ${threadId}: ${beforeTurnId}`);
    }
    const place = this.place(threadId);
    thread.record({ type: 'revert', at: this.#services.clock.now(), beforeTurnId });
    const followers = thread.followers();
    const { settings, overrides } = thread;
    const unloading = this.unload(threadId);
    // At once, so that a resume meanwhile gets this one.
    const loading = unloading.then(() => this.#open(place, () => {}, { settings, overrides }));
    this.#loading.set(threadId, loading);
    const again = await loading.finally(() => this.#loading.delete(threadId));
    for (const connection of followers) again.subscribe(connection);
    return again;
  }

  /** Closes the thread if it is loaded, and calls `then` before anybody who waits for that goes on. */
  async unload(threadId: string, then: () => void = () => {}): Promise<void> {
    const loading = this.#loading.get(threadId);
    if (loading) await loading.catch(() => undefined);
    const thread = this.#loaded.get(threadId);
    if (!thread) {
      await this.settled(threadId);
      return then();
    }
    this.#loaded.delete(threadId);
    const close = async (): Promise<void> => {
      await thread.close();
      thread.setStatus({ type: 'notLoaded' });
      then();
    };
    const closing = close().finally(() => this.#unloading.delete(threadId));
    this.#unloading.set(threadId, closing);
    await closing;
  }

  /** Resolves when no unload of this thread is under way. */
  async settled(threadId: string): Promise<void> {
    await this.#unloading.get(threadId)?.catch(() => undefined);
  }

  /** Everything that runs is ended; resolves when nothing is left. */
  async closeAll(): Promise<void> {
    const threads = this.all;
    this.#loaded.clear();
    await Promise.all([
      ...threads.map((thread) => thread.close()),
      ...[...this.#unloading.keys()].map((id) => this.settled(id)),
    ]);
    this.#services.store.close();
  }

  /** What a thread's file says. */
  view(threadId: string): ThreadView {
    return this.#services.store.view(this.place(threadId));
  }

  /** The thread's turns, oldest first; none before its first. */
  turnViews(thread: LiveThread): TurnView[] {
    return thread.isOnDisk ? this.view(thread.id).turns : [];
  }

  /** Some turns of a view as the wire has them; `onProblems` hears of lines that only now turn out to be broken. */
  wireTurns(
    threadId: string,
    view: ThreadView,
    turns: readonly TurnView[],
    itemsView: TurnItemsView,
    onProblems: (problems: readonly RolloutProblem[]) => void = () => {},
  ): Turn[] {
    const active = this.get(threadId)?.activeTurnId ?? null;
    return readLines(view, (reader) => {
      const wire = turns.map((turn) => loadTurn(turn, itemsView, active, reader));
      if (reader.problems.length > 0) onProblems(reader.problems);
      return wire;
    });
  }

  /** A thread on disk as a list shows it. Null when its file is gone. */
  listed(place: ThreadPlace | ThreadSummary, turns: Turn[] = []): Thread | null {
    const live = this.get(place.threadId);
    if (live) return live.toWire(turns);
    const { store } = this.#services;
    const summary = 'hasTurn' in place ? place : store.summary(place);
    return summary && wireSummary(summary, { type: 'notLoaded' }, store.sections.of(place.threadId), turns);
  }

  async #open(
    place: ThreadPlace,
    onProblems: (problems: RolloutProblem[]) => void,
    kept?: Standing,
  ): Promise<LiveThread> {
    const { store, clock, threadConfig, log } = this.#services;
    const file = store.open(place);
    try {
      const view = store.view(place);
      onProblems(view.problems);
      this.#endCutTurn(view, file, clock.now());
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
      return await this.#load({ meta, file, settings, overrides, seed, facts, recencyAtMs });
    } catch (error) {
      file.close();
      throw error;
    }
  }

  #endCutTurn(view: ThreadView, file: ThreadFile, at: number): void {
    const last = view.turns.at(-1);
    if (!last || last.end) return;
    const turnId = last.id;
    const lines: RolloutLine[] = [
      { type: 'history', at, turnId, items: [cutTurnNote()] },
      { type: 'turnCompleted', at, turnId, status: 'interrupted', error: null, durationMs: null },
    ];
    for (const line of lines) file.append(line);
  }

  async #override(thread: LiveThread, params: ResumeParams | ForkParams): Promise<void> {
    const before: ConfigOverrides = thread.overrides;
    const { settings, overrides } = await overridden(thread, params, this.#services.threadConfig);
    const kept = overridesLine(overrides, before, this.#services.clock.now());
    if (kept) thread.record(kept);
    thread.settings = settings;
    thread.overrides = overrides;
  }

  async #load({ facts, ...parts }: Parts): Promise<LiveThread> {
    const { clock, log, newId, models, store } = this.#services;
    const createAgent = await this.#services.agentFactory();
    const thread = new LiveThread({
      ...parts,
      name: facts?.name ?? null,
      preview: facts?.preview ?? '',
      models,
      clock,
      log,
      newId,
      placeOf: (threadId) => store.sections.of(threadId),
      ready: this.#services.ready(),
      createAgent,
    });
    this.#loaded.set(thread.id, thread);
    return thread;
  }
}

/** Throws for what is no id of a thread. */
export function checkThreadId(threadId: string): void {
  if (!isUuid(threadId)) throw new AgentError('invalidThreadId', `invalid thread id: ${threadId} is not a UUID`);
}
