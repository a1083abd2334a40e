/** The workspace's text files on disk. Writes go through the same inode, after the same check that holds commands. */
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import type { FileText, FsResult, Reach, TurnSettings, WorkspaceFs } from '../ports.ts';
import { inFolder, makeFolder } from './held-folder.ts';
import { realish } from './real-paths.ts';
import { type Homes, readRefusal, writeRefusal } from './sandbox-settings.ts';
import { type Decoded, decodeText, encodeText, hashText } from './text-format.ts';

const MAX_BYTES = 10 * 1024 * 1024;

export type Failure = Extract<FsResult<never>, { ok: false }>;
type Opened = { handle: FileHandle; bytes: Buffer; decoded: Decoded; hash: string };

const fail = (reason: Failure['reason'], message: string): Failure => ({ ok: false, reason, message });

function systemFailure(file: string, error: unknown, doing: 'read' | 'written' | 'removed'): Failure {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return fail('notFound', `${file} does not exist.`);
    case 'EISDIR':
      return fail('isDirectory', `${file} is a folder, not a file.`);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      if (doing === 'read')
        return fail('forbidden', `${file} cannot be read: the user running Gantry has no right to.`);
      return fail(
        'readOnly',
        `${file} cannot be ${doing}: it or its folder is read-only. Nothing was changed; make it writable (chmod u+w) or choose another place.`,
      );
    case 'EEXIST':
      return fail('conflict', `${file} exists already; read it before changing it.`);
    case 'ENOSPC':
    case 'EDQUOT':
      return fail('io', `${file} cannot be ${doing}: the disk is full. Free some space and try again.`);
    default:
      return fail('io', `${file} cannot be ${doing}: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

const megabytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MB`;

function refuseKind(file: string, info: Stats): Failure | null {
  if (info.isDirectory()) return fail('isDirectory', `${file} is a folder, not a file.`);
  if (!info.isFile()) return fail('binary', `${file} is not a regular file and cannot be edited as text.`);
  if (info.size > MAX_BYTES) {
    return fail(
      'tooLarge',
      `${file} has ${megabytes(info.size)}; files over ${megabytes(MAX_BYTES)} are not edited as text. Read a part of it with a command (head, sed -n, grep) and change it with one (sed -i, a script).`,
    );
  }
  return null;
}

/**
 * Reads through an open file, so that what is checked is what is written. `target` is a real path: what leads elsewhere by
 * now is not opened. The caller closes the handle.
 */
async function openText(file: string, target: string, flags: number): Promise<{ ok: true; opened: Opened } | Failure> {
  return (await inFolder(target, (entry) => openEntry(file, entry, flags))) ?? leadsElsewhere(file);
}

async function openEntry(file: string, target: string, flags: number): Promise<{ ok: true; opened: Opened } | Failure> {
  // A pipe would block the open itself, so its kind is asked first; the open file is then what counts.
  const kind = refuseKind(file, await stat(target));
  if (kind) return kind;
  const handle = await open(target, flags | constants.O_NOFOLLOW);
  try {
    const refused = refuseKind(file, await handle.stat());
    const bytes = refused ? Buffer.alloc(0) : await handle.readFile();
    const decoded = refused ? null : decodeText(bytes);
    if (decoded) return { ok: true, opened: { handle, bytes, decoded, hash: hashText(decoded.text) } };
    await handle.close();
    return (
      refused ??
      fail('binary', `${file} is not UTF-8 text and cannot be edited as text. Use a command to inspect or convert it.`)
    );
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function writeWhole(handle: FileHandle, bytes: Buffer): Promise<void> {
  let offset = 0;
  while (offset < bytes.length)
    offset += (await handle.write(bytes, offset, bytes.length - offset, offset)).bytesWritten;
  await handle.truncate(bytes.length);
}

/** Writes over what is there; a disk that fills up meanwhile leaves `before`, whose room the file has already. */
export async function replaceContent(
  handle: Pick<FileHandle, 'write' | 'truncate'>,
  bytes: Buffer,
  before: Buffer,
): Promise<void> {
  try {
    await writeWhole(handle as FileHandle, bytes);
  } catch (error) {
    await writeWhole(handle as FileHandle, before).catch(() => undefined);
    throw error;
  }
}

/**
 * Whether what is open is what the path leads to now, and that place the one that was checked: a command may put a link
 * in the place of a folder between the check and the open.
 */
async function isStillAt(handle: FileHandle, target: string): Promise<boolean> {
  if (realish(target) !== target) return false;
  const [open, there] = [await handle.stat(), await lstat(target).catch(() => null)];
  // Windows numbers files in ways that do not compare.
  return process.platform === 'win32' || (there?.ino === open.ino && there.dev === open.dev);
}

export const leadsElsewhere = (file: string): Failure =>
  fail('conflict', `${file} was put elsewhere while it was written. Nothing was written; look at its folder.`);

const conflict = (file: string, { decoded, hash }: Opened): Failure => ({
  ...fail('conflict', `${file} has changed since it was read. Nothing was written.`),
  fresh: { text: decoded.text, hash },
});

/** The rules for reading, as a result; null: it may be read. Links are followed. */
export function refuseRead(file: string, settings: Reach | undefined, homes: Homes): Failure | null {
  if (!path.isAbsolute(file)) return fail('forbidden', `${file} is not an absolute path.`);
  const refusal = readRefusal(path.normalize(file), homes, settings);
  return refusal ? fail('forbidden', refusal) : null;
}

/** The rules for writing, as a result; null: it may be written. Both the name and what a link of it leads to count. */
export function refuseWrite(file: string, settings: TurnSettings, homes: Homes): Failure | null {
  if (!path.isAbsolute(file)) return fail('forbidden', `${file} is not an absolute path.`);
  const refusal = writeRefusal(path.normalize(file), settings, homes);
  return refusal ? fail(settings.sandboxPolicy.type === 'readOnly' ? 'readOnly' : 'forbidden', refusal) : null;
}

export function createDiskFs(homes: Homes): WorkspaceFs {
  /** Line ends, mark and mode of the file that a new one takes the place of. */
  const formOf = async (
    file: string | undefined,
    settings: Reach,
  ): Promise<{ decoded: Decoded; mode: number } | null> => {
    if (file === undefined || readRefusal(path.normalize(file), homes, settings)) return null;
    const target = realish(path.normalize(file));
    if (readRefusal(target, homes, settings)) return null;
    const result = await openText(file, target, constants.O_RDONLY).catch(() => null);
    if (!result?.ok) return null;
    const { handle, decoded } = result.opened;
    try {
      return { decoded, mode: (await handle.stat()).mode & 0o777 };
    } finally {
      await handle.close();
    }
  };

  const createText = async (
    file: string,
    target: string,
    text: string,
    like: string | undefined,
    settings: Reach,
  ): Promise<FsResult<FileText>> => {
    const form = await formOf(like, settings);
    if (!(await makeFolder(path.dirname(target)))) return leadsElsewhere(file);
    const made = await inFolder(target, async (entry): Promise<FsResult<FileText>> => {
      const handle = await open(entry, 'wx');
      let isWhole = false;
      try {
        if (!(await isStillAt(handle, target))) return leadsElsewhere(file);
        await writeWhole(handle, encodeText(text, form?.decoded ?? null));
        if (form) await handle.chmod(form.mode);
        isWhole = true;
      } finally {
        await handle.close();
        // Half a file is none.
        if (!isWhole) await unlink(entry).catch(() => undefined);
      }
      return { ok: true, value: { text, hash: hashText(text) } };
    });
    return made ?? leadsElsewhere(file);
  };

  const changeText = async (
    file: string,
    target: string,
    text: string,
    baseHash: string,
  ): Promise<FsResult<FileText>> => {
    const result = await openText(file, target, constants.O_RDWR);
    if (!result.ok) return result;
    const { handle, bytes, decoded, hash } = result.opened;
    try {
      if (hash !== baseHash) return conflict(file, result.opened);
      if (!(await isStillAt(handle, target))) return leadsElsewhere(file);
      if (decoded.text !== text) await replaceContent(handle, encodeText(text, decoded), bytes);
    } finally {
      await handle.close();
    }
    return { ok: true, value: { text, hash: hashText(text) } };
  };

  return {
    async readText(file, settings) {
      const target = path.isAbsolute(file) ? realish(path.normalize(file)) : file;
      const refused = refuseRead(file, settings, homes) ?? refuseRead(target, settings, homes);
      if (refused) return refused;
      try {
        const result = await openText(file, target, constants.O_RDONLY);
        if (!result.ok) return result;
        await result.opened.handle.close();
        return { ok: true, value: { text: result.opened.decoded.text, hash: result.opened.hash } };
      } catch (error) {
        return systemFailure(file, error, 'read');
      }
    },

    async writeText(file, text, baseHash, settings, { like, at } = {}) {
      // Resolved once, and checked as it is: what is written is what was looked at.
      const target = path.isAbsolute(file) ? realish(path.normalize(file)) : file;
      const refused = refuseWrite(file, settings, homes) ?? refuseWrite(target, settings, homes);
      if (refused) return refused;
      if (at && at.target !== target) return leadsElsewhere(file);
      try {
        return await (baseHash === null
          ? createText(file, target, text, like, settings)
          : changeText(file, target, text, baseHash));
      } catch (error) {
        return systemFailure(file, error, 'written');
      }
    },

    async remove(given, baseHash, settings, { at } = {}) {
      const file = path.isAbsolute(given) ? path.normalize(given) : given;
      const [target, folder] = [realish(file), realish(path.dirname(file))];
      // The entry itself: of a link, the link goes and what it points to stays.
      const entry = path.join(folder, path.basename(file));
      const refused =
        refuseWrite(file, settings, homes) ??
        refuseWrite(entry, settings, homes) ??
        refuseWrite(target, settings, homes);
      if (refused) return refused;
      if (at && (at.target !== target || at.folder !== folder)) return leadsElsewhere(file);
      try {
        const result = await openText(file, target, constants.O_RDONLY);
        if (!result.ok) return result;
        await result.opened.handle.close();
        if (result.opened.hash !== baseHash) return conflict(file, result.opened);
        const gone = await inFolder(entry, async (name) => {
          await unlink(name);
          return true;
        });
        return gone ? { ok: true, value: null } : leadsElsewhere(file);
      } catch (error) {
        return systemFailure(file, error, 'removed');
      }
    },
  };
}
