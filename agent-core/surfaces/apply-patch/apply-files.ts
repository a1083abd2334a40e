/** Puts a patch into the files of a folder: worked out as a whole first, so that a patch that fails changes nothing. */
import { lstat, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type PatchOperation, parsePatch } from '../../tools/patch-parser.ts';
import { applyToText } from './apply-text.ts';

export type Applied = { ok: true; summary: string } | { ok: false; problem: string };

type Step = { type: 'write'; file: string; text: string } | { type: 'remove'; file: string };

class Refusal extends Error {}

const refuse = (problem: string): never => {
  throw new Refusal(problem);
};

/** Relative paths start at `cwd`. Never rejects for what a patch or the disk may hold. */
export async function applyPatchToFiles(patch: string, cwd: string): Promise<Applied> {
  const parsed = parsePatch(patch, { exact: true });
  if (!parsed.ok) return { ok: false, problem: `${parsed.problem.charAt(0).toUpperCase()}${parsed.problem.slice(1)}` };
  if (parsed.operations.length === 0) return { ok: false, problem: 'No files were modified.' };
  const disk = createOverlay();
  const steps: Step[] = [];
  try {
    for (const operation of parsed.operations) steps.push(...(await plan(operation, cwd, disk)));
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: `${error.message}\nNothing was changed.` };
    throw error;
  }
  const done: string[] = [];
  for (const step of steps) {
    try {
      await take(step);
      done.push(step.file);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const before = done.length > 0 ? `Changed before that: ${done.join(', ')}` : 'Nothing was changed.';
      return { ok: false, problem: `Failed to ${step.type} ${step.file}: ${why}\n${before}` };
    }
  }
  return { ok: true, summary: summaryOf(parsed.operations) };
}

async function take(step: Step): Promise<void> {
  if (step.type === 'remove') return unlink(step.file);
  await mkdir(path.dirname(step.file), { recursive: true });
  await writeFile(step.file, step.text);
}

async function plan(operation: PatchOperation, cwd: string, disk: Overlay): Promise<Step[]> {
  const file = path.resolve(cwd, operation.path);
  if (operation.type === 'add') {
    await disk.mayWrite(file);
    disk.set(file, operation.text);
    return [{ type: 'write', file, text: operation.text }];
  }
  if (operation.type === 'delete') {
    await disk.mustBeFile(file, 'delete');
    disk.set(file, null);
    return [{ type: 'remove', file }];
  }
  const applied = applyToText(await disk.read(file), operation.hunks, file);
  if (!applied.ok) return refuse(applied.problem);
  const { text } = applied;
  if (operation.movePath === null) {
    disk.set(file, text);
    return [{ type: 'write', file, text }];
  }
  const target = path.resolve(cwd, operation.movePath);
  if (target === file || (await disk.isSame(file, target)))
    return refuse(`Failed to move ${file}: ${target} is the same file, which would be lost.`);
  await disk.mayWrite(target);
  disk.set(target, text);
  disk.set(file, null);
  return [
    { type: 'write', file: target, text },
    { type: 'remove', file },
  ];
}

/** The disk as it will be. */
type Overlay = ReturnType<typeof createOverlay>;

function createOverlay() {
  const texts = new Map<string, string | null>();
  const kindOf = async (file: string): Promise<'file' | 'folder' | 'nothing'> => {
    const planned = texts.get(file);
    if (planned !== undefined && planned !== null) return 'file';
    if ([...texts].some(([other, text]) => text !== null && other.startsWith(file + path.sep))) return 'folder';
    if (planned === null) return 'nothing';
    const info = await lstat(file).catch(() => null);
    return info === null ? 'nothing' : info.isDirectory() ? 'folder' : 'file';
  };
  const mustBeFile = async (file: string, doing: 'read' | 'delete'): Promise<void> => {
    const kind = await kindOf(file);
    if (kind === 'nothing') refuse(`Failed to ${doing} file ${file}: there is no such file`);
    if (kind === 'folder') refuse(`Failed to ${doing} file ${file}: it is a folder`);
  };
  return {
    set: (file: string, text: string | null) => void texts.set(file, text),
    mustBeFile,
    async read(file: string): Promise<string> {
      const planned = texts.get(file);
      if (typeof planned === 'string') return planned;
      await mustBeFile(file, 'read');
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(file));
      } catch (error) {
        return refuse(`Failed to read file ${file}: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    async mayWrite(file: string): Promise<void> {
      if ((await kindOf(file)) === 'folder') refuse(`Failed to write file ${file}: it is a folder`);
      for (let folder = path.dirname(file); folder !== path.dirname(folder); folder = path.dirname(folder)) {
        const kind = await kindOf(folder);
        if (kind === 'folder') return;
        const isLink = kind === 'file' && (await lstat(folder).catch(() => null))?.isSymbolicLink();
        if (kind === 'file' && !isLink) refuse(`Failed to write file ${file}: ${folder} is a file`);
      }
    },
    /** Another name of the same file: what was written would be removed with the old name. */
    async isSame(one: string, other: string): Promise<boolean> {
      const [a, b] = await Promise.all([one, other].map((file) => lstat(file).catch(() => null)));
      return a !== null && b !== null && a?.ino === b?.ino && a?.dev === b?.dev;
    },
  };
}

function summaryOf(operations: readonly PatchOperation[]): string {
  const of = (type: PatchOperation['type'], letter: string) =>
    operations
      .filter((operation) => operation.type === type)
      .map(
        (operation) =>
          `${letter} ${operation.type === 'update' ? (operation.movePath ?? operation.path) : operation.path}`,
      );
  return ['Success. Updated the following files:', ...of('add', 'A'), ...of('update', 'M'), ...of('delete', 'D')].join(
    '\n',
  );
}
