/** Runs one hook: in the sandbox that holds for the agent's own commands, with the event as JSON on stdin. */
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { SandboxedRunner } from '../execution/command-runner.ts';
import type { CommandSpec, TurnSettings } from '../ports.ts';
import { AgentError, type SandboxPolicy } from '../protocol/index.ts';
import { type Hook, type HookConfinement, mayRun } from './hook.ts';
import { sightOf } from './hook-files.ts';
import type { HookExit } from './hook-output.ts';

const MOST_OUTPUT = 1024 * 1024;

export type HookRunner = Pick<SandboxedRunner, 'open' | 'unconfinedReason' | 'explain'>;

/** Never rejects. Aborting kills it with everything that it started. */
export async function runHook(
  hook: Hook,
  input: Record<string, unknown>,
  settings: TurnSettings,
  runner: HookRunner,
  signal: AbortSignal,
): Promise<HookExit> {
  const exit = await runTrusted(hook, input, settings, runner, signal);
  return hook.blocksOnFailure ? { ...exit, closes: true } : exit;
}

const HOW = 'Look at it, then trust it anew with “Gantry: Hooks”, or switch it off there.';

const failure = (text: string): HookExit => ({ code: null, stdout: '', stderr: '', failure: text });
/** Of a hook that could not be believed, whatever it says. */
const unbelieved = (text: string): HookExit => ({ ...failure(text), closes: true });

/** What was trusted runs, and nothing else: its files are looked at right before it starts and again when it has ended. */
async function runTrusted(
  hook: Hook,
  input: Record<string, unknown>,
  settings: TurnSettings,
  runner: HookRunner,
  signal: AbortSignal,
): Promise<HookExit> {
  if (hook.trust === 'untrusted')
    return unbelieved(
      `Not run: it runs files of this workspace, which you have not trusted (${hook.files.join(', ')}). ${HOW}`,
    );
  if (!mayRun(hook)) {
    const what = [hook.sourcePath, ...hook.files].join(', ');
    return unbelieved(`Not run: this hook, or a file that it runs, has changed since you trusted it (${what}). ${HOW}`);
  }
  const { pin } = hook;
  const before = pin && sightOf(hook.command, pin);
  if (before?.changed) return unbelieved(`Not run: ${before.changed} has changed since you trusted this hook. ${HOW}`);
  const exit = await runNow(hook, input, settings, runner, signal);
  if (!pin || !before) return exit;
  const after = sightOf(hook.command, pin);
  if (after.changed === null && after.identity === before.identity) return exit;
  const which = after.changed ?? hook.files.join(', ');
  return unbelieved(`Its answer does not count: ${which} was changed while it ran. ${HOW}`);
}

async function runNow(
  hook: Hook,
  input: Record<string, unknown>,
  settings: TurnSettings,
  runner: HookRunner,
  signal: AbortSignal,
): Promise<HookExit> {
  const spec = specOf(hook, settings);
  if (
    !spec.unsandboxed &&
    spec.settings.sandboxPolicy.type !== 'dangerFullAccess' &&
    runner.unconfinedReason !== null
  ) {
    return failure(
      `Not run: there is no sandbox here (${runner.unconfinedReason}). A hook of your own runs without one when it says "sandbox": "off".`,
    );
  }
  const limit = AbortSignal.timeout(hook.timeoutSec * 1000);
  const either = AbortSignal.any([signal, limit]);
  try {
    const child = await runner.open(spec, either);
    const output = Promise.all([collect(child.stdout), collect(child.stderr)]);
    child.stdin?.on('error', () => {}); // it need not read
    child.stdin?.end(`${JSON.stringify(input)}\n`);
    const exit = await child.exited;
    const [stdout, stderr] = await output;
    if (limit.aborted) return failure(`It took longer than its ${hook.timeoutSec} s and was ended.`);
    if (signal.aborted) return failure('It was ended with the turn.');
    if (exit.failure !== null) return failure(exit.failure);
    const why = exit.code === 0 || exit.code === 2 ? null : runner.explain(stderr, exit, settings);
    return { code: exit.code, stdout, stderr: why === null ? stderr : `${stderr.trimEnd()}\n${why}`, failure: null };
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    return failure(limit.aborted ? `It took longer than its ${hook.timeoutSec} s and was ended.` : error.message);
  }
}

function specOf({ command, confinement }: Hook, settings: TurnSettings): CommandSpec {
  const argv = process.platform === 'win32' ? ['cmd.exe', '/d', '/s', '/c', command] : ['/bin/sh', '-c', command];
  return {
    argv,
    cwd: settings.cwd,
    settings: { ...settings, sandboxPolicy: policyOf(settings.sandboxPolicy, confinement) },
    unsandboxed: confinement.sandbox === 'off',
    interactive: true,
    env: { GANTRY_PROJECT_DIR: path.resolve(settings.cwd), CLAUDE_PROJECT_DIR: path.resolve(settings.cwd) },
  };
}

/** Never wider than the thread's own, but for the network where the user gave it to the hook. */
function policyOf(policy: SandboxPolicy, { sandbox, network }: HookConfinement): SandboxPolicy {
  if (sandbox === 'read-only' && policy.type === 'workspaceWrite') return { type: 'readOnly', networkAccess: network };
  if (network && (policy.type === 'workspaceWrite' || policy.type === 'readOnly'))
    return { ...policy, networkAccess: true };
  return policy;
}

/** What is too much is read and dropped, so that the hook comes to its end. */
function collect(stream: Readable | null): Promise<string> {
  if (!stream) return Promise.resolve('');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MOST_OUTPUT) chunks.push(chunk);
    });
    const done = () => resolve(Buffer.concat(chunks).toString('utf8'));
    stream.on('end', done);
    stream.on('close', done);
    stream.on('error', done);
  });
}
