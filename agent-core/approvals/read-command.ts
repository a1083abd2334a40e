/** A command as a tool is given it: a script for a shell. (pure) */
import type { ParseShell } from './shell/grammar.ts';
import { readShell } from './shell/read-shell.ts';
import { dialectOf, type ShellReading } from './shell/reading.ts';

/** Of a script for a shell that is not known nothing is. Never throws. */
export function readCommand(script: string, shell: string, parse: ParseShell | null): ShellReading {
  const dialect = dialectOf(shell);
  if (dialect === null)
    return { parts: [], writes: [], unknown: `${shell} is not a shell that is read here`, besides: null };
  return readShell(script, dialect, parse);
}
