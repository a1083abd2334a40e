// The Linux helper: where it lies, and whether it is the one that was built from the source beside it.
import { createHash } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HELPER_HASHES } from './helper-hashes.ts';

export type HelperLookup = { path: string } | { path: null; reason: string };

/** Where the helper may lie, seen from this module: in the sources, and in a bundle with the binaries copied beside it. */
export function helperFolders(moduleUrl: string = import.meta.url): string[] {
  return ['./helper/bin/', './helper/', '../helper/', '../sandbox/helper/bin/'].map((relative) =>
    fileURLToPath(new URL(relative, moduleUrl)),
  );
}

/**
 * Finds the helper for this machine and checks its SHA-256 before anything runs it. A file that lost its executable bit
 * (out of a zip, or on a noexec mount) is copied to the user's own folder in the temp directory.
 */
export function helperPath(baseDirs: readonly string[] = helperFolders()): HelperLookup {
  const name = `sbx-linux-${process.arch}`;
  const expected = HELPER_HASHES[name];
  if (!expected) return { path: null, reason: `There is no sandbox helper for ${process.platform}-${process.arch}.` };
  let altered: string | null = null;
  for (const dir of baseDirs) {
    const path = join(dir, name);
    const bytes = readIfThere(path);
    if (bytes === null) continue;
    if (sha256(bytes) !== expected) {
      altered = path;
      continue;
    }
    return isExecutable(path) ? { path } : privateCopy(path, expected);
  }
  if (altered) {
    return {
      path: null,
      reason: `The sandbox helper ${altered} is not the one this version was built with; reinstall.`,
    };
  }
  return { path: null, reason: `The sandbox helper ${name} is missing from the installation; reinstall.` };
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

// One copy for each user and version, so that nothing piles up. A folder that someone else prepared is not used.
function privateCopy(path: string, hash: string): HelperLookup {
  const uid = process.getuid?.() ?? 0;
  const fixed = join(tmpdir(), `sbx-helper-${uid}-${hash.slice(0, 16)}`);
  try {
    const dir = ownFolder(fixed, uid) ? fixed : mkdtempSync(join(tmpdir(), 'sbx-helper-'));
    const copy = join(dir, 'sbx');
    const bytes = readIfThere(copy);
    if (bytes === null || sha256(bytes) !== hash || !isExecutable(copy)) {
      // Renamed into place: another process may be starting the old one right now.
      const fresh = `${copy}-${process.pid}`;
      copyFileSync(path, fresh);
      chmodSync(fresh, 0o700);
      renameSync(fresh, copy);
    }
    return { path: copy };
  } catch (error) {
    return { path: null, reason: `The sandbox helper is not executable and could not be copied: ${String(error)}` };
  }
}

function ownFolder(dir: string, uid: number): boolean {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch {
    // It is there already, or cannot be made: the check below tells.
  }
  try {
    const info = lstatSync(dir);
    return info.isDirectory() && info.uid === uid && (info.mode & 0o077) === 0;
  } catch {
    return false;
  }
}
