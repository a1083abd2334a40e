/**
 * The SQLite file with what is known of threads. It is made of the threads' files and nothing else: whatever is wrong
 * with it, it is thrown away and made anew, and no request fails because of it. Several cores share it.
 */
import { closeSync, existsSync, mkdirSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Log } from '../ports.ts';

/** Raised whenever the meaning of a table changes. */
const SCHEMA = 2;
/** Nobody holds the file for longer than it takes to write some rows. */
const BUSY_MS = 300;

/** What a list filters by stands in each index, so that only the rows of the page are read. */
const orderedBy = (key: string): string =>
  `CREATE INDEX by_${key} ON thread (archived, ${key}, threadId, cwd, provider, source, originator) WHERE hasTurn = 1;`;

const TABLES = `
  CREATE TABLE thread (
    id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, folder TEXT NOT NULL, threadId TEXT NOT NULL,
    archived INTEGER NOT NULL, size INTEGER NOT NULL, mtimeMs REAL NOT NULL,
    searchedSize INTEGER, searchedMtimeMs REAL, hasTurn INTEGER NOT NULL,
    createdAt INTEGER NOT NULL, updatedAt INTEGER NOT NULL, recencyAt INTEGER NOT NULL,
    cwd TEXT NOT NULL, provider TEXT NOT NULL, source TEXT NOT NULL, originator TEXT NOT NULL, base TEXT,
    searched TEXT NOT NULL, summary TEXT NOT NULL);
  ${['createdAt', 'updatedAt', 'recencyAt'].map(orderedBy).join('\n')}
  CREATE INDEX by_id ON thread (threadId);
  CREATE INDEX by_folder ON thread (folder);
  CREATE INDEX by_base ON thread (base) WHERE base IS NOT NULL;
  CREATE TABLE folder (path TEXT PRIMARY KEY, archived INTEGER NOT NULL, mtimeMs REAL) WITHOUT ROWID;
  CREATE TABLE message (
    id INTEGER PRIMARY KEY, thread INTEGER NOT NULL, turnId TEXT NOT NULL, itemId TEXT NOT NULL,
    place INTEGER NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL, UNIQUE (thread, turnId, itemId));`;

/**
 * Three letters at a time, so that any part of a word is found in any script. It keeps neither texts nor where in them;
 * what is deleted is not left in it.
 */
const TEXTS = `
  CREATE VIRTUAL TABLE message_text USING fts5
    (text, content = '', detail = 'none', columnsize = 0, tokenize = 'trigram');
  INSERT INTO message_text (message_text, rank) VALUES ('secure-delete', 1);`;

/** A row is not what was written. */
export class BrokenIndex extends Error {}

export type IndexFile = {
  /** Null when the file cannot be used now. Throws what `use` throws for reasons of its own. */
  attempt<T>(use: (database: DatabaseSync) => T): { value: T } | null;
  /** False until some core has made it. */
  isThere(): boolean;
  /** Best effort: what was deleted also leaves the log of changes. */
  shred(): void;
  close(): void;
};

/** Null where the runtime has none. Its word that it is experimental is kept from stderr, which clients show. */
function sqlite(): typeof import('node:sqlite') | null {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule?.('node:sqlite') ?? null;
  } catch {
    return null;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** What a table of its own version may be called by another version, too. */
function dropAll(database: DatabaseSync): void {
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    .all();
  // The text index first: its own tables go with it.
  const names = tables
    .map(({ name }) => String(name))
    .sort((a, b) => Number(b === 'message_text') - Number(a === 'message_text'));
  for (const name of names) database.exec(`DROP TABLE IF EXISTS "${name.replaceAll('"', '""')}"`);
}

function makeTables(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE');
  // Another core may have been first.
  if (versionOf(database) !== SCHEMA) {
    dropAll(database);
    database.exec(TABLES);
    try {
      database.exec(TEXTS);
    } catch {
      // This SQLite has no text index; messages are looked for in the files.
      database.exec('DROP TABLE IF EXISTS message_text');
    }
    database.exec(`PRAGMA user_version = ${SCHEMA}`);
  }
  database.exec('COMMIT');
}

const versionOf = (database: DatabaseSync): unknown => database.prepare('PRAGMA user_version').get()?.user_version;

function openDatabase(module: typeof import('node:sqlite'), file: string): DatabaseSync {
  mkdirSync(path.dirname(file), { recursive: true });
  // What was said stands in it: nobody else reads it.
  closeSync(openSync(file, 'a', 0o600));
  const database = new module.DatabaseSync(file, { timeout: BUSY_MS });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;`);
    if (versionOf(database) !== SCHEMA) makeTables(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Whether the index is to blame, not a thread's file. */
export const isIndexError = (error: unknown): boolean =>
  error instanceof BrokenIndex || (error instanceof Error && 'code' in error && error.code === 'ERR_SQLITE_ERROR');

/** Opens the file with the first use. */
export function createIndexFile(file: string, log: Log): IndexFile {
  let database: DatabaseSync | null = null;
  let isOff = false;

  const close = (): void => {
    try {
      database?.close();
    } catch (error) {
      log('warn', 'The index of threads could not be closed.', error);
    }
    database = null;
  };

  /** Whether another try with a new file makes sense. */
  const isGivenUp = (error: unknown): boolean => {
    const message = error instanceof Error ? error.message : String(error);
    log('warn', `The index of threads is not usable (${message}); the files are read instead.`);
    close();
    // Locked by another core, or no room: its content may well be right.
    if (/locked|busy|full|readonly|read-only|I\/O/i.test(message)) return true;
    try {
      for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${end}`, { force: true });
    } catch {
      isOff = true;
    }
    return isOff;
  };

  const opened = (): DatabaseSync | null => {
    if (database) return database;
    const module = sqlite();
    if (module) database = openDatabase(module, file);
    else isOff = true;
    return database;
  };

  return {
    attempt(use) {
      for (let tries = 0; tries < 2 && !isOff; tries++) {
        let open: DatabaseSync | null;
        try {
          open = opened();
        } catch (error) {
          if (isGivenUp(error)) return null;
          continue;
        }
        if (!open) return null;
        try {
          return { value: use(open) };
        } catch (error) {
          if (!isIndexError(error)) throw error;
          if (isGivenUp(error)) return null;
        }
      }
      isOff = true;
      return null;
    },
    isThere: () => database !== null || existsSync(file),
    shred() {
      try {
        database?.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      } catch (error) {
        log('warn', 'The log of the index of threads could not be emptied.', error);
      }
    },
    close,
  };
}

/** Runs `use` in a transaction. Throws what it throws, with nothing changed. */
export function transaction<T>(database: DatabaseSync, use: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = use();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
