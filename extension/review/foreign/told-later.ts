/** What became of an agent's work in the review, for an agent that hears of it with the next message. Pure. */
import type { FileReviewDecidedParams } from '../../../agent-core/protocol/index.ts';

/** More of a diff says less: the agent reads the file. */
const MAX_DIFF = 2_000;
const MAX_TEXT = 12_000;

export type Told = { label: string; text: string; decided: readonly FileReviewDecidedParams[] };

/** `known` was decided before and is not told yet. Null where nothing is to be told: what was kept is as the agent left it. */
export function toldLater(
  known: readonly FileReviewDecidedParams[],
  decision: FileReviewDecidedParams,
  labelOf: (path: string) => string,
): Told | null {
  if (decision.decision === 'kept') return null;
  return toldOf([...known, decision], labelOf);
}

/** At least one was decided. */
export const toldOf = (decided: readonly FileReviewDecidedParams[], labelOf: (path: string) => string): Told => ({
  ...{ label: labelFor(decided), text: textOf(decided, labelOf), decided },
});

function textOf(decided: readonly FileReviewDecidedParams[], labelOf: (path: string) => string): string {
  const parts = ['The user reviewed the files that you changed. They are now as the user left them:'];
  let size = 0;
  for (const { path, decision, diff, note } of decided) {
    const what = decision === 'undone' ? 'taken back by the user' : (note ?? 'changed by the user');
    const isShown = diff != null && diff.length <= MAX_DIFF && size + diff.length <= MAX_TEXT;
    if (isShown) size += diff.length;
    parts.push(`- ${labelOf(path)}: ${what}${isShown ? `\n${bare(diff)}` : '; read the file'}`);
  }
  parts.push('Do not make these changes again unless the user asks for them.');
  return parts.join('\n');
}

function labelFor(all: readonly FileReviewDecidedParams[]): string {
  const files = new Set(all.map(({ path }) => path)).size;
  const kinds = new Set(all.map(({ decision }) => decision));
  const what = kinds.size > 1 ? 'undid or changed' : kinds.has('undone') ? 'undid' : 'changed';
  return `What you ${what} in ${files} ${files === 1 ? 'file' : 'files'}`;
}

/** The hunks alone: the file is named already. */
const bare = (diff: string): string => diff.slice(Math.max(0, diff.indexOf('@@'))).trimEnd();
