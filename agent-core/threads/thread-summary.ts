/** What a list shows of a thread, taken from its file without parsing more than a few of its lines. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import * as z from 'zod/mini';
import { withLines } from './line-reader.ts';
import { type RolloutLine, rolloutLine, type ThreadLine, threadLine } from './rollout.ts';
import type { ThreadFiles } from './thread-files.ts';
import { loadFacts, previewOfMessage } from './thread-history.ts';
import type { ThreadPlace } from './thread-paths.ts';
import { uuidTime } from './uuid.ts';

export type ThreadSummary = ThreadPlace & {
  meta: ThreadLine | null;
  name: string | null;
  preview: string;
  hasTurn: boolean;
  createdAtMs: number;
  updatedAtMs: number;
  /** When the last turn began. */
  recencyAtMs: number;
  provider: string;
  model: string;
  effort: string | null;
};

/** A summary with what tells whether it is still right. */
export type StoredSummary = ThreadSummary & {
  size: number;
  mtimeMs: number;
  /** Its lines cannot be told one by one: it was reverted, or shares a past. */
  isFolded: boolean;
};

const storedSummary = z.object({
  threadId: z.string(),
  path: z.string(),
  archived: z.boolean(),
  meta: z.nullable(threadLine),
  name: z.nullable(z.string()),
  preview: z.string(),
  hasTurn: z.boolean(),
  createdAtMs: z.number(),
  updatedAtMs: z.number(),
  recencyAtMs: z.number(),
  provider: z.string(),
  model: z.string(),
  effort: z.nullable(z.string()),
  size: z.number(),
  mtimeMs: z.number(),
  isFolded: z.boolean(),
});

/** Null when it is not one. */
export function parseSummary(text: string): StoredSummary | null {
  try {
    const parsed = storedSummary.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

const NEWLINE = 0x0a;

/** The line at `index`, if it is a whole line of a known form. */
function lineAt(bytes: Buffer, index: number): RolloutLine | null {
  if (index < 0) return null;
  const end = bytes.indexOf(NEWLINE, index);
  if (end < 0) return null;
  try {
    const parsed = rolloutLine.safeParse(JSON.parse(bytes.toString('utf8', index, end)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function firstThread(bytes: Buffer): ThreadLine | null {
  const start = '{"type":"thread"';
  const index = bytes.toString('latin1', 0, start.length) === start ? 0 : bytes.indexOf(`\n${start}`) + 1 || -1;
  const line = lineAt(bytes, index);
  return line?.type === 'thread' ? line : null;
}

function last<T extends RolloutLine['type']>(bytes: Buffer, type: T): Extract<RolloutLine, { type: T }> | null {
  const index = bytes.lastIndexOf(`\n{"type":"${type}"`);
  const line = lineAt(bytes, index < 0 ? -1 : index + 1);
  return line?.type === type ? (line as Extract<RolloutLine, { type: T }>) : null;
}

/** The first user message, which is among the first lines of the first turn. */
function firstMessage(bytes: Buffer): string {
  let from = 0;
  for (let tries = 0; tries < 8; tries++) {
    const index = bytes.indexOf('\n{"type":"item"', from);
    if (index < 0) return '';
    const line = lineAt(bytes, index + 1);
    if (line?.type === 'item' && line.item.type === 'userMessage') return previewOfMessage(line.item);
    from = index + 1;
  }
  return '';
}

function asText(settings: { [key: string]: unknown } | undefined, key: 'provider' | 'model'): string | null {
  const model = settings?.model;
  const value = typeof model === 'object' && model !== null ? (model as Record<string, unknown>)[key] : undefined;
  return typeof value === 'string' ? value : null;
}

function readFrom(file: string, from: number): { bytes: Buffer; size: number; mtimeMs: number } {
  const fd = openSync(file, 'r');
  try {
    const { size, mtimeMs } = fstatSync(fd);
    const bytes = Buffer.allocUnsafe(Math.max(0, size - from));
    let held = 0;
    while (held < bytes.length) {
      const count = readSync(fd, bytes, held, bytes.length - held, from + held);
      if (count === 0) break;
      held += count;
    }
    return { bytes: bytes.subarray(0, held), size, mtimeMs };
  } finally {
    closeSync(fd);
  }
}

/** From the view of a thread whose lines do not stand for themselves. */
function fold(place: ThreadPlace, files: ThreadFiles, size: number, mtimeMs: number): StoredSummary {
  const view = files.view(place.path);
  const { meta, name, preview, settings } = withLines(view.files, (reader) => loadFacts(view, reader));
  const created = meta?.at ?? uuidTime(place.threadId);
  return {
    ...place,
    meta,
    name,
    preview,
    hasTurn: view.turns.length > 0,
    createdAtMs: created,
    updatedAtMs: Math.floor(mtimeMs),
    recencyAtMs: Math.max(created, view.turns.at(-1)?.startedAtMs ?? 0),
    provider: settings?.model.provider ?? meta?.provider ?? '',
    model: settings?.model.model ?? meta?.model ?? '',
    effort: settings?.effort ?? null,
    size,
    mtimeMs,
    isFolded: true,
  };
}

/** Of a file that grew since `before`, only what was added is read. Throws what the file system throws. */
export function summarize(place: ThreadPlace, files: ThreadFiles, before: StoredSummary | undefined): StoredSummary {
  const grown = before?.hasTurn && before.preview !== '' && !before.isFolded ? before : null;
  // One byte more, since lines are found by the end of the line before; a last line that was cut is read again too.
  const from = grown ? Math.max(0, grown.size - 1) : 0;
  const { bytes, size, mtimeMs } = readFrom(place.path, from);
  const isCut = grown !== null && bytes[0] !== NEWLINE;
  if (grown && (isCut || size < grown.size)) return summarize(place, files, undefined);
  const meta = grown?.meta ?? firstThread(bytes);
  if (before?.isFolded || meta?.base || bytes.includes('\n{"type":"revert"')) {
    return fold(place, files, size, mtimeMs);
  }
  const settings = last(bytes, 'settings')?.settings;
  const turn = last(bytes, 'turnStarted');
  const git = last(bytes, 'gitInfo');
  const created = meta?.at ?? uuidTime(place.threadId);
  return {
    ...place,
    meta: meta && git ? { ...meta, gitInfo: git.gitInfo } : meta,
    name: (last(bytes, 'name') ?? grown)?.name ?? null,
    preview: grown?.preview ?? firstMessage(bytes),
    hasTurn: grown !== null || turn !== null,
    createdAtMs: created,
    updatedAtMs: Math.floor(mtimeMs),
    recencyAtMs: turn?.at ?? grown?.recencyAtMs ?? created,
    provider: asText(settings, 'provider') ?? grown?.provider ?? meta?.provider ?? '',
    model: asText(settings, 'model') ?? grown?.model ?? meta?.model ?? '',
    effort: settings ? (typeof settings.effort === 'string' ? settings.effort : null) : (grown?.effort ?? null),
    size,
    mtimeMs,
    isFolded: false,
  };
}
