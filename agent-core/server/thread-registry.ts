/** The threads that are loaded in this core, and the way from a file to one. */
import path from 'node:path';
import type { AgentThread, ThreadSeed } from '../loop/agent-thread.ts';
import type { Clock, Log, TurnSettings } from '../ports.ts';
import {
  AgentError,
  type ClientRequestParams,
  noRollout,
  type Thread,
  type Turn,
  threadNotFound,
} from '../protocol/index.ts';
import { cutTurnNote } from '../threads/history-repair.ts';
import { ROLLOUT_VERSION, type RolloutLine, type ThreadLine } from '../threads/rollout.ts';
import type { RolloutProblem } from '../threads/rollout-reader.ts';
import type { ThreadFile } from '../threads/thread-file.ts';
import {
  closeOpenTurn,
  foldThread,
  forkLines,
  previewOf,
  type ThreadRecord,
  wireTurn,
} from '../threads/thread-history.ts';
import type { ThreadPlace } from '../threads/thread-paths.ts';
import type { ThreadStore } from '../threads/thread-store.ts';
import { isUuid } from '../threads/uuid.ts';
import type { Connection } from './connection.ts';
import { type AgentPorts, type ConfigOverrides, LiveThread, type LiveThreadOptions } from './live-thread.ts';
import { newSettings, parseEffort, resolveFolder, sandboxPolicyOf, type ThreadConfig } from './turn-settings.ts';
import { wireSummary } from './wire-thread.ts';

/** What loading a thread takes; the heavy parts come when they are first needed. */
export type ThreadServices = {
  version: string;
  store: ThreadStore;
  clock: Clock;
  newId: () => string;
  log: Log;
  /** Throws `AgentError` for a provider that nobody knows. */
  threadConfig(asked: ThreadConfigRequest): Promise<ThreadConfig>;
  models: LiveThreadOptions['models'];
  /** Loads the loop. */
  agentFactory(): Promise<(ports: AgentPorts, seed: ThreadSeed) => AgentThread>;
  /** Settles when commands can be run; never rejects. */
  ready(): Promise<unknown>;
};

export type ThreadConfigRequest = {
  cwd: string;
  model: string | null;
  modelProvider: string | null;
  overrides: ConfigOverrides;
  /** The demo model is for those who can show that it is one. */
  allowDemo: boolean;
};

export type StartParams = ClientRequestParams<'thread/start'>;
export type ResumeParams = ClientRequestParams<'thread/resume'>;
export type ForkParams = ClientRequestParams<'thread/fork'>;

const emptySeed = (): ThreadSeed => ({
  history: [],
  settings: null,
  usageTotal: { input: 0, cachedInput: 0, cacheWriteInput: 0, output: 0, reasoningOutput: 0 },
});

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

  /** Those that are loaded. */
  get all(): readonly LiveThread[] {
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

  async start(params: StartParams, connection: Connection): Promise<LiveThread> {
    const { store, clock, newId, version } = this.#services;
    const cwd = resolveFolder(params.cwd, process.cwd());
    const config = await this.#services.threadConfig({
      cwd,
      model: params.model ?? null,
      modelProvider: params.modelProvider ?? null,
      overrides: params.config ?? {},
      allowDemo: connection.capabilities.gantry !== null,
    });
    const editApproval = connection.capabilities.gantry ? params.gantry?.editApproval : undefined;
    const settings = newSettings(cwd, config, params, editApproval);
    const meta: ThreadLine = {
      type: 'thread',
      version: ROLLOUT_VERSION,
      at: clock.now(),
      threadId: newId(),
      cwd,
      source: 'vscode',
      originator: connection.clientName,
      cliVersion: version,
      provider: settings.model.provider,
      model: settings.model.model,
      forkedFromId: null,
      effort: settings.effort,
      gitInfo: null,
    };
    const file = params.ephemeral ? null : store.create(meta);
    return this.#load({ meta, file, settings, overrides: params.config ?? {}, seed: emptySeed(), record: null });
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
        problems = found;
      });
      this.#loading.set(params.threadId, loading);
      thread = await loading.finally(() => this.#loading.delete(params.threadId));
    }
    await this.#override(thread, params);
    const editApproval = connection.capabilities.gantry ? params.gantry?.editApproval : undefined;
    if (editApproval) thread.setEditApproval(editApproval);
    return { thread, problems };
  }

  async fork(params: ForkParams, connection: Connection): Promise<LiveThread> {
    const { store, clock, newId, version } = this.#services;
    const place = this.place(params.threadId);
    const { lines } = store.read(place);
    const before = foldThread(lines);
    const settings = this.get(params.threadId)?.settings ?? (await this.#settingsOf(before, place));
    const meta: ThreadLine = {
      type: 'thread',
      version: ROLLOUT_VERSION,
      at: clock.now(),
      threadId: newId(),
      cwd: settings.cwd,
      source: before.meta?.source ?? 'vscode',
      originator: connection.clientName,
      cliVersion: version,
      provider: settings.model.provider,
      model: settings.model.model,
      forkedFromId: params.threadId,
      effort: settings.effort,
      gitInfo: before.meta?.gitInfo ?? null,
    };
    const copy = forkLines(lines, meta, params.lastTurnId ?? null);
    if (!copy)
      throw new AgentError('invalidRequest', `turn not found in thread ${params.threadId}: ${params.lastTurnId}`);
    const file = params.ephemeral ? null : store.createWith(meta, copy);
    const record = foldThread(copy);
    const overrides = this.get(params.threadId)?.overrides ?? {};
    const thread = await this.#load({ meta, file, settings, overrides, seed: seedOf(record), record });
    await this.#override(thread, params);
    return thread;
  }

  /** Goes back to before a turn; what came after stays in the file. */
  async revert(threadId: string, beforeTurnId: string): Promise<LiveThread> {
    const thread = this.loaded(threadId);
    if (thread.activeTurnId !== null) throw new AgentError('invalidRequest', 'a turn is running; interrupt it first');
    if (!this.turns(thread).some(({ id }) => id === beforeTurnId)) {
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
    const threads = [...this.#loaded.values()];
    this.#loaded.clear();
    await Promise.all([
      ...threads.map((thread) => thread.close()),
      ...[...this.#unloading.keys()].map((id) => this.settled(id)),
    ]);
  }

  /** What a thread's file says. A turn that nobody runs is an interrupted one. */
  record(threadId: string): ThreadRecord {
    const record = foldThread(this.#services.store.read(this.place(threadId)).lines);
    if (record.openTurnId !== this.get(threadId)?.activeTurnId) closeOpenTurn(record);
    return record;
  }

  turns(thread: LiveThread): Turn[] {
    return thread.isOnDisk ? this.record(thread.id).turns.map((turn) => wireTurn(turn, 'full')) : [];
  }

  /** A thread on disk as a list shows it. Null when its file is gone. */
  listed(place: ThreadPlace, turns: Turn[] = []): Thread | null {
    const live = this.get(place.threadId);
    if (live) return live.toWire(turns);
    const summary = this.#services.store.summary(place);
    return summary && wireSummary(summary, { type: 'notLoaded' }, turns);
  }

  async #settingsOf(record: ThreadRecord, place: ThreadPlace): Promise<TurnSettings> {
    if (record.settings) return { ...record.settings, outputSchema: null };
    const cwd = record.meta?.cwd ?? process.cwd();
    this.#services.log('warn', `${place.path} holds no settings; the config's are used`);
    const config = await this.#services.threadConfig({
      cwd,
      model: record.meta?.model ?? null,
      modelProvider: record.meta?.provider ?? null,
      overrides: {},
      allowDemo: true,
    });
    return newSettings(cwd, config, {}, undefined);
  }

  async #open(
    place: ThreadPlace,
    onProblems: (problems: RolloutProblem[]) => void,
    kept?: { settings: TurnSettings; overrides: ConfigOverrides },
  ): Promise<LiveThread> {
    const { store, clock } = this.#services;
    const { file, content } = store.open(place);
    try {
      onProblems(content.problems);
      const record = foldThread(content.lines);
      this.#endCutTurn(record, file, clock.now());
      const settings = kept?.settings ?? (await this.#settingsOf(record, place));
      const meta = record.meta ?? lostMeta(place, settings);
      const overrides = kept?.overrides ?? {};
      return await this.#load({ meta, file, settings, overrides, seed: seedOf(record), record });
    } catch (error) {
      file.close();
      throw error;
    }
  }

  #endCutTurn(record: ThreadRecord, file: ThreadFile, at: number): void {
    const turnId = record.openTurnId;
    if (turnId === null) return;
    const note = cutTurnNote();
    const lines: RolloutLine[] = [
      { type: 'history', at, turnId, items: [note] },
      { type: 'turnCompleted', at, turnId, status: 'interrupted', error: null, durationMs: null },
    ];
    for (const line of lines) file.append(line);
    record.history.push(note);
    closeOpenTurn(record);
  }

  async #override(thread: LiveThread, params: ResumeParams | ForkParams): Promise<void> {
    const before = thread.settings;
    let next = before;
    const overrides = { ...thread.overrides, ...params.config };
    if (params.cwd) {
      const cwd = resolveFolder(params.cwd, before.cwd);
      next = { ...next, cwd, roots: [cwd] };
    }
    if (params.model || params.modelProvider || params.config || params.sandbox) {
      const config = await this.#services.threadConfig({
        cwd: next.cwd,
        model: params.model ?? before.model.model,
        modelProvider: params.modelProvider ?? before.model.provider,
        overrides,
        allowDemo: true,
      });
      next = { ...next, model: config.model };
      const effort = params.config?.model_reasoning_effort;
      if (typeof effort === 'string') next = { ...next, effort: parseEffort(effort) };
      if (params.sandbox) next = { ...next, sandboxPolicy: sandboxPolicyOf(params.sandbox, config.workspaceWrite) };
    }
    if (params.approvalPolicy) next = { ...next, approvalPolicy: params.approvalPolicy };
    if (params.developerInstructions) next = { ...next, developerInstructions: params.developerInstructions };
    if (params.runtimeWorkspaceRoots?.length) {
      next = { ...next, roots: params.runtimeWorkspaceRoots.map((root) => path.resolve(next.cwd, root)) };
    }
    thread.settings = next;
    thread.overrides = overrides;
  }

  async #load(parts: {
    meta: ThreadLine;
    file: ThreadFile | null;
    settings: TurnSettings;
    overrides: ConfigOverrides;
    seed: ThreadSeed;
    record: ThreadRecord | null;
  }): Promise<LiveThread> {
    const { clock, log, newId, models } = this.#services;
    const createAgent = await this.#services.agentFactory();
    const thread = new LiveThread({
      ...parts,
      name: parts.record?.name ?? null,
      preview: parts.record ? previewOf(parts.record) : '',
      recencyAtMs: parts.record?.turns.at(-1)?.startedAtMs ?? parts.meta.at,
      models,
      clock,
      log,
      newId,
      ready: this.#services.ready(),
      createAgent,
    });
    this.#loaded.set(thread.id, thread);
    return thread;
  }
}

function seedOf(record: ThreadRecord): ThreadSeed {
  return { history: record.history, settings: record.settings, usageTotal: record.usageTotal };
}

function lostMeta(place: ThreadPlace, settings: TurnSettings): ThreadLine {
  return {
    type: 'thread',
    version: ROLLOUT_VERSION,
    at: 0,
    threadId: place.threadId,
    cwd: settings.cwd,
    source: 'unknown',
    originator: '',
    cliVersion: '',
    provider: settings.model.provider,
    model: settings.model.model,
    forkedFromId: null,
    gitInfo: null,
  };
}

/** Throws for what is no id of a thread. */
export function checkThreadId(threadId: string): void {
  if (!isUuid(threadId)) throw new AgentError('invalidThreadId', `invalid thread id: ${threadId} is not a UUID`);
}
