/** The unsaved texts of the editor, as listing and searching see them: in place of what the disk has. */
import { relative, sep } from 'node:path';
import { isWithin } from '../approvals/path-rules.ts';
import { listFiles } from '../search/list-files.ts';
import type { ToolContext } from './tool.ts';

/** `name` is relative to the folder that is looked at, with `/`; '' when that is the file itself. */
export type Buffer = { name: string; path: string; text: string };

/** More are not opened by hand; each costs a process. */
const MOST_SEARCHED = 50;

/** Below `root`, which is a real path. */
export async function buffersBelow(root: string, { fs, settings, realPath }: ToolContext): Promise<Buffer[]> {
  const unsaved = (await fs.buffers?.unsaved(settings)) ?? [];
  const placed = await Promise.all(unsaved.map(async (file) => ({ ...file, real: await realPath(file.path) })));
  return placed
    .filter(({ real }) => isWithin(real, root))
    .map(({ path, text, real }) => ({ name: relative(root, real).replaceAll(sep, '/'), path, text }));
}

/** Those that are on no disk yet. */
export async function newBuffers(buffers: readonly Buffer[], { fs, settings }: ToolContext): Promise<Buffer[]> {
  const isNew = await Promise.all(
    buffers.map(async ({ path }) => {
      const onDisk = await fs.buffers?.onDisk(path, settings);
      return onDisk?.ok === false && onDisk.reason === 'notFound';
    }),
  );
  return buffers.filter((_, index) => isNew[index]);
}

/** Without what git ignores, as on the disk. */
export async function searchableBuffers(
  root: string,
  buffers: readonly Buffer[],
  fits: (name: string) => boolean,
  context: ToolContext,
): Promise<Buffer[]> {
  const itself = buffers.filter(({ name }) => name === '');
  if (itself.length > 0 || buffers.length === 0) return itself;
  const listed = new Set((await newBuffers(buffers, context)).map(({ name }) => name));
  const open = new Set(buffers.map(({ name }) => name));
  await listFiles({
    root,
    env: process.env,
    signal: context.signal,
    onFiles: (files) => {
      for (const file of files) if (open.has(file)) listed.add(file);
    },
  });
  return buffers.filter(({ name }) => listed.has(name) && fits(name)).slice(0, MOST_SEARCHED);
}

/** Flags that keep ripgrep from the older texts on the disk. */
export const withoutBuffers = (buffers: readonly Buffer[]): string[] =>
  buffers.map(({ name }) => `--glob=!/${name.replace(/[*?[\]{}!\\]/g, '\\$&')}`);
