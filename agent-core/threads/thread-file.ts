/**
 * One thread's open file. Lines are appended with a synchronous write each, so that whatever a client was shown is
 * with the operating system by then and survives `kill -9`; a completed turn is also asked onto the disk itself.
 */
import { closeSync, fdatasync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import path from 'node:path';
import { AgentError } from '../protocol/index.ts';
import { lineText, type RolloutLine } from './rollout.ts';
import { isSystemError } from './system-error.ts';
import { lockThread, type ThreadLock } from './thread-lock.ts';

const NEWLINE = 0x0a;

export type ThreadFile = {
  readonly path: string;
  /** Appends a line. Throws `AgentError('storage', …)` when the disk refuses; the file stays readable. */
  append(line: RolloutLine): void;
  /** Whether a file exists yet: one is made with the first turn, so that unused threads leave nothing behind. */
  readonly isOnDisk: boolean;
  /** Gives up the descriptor and the lock. Idempotent. */
  close(): void;
};

export type ThreadFileOptions = { path: string; threadId: string; lockFolder: string; now: () => number };

function storageError(action: string, error: unknown): AgentError {
  const reason = isSystemError(error, 'ENOSPC', 'EDQUOT')
    ? 'the disk is full; free some space and send your message again'
    : isSystemError(error, 'EFBIG')
      ? 'the system lets no file grow further; raise that limit (ulimit -f) and send your message again'
      : isSystemError(error, 'EACCES', 'EPERM', 'EROFS')
        ? 'the folder is not writable; check who owns it'
        : error instanceof Error
          ? error.message
          : String(error);
  return new AgentError('storage', `${action}: ${reason}.`);
}

/** Takes the thread's lock. Throws `AgentError('storage', …)` when another process has it. */
export function takeLock({ threadId, lockFolder, now }: Omit<ThreadFileOptions, 'path'>): ThreadLock {
  let result: ReturnType<typeof lockThread>;
  try {
    result = lockThread(lockFolder, threadId, now());
  } catch (error) {
    throw storageError(`Could not lock thread ${threadId} below ${lockFolder}`, error);
  }
  if (result.ok) return result.lock;
  const { pid } = result.owner;
  throw new AgentError(
    'storage',
    `thread ${threadId} is open in another Gantry (process ${pid}); close it there, or fork the thread to go on with a copy.`,
  );
}

function endsInNewline(fd: number): boolean {
  const { size } = fstatSync(fd);
  const last = Buffer.alloc(1);
  return size === 0 || (readSync(fd, last, 0, 1, size - 1) === 1 && last[0] === NEWLINE);
}

/**
 * A file to append to. A new one keeps its first lines in memory until a turn starts; an existing one is opened at once.
 * `lock` is released by `close`.
 */
export function createThreadFile(options: ThreadFileOptions, lock: ThreadLock, existing: boolean): ThreadFile {
  let fd: number | null = null;
  let isClosed = false;
  let isTorn = false;
  const waiting: RolloutLine[] = [];

  const open = (): number => {
    if (fd !== null) return fd;
    if (!existing) mkdirSync(path.dirname(options.path), { recursive: true });
    fd = openSync(options.path, 'a+', 0o600);
    isTorn = !endsInNewline(fd);
    return fd;
  };

  const write = (line: RolloutLine): void => {
    const target = open();
    // A line that was cut short before stays as it is; the next one begins on its own.
    let bytes = Buffer.from(`${isTorn ? '\n' : ''}${lineText(line)}\n`);
    while (bytes.length > 0) {
      const written = writeSync(target, bytes);
      isTorn = written < bytes.length;
      bytes = bytes.subarray(written);
    }
    // Unawaited: a write error shows with the next append; the operating system has the bytes either way.
    if (line.type === 'turnCompleted') fdatasync(target, () => {});
  };

  return {
    path: options.path,
    get isOnDisk() {
      return existing || fd !== null;
    },
    append(line) {
      if (isClosed) throw new AgentError('storage', `Thread ${options.threadId} is closed; resume it to go on.`);
      if (!existing && fd === null && line.type !== 'turnStarted') {
        waiting.push(line);
        return;
      }
      try {
        while (waiting.length > 0) {
          const first = waiting[0];
          if (first) write(first);
          waiting.shift();
        }
        write(line);
      } catch (error) {
        throw storageError(`Could not write to ${options.path}`, error);
      }
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      if (fd !== null) closeSync(fd);
      lock.release();
    },
  };
}
