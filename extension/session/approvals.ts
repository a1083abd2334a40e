/** The approvals that wait for a person: every surface decides the same one, and the first decision stands. No editor. */
import { isDeepStrictEqual } from 'node:util';
import { Emitter, type Event } from 'vscode-jsonrpc';
import type {
  AcceptPartialDecision,
  GantryFileChangeRequestApprovalParams,
  RequestId,
} from '../../agent-core/protocol/index.ts';
import type { ApprovalDecision, ApprovalView } from '../../webview/bridge/panel-state.ts';

export type Decision = ApprovalDecision | AcceptPartialDecision;

export type PendingApproval = {
  view: ApprovalView;
  threadId: string;
  /** The wire's id, by which the core takes the question back. */
  requestId: RequestId | null;
  /** What a file change proposes; null for a command. */
  fileChange: GantryFileChangeRequestApprovalParams | null;
};

/** `decision` is null when nobody decided: the turn ended first, or the core died. */
export type GoneApproval = { approval: PendingApproval; decision: Decision | null };

export class ApprovalRegistry {
  readonly #pending = new Map<string, { approval: PendingApproval; resolve(decision: Decision): void }>();
  readonly #added = new Emitter<PendingApproval>();
  readonly #changed = new Emitter<PendingApproval>();
  readonly #gone = new Emitter<GoneApproval>();
  readonly onAdded: Event<PendingApproval> = this.#added.event;
  /** What a surface shows of it is another. */
  readonly onChanged: Event<PendingApproval> = this.#changed.event;
  readonly onGone: Event<GoneApproval> = this.#gone.event;
  #count = 0;

  /** Unique as long as this registry lives, also over restarts of the core. */
  nextId(): string {
    this.#count += 1;
    return `approval-${this.#count}`;
  }

  get all(): PendingApproval[] {
    return [...this.#pending.values()].map(({ approval }) => approval);
  }

  get(id: string): PendingApproval | undefined {
    return this.#pending.get(id)?.approval;
  }

  ofThread(threadId: string): PendingApproval[] {
    return this.all.filter((approval) => approval.threadId === threadId);
  }

  /** Resolves with the first decision, with `cancel` when the question was taken back. Never rejects. */
  ask(approval: PendingApproval): Promise<Decision> {
    return new Promise((resolve) => {
      this.#pending.set(approval.view.id, { approval, resolve });
      this.#added.fire(approval);
    });
  }

  /** What a card shows of a change is another: which files are decided, which hunks are left out. */
  setFiles(id: string, shown: Pick<ApprovalView, 'files' | 'asOne'>): void {
    const entry = this.#pending.get(id);
    if (!entry) return;
    const view = { ...entry.approval.view, ...shown };
    if (isDeepStrictEqual(entry.approval.view, view)) return;
    entry.approval = { ...entry.approval, view };
    this.#changed.fire(entry.approval);
  }

  /** An acceptance did not go through, which the card says; null: nothing is in the way any more. */
  setBlocked(id: string, blocked: ApprovalView['blocked'] | null): void {
    const entry = this.#pending.get(id);
    if (!entry || (blocked === null && !entry.approval.view.blocked)) return;
    const { blocked: _, ...view } = entry.approval.view;
    entry.approval = { ...entry.approval, view: blocked ? { ...view, blocked } : view };
    this.#changed.fire(entry.approval);
  }

  /** False when it is decided already. */
  decide(id: string, decision: Decision): boolean {
    return this.#close(id, decision);
  }

  /** The core no longer waits for this one. */
  takeBack(threadId: string, requestId: RequestId): void {
    const found = this.all.find((approval) => approval.threadId === threadId && approval.requestId === requestId);
    if (found) this.#close(found.view.id, null);
  }

  /** Nobody waits any more for a tool call of a turn that is over; an agent may not say so by itself. */
  endTurn(threadId: string, turnId: string): void {
    for (const { view } of this.ofThread(threadId))
      if (view.kind === 'mcpTool' && view.turnId === turnId) this.#close(view.id, null);
  }

  takeBackAll(): void {
    for (const { view } of this.all) this.#close(view.id, null);
  }

  #close(id: string, decision: Decision | null): boolean {
    const entry = this.#pending.get(id);
    if (!entry) return false;
    this.#pending.delete(id);
    entry.resolve(decision ?? 'cancel');
    this.#gone.fire({ approval: entry.approval, decision });
    return true;
  }
}
