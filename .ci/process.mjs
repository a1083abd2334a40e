// Child processes for the scripts: shown progress, bounded time, and never one left behind.
import { spawn } from 'node:child_process';
import { root } from './node.mjs';

const children = new Set();
const posix = process.platform !== 'win32';

/** Ends a child and everything it started. */
export function killTree(child, signal = 'SIGTERM') {
  if (child.pid === undefined) return;
  try {
    if (posix) process.kill(-child.pid, signal);
    else spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
  } catch {
    child.kill(signal);
  }
}

/** What Ctrl+C comes to: `signal` is set once it came; a script that ends well by it sets `exitCode` to 0. */
export const interruption = { signal: undefined, exitCode: undefined };

let guarded = false;
function guard() {
  if (guarded) return;
  guarded = true;
  process.on('exit', () => {
    for (const child of children) killTree(child, 'SIGKILL');
  });
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ]) {
    process.on(signal, () => {
      for (const child of children) killTree(child, signal);
      interruption.signal = signal;
      setTimeout(() => process.exit(interruption.exitCode ?? code), 300);
    });
  }
}

/** Like `spawn`, in a process group of its own that ends with this process. */
export function start(command, args, options = {}) {
  guard();
  const child = spawn(command, args, { cwd: root, detached: posix, ...options });
  children.add(child);
  child.once('exit', () => children.delete(child));
  child.once('error', () => children.delete(child));
  return child;
}

export const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/**
 * Runs a command to its end and returns `{ code, output, timedOut }`; it never throws (a command that cannot start has code 127).
 * `label`: prints "label …", a sign of life every ten seconds and the time at the end; the output is then only kept.
 * `echo`: passes the output through as it comes. `timeoutMs`: kills the whole group after that time.
 */
export async function run(command, args, { label, echo = false, timeoutMs, ...options } = {}) {
  const since = Date.now();
  if (label) console.log(`${label} …`);
  const child = start(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const beat = label && setInterval(() => console.log(`  … still at it after ${seconds(since)}`), 10_000);
  let output = '';
  let timedOut = false;
  const limit =
    timeoutMs &&
    setTimeout(() => {
      timedOut = true;
      killTree(child, 'SIGKILL');
    }, timeoutMs);
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ]) {
    from?.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (echo) to.write(text);
    });
  }
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += `${error.message}\n`;
      resolve(127);
    });
    // 'close' would wait for grandchildren that keep the pipes; 'exit' plus a moment for the last bytes does not.
    child.once('close', (exit, signal) => resolve(exit ?? (signal ? 1 : 0)));
    child.once('exit', (exit, signal) => setTimeout(() => resolve(exit ?? (signal ? 1 : 0)), 2_000).unref());
  });
  clearInterval(beat);
  clearTimeout(limit);
  if (label)
    console.log(
      `  ${code === 0 ? 'done' : timedOut ? 'ran out of time' : `failed (exit ${code})`} after ${seconds(since)}`,
    );
  return { code, output, timedOut };
}

/** The npm that started us, else the one on the PATH, as `[command, leading args, spawn options]`. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.[cm]?js$/.test(cli)) return [process.execPath, [cli], {}];
  return posix ? ['npm', [], {}] : ['npm.cmd', [], { shell: true }];
}

/** An environment without what an outer `npm run` says in it about its own package. */
export function withoutNpm(env) {
  const about = /^npm_(package|lifecycle|command|node_execpath|config_(local_prefix|prefix|global_prefix))|^INIT_CWD$/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !about.test(name)));
}

/** Runs npm with `args`; what an outer `npm run` put into the environment about its own package is left out. */
export function npm(args, { env = process.env, ...options } = {}) {
  const [command, leading, extra] = npmCommand();
  return run(command, [...leading, ...args], { env: withoutNpm(env), ...extra, ...options });
}

/** One sentence that says what to do about a failed npm run, from what it printed. */
export function explainNpm(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network/i.test(output))
    return 'The npm registry could not be reached: check the network (or `npm config get registry` and the proxy), then run this again.';
  if (/EBADENGINE|Unsupported engine/i.test(output))
    return `This Node (${process.versions.node}) or npm is too old: install Node 20.19 or newer, then run this again.`;
  if (/ENOSPC/.test(output)) return 'The disk is full: free about 1 GB, then run this again.';
  if (/EACCES|EPERM/.test(output))
    return 'npm may not write here: check who owns the folder and ~/.npm, then run this again.';
  if (/ENOENT.*\bgit\b|spawn git/i.test(output)) return 'git was not found: install it, then run this again.';
  if (/can only install packages when|npm ci.*in sync|EUSAGE/.test(output))
    return 'package.json and package-lock.json do not agree: run `npm install` and commit both.';
  if (/ENOENT/.test(output) && /npm/.test(output))
    return 'npm was not found: install Node with npm, then run this again.';
  return 'npm failed; its own words are above.';
}
