/** What a restore asks of the editor that has the thread's files open. */
import type { EditorWrite } from '../../checkpoints/apply.ts';
import { askEditor } from '../../execution/host-line.ts';
import { pathOfUri, textUri } from '../../execution/host-uri.ts';
import { realish } from '../../execution/real-paths.ts';
import { decodeText, hashText } from '../../execution/text-format.ts';
import type { Log } from '../../ports.ts';
import type { LiveThread } from '../threads/live-thread.ts';

const DIRTY_WAIT_MS = 2_000;
const WRITE_WAIT_MS = 10_000;

/** Files that it holds unsaved, by real path. */
export async function dirtyFiles(thread: LiveThread, log: Log): Promise<Set<string>> {
  const limits = { limitMs: DIRTY_WAIT_MS };
  const answer = await askEditor(thread.editorLine, 'host/fs/dirty', { threadId: thread.id }, limits);
  if (answer.type === 'refused') log('warn', 'the editor did not say which files are unsaved', answer.failure);
  const rows = answer.type === 'answered' ? answer.value.data : [];
  return new Set(rows.flatMap(({ uri }) => pathOfUri(uri) ?? []).map(realish));
}

/**
 * Text goes through the editor, so that what is open is changed in place and can be undone there. The user decided on it:
 * no review arises from it.
 */
export function restoreThrough(thread: LiveThread, turnId: string): EditorWrite {
  const origin = { threadId: thread.id, turnId, itemId: 'restore', decided: true };
  return async ({ path: file, target, bytes, current, conflict }) => {
    const line = thread.editorLine;
    const isPlain = target?.mode !== '120000' && (current.type !== 'file' || current.entry.mode !== '120000');
    // The text of an unsaved file is not the one that was looked at.
    if (line === null || !isPlain || conflict !== null) return 'useDisk';
    const now = current.type === 'file' ? decodeText(current.bytes)?.text : null;
    const then = bytes === null ? null : decodeText(bytes)?.text;
    if (now === undefined || then === undefined || (now === null && then === null)) return 'useDisk';
    const uri = textUri(file, thread.settings);
    const limits = { limitMs: WRITE_WAIT_MS };
    const answer =
      then === null
        ? await askEditor(line, 'host/fs/delete', { uri, baseHash: hashText(now ?? ''), origin }, limits)
        : now === null
          ? await askEditor(line, 'host/fs/create', { uri, text: then, origin }, limits)
          : await askEditor(line, 'host/fs/write', { uri, baseHash: hashText(now), text: then, origin }, limits);
    if (answer.type !== 'answered') return 'useDisk';
    return 'conflict' in answer.value ? 'conflict' : 'written';
  };
}
