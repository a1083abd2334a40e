/** What a file held before a change that another agent made, from the diff of its item and what the window saw. Pure. */
import type { FileUpdateChange } from '../../../agent-core/protocol/index.ts';
import { plain } from '../../host-fs/plain-text.ts';
import { beforeTurn, type TurnFile } from './turn-diff.ts';
import { hunksIn, type UnifiedHunk, withHunks, without } from './unified-hunks.ts';

/** `seen`: when the item began, which may have been too late; undefined when nobody looked. Texts are plain, null: no file. */
export type Looks = {
  seen(path: string): string | null | undefined;
  now(path: string): string | null;
};

/** The turn's word on a file, with what is on the disk as it is; null as long as there is none. */
export type TurnWord = { file: TurnFile | null; raw: string | null } | null;

export type WrittenFile = {
  path: string;
  movedFrom: string | null;
  before: string | null;
  /** With this change alone: the disk may hold later ones on top of it. */
  after: string | null;
  /** Why it cannot be undone; `before` says nothing then. */
  whyNoUndo: string | null;
};

/** `unclear`: only the turn's diff can tell. */
export type Written = readonly WrittenFile[] | 'unclear';

const MISFIT = 'The file has changed since, so that the agent’s change could not be taken out of it again.';
const COVERED = 'What the file held before is not known: the agent may have written over it.';

/** Empty when nothing is left to review: what it made is gone again, or what it deleted is there again. */
export function writtenBy(change: FileUpdateChange, looks: Looks, word: TurnWord): Written {
  const { kind, path } = change;
  const one = { path, movedFrom: null, whyNoUndo: null };
  if (kind.type === 'delete') {
    if (looks.now(path) !== null) return [];
    return [{ ...one, before: plain(change.diff), after: null }];
  }
  if (kind.type === 'update' && kind.move_path) return movedBy(change, kind.move_path, looks, word);
  const after = looks.now(path);
  if (after === null) return [];
  if (kind.type === 'update') return [updated(change, looks.seen(path), after)];
  const before = coveredBy(path, after, looks, word);
  if (before === 'unclear') return before;
  return [{ ...one, ...before, after }];
}

/** Whether a change was made that is told to have failed: the file is not as it was seen, and just so. */
export function hasHappened({ kind, path, diff }: FileUpdateChange, { seen, now }: Looks): boolean {
  const before = seen(path);
  if (before === undefined) return false;
  if (kind.type === 'delete') return before !== null && now(path) === null;
  const after = now((kind.type === 'update' && kind.move_path) || path);
  if (after === null || (after === before && now(path) !== null)) return false;
  if (kind.type === 'add') return after === plain(diff);
  const hunks = hunksOf(diff);
  return hunks !== null && without(after, hunks) === before;
}

function updated({ path, diff }: FileUpdateChange, seen: string | null | undefined, after: string): WrittenFile {
  const one = { path, movedFrom: null, after, whyNoUndo: null };
  const hunks = hunksOf(diff);
  const before = hunks && without(after, hunks);
  if (before !== null) return { ...one, before };
  // Whoever changed it since did so on top of what is known.
  const made = hunks && typeof seen === 'string' ? withHunks(seen, hunks) : null;
  if (typeof seen === 'string' && made !== null) return { ...one, before: seen, after: made };
  return { ...one, before: null, whyNoUndo: MISFIT };
}

function movedBy(change: FileUpdateChange, target: string, looks: Looks, word: TurnWord): Written {
  const after = looks.now(target);
  if (after === null) return [];
  const covered = coveredBy(target, after, looks, word);
  if (covered === 'unclear') return covered;
  const moved = { ...updated(change, looks.seen(change.path), after), path: target };
  const isGone = looks.now(change.path) === null;
  if (covered.before === null && covered.whyNoUndo === null)
    return [isGone ? { ...moved, movedFrom: change.path } : { ...moved, ...covered }];
  // It was moved onto another file: one is gone, and the other has a new text.
  const gone = { ...moved, path: change.path, after: null };
  return [...(isGone ? [gone] : []), { ...moved, ...covered }];
}

type Covered = Pick<WrittenFile, 'before' | 'whyNoUndo'>;

/** What was there when a file was made. Seeing what is there now may mean that the window looked too late. */
function coveredBy(path: string, after: string, { seen }: Looks, word: TurnWord): Covered | 'unclear' {
  const before = seen(path);
  if (before !== undefined && before !== after) return { before, whyNoUndo: null };
  if (word === null) return 'unclear';
  // Nothing was there, or what was moved here.
  if (word.file && word.file.oldPath !== word.file.newPath) return { before: null, whyNoUndo: null };
  const old = word.file ? beforeTurn(word.file, word.raw) : undefined;
  return typeof old === 'string' ? { before: plain(old), whyNoUndo: null } : { before: null, whyNoUndo: COVERED };
}

/** A move alone has none. A byte order mark is no part of plain texts. */
function hunksOf(diff: string): UnifiedHunk[] | null {
  return hunksIn(plain(diff).replace(/^([ +-])\uFEFF/gm, '$1'));
}
