/** `gantry exec`: one turn of the core in this process, told as events, then the end. */
import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadConfig } from '../../config/index.ts';
import { AgentError, type ClientRequestInput, RpcError } from '../../protocol/index.ts';
import { createLog } from '../../server/about/log.ts';
import { createCore } from '../../server/core.ts';
import { readGitInfo } from '../../server/threads/git-info.ts';
import { commandLineProblem } from '../command-line-problem.ts';
import { EXEC_HELP, type ExecOptions, parseExecArguments } from './arguments.ts';
import { connectInProcess, UNHEARD } from './client.ts';
import { type ExecEvent, ExecEvents } from './events.ts';
import { jsonPrinter, textPrinter } from './printer.ts';
import { readOutputSchema, readPrompt, UsageError } from './prompt.ts';
import { openThread } from './thread.ts';

export type ExecStart = { version: string; args: readonly string[]; overrides: readonly string[] };

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Runs what the command line asks for and ends the process: 0 done, 1 failed, 2 wrong usage, 128 + a signal's number. */
export async function exec({ version, args, overrides }: ExecStart): Promise<void> {
  const parsed = parseExecArguments(args);
  if (parsed.type === 'help') process.stdout.write(EXEC_HELP);
  else if (parsed.type === 'version') process.stdout.write(`gantry ${version}\n`);
  else if (parsed.type === 'problem') {
    process.stderr.write(`gantry: ${parsed.problem} See gantry exec --help.\n`);
    process.exitCode = 2;
  } else {
    const { options } = parsed;
    const code = await run(version, { ...options, overrides: [...overrides, ...options.overrides] });
    // Something of a provider or a sandbox may hold the process longer than anyone wants to wait.
    await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
    process.exit(code);
  }
}

async function run(version: string, options: ExecOptions): Promise<number> {
  try {
    const cwd = folderOf(options.cwd);
    const problem = commandLineProblem(
      loadConfig({ env: process.env, cwd, overrides: options.overrides }),
      options.overrides,
    );
    const wrong = problem ?? takenForImage(options);
    if (wrong !== null) {
      process.stderr.write(`gantry: ${wrong} See gantry exec --help.\n`);
      return 2;
    }
    const withPiped = options.resume === null;
    const text = await readPrompt(options.prompt, process.stdin, { withPiped });
    const outputSchema = options.outputSchema === null ? undefined : readOutputSchema(options.outputSchema);
    // A `.git` without a HEAD is no repository: a sandbox puts an empty one where a command must not make its own.
    if (!options.skipGitRepoCheck && !options.bypass && readGitInfo(cwd) === null)
      throw new UsageError('Not inside a trusted directory and --skip-git-repo-check was not specified.');
    return await runTurn({ version, options, cwd, text, outputSchema });
  } catch (error) {
    process.stderr.write(`${describeFailure(error)}\n`);
    return 1;
  }
}

/** `--image` takes all words that follow it, so that a prompt behind it is no prompt; null: that has not happened. */
function takenForImage({ prompt, images }: ExecOptions): string | null {
  const last = images.length > 1 ? images.at(-1) : undefined;
  if (prompt !== null || last === undefined || statSync(path.resolve(last), { throwIfNoEntry: false })) return null;
  return `--image takes all that follows it, and ${JSON.stringify(last)} is no file. If it is the prompt, put -- before it.`;
}

function describeFailure(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  if (error instanceof RpcError || error instanceof AgentError) return `Error: ${error.message}`;
  return `Error: a defect of Gantry: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function folderOf(asked: string | null): string {
  const folder = path.resolve(asked ?? '.');
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UsageError(`${folder} is not a folder; pass one that exists as --cd.`);
  return folder;
}

type TurnInput = {
  version: string;
  options: ExecOptions;
  cwd: string;
  text: string;
  outputSchema: Record<string, unknown> | undefined;
};

async function runTurn({ version, options, cwd, text, outputSchema }: TurnInput): Promise<number> {
  const out = (line: string): void => void process.stdout.write(line);
  const err = (line: string): void => void process.stderr.write(line);
  const print = options.json ? jsonPrinter(out) : textPrinter(out, err);
  const stop = watchForStop();
  const events = new ExecEvents();
  let last: ExecEvent[] = [];
  let end: (status: 'completed' | 'failed') => void = () => {};
  const ended = new Promise<'completed' | 'failed'>((resolve) => {
    end = resolve;
  });

  const core = createCore({
    version,
    env: environment(),
    cwd,
    log: createLog(process.env.GANTRY_LOG ?? 'error', err),
    overrides: options.overrides,
    source: 'exec',
  });
  try {
    const client = connectInProcess(core, (notification) => {
      const told = events.take(notification);
      if (notification.method !== 'turn/completed') return told.forEach(print);
      last = told;
      end(notification.params.turn.status === 'completed' ? 'completed' : 'failed');
    });
    await client.request('initialize', {
      clientInfo: { name: process.env.CODEX_INTERNAL_ORIGINATOR_OVERRIDE || 'gantry_exec', version },
      capabilities: { experimentalApi: true, optOutNotificationMethods: UNHEARD },
    });
    const threadId = await openThread(client, options, cwd).catch((error: unknown) => {
      for (const event of events.held()) print(event);
      throw error;
    });
    for (const event of events.started(threadId)) print(event);
    if (stop.signal.aborted) return stop.code();

    const { turn } = await client.request('turn/start', { threadId, input: inputOf(options, text), outputSchema });
    const interrupt = (): void => {
      // The turn may have ended by itself in between, and then there is nothing to do.
      client.request('turn/interrupt', { threadId, turnId: turn.id }).catch(() => {});
    };
    if (stop.signal.aborted) interrupt();
    else stop.signal.addEventListener('abort', interrupt, { once: true });
    const status = await ended;
    if (status === 'completed') writeLastMessage(options.outputLastMessage, events.lastMessage, err);
    return stop.signal.aborted ? stop.code() : status === 'completed' ? 0 : 1;
  } finally {
    // What still runs in the background ends with us, and is told before the turn's end.
    await core.close();
    await new Promise<void>((resolve) => setImmediate(resolve));
    // To whoever stopped it that is no failure of the turn: SDKs would throw it in place of their own abort.
    for (const event of last) if (event.type !== 'turn.failed' || !stop.signal.aborted) print(event);
  }
}

/** A terminal signals a whole group, and a launcher of ours that is in it passes the same signal on. */
const SAME_SIGNAL_MS = 500;

/** The first signal interrupts the turn, so that nothing it started is left; another one does not wait for that. */
function watchForStop(): { signal: AbortSignal; code: () => number } {
  const controller = new AbortController();
  let code = 1;
  let firstAtMs = 0;
  for (const [signal, exitCode] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (controller.signal.aborted) {
        if (performance.now() - firstAtMs > SAME_SIGNAL_MS) process.exit(exitCode);
        return;
      }
      firstAtMs = performance.now();
      code = exitCode;
      controller.abort();
    });
  }
  // Whoever read the events is gone, and with them the reason to go on.
  process.stdout.on('error', () => controller.abort());
  process.stderr.on('error', () => {});
  return { signal: controller.signal, code: () => code };
}

/** SDKs hand their key over under a name of its own. */
function environment(): NodeJS.ProcessEnv {
  const { CODEX_API_KEY: key, ...env } = process.env;
  return key ? { ...env, OPENAI_API_KEY: key } : env;
}

function inputOf({ images }: ExecOptions, text: string): ClientRequestInput<'turn/start'>['input'] {
  const files = images.map((image) => ({ type: 'localImage' as const, path: path.resolve(image) }));
  return [...files, { type: 'text', text }];
}

function writeLastMessage(file: string | null, message: string | null, err: (line: string) => void): void {
  if (file === null) return;
  if (message === null) err(`Warning: there is no last message; ${file} is written empty.\n`);
  try {
    writeFileSync(file, message ?? '');
  } catch (error) {
    err(`Error: the last message could not be written: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}
