/** What was said in threads, in the index's file, so that it is found without reading the threads. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { transaction } from './index-file.ts';
import { fold } from './message-match.ts';
import type { ThreadPlace } from './thread-paths.ts';

/** Letters that the text index knows as one. */
const GRAM = 3;
/** So many of a word are asked for; the rest is looked at in the texts themselves. */
const MOST_GRAMS = 24;

/** Where a message is, or the thread's name, which is said in no turn. */
export type MessageKey = { turnId: string; itemId: string };
export type Message = MessageKey & { text: string };
/** A message of which only the place is known; equal places hold equal texts. */
export type PlacedMessage = MessageKey & { place: number; read: () => { at: number; text: string } | null };

/** A thread, with the number of its row. */
export type Pending = ThreadPlace & { id: number };

/** Contract: throws what SQLite throws. */
export type MessageTable = {
  /** Whether there is a text index here. */
  readonly isUsable: boolean;
  /** Threads of which not all is known yet. */
  pending(archived: boolean): Pending[];
  /** Runs `use` in one transaction, which is cheaper than many. */
  batch(use: () => void): void;
  /**
   * What a thread says now, as it is when its file has that size and time; known messages are not read again. Only in a
   * batch; when a message cannot be read, what reading throws comes out and nothing has changed.
   */
  put(thread: Pending, state: { size: number; mtimeMs: number }, messages: readonly PlacedMessage[]): void;
  forget(id: number): void;
  /** The threads in which one message may hold all words; null: that cannot be told. */
  candidates(words: readonly string[], archived: boolean): Set<string> | null;
  /** Newest first, before them the thread's name. */
  of(path: string): Iterable<Message>;
};

/** Null when no word is long enough to be in the index. */
function expression(words: readonly string[]): string | null {
  const grams = words.flatMap((word) => {
    const letters = [...word];
    const count = Math.min(MOST_GRAMS, letters.length - GRAM + 1);
    return Array.from({ length: Math.max(0, count) }, (_, at) => letters.slice(at, at + GRAM).join(''));
  });
  return grams.length === 0 ? null : [...new Set(grams)].map((gram) => `"${gram.replaceAll('"', '""')}"`).join(' AND ');
}

/** Whether a word is written in one way only. */
const isPlain = (word: string): boolean => word.toUpperCase() === word.toLowerCase();

export function createMessageTable(database: DatabaseSync): MessageTable {
  const prepared = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    const statement = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, statement);
    return statement;
  };
  const isUsable = sql("SELECT 1 FROM sqlite_master WHERE name = 'message_text'").get() !== undefined;

  const drop = (id: number, text: string): void => {
    sql("INSERT INTO message_text (message_text, rowid, text) VALUES ('delete', ?, ?)").run(id, fold(text));
    sql('DELETE FROM message WHERE id = ?').run(id);
  };

  return {
    isUsable,
    pending: (archived) =>
      sql(`SELECT id, path, threadId FROM thread WHERE hasTurn = 1 AND archived = ?
        AND (searchedSize IS NOT size OR searchedMtimeMs IS NOT mtimeMs) ORDER BY recencyAt DESC`)
        .all(archived ? 1 : 0)
        .map(({ id, path, threadId }) => ({
          id: Number(id),
          path: String(path),
          threadId: String(threadId),
          archived,
        })),
    batch: (use) => transaction(database, use),
    put({ id: thread }, { size, mtimeMs }, messages) {
      const known = new Map<string, { id: number; place: unknown }>(
        sql('SELECT id, turnId, itemId, place FROM message WHERE thread = ?')
          .all(thread)
          .map((row) => [`${row.turnId}/${row.itemId}`, { id: Number(row.id), place: row.place }] as const),
      );
      const added: (PlacedMessage & { said: { at: number; text: string } })[] = [];
      for (const message of messages) {
        const key = `${message.turnId}/${message.itemId}`;
        if (known.get(key)?.place === message.place) {
          known.delete(key);
          continue;
        }
        // All is read before anything is written.
        const said = message.read();
        if (said && said.text !== '') added.push({ ...message, said });
      }
      for (const { id } of known.values()) {
        drop(id, String(sql('SELECT text FROM message WHERE id = ?').get(id)?.text ?? ''));
      }
      const insert = sql('INSERT INTO message (thread, turnId, itemId, place, at, text) VALUES (?, ?, ?, ?, ?, ?)');
      const index = sql('INSERT INTO message_text (rowid, text) VALUES (?, ?)');
      for (const { turnId, itemId, place, said } of added) {
        const { lastInsertRowid } = insert.run(thread, turnId, itemId, place, said.at, said.text);
        index.run(lastInsertRowid, fold(said.text));
      }
      sql('UPDATE thread SET searchedSize = ?, searchedMtimeMs = ? WHERE id = ?').run(size, mtimeMs, thread);
    },
    forget(thread) {
      for (const { id, text } of sql('SELECT id, text FROM message WHERE thread = ?').all(thread)) {
        drop(Number(id), String(text));
      }
    },
    candidates(words, archived) {
      const asked = expression(words);
      const of = archived ? 1 : 0;
      const plain = words.find(isPlain);
      const found =
        asked !== null
          ? sql(`SELECT DISTINCT thread.threadId AS found FROM message_text
              JOIN message ON message.id = message_text.rowid JOIN thread ON thread.id = message.thread
              WHERE message_text MATCH ? AND thread.archived = ?`).all(asked, of)
          : plain !== undefined
            ? sql(`SELECT DISTINCT thread.threadId AS found FROM message JOIN thread ON thread.id = message.thread
                WHERE instr(message.text, ?) > 0 AND thread.archived = ?`).all(plain, of)
            : null;
      return found && new Set(found.map((row) => String(row.found)));
    },
    *of(path) {
      const rows = sql(`SELECT turnId, itemId, text FROM message
        WHERE thread = (SELECT id FROM thread WHERE path = ?) ORDER BY turnId = '' DESC, at DESC, id DESC`).all(path);
      for (const { turnId, itemId, text } of rows) {
        yield { turnId: String(turnId), itemId: String(itemId), text: String(text) };
      }
    },
  };
}
