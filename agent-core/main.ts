/** The process: commands, streams and signals, and nothing else. */
import { appServer } from './server/app-server.ts';
import { APP_SERVER_HELP, parseServeArguments } from './server/transports/arguments.ts';
import { readVersion } from './server/version.ts';

const HELP = `Usage: gantry COMMAND [-c key=value]…

Commands:
  app-server [--listen URL]
               serve the App Server protocol: on stdin and stdout, one JSON object a line, or on a WebSocket, a Unix
               socket or by streaming HTTP; gantry app-server --help says more
  app-server generate-ts --out DIR [--experimental]
  app-server generate-json-schema --out DIR [--experimental]
               write the protocol's types
  exec [--json] [PROMPT | -]
               run one turn and end; gantry exec --help says more
  apply-patch [PATCH]
               put a patch, or the one on stdin, into the files of this folder
  sandbox [OPTIONS] -- COMMAND
               run a command as the agent's commands run; gantry sandbox --help says more
  rules check -- COMMAND
               say what the command rules decide of a command; gantry rules --help says more

Options:
  -c, --config key=value   set a key of config.toml for this run; may be repeated
  -p, --profile NAME       use [profiles.NAME] of config.toml
  --version                print the version
  --help                   print this

Environment: GANTRY_HOME (where config.toml and threads are, ~/.gantry by default), GANTRY_LOG (debug, info, warn, error, off).
`;

/** `e`: what those who know Codex type for `exec`. */
const READ_THEIR_OWN: ReadonlySet<string> = new Set(['exec', 'e', 'apply-patch', 'sandbox']);

const parsed = parseArguments(process.argv.slice(2));

function parseArguments(args: readonly string[]): { words: string[]; overrides: string[] } | { problem: string } {
  const words: string[] = [];
  const overrides: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    // What follows is read by the command, whose flags are its own.
    if (READ_THEIR_OWN.has(words[0] ?? '')) return { words: [...words, ...args.slice(index)], overrides };
    const inline = /^(?:--config|-c)=(.*)$/s.exec(arg)?.[1];
    const profile = /^(?:--profile|-p)=(.*)$/s.exec(arg)?.[1];
    if (inline !== undefined) overrides.push(inline);
    else if (profile !== undefined) overrides.push(`profile=${JSON.stringify(profile)}`);
    else if (arg === '-p' || arg === '--profile') {
      const value = args[++index];
      if (value === undefined) return { problem: `${arg} needs a value, such as ${arg} fast.` };
      overrides.push(`profile=${JSON.stringify(value)}`);
    } else if (arg === '-c' || arg === '--config') {
      const value = args[++index];
      if (value === undefined) return { problem: `${arg} needs a value, such as ${arg} model="gpt-5.5".` };
      overrides.push(value);
    } else words.push(arg);
  }
  return { words, overrides };
}

function refuse(problem: string, help = 'gantry --help'): void {
  process.stderr.write(`gantry: ${problem} See ${help}.\n`);
  process.exitCode = 2;
}

const SERVER_HELP = 'gantry app-server --help';

/** Nothing can be resolved against a folder that was removed under a shell that stands in it. */
function hasFolder(): boolean {
  try {
    process.cwd();
    return true;
  } catch {
    return false;
  }
}

async function generate(args: readonly string[]): Promise<void> {
  const { runGenerate } = await import('./protocol-tools/generate.ts');
  const { exitCode, message } = runGenerate(args);
  process[exitCode === 0 ? 'stdout' : 'stderr'].write(`${message}\n`);
  process.exitCode = exitCode;
}

async function connectThrough(args: readonly string[]): Promise<void> {
  const { parseProxyArguments, proxy } = await import('./server/transports/proxy.ts');
  const parsed = parseProxyArguments(args, process.cwd());
  if ('problem' in parsed) return refuse(parsed.problem, SERVER_HELP);
  try {
    await proxy(parsed.socket);
  } catch (error) {
    process.stderr.write(`gantry: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function run(): Promise<void> {
  if ('problem' in parsed) return refuse(parsed.problem);
  const [command, ...rest] = parsed.words;
  if (command === '--version' || command === '-V') process.stdout.write(`gantry ${readVersion()}\n`);
  else if (command === undefined || command === '--help' || command === '-h' || command === 'help')
    process.stdout.write(HELP);
  else if (!hasFolder()) refuse('the folder that this was started in is gone: change to another one first.');
  else if (command === 'exec' || command === 'e') {
    const { exec } = await import('./surfaces/exec/exec.ts');
    await exec({ version: readVersion(), args: rest, overrides: parsed.overrides });
  } else if (command === 'apply-patch') {
    const { applyPatchCommand } = await import('./surfaces/apply-patch/command.ts');
    await applyPatchCommand(rest);
  } else if (command === 'sandbox') {
    const { sandbox } = await import('./surfaces/sandbox/sandbox.ts');
    await sandbox(rest, parsed.overrides);
  } else if (command === 'rules') {
    const { rules } = await import('./surfaces/rules/rules.ts');
    await rules(rest, parsed.overrides);
  } else if (command !== 'app-server') refuse(`there is no command ${JSON.stringify(command)}.`);
  else if (rest[0]?.startsWith('generate-')) await generate(rest);
  else if (rest[0] === 'proxy') await connectThrough(rest.slice(1));
  else if (rest.includes('--help') || rest.includes('-h')) process.stdout.write(APP_SERVER_HELP);
  else {
    const serve = parseServeArguments(rest, process.cwd());
    if ('problem' in serve) refuse(serve.problem, SERVER_HELP);
    else await appServer({ version: readVersion(), overrides: parsed.overrides, serve });
  }
}

await run();
