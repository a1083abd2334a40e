/** Proposed file changes that wait for approval: shown as native diffs, decided hunk by hunk, answered once. */
import * as vscode from 'vscode';
import type { AnyThreadItem } from '../../../agent-core/protocol/index.ts';
import type { AutoOpen } from '../../contributions.ts';
import type { ApprovalRegistry, GoneApproval, PendingApproval } from '../../session/approvals.ts';
import type { BaseProvider } from '../base-provider.ts';
import type { OpenOptions } from '../diff-tabs.ts';
import { currentText, openDocument, savedText } from '../file-text.ts';
import { ChangedSince } from './changed-since.ts';
import { labelOf, type PendingFile, PendingTexts } from './pending-file.ts';
import { PROPOSAL_SCHEME, type ProposalFileSystem, proposalUri } from './proposal-fs.ts';
import type { ProposedHunk } from './proposal-hunks.ts';
import { ProposalTabs } from './proposal-tabs.ts';
import { decisionOf, fromDiff, fromProposal, type ProposedFile, plainText } from './proposed-change.ts';
import { ontoNow, rebase } from './rebase.ts';

type PendingChange = { approval: PendingApproval; files: PendingFile[]; byFile: boolean };

export type ReviewDeps = {
  approvals: ApprovalRegistry;
  proposals: ProposalFileSystem;
  bases: BaseProvider;
  autoOpen(): AutoOpen;
  /** Whether the agent writes through the editor, so that unsaved typing is no obstacle. */
  writesThroughEditor(): boolean;
  /** The item that a request is about; with a peer that sends no texts, its diffs are all there is. */
  itemOf(threadId: string, itemId: string): AnyThreadItem | undefined;
  log: { warn(text: string): void };
};

/** Accepted items whose texts from before are kept; the oldest are forgotten first. */
const MAX_REMEMBERED = 100;

export class ProposalReview implements vscode.Disposable {
  readonly #deps: ReviewDeps;
  readonly #texts: PendingTexts;
  readonly #tabs: ProposalTabs;
  readonly #since: ChangedSince;
  readonly #changes = new Map<string, PendingChange>();
  readonly #accepted = new Map<string, ProposedFile[]>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #subscriptions: { dispose(): void }[];
  /** What waits, or how much of it is taken, has changed. */
  readonly onDidChange = this.#changed.event;

  constructor(deps: ReviewDeps) {
    this.#deps = deps;
    this.#texts = new PendingTexts(deps.proposals);
    this.#tabs = new ProposalTabs({ bases: deps.bases, isPending: (file) => this.#isPending(file), log: deps.log });
    const warn = (error: unknown) => deps.log.warn(`The editors of a proposal: ${String(error)}`);
    this.#since = new ChangedSince({
      onProposal: (uri) => this.#refresh(this.find(uri)),
      onFile: (uri) => void this.#rebaseAll((file) => isFor(file, uri)).catch(warn),
    });
    this.#subscriptions = [
      deps.approvals.onAdded((approval) => void this.#add(approval).catch(warn)),
      deps.approvals.onGone((gone) => void this.#remove(gone).catch(warn)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        if (uri.scheme === PROPOSAL_SCHEME && !this.#changes.has(uri.authority)) deps.proposals.remove(uri);
      }),
      this.#since,
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

  pendingOfApproval(approvalId: string, path: string): PendingFile | undefined {
    return this.pendingFiles.find((file) => file.approvalId === approvalId && file.file.path === path);
  }

  /** Empty where the file has no parts: it is made or deleted, or the agent takes it as one. */
  hunksOf(file: PendingFile): ProposedHunk[] {
    return this.#changes.get(file.approvalId)?.byFile ? this.#texts.hunksOf(file) : [];
  }

  /** Takes a hunk or leaves it out, without an id the whole file; the proposal's text follows. */
  async choose(file: PendingFile, hunkId: string | null, take: boolean): Promise<void> {
    const change = this.#changes.get(file.approvalId);
    if (!change?.byFile) return;
    if (!(await this.#texts.choose(file, hunkId, take)))
      this.#deps.log.warn(`A hunk of ${file.real.fsPath} is not there any more.`);
    this.#refresh(file);
  }

  async show(file: PendingFile, options: OpenOptions = { preserveFocus: false, preview: true }): Promise<void> {
    await this.#tabs.show(file, options);
  }

  /** Goes on with a proposal that does not fit any more: what it reads is compared with the file as it is now. */
  async compareWithNow(file: PendingFile): Promise<void> {
    if (file.since !== 'conflict' && file.since !== 'exists') return;
    file.file = ontoNow(file.file, this.#texts.textOf(file), await this.#current(file));
    file.since = 'rebased';
    file.chosen = null;
    this.#refresh(file);
    await this.show(file);
  }

  /** Accepts one file as its proposal reads now. The answer goes out when all files of the change are decided. */
  async accept(file: PendingFile): Promise<void> {
    const change = this.#changes.get(file.approvalId);
    if (!change) return;
    if (!change.byFile) return this.#asOne(change, () => this.acceptRest(file.approvalId));
    if (!(await this.#canAccept([file])) || !this.#isPending(file)) return;
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

  /** Accepts what is taken of every file that is still open. `forSession` counts only when the whole change is taken as it is. */
  async acceptRest(approvalId: string, forSession = false): Promise<void> {
    const change = this.#changes.get(approvalId);
    const open = change?.files.filter(({ verdict }) => verdict === 'pending') ?? [];
    if (!(await this.#canAccept(open))) return;
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
    const asOne = byFile ? null : Math.max(proposed.length, approval.view.files.length);
    const files = proposed.map((file): PendingFile => {
      const real = vscode.Uri.file(file.targetPath);
      const proposal = proposalUri(id, real);
      this.#deps.proposals.put(proposal, file.newText ?? '', { writable: byFile && file.newText !== null });
      if (byFile) this.#since.watch(vscode.Uri.file(file.path));
      const undecided = { verdict: 'pending' as const, finalText: file.newText };
      return { file, ...undecided, real, proposal, approvalId: id, chosen: null, isLeftOut: false, since: null, asOne };
    });
    const change = { approval, files, byFile };
    this.#changes.set(id, change);
    this.#tell(change);
    // It may have changed between the agent's reading and now.
    await this.#rebaseAll((file) => file.approvalId === id);
    if (this.#deps.autoOpen() !== 'never') await this.#tabs.open(files);
  }

  async #fromItem({ threadId, view }: PendingApproval): Promise<ProposedFile[]> {
    const item = this.#deps.itemOf(threadId, view.itemId);
    if (item?.type !== 'fileChange') return [];
    const files = await Promise.all(
      // Such an agent knows nothing of text that is not saved.
      item.changes.map(async (change) => fromDiff(change, await savedText(vscode.Uri.file(change.path)))),
    );
    const misfits = item.changes.filter((_, index) => files[index] === null);
    for (const { path } of misfits)
      this.#deps.log.warn(`The proposed diff does not fit ${path}; it is shown in the panel only.`);
    return files.filter((file) => file !== null);
  }

  /** What the agent would write over: the buffer where it writes through the editor, else the disk. */
  #current({ file }: PendingFile): Promise<string | null> {
    const uri = vscode.Uri.file(file.path);
    return this.#deps.writesThroughEditor() ? currentText(uri) : savedText(uri);
  }

  async #rebaseAll(which: (file: PendingFile) => boolean): Promise<void> {
    for (const change of this.#changes.values()) {
      if (!change.byFile) continue;
      for (const file of change.files) if (file.verdict === 'pending' && which(file)) await this.#rebase(file);
      this.#tell(change);
    }
  }

  /** Puts the proposal on top of what the file holds now, and remembers when that cannot be done. */
  async #rebase(file: PendingFile): Promise<void> {
    const current = await this.#current(file);
    if (!this.#isPending(file)) return;
    const result = rebase(file.file, this.#texts.textOf(file), current);
    if (result.type === 'same') file.since = file.file.isRebased ? 'rebased' : null;
    else if (result.type !== 'rebased') file.since = result.type;
    else {
      file.file = result.file;
      file.since = 'rebased';
      file.chosen = null;
      await this.#texts.replace(file, result.text);
    }
  }

  async #remove({ approval, decision }: GoneApproval): Promise<void> {
    const change = this.#changes.get(approval.view.id);
    if (!change) return;
    this.#changes.delete(approval.view.id);
    for (const { file } of change.files) {
      const isShared = this.pendingFiles.some((other) => other.file.path === file.path);
      if (!isShared) this.#since.forget(vscode.Uri.file(file.path));
    }
    if (decision === 'accept' || decision === 'acceptForSession' || typeof decision === 'object')
      this.#remember(change);
    this.#changed.fire();
    await this.#tabs.closeAll(approval.view.id);
    // An editor may still be saving what was typed; its text goes when it does.
    for (const { proposal } of change.files) if (!openDocument(proposal)) this.#deps.proposals.remove(proposal);
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
    if (verdict === 'accepted') file.finalText = this.#texts.textOf(file);
    file.verdict = this.#texts.isLeftOut(file) ? 'rejected' : verdict;
  }

  async #settle(change: PendingChange, last: PendingFile): Promise<void> {
    const decision = decisionOf(change.files);
    if (decision !== null) {
      this.#deps.approvals.decide(change.approval.view.id, decision);
      return;
    }
    this.#tell(change);
    await this.#tabs.close(last);
    const next = change.files.find(({ verdict }) => verdict === 'pending');
    if (next) await this.show(next, { preserveFocus: false, preview: false });
  }

  #refresh(file: PendingFile | undefined): void {
    const change = file && this.#changes.get(file.approvalId);
    if (change) this.#tell(change);
  }

  /** The card shows what the proposals read now. */
  #tell({ approval, files, byFile }: PendingChange): void {
    if (files.length > 0) {
      this.#deps.approvals.setFiles(approval.view.id, {
        files: files.map((file) => this.#texts.viewOf(file, labelOf(vscode.Uri.file(file.file.path)), byFile)),
        ...(byFile ? {} : { asOne: true }),
      });
    }
    this.#changed.fire();
  }

  /** False when something is in the way, which the card and a message say. */
  async #canAccept(files: readonly PendingFile[]): Promise<boolean> {
    await this.#rebaseAll((file) => files.includes(file));
    const misfit = files.find((file) => file.verdict === 'pending' && isMisfit(file) && !this.#texts.isLeftOut(file));
    if (misfit) {
      void this.#explainMisfit(misfit);
      return false;
    }
    return this.#deps.writesThroughEditor() || !this.#blockedByTyping(files);
  }

  async #explainMisfit(file: PendingFile): Promise<void> {
    const open = file.since === 'conflict' || file.since === 'exists' ? ['Open'] : [];
    const message = `${labelOf(file.real)}: ${MISFITS[file.since ?? ''] ?? ''} Nothing was written.`;
    if (await vscode.window.showWarningMessage(message, ...open)) await this.show(file);
  }

  /** The core writes to the disk; typing that the proposal does not know of would be left in conflict with it. */
  #blockedByTyping(files: readonly PendingFile[]): boolean {
    const blocked = files.find(({ file, real }) => {
      const document = openDocument(real);
      return document?.isDirty && plainText(document.getText()) !== file.oldText;
    });
    for (const id of new Set(files.map(({ approvalId }) => approvalId))) {
      const label = blocked && labelOf(blocked.real);
      this.#deps.approvals.setBlocked(id, blocked && label ? { path: blocked.real.fsPath, label } : null);
    }
    if (!blocked) return false;
    const name = labelOf(blocked.real);
    const message = `${name} has unsaved changes that the proposal does not know of. Save or undo them, then accept again.`;
    void vscode.window.showWarningMessage(message, 'Show File').then((choice) => {
      if (choice) void vscode.window.showTextDocument(blocked.real);
    });
    return true;
  }

  #isPending(file: PendingFile): boolean {
    return file.verdict === 'pending' && this.#changes.has(file.approvalId);
  }
}

const MISFITS: Readonly<Record<string, string>> = {
  conflict: 'You changed the same lines as the proposal.',
  exists: 'The proposal makes this file, and it is there now.',
  gone: 'The proposal changes this file, and it is not there any more.',
  changed: 'The proposal deletes this file, and it has changed since.',
};

const isMisfit = ({ since }: PendingFile) => since !== null && since in MISFITS;

const isFor = ({ file }: PendingFile, uri: vscode.Uri) => vscode.Uri.file(file.path).toString() === uri.toString();
