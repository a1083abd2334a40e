/** What a person made of a proposal, hunk by hunk, in words for the model. (pure) */
import type { StructuredPatchHunk } from 'diff';
import type { FileText } from '../ports.ts';
import { mergeTexts } from './merge-texts.ts';
import { type PlannedFile, shownDiff } from './patch-plan.ts';
import { formatHunk, hunksOf, unifiedHunks } from './unified-diff.ts';
import { freshText } from './write-files.ts';

/** What the user made of one file of the proposal. */
export type FileAnswer = { baseHash: string | null; finalText: string };

/** `final` is what is to be written, null when nothing is. */
export type Settled = { told: string; final: PlannedFile | null };

/** No answer rejects the file. `now` is what is there, for an answer that was given to another text than the proposal's. */
export function settleFile(file: PlannedFile, answer: FileAnswer | undefined, now: FileText | null): Settled {
  if (!answer) return { told: `${file.path}: rejected, ${unchanged(file)}.`, final: null };
  if (answer.baseHash === file.baseHash) return settleSame(file, answer.finalText);
  // The client made the proposal anew from what is there now, and that is what the user saw.
  if (now && now.hash === answer.baseHash && file.newText !== null) {
    const merged = mergeTexts(file.oldText ?? '', file.newText, now.text) ?? file.newText;
    const settled = settleSame({ ...file, oldText: now.text, newText: merged, baseHash: now.hash }, answer.finalText);
    return {
      ...settled,
      told: `${settled.told}\n(${file.path} had changed since you saw it; the user decided on that.)`,
    };
  }
  const fresh = now ? `\n${freshText(file.path, now.text, file.oldText)}` : '';
  return {
    told: `${file.path}: not written, because it changed while the user decided. Start from what is there now.${fresh}`,
    final: null,
  };
}

const unchanged = ({ kind, target }: PlannedFile): string =>
  kind.type === 'add' ? 'not created' : kind.type === 'delete' ? 'not deleted' : target ? 'not moved' : 'unchanged';

function settleSame(file: PlannedFile, finalText: string): Settled {
  const { path, kind, oldText, newText, target } = file;
  if (newText === null) {
    if (finalText === '') return { told: `${path}: deleted as proposed.`, final: file };
    if (finalText === oldText) return { told: `${path}: not deleted, unchanged.`, final: null };
    const final = withFinal(file, finalText, { type: 'update', move_path: null });
    return { told: `${path}: not deleted, but changed by the user:\n${final.diff.trimEnd()}`, final };
  }
  const final = withFinal(file, finalText, kind);
  if (target) return { told: toldOfMove(file, target.path, finalText), final };
  if (oldText === null) return { told: toldOfNew(path, newText, finalText), final };
  const { text } = judgeFinalText(path, oldText, newText, finalText);
  return { told: text, final: finalText === oldText ? null : final };
}

function toldOfMove({ path, oldText, newText }: PlannedFile, target: string, finalText: string): string {
  const moved = `${path}: moved to ${target}`;
  if (finalText === newText) return `${moved} as proposed.`;
  if (finalText === oldText) return `${moved}; your changes of its text were dropped.`;
  return `${moved}. ${judgeFinalText(target, oldText ?? '', newText ?? '', finalText).text}`;
}

function toldOfNew(path: string, newText: string, finalText: string): string {
  if (finalText === newText) return `${path}: created as proposed.`;
  const diff = unifiedHunks(newText, finalText).trimEnd();
  return `${path}: created, with the user's changes. From your proposal to what is in the file now:\n${diff}`;
}

function withFinal(file: PlannedFile, finalText: string, kind: PlannedFile['kind']): PlannedFile {
  const target = kind.type === 'update' && kind.move_path !== null ? file.target : null;
  return { ...file, kind, target, newText: finalText, diff: shownDiff(kind, file.oldText, finalText) };
}

export type Judged = {
  /** How many of the proposal's hunks are in the final text as proposed, and how many are not. */
  kept: number;
  dropped: number;
  /** True when the final text holds something that is in neither. */
  edited: boolean;
  text: string;
};

export function judgeFinalText(path: string, base: string, proposed: string, final: string): Judged {
  const proposal = hunksOf(base, proposed, 0);
  if (final === proposed)
    return { kept: proposal.length, dropped: 0, edited: false, text: `${path}: kept as proposed.` };
  if (final === base)
    return { kept: 0, dropped: proposal.length, edited: false, text: `${path}: rejected, unchanged.` };
  const reverted = new Set(hunksOf(proposed, base, 0).map(keyOf));
  const departures = hunksOf(proposed, final, 0);
  const droppedHunks = departures.filter((hunk) => reverted.has(keyOf(hunk)));
  const edited = droppedHunks.length < departures.length;
  const touched = edited ? touchedProposals(proposal, departures) : droppedHunks.length;
  const dropped = Math.min(proposal.length, touched);
  const kept = proposal.length - dropped;
  const lines = [
    `${path}: ${kept} of ${proposal.length} hunks kept as proposed, ${droppedHunks.length} dropped${edited ? ', and the user changed the text' : ''}.`,
  ];
  if (droppedHunks.length > 0) {
    lines.push('Dropped (as they undo your proposal):', droppedHunks.map(formatHunk).join('').trimEnd());
  }
  lines.push('From your proposal to what is in the file now:', unifiedHunks(proposed, final).trimEnd());
  return { kept, dropped, edited, text: lines.join('\n') };
}

const keyOf = (hunk: StructuredPatchHunk) => `${hunk.oldStart} ${hunk.oldLines} ${hunk.lines.join('\n')}`;

/** How many hunks of the proposal (by their lines in the proposed text) a departure reaches into. */
function touchedProposals(proposal: StructuredPatchHunk[], departures: StructuredPatchHunk[]): number {
  return proposal.filter((hunk) => {
    const end = hunk.newStart + Math.max(1, hunk.newLines);
    return departures.some((one) => one.oldStart < end && hunk.newStart < one.oldStart + Math.max(1, one.oldLines));
  }).length;
}
