/** A loaded thread: its agent, its file and the clients that follow it. */
import type { EditorLine } from '../../execution/host-line.ts';
import type { AgentThread, ThreadSeed } from '../../loop/agent-thread.ts';
import type { HistoryItem } from '../../models/model-client.ts';
import type {
  Approver,
  Clock,
  EditApproval,
  Log,
  ModelSource,
  Submission,
  TerminalSize,
  ThreadPorts,
  TurnSettings,
} from '../../ports.ts';
import {
  AgentError,
  type ServerNotification,
  type Thread,
  type ThreadReadState,
  type ThreadStatus,
  type Turn,
} from '../../protocol/index.ts';
import type { RolloutLine, ThreadLine } from '../../threads/rollout.ts';
import type { ThreadFile } from '../../threads/thread-file.ts';
import { previewOfMessage } from '../../threads/thread-history.ts';
import type { ReadMarks } from '../../threads/thread-read-marks.ts';
import { type ClientApprover, createApprover } from '../approvals/approver.ts';
import type { Connection } from '../wire/connection.ts';
import { readGitInfo } from './git-info.ts';
import { createOpenItems } from './open-items.ts';
import { type ThreadFacts, wireThread } from './wire-thread.ts';

/** What a client gave as `config`, over config.toml; by key or dotted key. */
export type ConfigOverrides = Readonly<Record<string, unknown>>;

export type AgentPorts = Pick<ThreadPorts, 'threadId' | 'emit' | 'record' | 'approver' | 'models' | 'log'> & {
  /** The client's config, as it is now. */
  overrides: () => ConfigOverrides;
  /** Where the thread is recorded; null when it is not. */
  transcriptPath: () => string | null;
  /** A client of the thread that offers its buffers; null: none does. */
  editor: () => EditorLine | null;
};

export type LiveThreadOptions = {
  meta: ThreadLine;
  /** Null for an ephemeral thread. */
  file: ThreadFile | null;
  settings: TurnSettings;
  overrides: ConfigOverrides;
  models: (of: () => { cwd: string; overrides: ConfigOverrides }) => ModelSource;
  /** Read when the first turn needs it: it is the whole conversation. */
  seed: () => ThreadSeed;
  /** Where the user put the thread. */
  placeOf: (threadId: string) => ThreadFacts['place'];
  readMarks: Pick<ReadMarks, 'ended'>;
  /** Sends to every client, whether it follows the thread or not. */
  announce: (notification: ServerNotification) => void;
  name: string | null;
  preview: string;
  recencyAtMs: number;
  clock: Clock;
  newId: () => string;
  log: Log;
  /** Must be settled before a turn runs; never rejects. */
  ready: Promise<unknown>;
  createAgent: (ports: AgentPorts, seed: ThreadSeed) => AgentThread;
};

const sameStatus = (a: ThreadStatus, b: ThreadStatus): boolean => JSON.stringify(a) === JSON.stringify(b);

export class LiveThread {
  readonly id: string;
  readonly meta: ThreadLine;
  readonly file: ThreadFile | null;
  /** What the next turn runs under. */
  settings: TurnSettings;
  /** Of this thread alone. */
  overrides: ConfigOverrides;
  name: string | null;
  readonly #options: LiveThreadOptions;
  /** What a client that comes in mid-turn is shown of the items that have not ended. */
  readonly openItems = createOpenItems();
  readonly #subscribers = new Set<Connection>();
  /** Who spoke last. */
  #driver: Connection | null = null;
  readonly #approver: ClientApprover;
  readonly #ports: AgentPorts;
  #agent: AgentThread | null = null;
  #status: ThreadStatus = { type: 'idle' };
  #preview: string;
  #updatedAtMs: number;
  #recencyAtMs: number;
  #activeTurnId: string | null = null;
  #begunTurnId: string | null = null;
  #queue: Promise<unknown>;
  #isClosed = false;
  readonly #ends: (() => Promise<void>)[] = [];

  constructor(options: LiveThreadOptions) {
    this.#options = options;
    this.id = options.meta.threadId;
    this.meta = options.meta;
    this.file = options.file;
    this.settings = options.settings;
    this.overrides = options.overrides;
    this.name = options.name;
    this.#preview = options.preview;
    this.#recencyAtMs = options.recencyAtMs;
    this.#updatedAtMs = options.clock.now();
    this.#queue = options.ready;
    this.#approver = createApprover({
      threadId: this.id,
      clock: options.clock,
      log: options.log,
      connections: () => this.#subscribers,
    });
    this.#ports = {
      threadId: this.id,
      emit: (notification: ServerNotification) => this.#emit(notification),
      record: (line: RolloutLine) => this.record(line),
      approver: this.#approver,
      models: options.models(() => ({ cwd: this.settings.cwd, overrides: this.overrides })),
      log: options.log,
      overrides: () => this.overrides,
      editor: () => this.#editor(),
      transcriptPath: () => (this.file?.isOnDisk ? this.file.path : null),
    };
  }

  get status(): ThreadStatus {
    return this.#status;
  }

  /** The turn that runs or is about to, until its `turn/completed` was sent. */
  get activeTurnId(): string | null {
    return this.#activeTurnId;
  }

  /** The turn that runs; not one that is about to, for its file has no line of it that others could follow. */
  get begunTurnId(): string | null {
    return this.#begunTurnId;
  }

  /** For questions that belong to no call of the model's. */
  get approver(): Approver {
    return this.#approver;
  }

  get ephemeral(): boolean {
    return this.file === null;
  }

  /** Whether its file exists, so that it is listed and can be resumed. */
  get isOnDisk(): boolean {
    return this.file?.isOnDisk ?? false;
  }

  subscribe(connection: Connection): void {
    if (this.#subscribers.has(connection)) return;
    this.#subscribers.add(connection);
    connection.peer.closed.addEventListener('abort', () => this.#subscribers.delete(connection), { once: true });
  }

  /** The client whose words the thread works on: its buffers count before those of others. */
  drivenBy(connection: Connection): void {
    this.#driver = connection;
  }

  /** Where its files may be open; null: no client offers its buffers. */
  get editorLine(): EditorLine | null {
    return this.#editor();
  }

  #editor(): EditorLine | null {
    const offers = this.followers().filter(
      ({ capabilities, peer }) => capabilities.gantry?.fs === true && !peer.closed.aborted,
    );
    return offers.find((connection) => connection === this.#driver) ?? offers.at(-1) ?? null;
  }

  /** Asks a client that follows the thread what it was not asked yet; to be called once it knows of the thread. */
  askOpen(connection: Connection): void {
    if (this.#subscribers.has(connection)) this.#approver.subscribed(connection);
  }

  unsubscribe(connection: Connection): boolean {
    this.#approver.unsubscribed(connection);
    return this.#subscribers.delete(connection);
  }

  /** The clients that follow the thread now. */
  followers(): Connection[] {
    return [...this.#subscribers];
  }

  isRunningCommand(itemId: string): boolean {
    return (this.#agent?.runningCommands ?? []).some((command) => command.itemId === itemId);
  }

  /** False when the agent's command has no terminal, or has ended. */
  resizeCommand(itemId: string, size: TerminalSize): boolean {
    return this.#agent?.resizeCommand(itemId, size) ?? false;
  }

  /** The agent's commands that run, oldest first. */
  get runningCommands(): AgentThread['runningCommands'] {
    return this.#agent?.runningCommands ?? [];
  }

  /** `end` is waited for when the thread is closed, while it can still be told and recorded. */
  onClose(end: () => Promise<void>): void {
    this.#ends.push(end);
  }

  /** Marks the turn as the active one at once; what is submitted with `submit` runs after it. */
  begin(turnId: string): void {
    this.#activeTurnId = turnId;
  }

  /** In order of the calls, once the thread is ready. */
  submit(submission: Submission): void {
    this.#queue = this.#queue.then(() => {
      if (this.#isClosed) return;
      let agent: AgentThread;
      try {
        agent = this.#loop();
      } catch (error) {
        this.#refuse(submission, error);
        return;
      }
      agent.submit(this.#late(submission));
    });
  }

  /** Adds to what the model sees, with its next call when a turn runs. Throws `AgentError` when the disk refuses. */
  inject(items: readonly HistoryItem[]): void {
    this.#loop().inject(items);
  }

  /** Made when it is first asked for. Throws `AgentError` when the conversation cannot be read. */
  get agent(): AgentThread {
    return this.#loop();
  }

  #loop(): AgentThread {
    this.#agent ??= this.#options.createAgent(this.#ports, this.#options.seed());
    return this.#agent;
  }

  /** The conversation cannot be read, so the turn that was begun ends at once. */
  #refuse(submission: Submission, cause: unknown): void {
    this.#options.log('error', `thread ${this.id} cannot go on`, cause);
    if (!('turnId' in submission) || submission.type === 'interrupt') return;
    const message = cause instanceof AgentError ? cause.message : `Gantry failed inside: ${String(cause)}`;
    const error = { message, codexErrorInfo: 'other' as const, additionalDetails: null };
    const { turnId } = submission;
    const at = Math.floor(this.#options.clock.now() / 1000);
    const turn: Turn = {
      id: turnId,
      rootTurnId: turnId,
      items: [],
      itemsView: 'notLoaded',
      status: 'failed',
      error,
      startedAt: at,
      completedAt: at,
      durationMs: 0,
    };
    const begun: Turn = { ...turn, status: 'inProgress', error: null, completedAt: null, durationMs: null };
    this.#emit({ method: 'turn/started', params: { threadId: this.id, turn: begun } });
    this.#emit({ method: 'thread/status/changed', params: { threadId: this.id, status: { type: 'systemError' } } });
    this.#emit({ method: 'error', params: { threadId: this.id, turnId, error, willRetry: false } });
    this.#emit({ method: 'turn/completed', params: { threadId: this.id, turn } });
  }

  /** The user was told that the message is taken: when its turn has just ended, it becomes a turn of its own. */
  #late(submission: Submission): Submission {
    if (submission.type !== 'steer' || this.#activeTurnId === submission.turnId) return submission;
    const { input, clientId } = submission;
    return { type: 'turn', turnId: this.#options.newId(), input, clientId, settings: this.settings };
  }

  /** Appends to the thread's file. Throws `AgentError('storage', …)`. */
  record(line: RolloutLine): void {
    this.#updatedAtMs = line.at;
    if (line.type === 'turnStarted') {
      this.#recencyAtMs = line.at;
      // The first line waits in the file for the first turn, and the repository is told as it is then.
      if (this.file && !this.file.isOnDisk) this.meta.gitInfo = readGitInfo(this.settings.cwd);
    }
    if (line.type === 'item' && line.item.type === 'userMessage' && this.#preview === '') {
      this.#preview = previewOfMessage(line.item);
    }
    this.file?.append(line);
  }

  /** Sends to every client that follows the thread. */
  broadcast(notification: ServerNotification): void {
    for (const connection of this.#subscribers) connection.notify(notification);
  }

  setStatus(status: ThreadStatus): void {
    if (sameStatus(this.#status, status)) return;
    this.#status = status;
    this.#options.announce({ method: 'thread/status/changed', params: { threadId: this.id, status } });
  }

  tellReadState(readState: ThreadReadState): void {
    const params = { threadId: this.id, readState };
    for (const connection of this.#subscribers) {
      if (connection.capabilities.experimentalApi) connection.notify({ method: 'thread/readState/changed', params });
    }
  }

  /** Only an answer and a failure are something to read. */
  #markUnread({ id, status, items }: Turn): void {
    const isNews = status === 'failed' || (status === 'completed' && items.length > 0);
    if (!isNews || !this.isOnDisk) return;
    try {
      this.tellReadState(this.#options.readMarks.ended(this.id, id));
    } catch (error) {
      this.#options.log('error', 'that a turn ended could not be marked as unread', error);
    }
  }

  setEditApproval(editApproval: EditApproval): void {
    this.settings = { ...this.settings, editApproval };
  }

  toWire(turns: Turn[] = []): Thread {
    return wireThread({
      id: this.id,
      meta: { ...this.meta, cwd: this.settings.cwd },
      path: this.file?.path ?? null,
      ephemeral: this.ephemeral,
      name: this.name,
      preview: this.ephemeral ? '' : this.#preview,
      provider: this.settings.model.provider,
      model: this.settings.model.model,
      effort: this.settings.effort,
      createdAtMs: this.meta.at,
      updatedAtMs: this.#updatedAtMs,
      recencyAtMs: this.#recencyAtMs,
      status: this.#status,
      place: this.#options.placeOf(this.id),
      isLoaded: true,
      turns,
    });
  }

  /** Ends the running turn and everything it started, then lets go of the file. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all(this.#ends.map((end) => end()));
    await this.#agent?.close();
    this.file?.close();
  }

  #emit(notification: ServerNotification): void {
    this.openItems.hear(notification);
    switch (notification.method) {
      case 'thread/status/changed':
        this.setStatus(notification.params.status);
        return;
      case 'turn/started':
        this.#activeTurnId = notification.params.turn.id;
        this.#begunTurnId = this.#activeTurnId;
        break;
      case 'turn/completed':
        this.#activeTurnId = null;
        this.#begunTurnId = null;
        this.#markUnread(notification.params.turn);
        break;
      default:
    }
    this.broadcast(notification);
  }
}
