/** The command line of `gantry exec`. (pure) */
import type { SandboxMode } from '../../protocol/index.ts';

export type ExecOptions = {
  json: boolean;
  /** Null: it is read from stdin. */
  prompt: string | null;
  /** Null: a new thread. */
  resume: { type: 'id'; id: string } | { type: 'last'; anyFolder: boolean } | null;
  cwd: string | null;
  addDirs: string[];
  images: string[];
  model: string | null;
  sandbox: SandboxMode | null;
  /** No sandbox, and no check for a repository. */
  bypass: boolean;
  skipGitRepoCheck: boolean;
  ephemeral: boolean;
  threadSource: string | null;
  outputSchema: string | null;
  outputLastMessage: string | null;
  /** `key=value` for config.toml, in the order given. */
  overrides: string[];
};

export type ExecArguments =
  | { type: 'run'; options: ExecOptions }
  | { type: 'help' }
  | { type: 'version' }
  | { type: 'problem'; problem: string };

export const EXEC_HELP = `Usage: gantry exec [OPTIONS] [PROMPT | -]
       gantry exec [OPTIONS] resume [ID | NAME | --last] [PROMPT | -]

Runs one turn without asking anything, and ends. The prompt is the argument, or stdin; with both, stdin is added to it.

Options:
  --json, --experimental-json     print events to stdout, one JSON object a line; else the last message
  -m, --model MODEL               the model to use
  -s, --sandbox MODE              read-only, workspace-write or danger-full-access
  -C, --cd DIR                    the working folder
  --add-dir DIR                   one more folder that may be written; may be repeated
  -i, --image FILE…               images for the prompt; takes all that follows, so put -- before the prompt
  -c, --config key=value          set a key of config.toml for this run; may be repeated
  --enable, --disable FEATURE     the same as -c features.FEATURE=true or false
  -p, --profile NAME              use [profiles.NAME] of config.toml
  --output-schema FILE            a JSON Schema for the last message
  -o, --output-last-message FILE  write the last message there
  --skip-git-repo-check           run outside of a git repository
  --ephemeral                     keep no thread on disk
  --full-auto                     the same as --sandbox workspace-write
  --dangerously-bypass-approvals-and-sandbox
                                  no sandbox, no repository needed
  --last, --all                   resume the newest thread, of this folder or of any

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`;

const SANDBOX_MODES: readonly string[] = ['read-only', 'workspace-write', 'danger-full-access'] satisfies SandboxMode[];

const isSandboxMode = (mode: string): mode is SandboxMode => SANDBOX_MODES.includes(mode);

/** What other clients know by another name. */
const ALIASES: Readonly<Record<string, string>> = {
  '-m': '--model',
  '-s': '--sandbox',
  '-C': '--cd',
  '-i': '--image',
  '-c': '--config',
  '-p': '--profile',
  '-o': '--output-last-message',
  '-h': '--help',
  '-V': '--version',
  '--experimental-json': '--json',
  '--yolo': '--dangerously-bypass-approvals-and-sandbox',
};

type Draft = ExecOptions & { last: boolean; all: boolean; isResume: boolean; words: string[] };

const SWITCHES: Readonly<Record<string, (draft: Draft) => void>> = {
  '--json': (draft) => {
    draft.json = true;
  },
  '--skip-git-repo-check': (draft) => {
    draft.skipGitRepoCheck = true;
  },
  '--ephemeral': (draft) => {
    draft.ephemeral = true;
  },
  '--full-auto': (draft) => {
    draft.sandbox ??= 'workspace-write';
  },
  '--dangerously-bypass-approvals-and-sandbox': (draft) => {
    draft.bypass = true;
  },
  '--last': (draft) => {
    draft.last = true;
  },
  '--all': (draft) => {
    draft.all = true;
  },
};

const text =
  (field: 'model' | 'cwd' | 'threadSource' | 'outputSchema' | 'outputLastMessage') =>
  (draft: Draft, value: string): undefined => {
    draft[field] = value;
  };

/** Each takes its value, and says what is wrong with it. */
const VALUES: Readonly<Record<string, (draft: Draft, value: string) => string | undefined>> = {
  '--model': text('model'),
  '--sandbox': (draft, value) => {
    if (!isSandboxMode(value)) return `--sandbox ${value} is not known: use ${SANDBOX_MODES.join(', ')}.`;
    draft.sandbox = value;
    return undefined;
  },
  '--cd': text('cwd'),
  '--add-dir': (draft, value) => void draft.addDirs.push(value),
  '--image': (draft, value) => void draft.images.push(...value.split(',').filter((file) => file !== '')),
  '--config': (draft, value) => {
    if (value.indexOf('=') < 1) return `--config ${value} is not key=value, such as --config model="gpt-5.5".`;
    draft.overrides.push(value);
    return undefined;
  },
  '--enable': (draft, value) => void draft.overrides.push(`features.${value}=true`),
  '--disable': (draft, value) => void draft.overrides.push(`features.${value}=false`),
  '--profile': (draft, value) => void draft.overrides.push(`profile=${JSON.stringify(value)}`),
  '--thread-source': text('threadSource'),
  '--output-schema': text('outputSchema'),
  '--output-last-message': text('outputLastMessage'),
  '--color': () => undefined,
};

const NOT_BUILT: readonly string[] = ['review', 'fork'];

const emptyDraft = (): Draft => ({
  json: false,
  prompt: null,
  resume: null,
  cwd: null,
  addDirs: [],
  images: [],
  model: null,
  sandbox: null,
  bypass: false,
  skipGitRepoCheck: false,
  ephemeral: false,
  threadSource: null,
  outputSchema: null,
  outputLastMessage: null,
  overrides: [],
  last: false,
  all: false,
  isResume: false,
  words: [],
});

const isFlag = (arg: string | undefined): boolean => arg !== undefined && arg.length > 1 && arg.startsWith('-');

/** A short flag with its value right behind it, as in `-mgpt-5.5`. */
function attached(arg: string): RegExpExecArray | null {
  const match = /^(-[A-Za-z])([^=].*)$/s.exec(arg);
  return match && Object.hasOwn(VALUES, ALIASES[match[1] ?? ''] ?? '') ? match : null;
}

/** Reads what stands after `exec`. Nothing is looked at but the words themselves. */
export function parseExecArguments(args: readonly string[]): ExecArguments {
  const draft = emptyDraft();
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--') {
      draft.words.push(...args.slice(index + 1));
      break;
    }
    if (!isFlag(arg)) {
      const isFirst = draft.words.length === 0 && !draft.isResume;
      if (isFirst && arg === 'help') return { type: 'help' };
      if (isFirst && NOT_BUILT.includes(arg)) return wrong(`exec ${arg} is not built into this version of Gantry yet.`);
      if (isFirst && arg === 'resume') draft.isResume = true;
      else draft.words.push(arg);
      continue;
    }
    const inline = attached(arg) ?? /^(--?[A-Za-z-]+)=(.*)$/s.exec(arg);
    const written = inline?.[1] ?? arg;
    const name = ALIASES[written] ?? written;
    if (name === '--help') return { type: 'help' };
    if (name === '--version') return { type: 'version' };
    const set = Object.hasOwn(SWITCHES, name) ? SWITCHES[name] : undefined;
    const take = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
    if (set && !inline) set(draft);
    else if (take) {
      const value = inline ? inline[2] : args[++index];
      if (value === undefined || (!inline && isFlag(value))) return wrong(`${written} needs a value.`);
      const problem = take(draft, value);
      if (problem) return wrong(problem);
      // Images may follow each other after one flag; what is no image of a new thread stands after `--`.
      while (name === '--image' && !draft.isResume && args[index + 1] !== undefined && !isFlag(args[index + 1]))
        take(draft, args[++index] ?? '');
    } else return wrong(set ? `${written} takes no value.` : `exec does not know ${written}.`);
  }
  return finish(draft);
}

const wrong = (problem: string): ExecArguments => ({ type: 'problem', problem });

function finish({ last, all, isResume, words, ...options }: Draft): ExecArguments {
  const rest = [...words];
  if ((last || all) && !isResume) return wrong(`${last ? '--last' : '--all'} goes with resume.`);
  if (isResume && last) options.resume = { type: 'last', anyFolder: all };
  else if (isResume) {
    const id = rest.shift();
    if (id === undefined) return wrong('resume needs the id or the name of a thread, or --last.');
    options.resume = { type: 'id', id };
  }
  const prompt = rest.shift();
  if (prompt !== undefined && prompt !== '-') options.prompt = prompt;
  if (rest.length > 0)
    return wrong(`there is more than one prompt (${JSON.stringify(rest[0])}): put it into one argument.`);
  return { type: 'run', options };
}
