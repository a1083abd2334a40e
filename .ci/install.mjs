// `npm ci`, only when what is installed is not what package-lock.json says.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { atLeast, root } from './node.mjs';
import { explainNpm, npm } from './process.mjs';

const modules = path.join(root, 'node_modules');
const stampFile = path.join(modules, '.gantry-stamp');
const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

function wantedStamp() {
  const lock = readFileSync(path.join(root, 'package-lock.json'));
  return `${createHash('sha256').update(lock).digest('hex')} ${process.platform}-${process.arch}`;
}

/** True when npm's own record of node_modules holds every package of the lockfile that this platform needs. */
export function matchesLockfile(lock, installed, exists = existsSync) {
  return Object.entries(lock.packages).every(([where, entry]) => {
    if (where === '' || entry.link) return true;
    const found = installed.packages[where];
    if (!found) return Boolean(entry.optional || entry.devOptional || entry.peer);
    return found.version === entry.version && exists(where);
  });
}

/**
 * Brings node_modules to the lockfile's state. Returns true when something was installed.
 * Throws an Error whose message says in one sentence what to do.
 */
export async function install() {
  if (!atLeast(process.versions.node, '20.12.0'))
    throw new Error(
      `Node 20.12 or newer is needed to start (this is ${process.versions.node}): install it from https://nodejs.org, then run this again.`,
    );
  const stamp = wantedStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false;
  try {
    const same = matchesLockfile(
      readJson(path.join(root, 'package-lock.json')),
      readJson(path.join(modules, '.package-lock.json')),
      (where) => existsSync(path.join(root, where)),
    );
    if (same) {
      writeFileSync(stampFile, stamp);
      return false;
    }
  } catch {
    // No record of an installation, or an unreadable one: install.
  }
  const { code, output } = await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    label: 'Installing dependencies (about half a minute the first time)',
    env: { ...process.env, NODE_ENV: '' },
  });
  if (code !== 0) {
    console.error(output.trim());
    throw new Error(explainNpm(output));
  }
  writeFileSync(stampFile, stamp);
  return true;
}

/** For scripts: installs, or prints the reason and exits. */
export async function installOrExit() {
  try {
    return await install();
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (!(await installOrExit())) console.log('Dependencies are up to date.');
}
