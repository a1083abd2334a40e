/** Commands for the agent: under the sandbox, with a scrubbed environment, and gone when they are told to go. */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import {
  detect,
  type EnvironmentPolicy,
  entryFor,
  explainDenial,
  fullAccess,
  type OpenTerminal,
  type SandboxedProcess,
  type SandboxReport,
  SandboxUseError,
  scrubEnv,
  spawnSandboxed,
} from '../../sandbox/index.ts';
import type { CommandExit, CommandRunner, CommandSpec, RunningCommand, TerminalSize } from '../ports.ts';
import { AgentError } from '../protocol/index.ts';
import { BLOCKED, blockedEdit, blockedLines, whatWasBlocked } from './blocked.ts';
import { loadOpenTerminal } from './foreign-terminal.ts';
import { grantFault } from './granted.ts';
import { realish } from './real-paths.ts';
import { type Homes, kernelPolicy, whyClosed, whyNotReadable, whyNotWritable } from './sandbox-settings.ts';
import { createSharedTemp } from './shared-temp.ts';

/** A runner whose sandbox is found out in the background: `unconfinedReason` counts once `ready` has settled. */
export type SandboxedRunner = CommandRunner & {
  ready(): Promise<SandboxReport>;
  /** What was found; null until `ready` has settled. */
  readonly report: SandboxReport | null;
  /**
   * As `start`, for who wants bytes, both streams, and the input's end. The streams must be read, or nothing ends.
   * Contract: rejects only with `AgentError`.
   */
  open(spec: CommandSpec, signal: AbortSignal): Promise<SandboxedProcess>;
  /** Kills everything that runs and removes what commands left in their temp directory; resolves when nothing is left. */
  killAll(): Promise<void>;
};

export type RunnerOptions = {
  homes: Homes;
  /** The core's own environment, of which commands see what the policy lets through. */
  env: Readonly<Record<string, string | undefined>>;
  environmentPolicy: () => EnvironmentPolicy;
  /** Keeps a person's word on a host. */
  rememberHost?: (cwd: string, host: string, action: 'allow' | 'deny') => void;
  detectSandbox?: () => Promise<SandboxReport>;
};

/** The user's own PATH, with the running node at its end when there is no other. */
function withNode(env: Record<string, string>): Record<string, string> {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  const folders = (env.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '');
  if (path.basename(process.execPath) !== name || folders.some((folder) => existsSync(path.join(folder, name))))
    return env;
  return { ...env, PATH: [...folders, path.dirname(process.execPath)].join(path.delimiter) };
}

/**
 * Where the programs of PATH are installed, also when that is below /tmp, which a command does not see: the folder itself
 * and, for a `bin`, what it belongs to (a Python environment, a Node package).
 */
function toolFolders(searchPath: string): string[] {
  const folders = searchPath.split(path.delimiter).filter((folder) => path.isAbsolute(folder) && existsSync(folder));
  return folders.flatMap((folder) =>
    /^\.?bin$/.test(path.basename(folder)) ? [folder, path.dirname(folder)] : [folder],
  );
}

const TERMINAL_KIND = 'xterm-256color';

function terminalOf(terminal: TerminalSize): { terminal: TerminalSize; openTerminal?: OpenTerminal } {
  return process.platform === 'linux' ? { terminal } : { terminal, openTerminal: loadOpenTerminal() };
}

function checkFolder(cwd: string): void {
  const info = statSync(cwd, { throwIfNoEntry: false });
  if (!info) throw new AgentError('fileSystem', `The folder ${cwd} does not exist; run the command in one that does.`);
  if (!info.isDirectory()) throw new AgentError('fileSystem', `${cwd} is not a folder; run the command in one.`);
}

/** Output goes to the one listener; what comes before the first is kept for it. */
function createOutput(child: SandboxedProcess) {
  let listener: ((chunk: string) => void) | null = null;
  let kept = '';
  const emit = (chunk: string): void => {
    if (chunk === '') return;
    if (listener) listener(chunk);
    else kept += chunk;
  };
  for (const stream of [child.stdout, child.stderr]) {
    const decoder = new StringDecoder('utf8');
    stream?.on('data', (bytes: Buffer) => emit(decoder.write(bytes)));
    stream?.on('end', () => emit(decoder.end()));
    stream?.on('error', () => {});
  }
  const listen = (next: (chunk: string) => void): void => {
    listener = next;
    const before = kept;
    kept = '';
    if (before !== '') next(before);
  };
  return { emit, listen };
}

function runningCommand(child: SandboxedProcess): RunningCommand {
  const { emit, listen } = createOutput(child);
  const exited = child.exited.then(({ code, signal, failure }): CommandExit => {
    // As a shell does for a command that it cannot start.
    if (failure !== null) emit(`${failure}\n`);
    for (const line of blockedLines(child.blocked, code === 0)) emit(`${line}\n`);
    return { code: failure === null ? code : 127, signal, blocked: child.blocked };
  });
  return {
    processId: String(child.pid ?? 0),
    onOutput: listen,
    write(text) {
      if (!child.stdin?.writable) return false;
      child.stdin.write(text);
      return true;
    },
    resize: (size) => child.resize(size),
    kill: () => child.kill(),
    exited,
  };
}

export function createCommandRunner(options: RunnerOptions): SandboxedRunner {
  const detectSandbox = options.detectSandbox ?? (() => detect());
  const running = new Set<SandboxedProcess>();
  const temp = createSharedTemp();
  let report: SandboxReport | null = null;
  let detecting: Promise<SandboxReport> | null = null;
  const ready = (): Promise<SandboxReport> => {
    detecting ??= detectSandbox().then((found) => {
      report = found;
      return found;
    });
    return detecting;
  };
  const unconfinedReason = (): string | null => {
    if (report === null) return 'The sandbox has not been checked yet.';
    return report.level === 'none' ? (report.reason ?? 'There is no sandbox on this machine.') : null;
  };

  const environment = (spec: CommandSpec): Record<string, string> => {
    const base = withNode(scrubEnv(options.env, options.environmentPolicy()));
    const env: Record<string, string | null> = {
      ...base,
      ...(spec.terminal ? { TERM: TERMINAL_KIND } : {}),
      ...spec.env,
    };
    return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== null));
  };

  const spawn = (spec: CommandSpec, found: SandboxReport, signal: AbortSignal): SandboxedProcess => {
    checkFolder(spec.cwd);
    const env = environment(spec);
    const policy = spec.unsandboxed
      ? fullAccess()
      : kernelPolicy(spec.settings, options.homes, { tempFrom: temp.folder(), tools: toolFolders(env.PATH ?? '') });
    const { mayReach } = spec;
    const stdin = spec.interactive ? ('pipe' as const) : ('ignore' as const);
    return spawnSandboxed({
      argv: spec.argv,
      cwd: spec.cwd,
      env,
      policy,
      report: found,
      stdio: { stdin },
      ...(mayReach
        ? {
            hosts: {
              onUnknown: ({ host, port, protocol }, gone) => mayReach({ host: entryFor(host, port), protocol }, gone),
            },
          }
        : {}),
      ...(spec.terminal ? terminalOf(spec.terminal) : {}),
      signal,
    });
  };

  const open = async (spec: CommandSpec, signal: AbortSignal): Promise<SandboxedProcess> => {
    const found = await ready();
    if (signal.aborted) throw new AgentError('aborted', 'The command was stopped before it started.');
    try {
      const child = spawn(spec, found, signal);
      running.add(child);
      void child.exited.then(() => running.delete(child));
      return child;
    } catch (error) {
      if (error instanceof SandboxUseError) throw new AgentError('notSupported', error.message);
      if (error instanceof AgentError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new AgentError('fileSystem', `The command could not be started: ${reason}.`);
    }
  };

  return {
    ready,
    get report() {
      return report;
    },
    get unconfinedReason() {
      return unconfinedReason();
    },
    open,
    start: async (spec, signal) => runningCommand(await open(spec, signal)),
    rememberHost: (cwd, host, action) => options.rememberHost?.(cwd, host, action),
    keepsHosts: (cwd) => options.rememberHost !== undefined && options.homes.permissions?.(cwd) != null,
    whyClosed: (file, settings) => whyClosed(file, settings, options.homes),
    realPath: realish,
    whyNotReadable: (settings) => whyNotReadable(options.homes, settings),
    whyNotWritable: (file, settings) => whyNotWritable(file, settings, options.homes),
    grantFault: (place, access, settings, unlocks) =>
      grantFault(place, access, kernelPolicy(settings, options.homes), options.homes, unlocks),
    blocked: ({ settings, ...command }) =>
      whatWasBlocked({ ...command, policy: kernelPolicy(settings, options.homes), homes: options.homes }),
    blockedEdit: (file, settings) => blockedEdit(file, kernelPolicy(settings, options.homes), options.homes),
    explain(output, exit, settings) {
      if (output.includes(BLOCKED)) return null; // it is known
      return explainDenial(output, exit.code, kernelPolicy(settings, options.homes))?.hint ?? null;
    },
    async killAll() {
      await Promise.all([...running].map((child) => child.kill()));
      temp.remove();
    },
  };
}
