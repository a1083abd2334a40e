/** The threads that are loaded in this core. */
import path from 'node:path';
import {
  AgentError,
  noRollout,
  type Thread,
  type Turn,
  type TurnItemsView,
  threadNotFound,
} from '../../protocol/index.ts';
import type { RolloutProblem } from '../../threads/line-heads.ts';
import { loadTurn } from '../../threads/thread-history.ts';
import { type ThreadPlace, threadIdOf } from '../../threads/thread-paths.ts';
import { readLines } from '../../threads/thread-store.ts';
import type { ThreadSummary } from '../../threads/thread-summary.ts';
import type { ThreadView, TurnView } from '../../threads/thread-view.ts';
import { isUuid } from '../../threads/uuid.ts';
import type { Connection } from '../wire/connection.ts';
import type { LiveThread } from './live-thread.ts';
import { createThreadLoader, type ThreadLoader, type ThreadServices } from './thread-loader.ts';
import type { ForkParams, ResumeParams, StartParams } from './thread-start.ts';
import { wireSummary } from './wire-thread.ts';

export class ThreadRegistry {
  readonly #services: ThreadServices;
  readonly #loader: ThreadLoader;
  readonly #loaded = new Map<string, LiveThread>();
  /** Loads that are under way, so that two resumes at once share one. */
  readonly #loading = new Map<string, Promise<LiveThread>>();

  /** Unloads that are under way: until they end, the file is still ours. */
  readonly #unloading = new Map<string, Promise<void>>();

  constructor(services: ThreadServices) {
    this.#services = services;
    this.#loader = createThreadLoader(services);
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
    return this.#keep(await this.#loader.start(params, connection));
  }

  /** A first turn is about to come in a new thread. */
  lookAhead(thread: LiveThread): void {
    this.#services.lookAhead(thread.settings, () => thread.overrides);
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
    await this.#loader.override(thread, params);
    const editApproval = connection.capabilities.gantry ? params.gantry?.editApproval : undefined;
    if (editApproval) thread.setEditApproval(editApproval);
    return { thread, problems };
  }

  /** A thread of its own that begins with what another said, up to a turn. */
  async fork(params: ForkParams, connection: Connection): Promise<LiveThread> {
    const place = this.place(params.threadId);
    const thread = this.#keep(await this.#loader.fork(params, place, this.get(params.threadId) ?? null, connection));
    await this.#loader.override(thread, params);
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

  async #open(...asked: Parameters<ThreadLoader['open']>): Promise<LiveThread> {
    return this.#keep(await this.#loader.open(...asked));
  }

  #keep(thread: LiveThread): LiveThread {
    this.#loaded.set(thread.id, thread);
    return thread;
  }
}

/** Throws for what is no id of a thread. */
export function checkThreadId(threadId: string): void {
  if (!isUuid(threadId)) throw new AgentError('invalidThreadId', `invalid thread id: ${threadId} is not a UUID`);
}
