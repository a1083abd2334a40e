import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);

export type CachedPackages = {
  /** Where this repository lies. */
  root: string;
  /** The folder's name in the cache; another one for other versions. */
  name: string;
  packages: readonly string[];
  /** More arguments for npm. */
  options?: readonly string[];
  /** Makes what is to be kept, given the folder that npm installed into; returns the folder to keep. */
  prepare: (work: string) => string | Promise<string>;
};

/**
 * The folder of a cache that belongs to this suite alone, filled by npm when it is not there yet.
 * Throws an Error that says what is missing when it cannot be had.
 */
export async function cachedPackages({ root, name, packages, options = [], prepare }: CachedPackages): Promise<string> {
  const cache = path.join(root, 'node_modules/.cache/conformance', name);
  if (existsSync(cache)) return cache;
  mkdirSync(path.dirname(cache), { recursive: true });
  const work = mkdtempSync(path.join(path.dirname(cache), 'install-'));
  try {
    writeFileSync(path.join(work, 'package.json'), '{ "private": true }\n');
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await run(npm, ['install', '--no-audit', '--no-fund', ...options, ...packages], {
      cwd: work,
      shell: process.platform === 'win32',
    });
    renameSync(await prepare(work), cache);
    return cache;
  } catch (error) {
    throw new Error(
      `This suite needs ${packages.join(', ')}: npm must be able to install it, and Node to run it ` +
        `(${error instanceof Error ? error.message : String(error)}).`,
    );
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
