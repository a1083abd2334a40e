/** The thread in the panel: start, send, steer, interrupt, resume. No editor. */
import {
  type ClientRequestInput,
  type ClientRequestResult,
  RpcError,
  type ServerNotification,
} from '../../agent-core/protocol/index.ts';
import type { Mode, PanelPatch } from '../../webview/bridge/panel-state.ts';
import { noExtras } from '../../webview/bridge/thread-extras.ts';
import type { CoreClient } from '../core/core-client.ts';
import type { CoreSupervisor } from '../core/core-supervisor.ts';
import type { ApprovalRegistry, PendingApproval } from '../session/approvals.ts';
import { type ModelId, PEER_PROVIDER, sameModel } from '../session/model-choice.ts';
import { threadParams, turnParams } from '../session/modes.ts';
import type { Input } from '../session/selection-prompt.ts';
import type { PanelStore } from './panel-store.ts';
import { foldLost, foldNotification, runningTurn, threadViewOf, turnViewOf } from './thread-model.ts';

export type ThreadDeps = {
  core: CoreSupervisor;
  store: PanelStore;
  approvals: ApprovalRegistry;
  place(): { folder: string | null; roots: string[]; trusted: boolean };
  /** Remembers the thread that is shown, for the next window. */
  remember(threadId: string | null): void;
};

const RESTORE_LIMIT_MS = 15_000;

const NO_FOLDER = 'No folder is open. Open the folder that Gantry should work in, then send again.';

/** Whether a thread could not be loaded because another window (another core) has it. */
export const isOpenElsewhere = (error: unknown): boolean =>
  error instanceof RpcError && /is open in another Gantry/.test(error.message);

/** What the core has in force for the thread that is loaded there. */
type InForce = { threadId: string; mode: Mode; model: ModelId; plan?: boolean };

export class ThreadController {
  readonly #deps: ThreadDeps;
  #inForce: InForce | null = null;
  /** Messages go out one after the other: the second of two typed at once steers the turn of the first. */
  #sending: Promise<unknown> = Promise.resolve();
  #restoring: Promise<unknown> = Promise.resolve();
  /** Counts what was asked to be shown; only the last of it is. */
  #asked = 0;

  constructor(deps: ThreadDeps) {
    this.#deps = deps;
    deps.core.onNotification((notification) => this.#hear(notification));
    deps.core.onLost(() => {
      this.#inForce = null;
      this.#deps.approvals.takeBackAll();
      this.#apply(foldLost(deps.store.state.thread));
    });
    // Who heard of it before may have changed what is shown of it.
    const show = ({ threadId, view }: PendingApproval) =>
      this.#apply([{ op: 'approval', threadId, approval: deps.approvals.get(view.id)?.view ?? view }]);
    deps.approvals.onAdded(show);
    deps.approvals.onChanged(show);
    deps.approvals.onGone(({ approval: { threadId, view } }) =>
      this.#apply([{ op: 'approvalGone', threadId, id: view.id }]),
    );
  }

  get threadId(): string | null {
    return this.#deps.store.state.thread?.id ?? null;
  }

  get isRunning(): boolean {
    return runningTurn(this.#deps.store.state.thread) !== undefined;
  }

  /** Messages wait until `work` is done, which brings the thread back that a new core begins with; not for ever. */
  restore(work: Promise<unknown>): void {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, RESTORE_LIMIT_MS);
    });
    this.#restoring = Promise.race([work.catch(() => {}), limit]).finally(() => clearTimeout(timer));
  }

  /**
   * Steers the running turn, or with `later` waits for its end to become one, else starts one; waits for a core that is
   * starting. Rejects, with nothing sent, when it cannot be delivered.
   */
  send(input: Input, later = false): Promise<void> {
    const sent = this.#sending.then(() => this.#send(input, later));
    this.#sending = sent.catch(() => {});
    return sent;
  }

  /** The thread as it is loaded in the core, with the mode and model that are chosen; a new one where none is shown. */
  async loaded(): Promise<{ client: CoreClient; threadId: string }> {
    const client = await this.#ready();
    const { mode, model } = this.#deps.store.state;
    const threadId = this.threadId;
    if (!threadId) return { client, threadId: await this.#start(client, mode, model) };
    const inForce = this.#inForce;
    const holds =
      inForce?.threadId === threadId &&
      inForce.mode === mode &&
      (model === null || client.gantry === null || sameModel(model, inForce.model));
    // While a turn runs it must not be loaded anew; what was chosen meanwhile comes with the next message.
    if (!holds && !this.isRunning) await this.resume(threadId, client.gantry ? model : null);
    return { client, threadId };
  }

  /** The core, once the thread that a new one begins with is back. */
  async #ready(): Promise<CoreClient> {
    if (!this.#deps.place().folder) throw new Error(NO_FOLDER);
    await this.#deps.core.ready();
    await this.#restoring;
    return this.#deps.core.ready();
  }

  async #send(input: Input, later: boolean): Promise<void> {
    const client = await this.#ready();
    const running = runningTurn(this.#deps.store.state.thread);
    const queued = later && client.gantry !== null && running !== undefined;
    if (running && this.threadId && !queued) {
      try {
        await client.request('turn/steer', { threadId: this.threadId, expectedTurnId: running.id, input });
        return;
      } catch (error) {
        // It ended in the meantime: what was typed starts the next one.
        if (!(error instanceof RpcError) || !/no active turn|expected active turn/.test(error.message)) throw error;
      }
    }
    const overrides = await this.#prepare(client);
    const threadId = overrides.threadId;
    const gantry = client.gantry && { ...overrides.gantry, ...(queued ? { whenBusy: 'queue' as const } : {}) };
    const { turn } = await client.request('turn/start', { ...overrides, input, ...(gantry ? { gantry } : {}) });
    if (queued) return;
    const shown = this.#deps.store.state.thread;
    if (shown?.id === threadId && !shown.turns.some(({ id }) => id === turn.id)) {
      this.#apply([{ op: 'turn', threadId, turn: turnViewOf(turn) }]);
    }
  }

  async interrupt(): Promise<void> {
    const thread = this.#deps.store.state.thread;
    const running = runningTurn(thread);
    if (!thread || !running) return;
    await this.#deps.core.request('turn/interrupt', { threadId: thread.id, turnId: running.id });
  }

  /** Nothing is sent: the thread begins with its first message. */
  newThread(): void {
    this.#asked += 1;
    this.#show(null);
  }

  /**
   * Shows a stored thread, unless something else was asked for before it came. Rejects when it cannot be loaded; what
   * was shown stays.
   */
  async resume(threadId: string, model: ModelId | null = null): Promise<void> {
    this.#asked += 1;
    const asked = this.#asked;
    const client = await this.#deps.core.ready();
    const { roots, trusted } = this.#deps.place();
    const { mode } = this.#deps.store.state;
    const ours = client.gantry !== null;
    // Trust is given for the folder that is open, whatever folder the thread was made in.
    const params = roots.length > 0 ? threadParams(mode, ours, { roots, trusted }) : {};
    const chosen = model ? { model: model.model, modelProvider: model.provider } : {};
    const answer = await client.request('thread/resume', { threadId, ...params, ...chosen });
    if (asked === this.#asked) this.#adopt(answer, mode, answer.initialTurnsPage?.data);
    else if (this.threadId !== threadId) this.#leave(threadId, false);
  }

  /** Shows a copy of a thread, which goes on by itself: the way on with one that another window has open. */
  async openCopy(threadId: string): Promise<void> {
    const client = await this.#deps.core.ready();
    const { thread } = await client.request('thread/fork', { threadId });
    await this.resume(thread.id);
  }

  /** The thread is gone from the core's list. Whoever looks at that list goes on looking at it. */
  forget(threadId: string): void {
    const { history } = this.#deps.store.state;
    if (this.threadId !== threadId) return;
    this.#show(null);
    if (history) this.#deps.store.set({ history });
  }

  /** Trust or the folders have changed: the next message loads the thread anew, with what holds now. */
  forgetTrust(): void {
    this.#inForce = null;
  }

  /** A loaded thread, and what a turn in it has to change of what is in force there. */
  async #prepare(client: CoreClient): Promise<{ threadId: string; model?: string } & ReturnType<typeof turnParams>> {
    const { mode, model, plan } = this.#deps.store.state;
    const ours = client.gantry !== null;
    const threadId = this.threadId;
    if (!threadId) {
      const started = await this.#start(client, mode, model);
      return { threadId: started, ...this.#planParams(plan) };
    }
    if (this.#inForce?.threadId !== threadId) await this.resume(threadId);
    const inForce = this.#inForce;
    if (!inForce) throw new Error('The thread is not loaded.');
    const otherProvider = ours && model !== null && model.provider !== inForce.model.provider;
    if (otherProvider) {
      const answer = await client.request('thread/resume', {
        threadId,
        model: model.model,
        modelProvider: model.provider,
      });
      if (answer.modelProvider !== model.provider) {
        throw new Error(`This thread stays with ${answer.modelProvider}. Start a new thread to use ${model.provider}.`);
      }
    }
    const otherModel = model !== null && model.model !== inForce.model.model;
    this.#inForce = { ...inForce, threadId, mode, model: model ?? inForce.model };
    return {
      threadId,
      ...(otherModel ? { model: model.model } : {}),
      ...(mode === inForce.mode ? {} : turnParams(mode, ours)),
      ...this.#planParams(plan),
    };
  }

  /** Planning holds from turn to turn in the core, so it is told when it begins and when it ends. */
  #planParams(plan: boolean): Pick<ClientRequestInput<'turn/start'>, 'collaborationMode'> {
    const inForce = this.#inForce;
    if (!inForce || plan === (inForce.plan ?? false)) return {};
    this.#inForce = { ...inForce, plan };
    return { collaborationMode: { mode: plan ? 'plan' : 'default', settings: { model: inForce.model.model } } };
  }

  async #start(client: CoreClient, mode: Mode, model: ModelId | null): Promise<string> {
    const { folder, roots, trusted } = this.#deps.place();
    if (!folder) throw new Error(NO_FOLDER);
    this.#asked += 1;
    const ours = client.gantry !== null;
    const answer = await client.request('thread/start', {
      cwd: folder,
      ...threadParams(mode, ours, { roots, trusted }),
      ...(model ? { model: model.model } : {}),
      ...(model && model.provider !== PEER_PROVIDER ? { modelProvider: model.provider } : {}),
    });
    this.#adopt(answer, mode);
    return answer.thread.id;
  }

  #adopt(
    { thread, model, modelProvider }: Pick<ClientRequestResult<'thread/resume'>, 'thread' | 'model' | 'modelProvider'>,
    mode: Mode,
    turns = thread.turns,
  ): void {
    const before = this.#deps.store.state.thread;
    const known = before?.id === thread.id ? before : null;
    const view = threadViewOf(thread, turns);
    const approvals = this.#deps.approvals.ofThread(thread.id).map((approval) => approval.view);
    this.#inForce = { threadId: thread.id, mode, model: { provider: modelProvider, model } };
    this.#show({
      ...view,
      approvals,
      usage: known?.usage ?? null,
      plan: known?.plan ?? null,
      extras: known?.extras ?? noExtras,
    });
  }

  #show(thread: Extract<PanelPatch, { op: 'thread' }>['thread']): void {
    const left = this.#deps.store.state.thread;
    this.#apply([
      { op: 'thread', thread },
      { op: 'set', values: { history: null } },
    ]);
    this.#deps.remember(thread?.id ?? null);
    if (left && left.id !== thread?.id) this.#leave(left.id, runningTurn(left) !== undefined);
  }

  /** A thread that rests need not stay in memory; one that runs goes on and keeps asking. */
  #leave(threadId: string, running: boolean): void {
    if (running) return;
    void this.#deps.core.client?.request('thread/unsubscribe', { threadId }).catch(() => {});
  }

  #hear(notification: ServerNotification): void {
    if (notification.method === 'serverRequest/resolved') {
      this.#deps.approvals.takeBack(notification.params.threadId, notification.params.requestId);
    }
    if (notification.method === 'thread/deleted') this.forget(notification.params.threadId);
    const { store } = this.#deps;
    const { thread } = /delta$/i.test(notification.method) ? store.withoutDeltas : store.state;
    this.#apply(foldNotification(thread, notification));
  }

  #apply(patches: PanelPatch[]): void {
    this.#deps.store.apply(...patches);
  }
}
