/**
 * Summaries of threads in a SQLite file, so that a list does not read ten thousand files. It is a cache of the files and
 * nothing else: whatever is wrong with it, it is thrown away and made anew, and no request fails because of it.
 * Several cores share one file.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Log } from '../ports.ts';
import { parseSummary, type StoredSummary } from './thread-summary.ts';

/** Raised whenever the meaning of a row changes. */
const SCHEMA = 1;
/** Nobody holds the file for longer than it takes to write some rows. */
const BUSY_MS = 300;

export type SummaryCache = {
  /** All that is known. Never throws. */
  load(): StoredSummary[];
  /** Never throws; what cannot be stored is looked up in the files again. */
  save(changed: readonly StoredSummary[], gonePaths: readonly string[]): void;
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

function removeFile(file: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${end}`, { force: true });
}

function openDatabase(module: typeof import('node:sqlite'), file: string): DatabaseSync {
  mkdirSync(path.dirname(file), { recursive: true });
  const database = new module.DatabaseSync(file, { timeout: BUSY_MS });
  try {
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = ${BUSY_MS};`);
    const version = database.prepare('PRAGMA user_version').get()?.user_version;
    if (version !== SCHEMA) {
      database.exec(`BEGIN IMMEDIATE; DROP TABLE IF EXISTS thread;
        CREATE TABLE thread (path TEXT PRIMARY KEY, summary TEXT NOT NULL) WITHOUT ROWID;
        PRAGMA user_version = ${SCHEMA}; COMMIT;`);
    }
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens the file with the first use. */
export function createSummaryCache(file: string, log: Log): SummaryCache {
  let database: DatabaseSync | null = null;
  let isOff = false;

  /** Runs `use`; when the file is broken, once more with a new one. */
  const attempt = <T>(use: (database: DatabaseSync) => T): T | null => {
    for (let tries = 0; tries < 2 && !isOff; tries++) {
      try {
        if (!database) {
          const module = sqlite();
          if (!module) break;
          database = openDatabase(module, file);
        }
        return use(database);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        log('warn', `The index of threads is not usable (${message}); the files are read instead.`);
        close();
        // Locked by another core, or no room: its content may well be right.
        if (/locked|busy|full|readonly|read-only|I\/O/i.test(message)) return null;
        try {
          removeFile(file);
        } catch {
          isOff = true;
        }
      }
    }
    isOff = true;
    return null;
  };

  const close = (): void => {
    try {
      database?.close();
    } catch (error) {
      log('warn', 'The index of threads could not be closed.', error);
    }
    database = null;
  };

  return {
    load: () =>
      attempt((open) => {
        const rows: StoredSummary[] = [];
        for (const { summary } of open.prepare('SELECT summary FROM thread').iterate()) {
          const row = typeof summary === 'string' ? parseSummary(summary) : null;
          if (row) rows.push(row);
        }
        return rows;
      }) ?? [],
    save(changed, gonePaths) {
      if (changed.length === 0 && gonePaths.length === 0) return;
      attempt((open) => {
        open.exec('BEGIN IMMEDIATE');
        try {
          const put = open.prepare('INSERT OR REPLACE INTO thread (path, summary) VALUES (?, ?)');
          for (const row of changed) put.run(row.path, JSON.stringify(row));
          const drop = open.prepare('DELETE FROM thread WHERE path = ?');
          for (const gone of gonePaths) drop.run(gone);
          open.exec('COMMIT');
        } catch (error) {
          if (open.isTransaction) open.exec('ROLLBACK');
          throw error;
        }
      });
    },
    close,
  };
}
