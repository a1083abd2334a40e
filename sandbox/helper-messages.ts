// What the helper says down its channel: lines as they come, and at the end what became of the command.
import { signalName } from './terminal.ts';

export type SandboxExit = {
  /** The command's exit code, or null if a signal ended it or it never ran. */
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Why the command was never started (the sandbox could not be set up, or there is no such program); else null. */
  failure: string | null;
};

/** More than this without an end of line is none of the helper's. */
const LONGEST_LINE = 8192;

/** `onLine` gets what is said before the end; `exit` is asked for once nothing more comes. */
export function createMessages(onLine: (line: string) => void): {
  push(bytes: Buffer): void;
  exit(code: number | null, error: string | null): SandboxExit;
} {
  let rest = '';
  let last: RegExpExecArray | null = null;
  return {
    push(bytes) {
      const lines = (rest + bytes.toString('utf8')).split('\n');
      rest = (lines.pop() ?? '').slice(0, LONGEST_LINE);
      for (const line of lines) {
        const end = /^(exit|signal|error) (.*)$/.exec(line);
        if (end) last ??= end;
        else onLine(line);
      }
    },
    exit: (code, error) => exitOf(last, code, error),
  };
}

// The helper's line says what happened to the command itself; its own exit code alone could not.
function exitOf(line: RegExpExecArray | null, code: number | null, error: string | null): SandboxExit {
  const failed = (failure: string): SandboxExit => ({ code: null, signal: null, failure });
  if (line?.[1] === 'exit') return { code: Number(line[2]), signal: null, failure: null };
  if (line?.[1] === 'signal') return { code: null, signal: signalName(Number(line[2])), failure: null };
  if (line?.[1] === 'error') return failed(`The sandbox could not be set up: ${line[2]}`);
  if (error) return failed(`The sandbox helper could not be started: ${error}`);
  if (code === 125) return failed('The sandbox helper refused the call');
  return { code: null, signal: 'SIGKILL', failure: null };
}
