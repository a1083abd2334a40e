/**
 * One core writes a thread's file at a time. A lock is a small file that names its process; the start time tells a
 * process from a later one with the same pid, so that a lock left by a crash never blocks anybody.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { AgentError } from '../protocol/index.ts';
import { isSystemError } from './system-error.ts';

const lockFile = z.object({ pid: z.int(), startTime: z.nullable(z.string()), since: z.int() });
export type LockOwner = z.infer<typeof lockFile>;

export type ThreadLock = { release(): void };
export type LockResult = { ok: true; lock: ThreadLock } | { ok: false; owner: LockOwner };

/** When a process started, in the system's own units; null where that cannot be known, undefined when there is none. */
function startTimeOf(pid: number): string | null | undefined {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // A dead process that its parent never asked for writes no more, though its number stays taken.
      return /^[ZX]$/.test(fields[0] ?? '') ? undefined : (fields[19] ?? null);
    } catch {
      return undefined;
    }
  }
  try {
    process.kill(pid, 0);
    return null;
  } catch (error) {
    return isSystemError(error, 'EPERM') ? null : undefined;
  }
}

function readOwner(file: string): LockOwner | null {
  try {
    return lockFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

function isAlive(owner: LockOwner): boolean {
  const startTime = startTimeOf(owner.pid);
  return startTime !== undefined && (startTime === null || owner.startTime === null || startTime === owner.startTime);
}

/** Takes the lock for `threadId` below `folder`, or says who holds it. Throws what the file system throws. */
export function lockThread(folder: string, threadId: string, now: number): LockResult {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${threadId}.lock`);
  const mine: LockOwner = { pid: process.pid, startTime: startTimeOf(process.pid) ?? null, since: now };
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        // A link is made whole or not at all, so nobody ever reads half a lock.
        linkSync(draft, file);
        return { ok: true, lock: { release: () => releaseLock(file) } };
      } catch (error) {
        if (!isSystemError(error, 'EEXIST') || attempt > 8) throw error;
        const owner = readOwner(file);
        if (owner && isAlive(owner)) return { ok: false, owner };
        dropStale(file, `${draft}.stale`);
      }
    }
  } finally {
    removeIfThere(draft);
  }
}

const WAIT_MS = 2000;

/** Runs `use` while no other core does under the same name. Throws when one holds the lock for seconds. */
export function withLock<T>(folder: string, name: string, now: () => number, use: () => T): T {
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  const until = performance.now() + WAIT_MS;
  for (;;) {
    const result = lockThread(folder, name, now());
    if (result.ok) {
      try {
        return use();
      } finally {
        result.lock.release();
      }
    }
    if (performance.now() > until) {
      throw new AgentError('storage', `Another Gantry (process ${result.owner.pid}) is busy with ${name}; try again.`);
    }
    // Whoever holds it writes one small file.
    Atomics.wait(sleeper, 0, 0, 5);
  }
}

/** Removes a stale lock, and puts it back when another process has taken it in the meantime. */
function dropStale(file: string, aside: string): void {
  try {
    renameSync(file, aside);
    const owner = readOwner(aside);
    if (owner && isAlive(owner)) linkSync(aside, file);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'EEXIST')) throw error;
  }
  removeIfThere(aside);
}

function releaseLock(file: string): void {
  const owner = readOwner(file);
  if (owner?.pid === process.pid) removeIfThere(file);
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
}
