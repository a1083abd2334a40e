/** ripgrep in the sandbox, where there is one: links that are swapped under it lead it nowhere that a command could not go. */
import { spawn } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { AgentError } from '../protocol/index.ts';
import type { ToolContext } from './tool.ts';

/** More is cut. */
export const MOST_CHARS = 30_000;

export type Found = { code: number | null; text: string; problem: string; isCut: boolean };

/** On the disk, as a command that may only look. */
export async function searchDisk(program: string, args: string[], context: ToolContext): Promise<Found> {
  const { runner, settings, signal } = context;
  const { type } = settings.sandboxPolicy;
  const isFree = type === 'dangerFullAccess' || type === 'externalSandbox' || runner.unconfinedReason !== null;
  if (isFree) return runRipgrep(program, args, context);
  const nothing = (problem: string): Found => ({ code: 2, text: '', problem, isCut: false });
  const why = runner.whyNotReadable(settings)(runner.realPath(program));
  if (why !== null) return nothing(`ripgrep cannot be run here: ${why}. Search with a command (grep -rn).`);
  try {
    const running = await runner.start(
      {
        argv: [program, '--no-messages', ...args],
        cwd: settings.cwd,
        settings: { ...settings, sandboxPolicy: { type: 'readOnly', networkAccess: false } },
        unsandboxed: false,
        isLooking: true,
        env: { PATH: [dirname(program), process.env.PATH ?? ''].join(delimiter) },
      },
      signal,
    );
    let text = '';
    let isCut = false;
    running.onOutput((piece) => {
      if (isCut) return;
      text += piece;
      if (text.length <= MOST_CHARS) return;
      isCut = true;
      text = text.slice(0, text.lastIndexOf('\n', MOST_CHARS) + 1) || text.slice(0, MOST_CHARS);
      void running.kill();
    });
    const { code } = await running.exited;
    return { code, text, problem: code === 0 || code === 1 ? '' : text, isCut };
  } catch (error) {
    if (error instanceof AgentError) return nothing(error.message);
    throw error;
  }
}

/** Outside of the sandbox. `input`: searched in place of files, when the last argument is `-`. */
export function runRipgrep(
  program: string,
  args: string[],
  { signal, settings }: ToolContext,
  input?: string,
): Promise<Found> {
  return new Promise((end) => {
    const child = spawn(program, args, { cwd: settings.cwd, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    // It may stop reading once it has found enough.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    let text = '';
    let problem = '';
    let isCut = false;
    const stop = () => void child.kill('SIGKILL');
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      if (isCut) return;
      text += piece;
      if (text.length <= MOST_CHARS) return;
      isCut = true;
      text = text.slice(0, text.lastIndexOf('\n', MOST_CHARS) + 1) || text.slice(0, MOST_CHARS);
      stop();
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      if (problem.length < 2000) problem += piece;
    });
    const finish = (code: number | null) => {
      signal.removeEventListener('abort', stop);
      end({ code, text, problem, isCut });
    };
    child.once('error', (error) => {
      problem = error.message;
      finish(null);
    });
    child.once('close', finish);
  });
}
