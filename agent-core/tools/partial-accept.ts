/** What a person made of a proposal, hunk by hunk, in words for the model. (pure) */
import type { StructuredPatchHunk } from 'diff';
import { formatHunk, hunksOf, unifiedHunks } from './unified-diff.ts';

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
