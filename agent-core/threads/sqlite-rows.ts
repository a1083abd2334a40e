/** The summaries of threads in SQLite: a page costs a page, however many threads there are. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { BrokenIndex, transaction } from './index-file.ts';
import { baseOf, type FileState, folderOf, type SummaryRows } from './summary-rows.ts';
import { parseCursor, searchedText, sourceKind, type ThreadQuery } from './thread-list.ts';
import { parseSummary, type StoredSummary } from './thread-summary.ts';

/** Files that are looked at in one go. */
const SLICE = 256;

type Row = Record<string, unknown>;

function summaryOf({ summary }: Row): StoredSummary {
  const row = typeof summary === 'string' ? parseSummary(summary) : null;
  if (!row) throw new BrokenIndex('a row is broken');
  return row;
}

function stateOf({ path, archived, size, mtimeMs }: Row): FileState {
  if (typeof path !== 'string' || typeof size !== 'number' || typeof mtimeMs !== 'number') {
    throw new BrokenIndex('a row is broken');
  }
  return { path, archived: archived === 1, size, mtimeMs };
}

/** SQL after `WHERE`, and what stands for its question marks. */
function conditions(query: ThreadQuery): { sql: string; values: SQLInputValue[] } {
  const parts = ['hasTurn = 1', 'archived = ?'];
  const values: SQLInputValue[] = [query.archived ? 1 : 0];
  const isOneOf = (column: string, allowed: Iterable<string> | null, not = ''): void => {
    if (allowed === null) return;
    parts.push(`${column} ${not} IN (SELECT value FROM json_each(?))`);
    values.push(JSON.stringify([...allowed]));
  };
  const cursor = query.cursor === null ? null : parseCursor(query.cursor);
  if (cursor) {
    parts.push(`(${query.sortKey}, threadId) ${query.ascending ? '>' : '<'}${cursor.includes ? '=' : ''} (?, ?)`);
    values.push(cursor.value, cursor.id);
  }
  isOneOf('cwd', query.cwds);
  isOneOf('provider', query.providers);
  isOneOf('source', query.sources);
  isOneOf('originator', query.originators);
  isOneOf('threadId', query.only);
  if (query.excluded.length > 0) isOneOf('threadId', query.excluded, 'NOT');
  if (query.searchTerm) {
    parts.push('instr(searched, ?) > 0');
    values.push(query.searchTerm.toLowerCase());
  }
  return { sql: parts.join(' AND '), values };
}

const PUT = `INSERT INTO thread (path, folder, threadId, archived, size, mtimeMs, hasTurn, createdAt, updatedAt, recencyAt,
    cwd, provider, source, originator, base, searched, summary)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (path) DO UPDATE SET archived = excluded.archived, size = excluded.size, mtimeMs = excluded.mtimeMs,
    hasTurn = excluded.hasTurn, createdAt = excluded.createdAt, updatedAt = excluded.updatedAt,
    recencyAt = excluded.recencyAt, cwd = excluded.cwd, provider = excluded.provider, source = excluded.source,
    originator = excluded.originator, base = excluded.base, searched = excluded.searched, summary = excluded.summary`;

function put(statement: StatementSync, row: StoredSummary): void {
  statement.run(
    row.path,
    folderOf(row.path),
    row.threadId,
    row.archived ? 1 : 0,
    row.size,
    row.mtimeMs,
    row.hasTurn ? 1 : 0,
    row.createdAtMs,
    row.updatedAtMs,
    row.recencyAtMs,
    row.meta?.cwd ?? '',
    row.provider,
    sourceKind(row.meta?.source),
    row.meta?.originator ?? '',
    baseOf(row),
    searchedText(row),
    JSON.stringify(row),
  );
}

/** `forget` takes what else is kept of a thread, by the number of its row. */
export function createSqliteRows(database: DatabaseSync, forget: (id: number) => void): SummaryRows {
  const prepared = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    const statement = prepared.get(text) ?? database.prepare(text);
    prepared.set(text, statement);
    return statement;
  };

  return {
    get(path) {
      const row = sql('SELECT summary FROM thread WHERE path = ?').get(path);
      return row ? summaryOf(row) : null;
    },
    select(query) {
      const where = conditions(query);
      const direction = query.ascending ? 'ASC' : 'DESC';
      const order = `${query.sortKey} ${direction}, threadId ${direction}`;
      return sql(`SELECT summary FROM thread WHERE ${where.sql} ORDER BY ${order} LIMIT ?`)
        .all(...where.values, Number.isFinite(query.limit) ? query.limit + 1 : -1)
        .map(summaryOf);
    },
    forksOf: (threadId) => sql('SELECT summary FROM thread WHERE base = ?').all(threadId).map(summaryOf),
    filesOf: (threadId) =>
      sql('SELECT path, archived, size, mtimeMs FROM thread WHERE threadId = ?').all(threadId).map(stateOf),
    count: () => Number(sql('SELECT count(*) AS count FROM thread').get()?.count ?? 0),
    after: (path) =>
      sql(`SELECT path, archived, size, mtimeMs FROM thread WHERE path > ? ORDER BY path LIMIT ${SLICE}`)
        .all(path)
        .map(stateOf),
    inFolder(folder) {
      const rows = sql('SELECT path, archived, size, mtimeMs FROM thread WHERE folder = ?').all(folder).map(stateOf);
      return new Map(rows.map((row) => [row.path, row]));
    },
    folders(archived) {
      const rows = sql('SELECT path, mtimeMs FROM folder WHERE archived = ?').all(archived ? 1 : 0);
      return new Map(
        rows.map(({ path, mtimeMs }) => [String(path), typeof mtimeMs === 'number' ? mtimeMs : null] as const),
      );
    },
    save({ rows = [], gone = [], folders = [] }) {
      if (rows.length + gone.length + folders.length === 0) return;
      transaction(database, () => {
        for (const row of rows) put(sql(PUT), row);
        for (const path of gone) {
          const id = sql('DELETE FROM thread WHERE path = ? RETURNING id').get(path)?.id;
          if (typeof id === 'number') forget(id);
        }
        const seen = sql('INSERT OR REPLACE INTO folder (path, archived, mtimeMs) VALUES (?, ?, ?)');
        for (const { path, archived, mtimeMs } of folders) seen.run(path, archived ? 1 : 0, mtimeMs);
      });
    },
  };
}
