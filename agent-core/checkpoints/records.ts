/**
 * What is known of a thread's checkpoints: a file of lines, in the order in which things happened. A `left` line says what
 * the agent (or a restore) made of files since the checkpoints above it.
 */
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod/mini';

const entry = z.nullable(z.object({ mode: z.enum(['100644', '100755', '120000']), id: z.string() }));
const checkpointLine = z.object({
  type: z.literal('checkpoint'),
  id: z.string(),
  turnId: z.nullable(z.string()),
  /** Milliseconds. */
  at: z.int(),
  label: z.nullable(z.string()),
  parts: z.array(z.object({ root: z.string(), tree: z.string() })),
  notCovered: z.array(z.string()),
});
const leftLine = z.object({
  type: z.literal('left'),
  files: z.array(z.object({ path: z.string(), before: entry, after: entry })),
});
const line = z.discriminatedUnion('type', [checkpointLine, leftLine]);

export type CheckpointLine = z.infer<typeof checkpointLine>;
export type LeftFile = z.infer<typeof leftLine>['files'][number];
export type RecordedLine = z.infer<typeof line>;

export type Records = {
  append(threadId: string, line: RecordedLine): Promise<void>;
  /** Oldest first; a line that was cut short is passed over. */
  read(threadId: string): Promise<RecordedLine[]>;
  threads(): Promise<string[]>;
  /** Checkpoints that are not in `kept` are dropped, with what only they needed. */
  prune(threadId: string, kept: (line: CheckpointLine) => boolean): Promise<void>;
};

function parse(text: string): RecordedLine[] {
  return text.split('\n').flatMap((row) => {
    if (row === '') return [];
    try {
      const parsed = line.safeParse(JSON.parse(row));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}

/** Lines from the first checkpoint that stays. (pure) */
export function pruned(lines: readonly RecordedLine[], kept: (line: CheckpointLine) => boolean): RecordedLine[] {
  const first = lines.findIndex((one) => one.type === 'checkpoint' && kept(one));
  return first < 0 ? [] : lines.slice(first).filter((one) => one.type === 'left' || kept(one));
}

export function createRecords(folder: string): Records {
  const fileOf = (threadId: string): string => path.join(folder, `${threadId}.jsonl`);
  const read = async (threadId: string): Promise<RecordedLine[]> =>
    parse(await readFile(fileOf(threadId), 'utf8').catch(() => ''));
  return {
    async append(threadId, added) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      // A line that was cut short before stays on its own.
      await appendFile(fileOf(threadId), `\n${JSON.stringify(added)}`, { mode: 0o600 });
    },
    read,
    async threads() {
      const names = await readdir(folder).catch(() => [] as string[]);
      return names.flatMap((name) => (name.endsWith('.jsonl') ? [name.slice(0, -'.jsonl'.length)] : []));
    },
    async prune(threadId, kept) {
      const before = await read(threadId);
      const after = pruned(before, kept);
      if (after.length === before.length) return;
      const file = fileOf(threadId);
      if (after.length === 0) return rm(file, { force: true });
      await writeFile(`${file}.new`, after.map((one) => `\n${JSON.stringify(one)}`).join(''), { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
  };
}
