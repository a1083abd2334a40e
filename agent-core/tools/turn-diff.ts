/** What a turn has changed in files, against how each was before the turn first touched it. */
import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import { isWithin } from '../approvals/path-rules.ts';
import { unifiedHunks } from './unified-diff.ts';

export type TurnDiff = {
  /** `path` went from `before` to `after` (null: no such file). `movedFrom` names where the text came from. */
  changed(path: string, before: string | null, after: string | null, movedFrom?: string): void;
  /** Git style, sorted by path; empty when nothing differs any more. */
  text(): string;
};

type Row = { path: string; before: string | null; after: string | null; movedFrom: string | null };

export function createTurnDiff(cwd: string): TurnDiff {
  const rows = new Map<string, Row>();
  let cached: string | null = '';
  return {
    changed(path, before, after, movedFrom) {
      cached = null;
      const row = rows.get(path);
      if (row) row.after = after;
      else rows.set(path, { path, before, after, movedFrom: null });
      const now = rows.get(path);
      if (now && movedFrom !== undefined) now.movedFrom = movedFrom;
    },
    text() {
      cached ??= render(rows, cwd);
      return cached;
    },
  };
}

function render(rows: Map<string, Row>, cwd: string): string {
  const sources = new Set<string>();
  const parts: { path: string; text: string }[] = [];
  for (const row of rows.values()) {
    const source = row.movedFrom === null ? undefined : rows.get(row.movedFrom);
    const moved = row.before === null && row.after !== null && source?.before != null && source.after === null;
    if (!moved || sources.has(source.path)) continue;
    sources.add(source.path);
    parts.push({ path: source.path, text: fileDiff(source.path, source.before, row.path, row.after, cwd) });
    sources.add(row.path);
  }
  for (const row of rows.values()) {
    if (row.before === row.after || sources.has(row.path)) continue;
    parts.push({ path: row.path, text: fileDiff(row.path, row.before, row.path, row.after, cwd) });
  }
  parts.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  return parts.map((part) => part.text).join('');
}

function fileDiff(oldPath: string, before: string | null, newPath: string, after: string | null, cwd: string): string {
  const oldName = shownPath(oldPath, cwd);
  const newName = shownPath(newPath, cwd);
  const mode = before === null ? 'new file mode 100644\n' : after === null ? 'deleted file mode 100644\n' : '';
  const from = before === null ? '/dev/null' : `a/${oldName}`;
  const to = after === null ? '/dev/null' : `b/${newName}`;
  const hunks = unifiedHunks(before ?? '', after ?? '');
  const names = hunks ? `--- ${from}\n+++ ${to}\n` : '';
  return `diff --git a/${oldName} b/${newName}\n${mode}index ${blobId(before)}..${blobId(after)}\n${names}${hunks}`;
}

const shownPath = (path: string, cwd: string) =>
  isWithin(path, cwd) ? relative(cwd, path).replaceAll('\\', '/') : path.replaceAll('\\', '/');

function blobId(text: string | null): string {
  if (text === null) return '0'.repeat(40);
  const bytes = Buffer.from(text, 'utf8');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
