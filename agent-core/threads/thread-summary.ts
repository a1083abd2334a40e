/** What a list shows of a thread, taken from its file without parsing more than four of its lines. */
import { readFileSync, statSync } from 'node:fs';
import type { RolloutLine, ThreadLine } from './rollout.ts';
import { rolloutLine } from './rollout.ts';
import { isSystemError } from './system-error.ts';
import { previewOfMessage } from './thread-history.ts';
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

const NEWLINE = 0x0a;

/** The line around `index`, if it is a whole line of a known form. */
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

const first = (bytes: Buffer, type: RolloutLine['type']): RolloutLine | null => {
  const start = `{"type":"${type}"`;
  if (bytes.subarray(0, start.length).toString() === start) return lineAt(bytes, 0);
  const index = bytes.indexOf(`\n${start}`);
  return lineAt(bytes, index < 0 ? -1 : index + 1);
};

const last = (bytes: Buffer, type: RolloutLine['type']): RolloutLine | null => {
  const index = bytes.lastIndexOf(`\n{"type":"${type}"`);
  return lineAt(bytes, index < 0 ? -1 : index + 1);
};

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

function summarize(place: ThreadPlace, mtimeMs: number): ThreadSummary {
  const bytes = readFileSync(place.path);
  const thread = first(bytes, 'thread');
  const meta = thread?.type === 'thread' ? thread : null;
  const settingsLine = last(bytes, 'settings');
  const settings = settingsLine?.type === 'settings' ? settingsLine.settings : undefined;
  const name = last(bytes, 'name');
  const turn = last(bytes, 'turnStarted');
  const created = meta?.at ?? uuidTime(place.threadId);
  return {
    ...place,
    meta,
    name: name?.type === 'name' ? name.name : null,
    preview: firstMessage(bytes),
    hasTurn: turn !== null,
    createdAtMs: created,
    updatedAtMs: Math.floor(mtimeMs),
    recencyAtMs: turn?.at ?? created,
    provider: asText(settings, 'provider') ?? meta?.provider ?? '',
    model: asText(settings, 'model') ?? meta?.model ?? '',
    effort: typeof settings?.effort === 'string' ? settings.effort : null,
  };
}

/** Summaries, remembered for as long as a file's time and size stay. Null for a file that is gone or unreadable. */
export function createSummaries() {
  const known = new Map<string, { mtimeMs: number; size: number; summary: ThreadSummary }>();
  return (place: ThreadPlace): ThreadSummary | null => {
    try {
      const { mtimeMs, size } = statSync(place.path);
      const hit = known.get(place.path);
      if (hit && hit.mtimeMs === mtimeMs && hit.size === size) return hit.summary;
      const summary = summarize(place, mtimeMs);
      known.set(place.path, { mtimeMs, size, summary });
      return summary;
    } catch (error) {
      known.delete(place.path);
      if (isSystemError(error)) return null;
      throw error;
    }
  };
}
