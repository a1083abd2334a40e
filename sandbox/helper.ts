// The Linux helper: where it lies, and whether it is the one that was built from the source beside it.
import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HELPER_HASHES } from './helper-hashes.ts';

export type HelperLookup =
  | { path: string; /** Removes the copy, if one had to be made. */ dispose: () => void }
  | { path: null; reason: string };

/** Where the helper may lie, seen from this module: in the sources, and in a bundle with the binaries copied beside it. */
export function helperFolders(moduleUrl: string = import.meta.url): string[] {
  return ['./helper/bin/', './helper/', '../helper/', '../sandbox/helper/bin/'].map((relative) =>
    fileURLToPath(new URL(relative, moduleUrl)),
  );
}

/**
 * Finds the helper for this machine and checks its SHA-256 before anything runs it. A file that lost its executable bit
 * (out of a zip, or on a noexec mount) is copied to a private temp directory, which `dispose` removes.
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
    if (createHash('sha256').update(bytes).digest('hex') !== expected) {
      altered = path;
      continue;
    }
    return isExecutable(path) ? { path, dispose: () => {} } : privateCopy(path);
  }
  if (altered) {
    return { path: null, reason: `The sandbox helper ${altered} is not the one this version was built with; reinstall.` };
  }
  return { path: null, reason: `The sandbox helper ${name} is missing from the installation; reinstall.` };
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

function privateCopy(path: string): HelperLookup {
  try {
    const dir = mkdtempSync(join(tmpdir(), 'sbx-'));
    const copy = join(dir, 'sbx');
    copyFileSync(path, copy);
    chmodSync(copy, 0o700);
    return { path: copy, dispose: () => rmSync(dir, { recursive: true, force: true }) };
  } catch (error) {
    return { path: null, reason: `The sandbox helper is not executable and could not be copied: ${String(error)}` };
  }
}
