/** Keep and Undo of what is written already, from lenses, peek, menus, keys and the palette. */
import * as vscode from 'vscode';
import type { GantryParts } from '../context.ts';
import type { ReviewedFile } from '../review/store/review-store.ts';
import { type EditorChange, hunksOfChange } from '../review/surfaces/hunk-text.ts';
import { openReviewDiff, openReviewDiffs, pickFile } from '../review/surfaces/review-diffs.ts';
import { reviewedInFront } from '../review/surfaces/review-keys.ts';
import { type Direction, moveOn, walk } from '../review/surfaces/review-walk.ts';

type Parts = Pick<GantryParts, 'surfaces' | 'bases'>;

/** Buttons give URIs, links of a hover their text, rows of the source control view themselves. */
function uriOf(given: unknown): vscode.Uri | undefined {
  if (given instanceof vscode.Uri) return given;
  if (typeof given === 'string') return vscode.Uri.parse(given);
  const row = typeof given === 'object' && given !== null && 'resourceUri' in given ? given.resourceUri : undefined;
  return row instanceof vscode.Uri ? row : undefined;
}

const nothing = (text: string): void => void vscode.window.setStatusBarMessage(`$(diff) ${text}`, SAID_MS);
const SAID_MS = 4_000;

/** The file that a command is about: the one it was called with, the one in front, or the only one there is. */
async function targetFile(
  { surfaces: { review } }: Parts,
  given: unknown,
  question: string,
): Promise<ReviewedFile | undefined> {
  const uri = uriOf(given);
  if (uri) return review.find(uri);
  const { files } = review;
  if (files.length === 0) {
    nothing('Nothing waits for a review.');
    return undefined;
  }
  return reviewedInFront(review) ?? (files.length === 1 ? files[0] : pickFile(files, question));
}

type Target = { file: ReviewedFile; ids: string[]; atCursor: vscode.TextEditor | null };

/**
 * A button of ours gives a hunk's id, one in the editor's peek the changes of its own diff and which of them it is; a key
 * gives nothing and is about the hunk at the cursor.
 */
function targetHunks(
  { surfaces: { review } }: Parts,
  uri: unknown,
  which: unknown,
  index: unknown,
): Target | undefined {
  const editor = vscode.window.activeTextEditor;
  const at = uriOf(uri) ?? editor?.document.uri;
  const file = at && review.find(at);
  if (!file) return undefined;
  if (typeof which === 'string') return { file, ids: [which], atCursor: null };
  if (Array.isArray(which)) {
    const change = which[Number(index)] as EditorChange | undefined;
    return { file, ids: change ? hunksOfChange(file.hunks, change).map(({ id }) => id) : [], atCursor: null };
  }
  const hunk = editor && review.hunkAt(file.uri, editor.selection.active.line);
  return { file, ids: hunk ? [hunk.id] : [], atCursor: editor ?? null };
}

async function decideHunks(
  parts: Parts,
  target: Target | undefined,
  decide: (uri: vscode.Uri, id: string) => Promise<boolean>,
): Promise<void> {
  if (!target || target.ids.length === 0) return nothing('There is no change of Gantry’s here.');
  const { file, ids, atCursor } = target;
  let decided = true;
  for (const id of ids) decided = (await decide(file.uri, id)) && decided;
  // Whoever works by key goes through the file; a click leaves the cursor where it is.
  const left = atCursor && decided ? parts.surfaces.review.find(file.uri) : undefined;
  if (atCursor && left && vscode.window.activeTextEditor === atCursor) moveOn(atCursor, left);
}

export function keepHunk(parts: Parts, uri?: unknown, which?: unknown, index?: unknown): Promise<void> {
  const { actions } = parts.surfaces;
  return decideHunks(parts, targetHunks(parts, uri, which, index), (at, id) => actions.keepHunk(at, id));
}

export function undoHunk(parts: Parts, uri?: unknown, which?: unknown, index?: unknown): Promise<void> {
  const { actions } = parts.surfaces;
  return decideHunks(parts, targetHunks(parts, uri, which, index), (at, id) => actions.undoHunk(at, id));
}

export async function goTo({ surfaces: { review }, bases }: Parts, direction: Direction): Promise<void> {
  if (review.files.length === 0) return nothing('Nothing waits for a review.');
  await walk(review, bases, direction);
}

export async function keepFile(parts: Parts, given?: unknown): Promise<void> {
  const file = await targetFile(parts, given, 'Keep the changes of which file?');
  if (file) await parts.surfaces.actions.keepFile(file.uri);
}

export async function undoFile(parts: Parts, given?: unknown): Promise<void> {
  const file = await targetFile(parts, given, 'Undo the changes of which file?');
  if (file) await parts.surfaces.actions.undoFile(file.uri);
}

/** The panel names a thread; a menu gives its own row, which is about all. */
const threadOf = (given: unknown): string | undefined => (typeof given === 'string' ? given : undefined);

export const keepAll = ({ surfaces }: Parts, given?: unknown): Promise<void> =>
  surfaces.actions.keepAll(threadOf(given));

export const undoAll = ({ surfaces }: Parts, given?: unknown): Promise<void> =>
  surfaces.actions.undoAll(threadOf(given));

export async function openChanges(parts: Parts, given?: unknown, hunkId?: unknown): Promise<void> {
  const file = await targetFile(parts, given, 'The changes of which file?');
  if (!file) return;
  const hunk = file.hunks.find(({ id }) => id === hunkId);
  const selection = hunk && new vscode.Range(hunk.start, 0, hunk.start, 0);
  await openReviewDiff(file, parts.bases, { preserveFocus: false, preview: true, ...(selection ? { selection } : {}) });
}

/** Of all threads; of one thread, and one of its turns, when the panel says so. */
export async function openAllChanges({ surfaces: { review }, bases }: Parts, given?: unknown): Promise<void> {
  const { threadId, turnId } = (typeof given === 'object' && given !== null ? given : {}) as Partial<ReviewedFile>;
  const files = review.files.filter(
    (file) =>
      (typeof threadId !== 'string' || file.threadId === threadId) &&
      (typeof turnId !== 'string' || file.turnId === turnId),
  );
  if (files.length === 0) return nothing('Nothing waits for a review.');
  await openReviewDiffs(files, bases);
}
