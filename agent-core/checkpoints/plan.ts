/** What going back to a checkpoint would do to each file, and which files are not as the agent left them. */
import path from 'node:path';
import { realish } from '../execution/real-paths.ts';
import type { CheckpointConflictReason } from '../protocol/index.ts';
import { type Entry, type OnDisk, readDisk, sameEntry } from './entry.ts';
import type { CheckpointLine, LeftFile, RecordedLine } from './records.ts';
import type { Part, Stores } from './store.ts';

export type PlannedRestore = {
  path: string;
  root: string;
  change: 'add' | 'update' | 'delete';
  /** As it shall be; null: it shall not be there. */
  target: Entry | null;
  /** Its bytes; null when it shall not be there, or they are lost. */
  bytes: Buffer | null;
  current: OnDisk;
  conflict: CheckpointConflictReason | null;
};

/** What the agent last left at each path, and whether anybody else changed it in between. (pure) */
export type Left = { after: Entry | null; first: Entry | null; isMixed: boolean };

export function leftSince(lines: readonly RecordedLine[], id: string): Map<string, Left> {
  const from = lines.findIndex((line) => line.type === 'checkpoint' && line.id === id);
  const left = new Map<string, Left>();
  if (from < 0) return left;
  const add = ({ path: file, before, after }: LeftFile): void => {
    const known = left.get(file);
    if (!known) left.set(file, { after, first: before, isMixed: false });
    else left.set(file, { ...known, after, isMixed: known.isMixed || !sameEntry(known.after, before) });
  };
  for (const line of lines.slice(from)) if (line.type === 'left') for (const file of line.files) add(file);
  return left;
}

const isIn = (file: string, root: string): boolean => file.startsWith(root + path.sep);

/** The innermost part that a path belongs to. */
export function partOf(parts: readonly Part[], file: string): Part | null {
  const holding = parts.filter(({ root }) => isIn(file, root));
  return holding.sort((a, b) => b.root.length - a.root.length)[0] ?? null;
}

/** Through no link, and nothing of a repository's own. */
export function isOutside(file: string, root: string): boolean {
  const steps = path.relative(root, file).split(path.sep);
  if (steps.some((step) => /^\.git$/i.test(step) || step === '..')) return true;
  const folder = path.dirname(file);
  return realish(folder) !== folder;
}

export type PlanOptions = {
  stores: Stores;
  maxFileSize: number;
  /** Files whose text in an editor is not the one on the disk. */
  isDirty: (file: string) => boolean;
};

function conflictOf(
  { after, first, isMixed }: Left,
  { target, bytes, current, path: file, root }: Omit<PlannedRestore, 'conflict' | 'change'>,
  { isDirty }: PlanOptions,
): CheckpointConflictReason | null {
  if (isOutside(file, root)) return 'outsideWorkspace';
  if (target !== null && bytes === null) return 'notReadable';
  if (current.type === 'tooLarge') return 'tooLarge';
  if (current.type === 'unreadable') return 'notReadable';
  const now = current.type === 'file' ? current.entry : null;
  const isTheirs = current.type === 'other' || isMixed || !sameEntry(first, target) || !sameEntry(now, after);
  return isTheirs || isDirty(file) ? 'changedByUser' : null;
}

/** By path. Files that are as they were then are left out. Throws `GitError`. */
export async function planRestore(
  lines: readonly RecordedLine[],
  checkpoint: CheckpointLine,
  options: PlanOptions,
): Promise<PlannedRestore[]> {
  const { stores, maxFileSize } = options;
  const { parts, notCovered } = checkpoint;
  const left = leftSince(lines, checkpoint.id);
  const plan: PlannedRestore[] = [];
  const byRoot = new Map<Part, string[]>();
  for (const file of left.keys()) {
    const part = partOf(parts, file);
    if (part) byRoot.set(part, [...(byRoot.get(part) ?? []), file]);
  }
  for (const [part, files] of byRoot) {
    const targets = await stores.entries(part, files);
    for (const [at, file] of files.entries()) {
      const known = left.get(file);
      const target = targets[at] ?? null;
      if (!known) continue;
      const current = await readDisk(file, maxFileSize);
      const now = current.type === 'file' ? current.entry : null;
      if ((current.type === 'file' || current.type === 'none') && sameEntry(now, target)) continue;
      const [bytes = null] = target ? await stores.read(part.root, [target.id]) : [];
      const one = { path: file, root: part.root, target, bytes, current };
      const change = target === null ? 'delete' : current.type === 'none' ? 'add' : 'update';
      // What it was then is not known: it was too large to keep.
      const conflict = notCovered.includes(file) ? 'tooLarge' : conflictOf(known, one, options);
      plan.push({ ...one, change, conflict });
    }
  }
  return plan.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Conflicts that a person may decide against: what they say is lost is theirs to lose. */
export const canOverwrite = ({ conflict, target, bytes, current }: PlannedRestore): boolean =>
  conflict === null ||
  (conflict === 'changedByUser' && current.type !== 'other' && (target === null || bytes !== null));
