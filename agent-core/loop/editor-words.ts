/** The words for what the user did with the agent's changes, and for texts that are not saved. (pure) */
import type { FileReviewDecidedParams } from '../protocol/index.ts';
import { unifiedHunks } from '../tools/unified-diff.ts';

export type ReviewDecision = Omit<FileReviewDecidedParams, 'threadId'>;

/** A file from before the agent's first undecided change to its last one; null: there is none. */
export type AgentChange = { before: string | null; after: string | null };

export const DECISIONS_TAG = 'review_decisions';
export const UNSAVED_TAG = 'unsaved_files';

/** In characters, of one diff and of all that is said at once. */
const MOST_DIFF = 6000;
const MOST_NOTE = 24_000;

const UNSAVED_HEAD =
  "Not saved in the user's editor. Your file tools see these texts; commands (cat, grep, tests) see the disk.";

/** A diff for the model; one that is too long is only counted. */
export function shownDiff(before: string, after: string): string {
  const diff = unifiedHunks(before, after).trimEnd();
  if (diff.length <= MOST_DIFF) return diff;
  const count = (sign: string) => diff.split('\n').filter((line) => line.startsWith(sign)).length;
  return `(${count('+')} lines added, ${count('-')} removed: too much to show here. Read the file.)`;
}

/** What does not fit any more is named, not shown. */
export function unsavedText(sections: readonly string[]): string {
  const shown = [UNSAVED_HEAD];
  let size = 0;
  for (const section of sections) {
    const name = section.split(/,? (?:from|since|is|has) |\n/, 1)[0] ?? '';
    const isShort = size + section.length <= MOST_NOTE;
    shown.push(isShort ? section : `${name} has changed in the editor too. Read the file.`);
    size += isShort ? section.length : 0;
  }
  return shown.join('\n');
}

/**
 * All decisions about one file, as one statement of how it stands. `now` is its text: null when there is no such file,
 * undefined when it is not known.
 */
export function decisionText(
  path: string,
  decisions: readonly ReviewDecision[],
  change: AgentChange | null,
  now: string | null | undefined,
): string {
  const lines = [`${path}: ${stateOf(decisions, change, now)}${pendingText(decisions)}`];
  if (now !== undefined && change !== null && !isPlain(change, now)) {
    lines.push('From what you wrote to what is there now:', shownDiff(change.after ?? '', now ?? ''));
  } else if (now === undefined || change === null) {
    for (const { diff } of decisions) if (diff) lines.push(cut(diff.trimEnd()));
  }
  for (const { note } of decisions) if (note) lines.push(`The user says: ${cut(note)}`);
  return lines.join('\n');
}

const isPlain = ({ before, after }: AgentChange, now: string | null): boolean => now === after || now === before;

const cut = (text: string): string => (text.length > MOST_DIFF ? `${text.slice(0, MOST_DIFF)}…` : text);

function stateOf(
  decisions: readonly ReviewDecision[],
  change: AgentChange | null,
  now: string | null | undefined,
): string {
  if (change !== null && now !== undefined) {
    if (now === change.after) return 'kept as you wrote it.';
    if (now === change.before) {
      if (now === null) return 'the user removed the file that you made.';
      return change.after === null ? 'the user took the deletion back.' : 'the user undid all that you changed.';
    }
  }
  const did = (['kept', 'undone', 'edited'] as const).flatMap((kind) => {
    const of = decisions.filter(({ decision }) => decision === kind);
    if (of.length === 0) return [];
    if (kind === 'edited') return ['changed the text'];
    const verb = kind === 'kept' ? 'kept' : 'undid';
    const count = countOf(of);
    return [count === 0 ? `${verb} changes` : `${verb} ${hunks(count)}`];
  });
  const last = did.pop() ?? '';
  return `the user ${did.length > 0 ? `${did.join(', ')} and ${last}` : last}.`;
}

const countOf = (decisions: readonly ReviewDecision[]): number =>
  decisions.reduce((sum, { hunkCount }) => sum + (hunkCount ?? 0), 0);

const hunks = (count: number): string => (count === 1 ? '1 hunk' : `${count} hunks`);

function pendingText(decisions: readonly ReviewDecision[]): string {
  const count = decisions.at(-1)?.pendingCount ?? 0;
  return count > 0 ? ` ${hunks(count)} still to be decided.` : '';
}
