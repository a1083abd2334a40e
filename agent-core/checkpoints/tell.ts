/** Tells what a command changed: into the turn's diff, and to clients that review. */
import { decodeText, hashText } from '../execution/text-format.ts';
import type { Emit } from '../ports.ts';
import { movesAmong } from './attribution.ts';
import type { FileChanged } from './port.ts';
import type { Change, Stores } from './store.ts';

export type TellOptions = {
  stores: Stores;
  threadId: string;
  turnId: string;
  itemId: string | null;
  emit: Emit;
  /** A real path as the user knows it. */
  opened: (file: string) => string;
  /** Adds to the turn's diff; called with nothing once all are in. */
  changed: (file: FileChanged | null) => void;
  notice: (message: string) => void;
};

const MAX_FILES = 500;
const MAX_TEXT = 2 * 1024 * 1024;
/** Files that are in memory at a time. */
const CHUNK = 20;

const UNKNOWN = { before: { text: null, isText: false }, after: { text: null, isText: false } };

type Side = { text: string | null; isText: boolean };

/** Null of what is no text, or too much of it. */
const textOf = (bytes: Buffer | null): string | null =>
  bytes === null || bytes.length > MAX_TEXT ? null : (decodeText(bytes)?.text ?? null);

async function textsOf(stores: Stores, changes: readonly Change[]): Promise<{ before: Side; after: Side }[]> {
  const texts = new Map<string, string | null>();
  for (const root of new Set(changes.map((change) => change.root))) {
    const entries = changes.flatMap((change) => (change.root === root ? [change.before, change.after] : []));
    const ids = [...new Set(entries.flatMap((entry) => (entry && entry.mode !== '120000' ? [entry.id] : [])))];
    for (let at = 0; at < ids.length; at += CHUNK) {
      const some = ids.slice(at, at + CHUNK);
      const read = await stores.read(root, some);
      for (const [index, id] of some.entries()) texts.set(id, textOf(read[index] ?? null));
    }
  }
  const side = (entry: Change['before']): Side => {
    const text = entry === null || entry.mode === '120000' ? null : (texts.get(entry.id) ?? null);
    return { text, isText: entry === null || text !== null };
  };
  return changes.map(({ before, after }) => ({ before: side(before), after: side(after) }));
}

/** Rejects when git refuses. More than some hundred files are told as a number. */
export async function tellChanges(options: TellOptions, changes: readonly Change[]): Promise<void> {
  const { stores, threadId, turnId, itemId, emit, opened, changed, notice } = options;
  if (changes.length > MAX_FILES) {
    notice(
      `The command changed ${changes.length} files: too many to list. The turn's checkpoint holds them as they were before.`,
    );
    return;
  }
  const sides = await textsOf(stores, changes);
  const moves = new Map(movesAmong(changes).map(({ from, to }) => [to, from]));
  changes.forEach(({ path, after: entry }, at) => {
    const { before, after } = sides[at] ?? UNKNOWN;
    const isText = before.isText && after.isText;
    const movedFrom = moves.get(path);
    const shown = opened(path);
    if (isText && before.text !== after.text) {
      changed({
        path: shown,
        before: before.text,
        after: after.text,
        ...(movedFrom === undefined ? {} : { movedFrom: opened(movedFrom) }),
      });
    }
    const oldText = isText ? before.text : null;
    const newHash = entry === null ? null : after.text === null ? entry.id : hashText(after.text);
    const params = { threadId, turnId, itemId, path: shown, source: 'command' as const, oldText, newHash, isText };
    emit({ method: 'fileReview/changed', params });
  });
  changed(null);
}
