/** Keeps what the panel shows beside the conversation in step with the core: queue, background, goal, cost. No editor. */
import type { ServerNotification } from '../../agent-core/protocol/index.ts';
import { CONTEXT_KINDS, type SpendingView, type ThreadExtras } from '../../webview/bridge/thread-extras.ts';
import type { CoreClient } from '../core/core-client.ts';
import type { CoreSupervisor } from '../core/core-supervisor.ts';
import type { SaveQuestions } from '../host-fs/save-question.ts';
import type { BlockedItems } from '../session/blocked-items.ts';
import { listCheckpoints } from '../session/checkpoints.ts';
import type { Elicitations } from '../session/elicitations.ts';
import type { Questions } from '../session/questions.ts';
import { goalView, spendingView, waitingView } from './extras-views.ts';
import type { PanelStore } from './panel-store.ts';

export type ExtrasDeps = {
  core: CoreSupervisor;
  store: PanelStore;
  questions: Questions;
  elicitations: Elicitations;
  saves: Pick<SaveQuestions, 'onChanged' | 'ofThread'>;
  blocked: BlockedItems;
  log: { warn(text: string): void };
};

type Part = 'checkpoints' | 'waiting' | 'terminals' | 'goal' | 'spending' | 'context';

export class ThreadExtrasKeeper {
  readonly #deps: ExtrasDeps;
  readonly #stopped = new Map<string, Set<string>>();
  readonly #stale = new Map<string, ThreadExtras['stale']>();
  readonly #running = new Map<Part, { again: boolean }>();

  constructor(deps: ExtrasDeps) {
    this.#deps = deps;
    deps.core.onNotification((notification) => this.#hear(notification));
    deps.questions.onChanged(({ threadId }) => this.#set(threadId, { questions: deps.questions.ofThread(threadId) }));
    deps.elicitations.onChanged(({ threadId }) =>
      this.#set(threadId, { elicitations: deps.elicitations.ofThread(threadId) }),
    );
    deps.saves.onChanged(({ threadId }) => this.#set(threadId, { saves: deps.saves.ofThread(threadId) }));
    deps.blocked.onChanged(({ threadId }) => this.#set(threadId, { blocked: deps.blocked.ofThread(threadId) }));
    deps.store.onPatches((patches) => {
      if (patches.some(({ op }) => op === 'thread')) this.#adopt();
    });
  }

  /** What fills the context now. Rejects when the core cannot say. */
  async readContext(): Promise<void> {
    await this.#read('context');
  }

  /** There are other checkpoints than before. */
  checkpointsChanged(): void {
    this.#refresh('checkpoints');
  }

  /** The person stops this command: however it ends, its card says that it was stopped. */
  noteStopped(threadId: string, itemId: string): void {
    const stopped = new Set(this.#stopped.get(threadId)).add(itemId);
    this.#stopped.set(threadId, stopped);
    this.#set(threadId, { stopped: [...stopped] });
  }

  /** Another thread, or the same one loaded anew: what was known of it may be old. */
  #adopt(): void {
    const { thread } = this.#deps.store.state;
    if (!thread) return;
    const questions = this.#deps.questions.ofThread(thread.id);
    if (questions.length > 0) this.#set(thread.id, { questions });
    const elicitations = this.#deps.elicitations.ofThread(thread.id);
    if (elicitations.length > 0) this.#set(thread.id, { elicitations });
    const saves = this.#deps.saves.ofThread(thread.id);
    if (saves.length > 0) this.#set(thread.id, { saves });
    const blocked = this.#deps.blocked.ofThread(thread.id);
    if (Object.keys(blocked).length > 0) this.#set(thread.id, { blocked });
    const stopped = this.#stopped.get(thread.id);
    if (stopped) this.#set(thread.id, { stopped: [...stopped] });
    const stale = this.#stale.get(thread.id);
    if (stale) this.#set(thread.id, { stale });
    for (const part of ['checkpoints', 'waiting', 'terminals', 'goal', 'spending'] as const) this.#refresh(part);
  }

  #hear({ method, params }: ServerNotification): void {
    if (method === 'gantry/command/stale') {
      const stale = { ...this.#stale.get(params.threadId), [params.itemId]: params.paths };
      this.#stale.set(params.threadId, stale);
      this.#set(params.threadId, { stale });
      return;
    }
    const threadId = params && 'threadId' in params ? params.threadId : null;
    if (threadId === null || threadId !== (this.#deps.store.withoutDeltas.thread?.id ?? null)) return;
    if (method === 'thread/queue/changed') this.#refresh('waiting');
    if (method === 'thread/tokenUsage/updated' || method === 'turn/completed') this.#refresh('spending');
    if (method === 'turn/completed') this.#refresh('checkpoints');
    const ran = method === 'item/started' || method === 'item/completed' ? params.item.type : null;
    if (method === 'turn/completed' || ran === 'commandExecution') this.#refresh('terminals');
    if (method === 'thread/goal/updated') this.#set(params.threadId, { goal: goalView(params.goal) });
    if (method === 'thread/goal/cleared') this.#set(params.threadId, { goal: null });
  }

  /** One question at a time for each part; what changes meanwhile is asked about once more. */
  #refresh(part: Part): void {
    const running = this.#running.get(part);
    if (running) {
      running.again = true;
      return;
    }
    const state = { again: false };
    this.#running.set(part, state);
    void this.#read(part)
      // Another agent may not know it, and a thread that was just left has nothing to say.
      .catch((error: unknown) => this.#deps.log.warn(`${part} of the thread: ${String(error)}`))
      .finally(() => {
        this.#running.delete(part);
        if (state.again) this.#refresh(part);
      });
  }

  async #read(part: Part): Promise<void> {
    const client = this.#deps.core.client;
    const threadId = this.#deps.store.withoutDeltas.thread?.id;
    if (!client || !threadId) return;
    const values = await this.#ask(client, part, threadId);
    if (values) this.#set(threadId, values);
  }

  async #ask(client: CoreClient, part: Part, threadId: string): Promise<Partial<ThreadExtras> | null> {
    if (part === 'goal') {
      const { goal } = await client.request('thread/goal/get', { threadId });
      return { goal: goal ? goalView(goal) : null };
    }
    if (part === 'terminals') {
      const { data } = await client.request('thread/backgroundTerminals/list', { threadId });
      return {
        terminals: data.map(({ itemId, processId, command, cwd }) => ({ itemId, processId, command, cwd })),
      };
    }
    // The rest only Gantry's own core knows.
    if (!client.gantry) return null;
    if (part === 'waiting') {
      const { data } = await client.request('gantry/queue/read', { threadId });
      return { waiting: data.map(waitingView) };
    }
    if (part === 'checkpoints') {
      const checkpoints = await listCheckpoints(client, threadId);
      return checkpoints && { checkpoints };
    }
    if (part === 'context') {
      const { tokens, parts, contextWindow, compactLimit } = await client.request('gantry/context/read', { threadId });
      const kinds = CONTEXT_KINDS.map((kind) => ({ kind, tokens: parts[kind] }));
      return { context: { tokens, parts: kinds, contextWindow, compactLimit } };
    }
    const { thread, turns } = await client.request('gantry/usage/read', { threadId });
    const byTurn: Record<string, SpendingView> = {};
    for (const { turnId, spending } of turns) byTurn[turnId] = spendingView(spending);
    return { spending: spendingView(thread), turnSpending: byTurn };
  }

  #set(threadId: string, values: Partial<ThreadExtras>): void {
    this.#deps.store.apply({ op: 'extras', threadId, values });
  }
}
