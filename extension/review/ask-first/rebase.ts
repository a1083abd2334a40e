/** A proposal put onto a file that has changed since it was made. Pure. */
import { createHash } from 'node:crypto';
import { mergeThreeWay } from './line-hunks.ts';
import { type ProposedFile, plainText } from './proposed-change.ts';

export const hashOf = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/**
 * `same`: nothing to do. `rebased`: `file` and the proposal's text (null for a deletion) on top of what is there now.
 * `conflict`: both changed the same lines. `gone`, `exists`: the file that is to be changed is not there, or the one
 * that is to be made is; `changed`: what is to be deleted is not what the agent saw.
 */
export type Rebase =
  | { type: 'same' }
  | { type: 'rebased'; file: ProposedFile; text: string }
  | { type: 'conflict' }
  | { type: 'gone' }
  | { type: 'exists' }
  | { type: 'changed' };

/** `text` is what the proposal reads, `current` what the file holds; null when there is none. */
export function rebase(file: ProposedFile, text: string | null, current: string | null): Rebase {
  const now = current === null ? null : plainText(current);
  if (now === file.oldText) return { type: 'same' };
  if (file.oldText === null) return { type: 'exists' };
  if (now === null) return { type: 'gone' };
  const onto: ProposedFile = { ...file, oldText: now, baseHash: hashOf(now), isRebased: true };
  if (file.newText === null || text === null) return { type: 'changed' };
  const merged = mergeThreeWay(file.oldText, now, text);
  if (merged === null) return { type: 'conflict' };
  // What was offered may not fit where the person's proposal does, which then is the offer.
  const offered = mergeThreeWay(file.oldText, now, file.newText) ?? merged;
  return { type: 'rebased', file: { ...onto, newText: offered }, text: merged };
}

/** The person saw both: what the proposal reads is compared with the file as it is now, difference by difference. */
export function ontoNow(file: ProposedFile, text: string | null, current: string | null): ProposedFile {
  const now = current === null ? null : plainText(current);
  return { ...file, oldText: now, newText: text, baseHash: now === null ? null : hashOf(now), isRebased: true };
}
