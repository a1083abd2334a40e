// Starting a command under a policy, and ending it with everything that it started.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Server } from 'node:net';
import { release, tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import type { Duplex, Readable, Writable } from 'node:stream';
import { helperPath } from './helper.ts';
import { createMessages, type SandboxExit } from './helper-messages.ts';
import { CHANNEL, mustCount, type ProxyPlace, planLinux, proxyPlace } from './linux.ts';
import { policyFault, type SandboxPolicy } from './policy.ts';
import { endTree, RUN_MARK } from './processes.ts';
import { type BlockedHost, createProxy, type ProxyOptions } from './proxy.ts';
import { proxyEnv } from './proxy-env.ts';
import type { SandboxReport } from './report.ts';
import { SANDBOX_EXEC, seatbeltProfile } from './seatbelt.ts';
import { type OpenTerminal, sizeFault, startInTerminal, type TerminalSize } from './terminal.ts';

/** How long the output of a command that has ended is waited for. */
const OUTPUT_GRACE_MS = 1000;

/** A command that asks for things without end is not remembered without end. */
const MOST_BLOCKED = 1000;

type StdioChoice = 'pipe' | 'ignore' | 'inherit' | number;

export type SpawnSpec = {
  /** The program (looked up in `env.PATH`) and its arguments. */
  argv: readonly string[];
  cwd: string;
  /** The whole environment; nothing is added but TMPDIR, TMP and TEMP in a sandbox. See `scrubEnv`. */
  env: Readonly<Record<string, string>>;
  policy: SandboxPolicy;
  /** From `detect`. Level `none` is refused unless the policy is unconfined. */
  report: SandboxReport;
  /**
   * A terminal of its own: stdin and stdout are then its two directions, whatever `stdio` says, and stderr is null. On
   * Linux the helper provides it, confined or not; elsewhere it needs `openTerminal`.
   */
  terminal?: TerminalSize;
  /** What opens a terminal where the helper does not. */
  openTerminal?: OpenTerminal;
  /** stdin is `ignore` by default, stdout and stderr are `pipe`. */
  stdio?: { stdin?: StdioChoice; stdout?: StdioChoice; stderr?: StdioChoice };
  /** Aborting is `kill()`. */
  signal?: AbortSignal;
  /** With a list of hosts as the policy's network: who is asked about others, and how names are looked up. */
  hosts?: Pick<ProxyOptions, 'onUnknown' | 'resolve' | 'dial'>;
  /** Told of what is added to `SandboxedProcess.blocked`. */
  onBlocked?: (blocked: Blocked) => void;
  /**
   * Leaves the command in the caller's process group, at the caller's terminal, and kills it only when told to: for a
   * caller that hands its own streams on.
   */
  foreground?: boolean;
};

export type SandboxedProcess = {
  /** The helper's or the command's process; undefined if it could not be started. */
  pid: number | undefined;
  stdin: Writable | null;
  stdout: Readable | null;
  stderr: Readable | null;
  /**
   * Resolves once the command has ended, its output streams have ended too, and nothing that it started is left. Never
   * rejects. Output must be read (or `resume()`d), else it never resolves.
   */
  exited: Promise<SandboxExit>;
  /** What the proxy and the broker have refused so far. What the kernel refuses by itself is not among it. */
  blocked: readonly Blocked[];
  /** Sends a signal to the command's process group, as Ctrl+C would. In a sandbox, what still runs a second later is killed. */
  interrupt(signal?: NodeJS.Signals): void;
  /** Tells the command that its terminal has another size; false if it has none or has ended. */
  resize(size: TerminalSize): boolean;
  /** Kills the command and everything that it started; resolves when they are gone. May be called at any time, repeatedly. */
  kill(): Promise<void>;
};

/** Something that was refused for certain: a host, or a path that was to be written or connected to. */
export type Blocked = ({ type: 'host' } & BlockedHost) | { type: 'write' | 'socket'; path: string };

/** Thrown by `spawnSandboxed` for a call that must not happen: no sandbox, or a policy that cannot be meant. */
export class SandboxUseError extends Error {
  override readonly name = 'SandboxUseError';
}

/**
 * Starts a command under a policy. It is never run with less than the report promises: if the sandbox cannot be set up,
 * nothing runs and `exited` says so. Throws `SandboxUseError` if the report's level is `none` and the policy is not
 * unconfined, or if the policy is not well-formed.
 */
export function spawnSandboxed(spec: SpawnSpec): SandboxedProcess {
  const fault =
    policyFault(spec.policy) ??
    (spec.argv.length === 0 ? 'There is no command to run' : null) ??
    (spec.terminal ? sizeFault(spec.terminal) : null);
  if (fault) throw new SandboxUseError(fault);
  if (spec.policy.unconfined) {
    if (!spec.terminal) return watchTree(spec, spec.argv, {}, () => {});
    if (process.platform === 'linux') return spawnOpenTerminal(spec, spec.terminal);
    return spawnForeignTerminal(spec, spec.argv, {}, () => {});
  }
  switch (spec.report.level) {
    case 'namespaces':
    case 'landlock':
      return spawnLinux(spec, spec.report.level);
    case 'seatbelt':
      return spawnSeatbelt(spec);
    case 'none':
      throw new SandboxUseError(
        `There is no sandbox on this machine, so only an approved command may run, and without one. ${spec.report.reason ?? ''}`,
      );
  }
}

function stdio(spec: SpawnSpec): [StdioChoice, StdioChoice, StdioChoice] {
  return [spec.stdio?.stdin ?? 'ignore', spec.stdio?.stdout ?? 'pipe', spec.stdio?.stderr ?? 'pipe'];
}

/** The caller's own directory, or one for this command alone. */
function temporary(given: string | null): { dir: string; remove: () => void } {
  if (given !== null) return { dir: given, remove: () => {} };
  const dir = mkdtempSync(join(tmpdir(), 'sbx-'));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }) };
}

const tempVariables = (dir: string): Record<string, string> => ({ TMPDIR: dir, TMP: dir, TEMP: dir });

function spawnLinux(spec: SpawnSpec, level: 'namespaces' | 'landlock'): SandboxedProcess {
  const { helper } = spec.report;
  if (!helper) throw new SandboxUseError('The sandbox report names no helper; use the one that detect() returned');
  const ownTmp = level === 'namespaces' && spec.policy.privateTemp[0];
  const temp = ownTmp ? { dir: ownTmp, remove: () => {} } : temporary(spec.policy.tempFrom);
  const proxy = proxyPlace(spec.policy, spec.report);
  const plan = planLinux({
    proxy,
    counted: mustCount(spec.report, { isRoot: process.getuid?.() === 0, release: release() }),
    policy: spec.policy,
    report: spec.report,
    argv: spec.argv,
    cwd: spec.cwd,
    temp: ownTmp ? null : temp.dir,
    architecture: process.arch === 'arm64' ? 'arm64' : 'x64',
  });
  const env = { ...spec.env, ...tempVariables(temp.dir), ...(proxy ? proxyEnv(proxy) : {}) };
  const args = [
    ...(spec.terminal ? ['--terminal', inWords(spec.terminal)] : []),
    ...(spec.foreground ? ['--patient'] : []),
    ...plan.args,
  ];
  return startHelper(spec, { helper, args, filter: plan.filter, env, proxy, cleanUp: temp.remove });
}

/** Not confined; the helper is there for the terminal, and to leave nothing running. */
function spawnOpenTerminal(spec: SpawnSpec, size: TerminalSize): SandboxedProcess {
  const found = spec.report.helper === null ? helperPath() : { path: spec.report.helper };
  if (found.path === null) throw new SandboxUseError(`There is no terminal for commands here. ${found.reason}`);
  const args = [
    '--level',
    '0',
    '--channel',
    String(CHANNEL),
    '--cwd',
    spec.cwd,
    '--terminal',
    inWords(size),
    '--',
    ...spec.argv,
  ];
  return startHelper(spec, {
    helper: found.path,
    args,
    filter: null,
    env: { ...spec.env },
    proxy: null,
    cleanUp: () => {},
  });
}

const inWords = ({ columns, rows }: TerminalSize): string => `${columns}x${rows}`;

type HelperCall = {
  helper: string;
  args: string[];
  filter: Buffer | null;
  env: Record<string, string>;
  proxy: ProxyPlace | null;
  cleanUp: () => void;
};

function startHelper(spec: SpawnSpec, { helper, args, filter, env, proxy, cleanUp }: HelperCall): SandboxedProcess {
  const streams = spec.terminal ? (['pipe', 'pipe', 'ignore'] as const) : stdio(spec);
  const child = spawn(helper, args, {
    cwd: '/',
    env,
    stdio: proxy ? [...streams, 'pipe', 'ipc'] : [...streams, 'pipe'],
    // The user's Ctrl+C is for the agent, which decides what to end.
    detached: !spec.foreground,
  });
  const channel = child.stdio[CHANNEL] as Duplex | null | undefined;
  const blocked: Blocked[] = [];
  const tell = (one: Blocked): void => {
    if (blocked.length < MOST_BLOCKED) blocked.push(one);
    spec.onBlocked?.(one);
  };
  if (proxy) serveProxy(spec, child, tell);
  const messages = createMessages((line) => {
    const found = /^blocked (write|socket) (.+)$/.exec(line);
    if (found) tell({ type: found[1] === 'socket' ? 'socket' : 'write', path: found[2] ?? '' });
  });
  channel?.on('error', () => {}); // a helper that refuses its arguments is gone before it reads
  channel?.on('data', messages.push);
  if (filter) channel?.write(filter);

  const closed = whenClosed(child, cleanUp);
  const exited = closed.then(({ code, error }) => messages.exit(code, error));
  // The helper kills everything as soon as its channel ends; its own death is the last resort.
  const kill = async (): Promise<void> => {
    channel?.end();
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
    await closed;
    clearTimeout(timer);
  };
  const resize = (size: TerminalSize): boolean => {
    if (
      !spec.terminal ||
      sizeFault(size) !== null ||
      !channel?.writable ||
      child.exitCode !== null ||
      child.signalCode !== null
    )
      return false;
    channel.write(`size ${inWords(size)}\n`);
    return true;
  };
  return { ...handle(spec, child, { exited, kill, resize, send: (signal) => child.kill(signal) }), blocked };
}

/** The helper sends the socket that it made in the command's network; what comes to it is served here. */
function serveProxy(spec: SpawnSpec, child: ChildProcess, tell: (blocked: Blocked) => void): void {
  const { network } = spec.policy;
  if (typeof network === 'string') return;
  const proxy = createProxy({
    list: network,
    ...spec.hosts,
    isShared: spec.report.level === 'landlock',
    onBlocked: (one) => tell({ type: 'host', ...one }),
  });
  child.on('error', () => {}); // the helper does not read what Node answers
  child.once('message', (_message, server) => {
    if (!(server instanceof Server)) return;
    server.on('connection', (socket) => proxy.accept(socket));
    child.once('exit', () => {
      server.close();
      proxy.close();
    });
    if (child.exitCode !== null || child.signalCode !== null) server.close();
  });
}

function spawnSeatbelt(spec: SpawnSpec): SandboxedProcess {
  const temp = temporary(spec.policy.tempFrom);
  const argv = [SANDBOX_EXEC, '-p', seatbeltProfile(spec.policy, temp.dir), ...spec.argv];
  const start = spec.terminal ? spawnForeignTerminal : watchTree;
  return start(spec, argv, tempVariables(temp.dir), temp.remove);
}

// Without a helper: a process group, its descendants, and what carries the mark.
function watchTree(
  spec: SpawnSpec,
  argv: readonly string[],
  extraEnv: Record<string, string>,
  cleanUp: () => void,
): SandboxedProcess {
  const mark = randomUUID();
  const since = uptime() - 1; // what it says may be cut to seconds
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, {
    cwd: spec.cwd,
    env: { ...spec.env, ...extraEnv, [RUN_MARK]: mark },
    stdio: stdio(spec),
    detached: process.platform !== 'win32' && !spec.foreground,
    windowsHide: true,
  });
  const { pid } = child;
  // Whatever stays behind may hold the output open, so it goes as soon as the command itself has ended.
  let ended: Promise<void> = Promise.resolve();
  const end = (): Promise<void> => {
    if (pid !== undefined) ended = endTree(pid, mark, since);
    return ended;
  };
  // What escaped all the same (another user's process, one that cleared its environment) must not keep the command
  // from ending: its output is let go once there was time to read what was in it.
  child.once('exit', () => {
    void end().then(() => {
      const timer = setTimeout(() => {
        for (const stream of [child.stdout, child.stderr]) if (stream && !stream.destroyed) letGo(stream);
      }, OUTPUT_GRACE_MS);
      child.once('close', () => clearTimeout(timer));
    });
  });
  const closed = whenClosed(child, cleanUp);
  const exited = closed.then(async ({ code, signal, error }): Promise<SandboxExit> => {
    await ended;
    return {
      code: error ? null : code,
      signal,
      failure: error ? `The command could not be started: ${error}` : null,
    };
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) await end();
    await exited;
  };
  const send = (signal: NodeJS.Signals): void => {
    if (pid === undefined) return;
    if (process.platform === 'win32') child.kill(signal);
    else signalGroup(pid, signal);
  };
  return handle(spec, child, { exited, kill, send, resize: () => false });
}

// Where no helper provides the terminal.
function spawnForeignTerminal(
  spec: SpawnSpec,
  argv: readonly string[],
  extraEnv: Record<string, string>,
  cleanUp: () => void,
): SandboxedProcess {
  const { openTerminal, terminal: size } = spec;
  if (!openTerminal || !size) {
    cleanUp();
    throw new SandboxUseError(`There is no terminal for commands on ${process.platform}: run it without one`);
  }
  const command = startInTerminal(openTerminal, argv, { cwd: spec.cwd, env: { ...spec.env, ...extraEnv }, size });
  const exited = command.exited.then((exit): SandboxExit => {
    cleanUp();
    return { ...exit, failure: null };
  });
  followSignal(spec.signal, exited, command.kill);
  return { ...command, stderr: null, exited, blocked: [], interrupt: (signal = 'SIGINT') => command.send(signal) };
}

/** Ends a stream for whoever reads it, whatever still holds its other end. */
function letGo(stream: Readable): void {
  stream.on('error', () => {}); // what comes meanwhile comes after the end
  stream.once('end', () => stream.destroy());
  stream.push(null);
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended.
  }
}

type Closed = { code: number | null; signal: NodeJS.Signals | null; error: string | null };

function whenClosed(child: ChildProcess, cleanUp: () => void): Promise<Closed> {
  return new Promise((resolve) => {
    const finish = (result: Closed): void => {
      cleanUp();
      resolve(result);
    };
    child.once('close', (code, signal) => finish({ code, signal, error: null }));
    child.once('error', (error) => {
      if (child.pid === undefined) finish({ code: null, signal: null, error: error.message });
    });
  });
}

type Handle = Pick<SandboxedProcess, 'exited' | 'kill' | 'resize'> & { send: (signal: NodeJS.Signals) => void };

function handle(spec: SpawnSpec, child: ChildProcess, { exited, kill, resize, send }: Handle): SandboxedProcess {
  followSignal(spec.signal, exited, kill);
  child.stdin?.on('error', () => {}); // the command may end without reading it
  return {
    pid: child.pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exited,
    blocked: [],
    interrupt: (signal = 'SIGINT') => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) send(signal);
    },
    resize,
    kill,
  };
}

function followSignal(signal: AbortSignal | undefined, exited: Promise<unknown>, kill: () => Promise<void>): void {
  const abort = (): void => void kill();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  void exited.then(() => signal?.removeEventListener('abort', abort));
}
