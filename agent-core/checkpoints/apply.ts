/** Puts files back: each whole or not at all, through no link. */
import { chmod, lstat, mkdir, readdir, rename, rm, rmdir, symlink, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readDisk, sameEntry } from './entry.ts';
import { isOutside, type PlannedRestore } from './plan.ts';
import type { LeftFile } from './records.ts';

export type Applied = { done: LeftFile[]; changed: string[]; failed: { path: string; message: string }[] };

async function put({ path: file, target, bytes }: PlannedRestore): Promise<void> {
  if (target === null) return unlink(file);
  if (bytes === null) return;
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.gantry-${process.pid}`;
  try {
    if (target.mode === '120000') await symlink(bytes.toString('utf8'), draft);
    else {
      const before = await lstat(file).catch(() => null);
      await writeFile(draft, bytes, { flag: 'wx' });
      const rights = before?.isFile() ? before.mode & 0o777 : 0o666 & ~process.umask();
      await chmod(draft, target.mode === '100755' ? rights | 0o100 | ((rights >> 2) & 0o011) : rights & ~0o111);
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Folders that are empty now, and were not there when the checkpoint was made. */
async function removeEmpty(folder: string, root: string, madeAtMs: number): Promise<void> {
  for (let at = folder; at.startsWith(root + path.sep); at = path.dirname(at)) {
    const info = await lstat(at).catch(() => null);
    if (!info?.isDirectory() || info.birthtimeMs < madeAtMs) return;
    if ((await readdir(at)).length > 0) return;
    await rmdir(at);
  }
}

/** Writes a file through the editor that may have it open. `conflict`: its text there is another. */
export type EditorWrite = (one: PlannedRestore) => Promise<'written' | 'conflict' | 'useDisk'>;

/** `madeAtMs`: when the checkpoint was made. A file that changed since the plan was made is left alone. */
export async function applyPlan(
  plan: readonly PlannedRestore[],
  madeAtMs: number,
  maxFileSize: number,
  throughEditor: EditorWrite,
): Promise<Applied> {
  const applied: Applied = { done: [], changed: [], failed: [] };
  // What goes makes room for what comes: a file may have become a folder.
  const ordered = [...plan].sort((a, b) => Number(a.target !== null) - Number(b.target !== null));
  for (const one of ordered) {
    const { path: file, root, target, current } = one;
    const now = await readDisk(file, maxFileSize);
    const [was, is] = [current, now].map((found) => (found.type === 'file' ? found.entry : null));
    if (current.type !== now.type || !sameEntry(was ?? null, is ?? null) || isOutside(file, root)) {
      applied.changed.push(file);
      continue;
    }
    try {
      const outcome = await throughEditor(one);
      if (outcome === 'conflict') {
        applied.changed.push(file);
        continue;
      }
      // Line ends and rights are not the editor's to give back.
      const there = outcome === 'written' ? await readDisk(file, maxFileSize) : now;
      if (!sameEntry(there.type === 'file' ? there.entry : null, target)) await put(one);
      if (target === null) await removeEmpty(path.dirname(file), root, madeAtMs);
      applied.done.push({ path: file, before: is ?? null, after: target });
    } catch (error) {
      applied.failed.push({ path: file, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return applied;
}
