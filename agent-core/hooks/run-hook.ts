/** Runs one hook: in the sandbox that holds for the agent's own commands, with the event as JSON on stdin. */
import path from 'node:path';
import type { Readable } from 'node:stream';
import type { SandboxedRunner } from '../execution/command-runner.ts';
import type { CommandSpec, TurnSettings } from '../ports.ts';
import { AgentError, type SandboxPolicy } from '../protocol/index.ts';
import type { Hook, HookConfinement } from './hook.ts';
import { changedSince } from './hook-files.ts';
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
  const failure = (text: string): HookExit => ({ code: null, stdout: '', stderr: '', failure: text });
  const spec = specOf(hook, settings);
  const changed = hook.pin && changedSince(hook.command, hook.pin);
  if (changed !== null)
    return failure(`Not run: ${changed} has changed since you trusted this hook. Look at it, then trust it anew.`);
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
