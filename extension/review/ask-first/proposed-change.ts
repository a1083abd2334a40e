/** One proposed change of several files, and what a person decided about it. Pure. */

import { applyPatch, parsePatch, reversePatch, structuredPatch } from 'diff';
import type { FileUpdateChange, PatchChangeKind, ProposedFileChange } from '../../../agent-core/protocol/index.ts';
import type { Decision } from '../../session/approvals.ts';

/** Texts are LF without BOM. `oldText` is null for a new file, `newText` for a deleted one. */
export type ProposedFile = {
  /** As the core names it in the request. */
  path: string;
  /** Where the file will be: another path than `path` for a move. */
  targetPath: string;
  kind: 'add' | 'delete' | 'update';
  baseHash: string | null;
  oldText: string | null;
  newText: string | null;
  /** It is proposed for another text than the one that the core sent it for: the file has changed since. */
  isRebased?: true;
};

export type Verdict = 'pending' | 'accepted' | 'rejected';
/** `finalText` is what the person made of the proposal; null for a deletion. */
export type DecidedFile = { file: ProposedFile; verdict: Verdict; finalText: string | null };

const DIFF_TIMEOUT_MS = 500;
const MOVED_TO = /\n*Moved to: .*$/;

export const plainText = (text: string) => text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');

/** Whether the person changed what was proposed. */
export function isEdited({ file, finalText }: Pick<DecidedFile, 'file' | 'finalText'>): boolean {
  return finalText !== null && file.newText !== null && plainText(finalText) !== plainText(file.newText);
}

/** Whether nothing of the proposal is left: all its hunks were left out. */
function isEmptied({ file, finalText }: DecidedFile): boolean {
  if (file.kind !== 'update' || file.path !== file.targetPath || finalText === null) return false;
  return plainText(finalText) === file.oldText;
}

/** The answer that the verdicts amount to; null while a file is still open. `acceptPartial` only where it is needed. */
export function decisionOf(files: readonly DecidedFile[]): Decision | null {
  if (files.some(({ verdict }) => verdict === 'pending')) return null;
  const accepted = files.filter((file) => file.verdict === 'accepted' && !isEmptied(file));
  if (accepted.length === 0) return 'decline';
  const asProposed = accepted.every((file) => !isEdited(file) && !file.file.isRebased);
  if (accepted.length === files.length && asProposed) return 'accept';
  return {
    acceptPartial: {
      files: accepted.map(({ file, finalText }) => ({
        path: file.path,
        baseHash: file.baseHash,
        finalText: finalText === null ? null : plainText(finalText),
      })),
    },
  };
}

export function fromProposal(change: ProposedFileChange): ProposedFile {
  const { path, kind, baseHash, oldText, newText } = change;
  return { path, targetPath: targetOf(path, kind), kind: kind.type, baseHash, oldText, newText };
}

/**
 * The same from a published `fileChange` item, which has diffs only; `current` is the file's text now, null when there
 * is none. Null when the diff does not fit the text.
 */
export function fromDiff(change: FileUpdateChange, current: string | null): ProposedFile | null {
  const { path, kind, diff } = change;
  const base = { path, targetPath: targetOf(path, kind), kind: kind.type, baseHash: null };
  if (kind.type === 'add') return { ...base, oldText: null, newText: plainText(diff) };
  if (kind.type === 'delete') return { ...base, oldText: plainText(current ?? diff), newText: null };
  if (current === null) return null;
  const oldText = plainText(current);
  const newText = patched(oldText, plainText(diff).replace(MOVED_TO, '\n'));
  return newText === null ? null : { ...base, oldText, newText };
}

/** The text that a file had before a change that is already in it; null when that can no longer be told. */
export function textBefore(change: FileUpdateChange, current: string | null): string | null {
  if (change.kind.type === 'add') return '';
  if (change.kind.type === 'delete') return plainText(change.diff);
  if (current === null) return null;
  try {
    const [patch] = parsePatch(plainText(change.diff).replace(MOVED_TO, '\n'));
    const before = patch ? applyPatch(plainText(current), reversePatch(patch)) : false;
    return before === false ? null : before;
  } catch {
    return null;
  }
}

function patched(text: string, diff: string): string | null {
  try {
    const [patch] = parsePatch(diff);
    if (!patch?.hunks.length || patch.hunks.some(({ oldStart }) => !Number.isInteger(oldStart))) return null;
    const result = applyPatch(text, patch);
    return result === false ? null : result;
  } catch {
    return null;
  }
}

const targetOf = (path: string, kind: PatchChangeKind) =>
  kind.type === 'update' && kind.move_path ? kind.move_path : path;

/** 0-based lines of `text` at which `newText` begins to differ; one line at the top when the diff takes too long. */
export function changedLines(text: string, newText: string): number[] {
  const patch = structuredPatch('', '', plainText(text), plainText(newText), undefined, undefined, {
    context: 0,
    timeout: DIFF_TIMEOUT_MS,
  });
  if (!patch) return [0];
  return patch.hunks.map(({ oldStart }) => Math.max(0, oldStart - 1));
}
