/** `gantry sandbox`: one command under a policy, with this process's own streams. */
import { constants } from 'node:os';
import {
  detect,
  policyFault,
  type SandboxedProcess,
  SandboxUseError,
  scrubEnv,
  spawnSandboxed,
} from '../../../sandbox/index.ts';
import { environmentPolicy } from '../../server/config/configuration.ts';
import { parseSandboxArguments, SANDBOX_HELP, type SandboxOptions } from './arguments.ts';
import { explainBlocked, explainPolicy } from './explain.ts';
import { planPolicy } from './policy.ts';

const NOT_SET_UP = 125;
/** What a shell or a person may send; the first two come from a shared terminal to the command itself. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'] as const;
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

const say = (text: string): void => void process.stderr.write(`gantry: ${text}\n`);

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
  const fault = policyFault(planned.policy);
  if (fault !== null) return refuse(`${fault}.`);
  const report = await detect();
  if (options.explain) {
    process.stdout.write(explainPolicy(planned, report));
    return;
  }
  const { policy, root, loaded } = planned;
  let child: SandboxedProcess;
  try {
    child = spawnSandboxed({
      argv: options.command,
      cwd: root,
      env: { ...scrubEnv(process.env, environmentPolicy(loaded.config)) },
      policy,
      report,
      stdio: { stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' },
      foreground: true,
      onBlocked: (blocked) => {
        if (options.log) say(explainBlocked(blocked));
      },
    });
  } catch (error) {
    if (!(error instanceof SandboxUseError)) throw error;
    say(error.message);
    process.exitCode = NOT_SET_UP;
    return;
  }
  passSignals(child);
  const { code, signal, failure } = await child.exited;
  if (failure !== null) say(failure);
  else if (options.log && child.blocked.length === 0 && code !== 0 && !policy.unconfined)
    say('the proxy and the broker blocked nothing; what else the kernel refused, the command itself has said.');
  process.exitCode = failure !== null ? NOT_SET_UP : (code ?? 128 + (constants.signals[signal ?? 'SIGKILL'] ?? 9));
}

function passSignals(child: SandboxedProcess): void {
  const isShared = process.stdin.isTTY === true;
  for (const name of FROM_TERMINAL) process.on(name, () => (isShared ? undefined : child.interrupt(name)));
  for (const name of PASSED_ON) process.on(name, () => child.interrupt(name));
}
