/** `gantry sandbox`: one command under a policy, with this process's own streams. */
import { existsSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { isatty } from 'node:tty';
import {
  detect,
  isUnder,
  policyFault,
  type SandboxedProcess,
  type SandboxReport,
  SandboxUseError,
  scrubEnv,
  spawnSandboxed,
} from '../../../sandbox/index.ts';
import type { LoadedConfig } from '../../config/index.ts';
import { environmentPolicy } from '../../server/config/configuration.ts';
import { withoutFallback } from '../command-line-problem.ts';
import { parseSandboxArguments, SANDBOX_HELP, type SandboxOptions } from './arguments.ts';
import { explainBlocked, explainPolicy, lacksHostList, leftOut } from './explain.ts';
import { type Planned, planPolicy } from './policy.ts';

const NOT_SET_UP = 125;
/** What a shell or a person may send; the first two come from a shared terminal to the command itself. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'] as const;
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Not by `process.stderr`: opening it would make a pipe that the command shares non-blocking, and the command would find
 * that nothing can be written "now".
 */
function say(text: string): void {
  const line = `gantry: ${text}\n`;
  try {
    writeSync(2, line);
  } catch {
    // Non-blocking already, or closed: there is nothing left to spoil.
    process.stderr.write(line);
  }
}

function refuse(problem: string): void {
  say(`${problem} See gantry sandbox --help.`);
  process.exitCode = 2;
}

/** Sets the exit code of this process; never throws for what a person may get wrong. */
export async function sandbox(args: readonly string[], overrides: readonly string[]): Promise<void> {
  const parsed = parseSandboxArguments(args);
  if (parsed.type === 'help') process.stdout.write(SANDBOX_HELP);
  else if (parsed.type === 'problem') refuse(parsed.problem);
  else await run({ ...parsed.options, overrides: [...overrides, ...parsed.options.overrides] });
}

async function run(options: SandboxOptions): Promise<void> {
  const planned = planPolicy(options, process.env, process.cwd());
  if (typeof planned === 'string') return refuse(planned);
  const { policy, root, loaded } = planned;
  const fault = policyFault(policy);
  if (fault !== null) return refuse(`${fault}.`);
  const env = scrubEnv(process.env, environmentPolicy(loaded.config));
  const report = await detect();
  tellFaults(loaded);
  if (options.explain) {
    process.stdout.write(explainPolicy(planned, report, leftOut(process.env, env)));
    return;
  }
  if (policy.unconfined && options.mode === null && options.profile === null)
    say(
      'the configuration says danger-full-access: this runs without a sandbox. --sandbox workspace-write confines it.',
    );
  if (lacksHostList(policy, report))
    say('this machine cannot hold a command to a list of hosts: it has no network at all. See --explain.');
  if (options.log && !policy.unconfined && report.missing.length > 0)
    say('this machine enforces the sandbox only in part. See --explain.');
  let child: SandboxedProcess;
  try {
    child = spawnSandboxed({
      argv: options.command,
      cwd: root,
      env,
      policy,
      report,
      stdio: { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' },
      foreground: true,
      onBlocked: (blocked) => {
        if (options.log) say(explainBlocked(blocked, policy));
      },
    });
  } catch (error) {
    if (!(error instanceof SandboxUseError)) throw error;
    say(
      report.level === 'none' ? `there is no sandbox on this machine, so nothing ran. ${report.reason}` : error.message,
    );
    process.exitCode = NOT_SET_UP;
    return;
  }
  passSignals(child);
  const { code, signal, failure } = await child.exited;
  if (failure !== null) say(failure);
  else if (code === 127 || code === 126) tellUnseen(options.command[0] ?? '', planned, report);
  if (failure === null && options.log && child.blocked.length === 0 && !policy.unconfined)
    say(
      'nothing was reported as blocked. What the kernel refuses by itself is not: of that the command says "Permission denied" or "Read-only file system".',
    );
  process.exitCode = failure !== null ? NOT_SET_UP : (code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 9));
}

/** What is wrong in the configuration, as it may change what is allowed. Profiles that are not chosen are left in peace. */
function tellFaults({ problems, config }: LoadedConfig): void {
  const chosen = `permissions.${config.default_permissions}.`;
  for (const { file, message, severity } of problems) {
    const isOurs = severity === 'error' || file === '-c';
    if (
      isOurs &&
      (withoutFallback(message) === message || message.includes(chosen) || !message.includes('permissions.'))
    )
      say(`warning: ${message}`);
  }
}

/** A program that this machine has, below a folder that is private and empty in the sandbox. */
function tellUnseen(program: string, { policy, root }: Planned, report: SandboxReport): void {
  const place = path.resolve(root, program);
  const hidden = report.level === 'namespaces' ? policy.privateTemp.find((temp) => isUnder(place, temp)) : undefined;
  if (hidden === undefined || !program.includes('/') || !existsSync(place) || isUnder(place, root)) return;
  say(
    `${place} is not seen there: ${hidden} is private and empty. Name the folder that it lies in with --cd or --write.`,
  );
}

function passSignals(child: SandboxedProcess): void {
  // Not `process.stdin.isTTY`, which would make a pipe non-blocking for the command that reads it.
  const isShared = isatty(0);
  for (const name of FROM_TERMINAL) process.on(name, () => (isShared ? undefined : child.interrupt(name)));
  for (const name of PASSED_ON) process.on(name, () => child.interrupt(name));
}
