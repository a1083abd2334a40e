/** Proposed file changes that wait for approval: shown as native diffs, decided file by file, answered once. */
import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { AnyThreadItem } from '../../../agent-core/protocol/index.ts';
import type { AutoOpen } from '../../contributions.ts';
import type { ApprovalRegistry, GoneApproval, PendingApproval } from '../../session/approvals.ts';
import type { BaseProvider } from '../base-provider.ts';
import { closeProposals, openDiff } from '../diff-tabs.ts';
import { currentText, openDocument } from '../file-text.ts';
import { type ProposalFileSystem, proposalUri } from './proposal-fs.ts';
import {
  type DecidedFile,
  decisionOf,
  fromDiff,
  fromProposal,
  isEdited,
  type ProposedFile,
  plainText,
} from './proposed-change.ts';

export type PendingFile = DecidedFile & { real: vscode.Uri; proposal: vscode.Uri; approvalId: string };
type PendingChange = { approval: PendingApproval; files: PendingFile[]; byFile: boolean };

export type ReviewDeps = {
  approvals: ApprovalRegistry;
  proposals: ProposalFileSystem;
  bases: BaseProvider;
  autoOpen(): AutoOpen;
  /** The item that a request is about; with a peer that sends no texts, its diffs are all there is. */
  itemOf(threadId: string, itemId: string): AnyThreadItem | undefined;
  log: { warn(text: string): void };
};

/** More than this at once would bury the person's own tabs; the rest opens as the others are decided. */
const MAX_OPENED = 8;
/** Accepted items whose texts from before are kept; the oldest are forgotten first. */
const MAX_REMEMBERED = 100;
/** An editor that takes longer than this to come up is not waited for. */
const OPENING_LIMIT_MS = 5_000;

export class ProposalReview implements vscode.Disposable {
  readonly #deps: ReviewDeps;
  readonly #changes = new Map<string, PendingChange>();
  readonly #opening = new Map<string, Promise<unknown>>();
  readonly #accepted = new Map<string, ProposedFile[]>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: { dispose(): void }[];
  /** The set of files that wait has changed. */
  readonly onDidChange = this.#changed.event;

  constructor(deps: ReviewDeps) {
    this.#deps = deps;
    const warn = (error: unknown) => deps.log.warn(`The editors of a proposal: ${String(error)}`);
    this.#subscriptions = [
      deps.approvals.onAdded((approval) => void this.#add(approval).catch(warn)),
      deps.approvals.onGone((gone) => void this.#remove(gone).catch(warn)),
      this.#changed,
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  get pendingFiles(): PendingFile[] {
    return [...this.#changes.values()].flatMap(({ files }) => files.filter(({ verdict }) => verdict === 'pending'));
  }

  /** The file that waits under `uri`, which is that of the proposal or of the real file. */
  find(uri: vscode.Uri): PendingFile | undefined {
    const key = uri.toString();
    return this.pendingFiles.find(({ real, proposal }) => proposal.toString() === key || real.toString() === key);
  }

  /** What an approved item changed, when this window saw it. */
  acceptedFile(itemId: string, path: string): ProposedFile | undefined {
    return this.#accepted.get(itemId)?.find((file) => file.path === path);
  }

  pendingOfItem(itemId: string, path: string): PendingFile | undefined {
    const change = [...this.#changes.values()].find(({ approval }) => approval.view.itemId === itemId);
    return change?.files.find(({ file, verdict }) => file.path === path && verdict === 'pending');
  }

  async show(file: PendingFile, options = { preserveFocus: false, preview: true }): Promise<void> {
    const { real, proposal } = file;
    const left = file.file.kind === 'add' ? this.#deps.bases.put('empty', real, '') : vscode.Uri.file(file.file.path);
    const name = posix.basename(real.path);
    const action = { add: 'new file', delete: 'deletion', update: 'proposed change' }[file.file.kind];
    const opened = openDiff({ left, right: proposal, title: `${name} (${action})` }, options);
    this.#opening.set(
      file.approvalId,
      opened.catch(() => {}),
    );
    await opened;
    // The editor may come up only after somebody has decided; it is then of no use.
    if (!this.#isPending(file)) await this.#close(file);
  }

  /** Accepts one file as its proposal reads now. The answer goes out when all files of the change are decided. */
  async accept(file: PendingFile): Promise<void> {
    const change = this.#changes.get(file.approvalId);
    if (!change) return;
    if (!change.byFile) return this.#asOne(change, () => this.acceptRest(file.approvalId));
    if (this.#blockedByTyping([file])) return;
    this.#decide(file, 'accepted');
    await this.#settle(change, file);
  }

  async reject(file: PendingFile): Promise<void> {
    const change = this.#changes.get(file.approvalId);
    if (!change) return;
    if (!change.byFile) return this.#asOne(change, () => this.rejectRest(file.approvalId));
    this.#decide(file, 'rejected');
    await this.#settle(change, file);
  }

  /** Says so when deciding one file decides the others. */
  async #asOne({ files }: PendingChange, decide: () => Promise<void>): Promise<void> {
    if (files.length > 1) {
      void vscode.window.showInformationMessage(
        `This agent takes or leaves a change as a whole: all ${files.length} files.`,
      );
    }
    await decide();
  }

  /** Accepts every file that is still open. `forSession` counts only when the whole change is taken as it is. */
  async acceptRest(approvalId: string, forSession = false): Promise<void> {
    const change = this.#changes.get(approvalId);
    const open = change?.files.filter(({ verdict }) => verdict === 'pending') ?? [];
    if (this.#blockedByTyping(open)) return;
    for (const file of open) this.#decide(file, 'accepted');
    const decision = change && change.files.length > 0 && change.byFile ? decisionOf(change.files) : 'accept';
    this.#deps.approvals.decide(
      approvalId,
      decision === 'accept' && forSession ? 'acceptForSession' : (decision ?? 'accept'),
    );
  }

  async rejectRest(approvalId: string): Promise<void> {
    const change = this.#changes.get(approvalId);
    for (const file of change?.files ?? []) if (file.verdict === 'pending') this.#decide(file, 'rejected');
    const decision = change && change.files.length > 0 && change.byFile ? decisionOf(change.files) : 'decline';
    this.#deps.approvals.decide(approvalId, decision ?? 'decline');
  }

  async #add(approval: PendingApproval): Promise<void> {
    if (!approval.fileChange) return;
    const { id } = approval.view;
    const given = approval.fileChange.gantry?.changes;
    const proposed = given ? given.map(fromProposal) : await this.#fromItem(approval);
    // Derived from diffs, it can only be taken or left as one.
    const byFile = given !== undefined;
    if (!this.#deps.approvals.get(id)) return;
    const files = proposed.map((file): PendingFile => {
      const real = vscode.Uri.file(file.targetPath);
      const proposal = proposalUri(id, real);
      this.#deps.proposals.put(proposal, file.newText ?? '', { writable: byFile && file.newText !== null });
      return { file, verdict: 'pending', finalText: file.newText, real, proposal, approvalId: id };
    });
    this.#changes.set(id, { approval, files, byFile });
    this.#changed.fire();
    if (this.#deps.autoOpen() !== 'never') await this.#open(files);
  }

  async #fromItem({ threadId, view }: PendingApproval): Promise<ProposedFile[]> {
    const item = this.#deps.itemOf(threadId, view.itemId);
    if (item?.type !== 'fileChange') return [];
    const files = await Promise.all(
      item.changes.map(async (change) => fromDiff(change, await currentText(vscode.Uri.file(change.path)))),
    );
    const misfits = item.changes.filter((_, index) => files[index] === null);
    for (const { path } of misfits)
      this.#deps.log.warn(`The proposed diff does not fit ${path}; it is shown in the panel only.`);
    return files.filter((file) => file !== null);
  }

  /** The first file ends up in front. */
  async #open(files: readonly PendingFile[]): Promise<void> {
    const shown = files.slice(0, MAX_OPENED).reverse();
    for (const file of shown) {
      if (!this.#isPending(file)) continue;
      try {
        await this.show(file, { preserveFocus: true, preview: shown.length === 1 });
      } catch (error) {
        this.#deps.log.warn(`The diff of ${file.real.fsPath} could not be opened: ${String(error)}`);
      }
    }
  }

  async #remove({ approval, decision }: GoneApproval): Promise<void> {
    const change = this.#changes.get(approval.view.id);
    if (!change) return;
    this.#changes.delete(approval.view.id);
    if (decision === 'accept' || decision === 'acceptForSession' || typeof decision === 'object')
      this.#remember(change);
    this.#changed.fire();
    // An editor that is just coming up must find its texts, and is closed with the others.
    await within(OPENING_LIMIT_MS, this.#opening.get(approval.view.id));
    this.#opening.delete(approval.view.id);
    await closeProposals((uri) => uri.authority === approval.view.id);
    for (const { proposal } of change.files) this.#deps.proposals.remove(proposal);
  }

  #remember({ approval, files }: PendingChange): void {
    const taken = files.filter(({ verdict }) => verdict !== 'rejected');
    this.#accepted.set(
      approval.view.itemId,
      taken.map(({ file, finalText }) => ({ ...file, newText: finalText })),
    );
    for (const oldest of this.#accepted.keys()) {
      if (this.#accepted.size <= MAX_REMEMBERED) break;
      this.#accepted.delete(oldest);
    }
  }

  #decide(file: PendingFile, verdict: 'accepted' | 'rejected'): void {
    if (verdict === 'accepted' && file.file.newText !== null) file.finalText = this.#proposalText(file);
    file.verdict = verdict;
  }

  async #settle(change: PendingChange, last: PendingFile): Promise<void> {
    const decision = decisionOf(change.files);
    if (decision !== null) {
      this.#deps.approvals.decide(change.approval.view.id, decision);
      return;
    }
    const decided = change.files.flatMap(({ file, verdict }) =>
      verdict === 'pending' ? [] : [[file.path, verdict] as const],
    );
    this.#deps.approvals.setDecided(change.approval.view.id, new Map(decided));
    this.#changed.fire();
    await this.#close(last);
    const next = change.files.find(({ verdict }) => verdict === 'pending');
    if (next) await this.show(next, { preserveFocus: false, preview: false });
  }

  /** The text in the editor, not the last save: what is on the screen is what was accepted. */
  #proposalText(file: PendingFile): string {
    const open = openDocument(file.proposal);
    const text = open ? open.getText() : this.#deps.proposals.text(file.proposal);
    const edited = { file: file.file, finalText: text };
    return isEdited(edited) && text !== null ? plainText(text) : (file.file.newText ?? '');
  }

  /** The core writes to the disk; typing that the proposal does not know of would be left in conflict with it. */
  #blockedByTyping(files: readonly PendingFile[]): boolean {
    const blocked = files.find(({ file, real }) => {
      const document = openDocument(real);
      return document?.isDirty && plainText(document.getText()) !== file.oldText;
    });
    for (const id of new Set(files.map(({ approvalId }) => approvalId))) {
      const label = blocked && vscode.workspace.asRelativePath(blocked.real);
      this.#deps.approvals.setBlocked(id, blocked && label ? { path: blocked.real.fsPath, label } : null);
    }
    if (!blocked) return false;
    const name = vscode.workspace.asRelativePath(blocked.real);
    const message = `${name} has unsaved changes that the proposal does not know of. Save or undo them, then accept again.`;
    void vscode.window.showWarningMessage(message, 'Show File').then((choice) => {
      if (choice) void vscode.window.showTextDocument(blocked.real);
    });
    return true;
  }

  #isPending(file: PendingFile): boolean {
    return file.verdict === 'pending' && this.#changes.has(file.approvalId);
  }

  async #close(file: PendingFile): Promise<void> {
    await closeProposals((uri) => uri.toString() === file.proposal.toString());
  }
}

async function within(ms: number, work: Promise<unknown> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
