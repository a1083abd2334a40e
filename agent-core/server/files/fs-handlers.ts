/** `fs/*`: the client's own access to the files of this machine, with the rights of whoever started the core. */
import { constants, realpathSync } from 'node:fs';
import { cp, lstat, mkdir, open, readdir, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type PathWatch, watchPath } from '../../execution/watch-path.ts';
import { AgentError } from '../../protocol/index.ts';
import { isSystemError } from '../../threads/system-error.ts';
import type { Connection, Handlers } from '../wire/connection.ts';
import { systemMessage } from '../wire/system-message.ts';

type Methods =
  | 'fs/readFile'
  | 'fs/writeFile'
  | 'fs/createDirectory'
  | 'fs/getMetadata'
  | 'fs/readDirectory'
  | 'fs/remove'
  | 'fs/copy'
  | 'fs/watch'
  | 'fs/unwatch';

/** A bigger file would make a line that few clients can take. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_WATCHES = 1000;
/** As `w`, but a named pipe that nobody reads is an error at once. */
const WRITE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NONBLOCK ?? 0);
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const refuse = (message: string) => new AgentError('invalidRequest', message);

/** The system's refusals, told in its own words. */
async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AgentError || !isSystemError(error)) throw error;
    throw new AgentError('fileSystem', systemMessage(error), { cause: error });
  }
}

function absolute(file: string): string {
  if (file.includes('\0')) throw refuse('a path must not contain a NUL character');
  if (!path.isAbsolute(file)) throw refuse(`path must be absolute: ${file}`);
  return path.normalize(file);
}

async function readWhole(file: string): Promise<Buffer> {
  // Without waiting for the other end of a named pipe.
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw refuse(`path \`${file}\` is not a file`);
    const tooLarge = () =>
      refuse(`\`${file}\` is larger than ${MAX_FILE_BYTES >> 20} MiB and cannot be sent in one message`);
    if (info.size > MAX_FILE_BYTES) throw tooLarge();
    const content = await handle.readFile();
    if (content.length > MAX_FILE_BYTES) throw tooLarge();
    return content;
  } finally {
    await handle.close();
  }
}

const isInside = (folder: string, file: string): boolean => file === folder || file.startsWith(folder + path.sep);

async function copy(source: string, destination: string, recursive: boolean): Promise<void> {
  const info = await lstat(source);
  if (info.isDirectory()) {
    if (!recursive) throw refuse('fs/copy requires recursive: true when sourcePath is a directory');
    const parent = realpathOf(path.dirname(destination));
    if (isInside(realpathSync(source), path.join(parent, path.basename(destination)))) {
      throw refuse('fs/copy cannot copy a directory to itself or one of its descendants');
    }
  }
  await cp(source, destination, { recursive, verbatimSymlinks: true });
}

/** With the links of its deepest part that is there resolved. */
function realpathOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(realpathOf(parent), path.basename(file));
  }
}

async function remove(file: string, recursive: boolean, force: boolean): Promise<void> {
  if (file === path.parse(file).root) throw refuse('the root of the file system cannot be removed');
  if (recursive) return rm(file, { recursive, force });
  const info = await lstat(file).catch((error: unknown) => {
    if (force && isSystemError(error) && error.code === 'ENOENT') return null;
    throw error;
  });
  if (info) await (info.isDirectory() ? rmdir(file) : unlink(file));
}

export function fsHandlers(): Pick<Handlers, Methods> {
  const watches = new WeakMap<Connection, Map<string, PathWatch>>();

  const watchesOf = (connection: Connection): Map<string, PathWatch> => {
    const known = watches.get(connection);
    if (known) return known;
    const mine = new Map<string, PathWatch>();
    watches.set(connection, mine);
    const closeAll = () => {
      for (const watch of mine.values()) watch.close();
      mine.clear();
    };
    connection.peer.closed.addEventListener('abort', closeAll, { once: true });
    return mine;
  };

  return {
    'fs/readFile': (params) =>
      onDisk(async () => ({ dataBase64: (await readWhole(absolute(params.path))).toString('base64') })),

    'fs/writeFile': (params) =>
      onDisk(async () => {
        const file = absolute(params.path);
        if (!BASE64.test(params.dataBase64)) throw refuse('fs/writeFile requires valid base64 dataBase64');
        await writeFile(file, Buffer.from(params.dataBase64, 'base64'), { flag: WRITE });
        return {};
      }),

    'fs/createDirectory': (params) =>
      onDisk(async () => {
        await mkdir(absolute(params.path), { recursive: params.recursive ?? true });
        return {};
      }),

    'fs/getMetadata': (params) =>
      onDisk(async () => {
        const file = absolute(params.path);
        const [own, target] = await Promise.all([lstat(file), stat(file)]);
        return {
          isDirectory: target.isDirectory(),
          isFile: target.isFile(),
          isSymlink: own.isSymbolicLink(),
          createdAtMs: Math.max(0, Math.floor(target.birthtimeMs)),
          modifiedAtMs: Math.max(0, Math.floor(target.mtimeMs)),
        };
      }),

    'fs/readDirectory': (params) =>
      onDisk(async () => {
        const folder = absolute(params.path);
        const entries = await readdir(folder, { withFileTypes: true });
        const described = entries.map(async (entry) => {
          // A link counts as what it leads to; one that leads nowhere is neither.
          const info = entry.isSymbolicLink() ? await stat(path.join(folder, entry.name)).catch(() => null) : entry;
          return { fileName: entry.name, isDirectory: info?.isDirectory() ?? false, isFile: info?.isFile() ?? false };
        });
        return { entries: await Promise.all(described) };
      }),

    'fs/remove': (params) =>
      onDisk(async () => {
        await remove(absolute(params.path), params.recursive ?? true, params.force ?? true);
        return {};
      }),

    'fs/copy': (params) =>
      onDisk(async () => {
        await copy(absolute(params.sourcePath), absolute(params.destinationPath), params.recursive ?? false);
        return {};
      }),

    'fs/watch': (params, { connection }) =>
      onDisk(async () => {
        const { watchId } = params;
        const file = realpathOf(absolute(params.path));
        const mine = watchesOf(connection);
        if (mine.has(watchId)) throw refuse(`watchId already exists: ${watchId}`);
        if (mine.size >= MAX_WATCHES)
          throw refuse(`${MAX_WATCHES} paths are watched already: end some with fs/unwatch`);
        const watch = watchPath(file, (changedPaths) =>
          connection.notify({ method: 'fs/changed', params: { watchId, changedPaths } }),
        );
        mine.set(watchId, watch);
        return { path: file };
      }),

    'fs/unwatch'({ watchId }, { connection }) {
      const mine = watchesOf(connection);
      mine.get(watchId)?.close();
      mine.delete(watchId);
      return {};
    },
  };
}
