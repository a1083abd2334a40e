/** `gantry apply-patch`: puts a patch into the files of the working folder, for scripts and for models in a shell. */
import { applyPatchToFiles } from './apply-files.ts';

const HELP = `Usage: gantry apply-patch PATCH
       gantry apply-patch < FILE

Changes files as the patch says and prints which; paths count from the working folder. A patch that does not apply changes
nothing. There is no sandbox: what the patch names is written.

Exit code: 0 applied, 1 not applied (the reason is on stderr), 2 called in a wrong way.
`;

/** Sets the exit code of the process. */
export async function applyPatchCommand(args: readonly string[]): Promise<void> {
  const fail = (code: number, problem: string) => {
    process.stderr.write(`${problem}\n`);
    process.exitCode = code;
  };
  if (args[0] === '--help' || args[0] === '-h') {
    process.stdout.write(HELP);
    return;
  }
  if (args.length > 1) return fail(2, 'Error: apply-patch takes exactly one PATCH argument; put it in quotes.');
  const input = args[0] === undefined ? await readInput() : null;
  if (input === '') return fail(2, HELP.trimEnd());
  const patch = args[0] ?? input;
  if (patch === null) return fail(1, 'Error: the patch on stdin is not UTF-8.');
  const applied = await applyPatchToFiles(patch, process.cwd());
  if (!applied.ok) return fail(1, applied.problem);
  process.stdout.write(`${applied.summary}\n`);
}

/** Null: it is no text. Empty at a terminal, where nobody would know what is waited for. */
async function readInput(): Promise<string | null> {
  if (process.stdin.isTTY) return '';
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    return null;
  }
}
