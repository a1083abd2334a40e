/** The command line of `gantry sandbox`. (pure) */
import { parseHostPattern } from '../../../sandbox/index.ts';
import type { SandboxMode } from '../../protocol/index.ts';

export type SandboxOptions = {
  /** Null: what the profile or the configuration says, else workspace-write. */
  mode: SandboxMode | null;
  /** A permission profile; null: the configuration's. */
  profile: string | null;
  /** The folder to run in, which is also the workspace; null: the current one. */
  root: string | null;
  write: string[];
  denyRead: string[];
  hosts: string[];
  network: boolean;
  git: 'ro' | 'commit' | null;
  log: boolean;
  explain: boolean;
  /** `key=value` for config.toml. */
  overrides: string[];
  /** Empty only with `explain`. */
  command: string[];
};

export type SandboxArguments =
  | { type: 'run'; options: SandboxOptions }
  | { type: 'help' }
  | { type: 'problem'; problem: string };

export const SANDBOX_HELP = `Usage: gantry sandbox [OPTIONS] [--] COMMAND [ARGUMENT…]
       gantry sandbox --explain [OPTIONS]

Runs a command as the agent's commands run. Its input, output and exit code are the command's own; signals are passed on.

Options:
  -s, --sandbox MODE    read-only, workspace-write or danger-full-access; workspace-write when nothing says otherwise
  --profile NAME        a permission profile: [permissions.NAME] of config.toml, :read-only or :workspace;
                        --sandbox can narrow it, not widen it
  -C, --cd ROOT         the folder to run in, which is the workspace
  --write DIR           one more folder that may be written; may be repeated
  --deny-read PATH      one more path that cannot be read; may be repeated; need not exist yet
  --allow-host HOST     a host that may be reached: example.com, *.example.com, 192.0.2.1, each with :PORT; may be repeated
  --network             the whole network
  --git ro|commit       whether commits in the workspace work; git's hooks and settings are closed either way
  --log                 say on stderr which hosts, names and sockets were blocked; of a read or write that the kernel itself
                        refuses only the command tells (Permission denied, Read-only file system)
  --explain             print the policy, and what of it this machine enforces; runs nothing
  -c, --config key=value
                        set a key of config.toml for this run; may be repeated

What the command line does not say is taken from config.toml. A private, empty /tmp takes the place of this machine's.

Exit codes: the command's; 128 + N when signal N ended it; 125 when the sandbox could not be set up, and nothing ran;
126 and 127 when the command cannot be run or found; 2 wrong usage.
`;

const MODES: readonly string[] = ['read-only', 'workspace-write', 'danger-full-access'] satisfies SandboxMode[];
const isMode = (text: string): text is SandboxMode => MODES.includes(text);

const ALIASES: Readonly<Record<string, string>> = { '-s': '--sandbox', '-C': '--cd', '-c': '--config', '-h': '--help' };

const SWITCHES: Readonly<Record<string, (options: SandboxOptions) => void>> = {
  '--log': (options) => {
    options.log = true;
  },
  '--explain': (options) => {
    options.explain = true;
  },
  '--network': (options) => {
    options.network = true;
  },
};

/** Each takes its value, and says what is wrong with it. */
const VALUES: Readonly<Record<string, (options: SandboxOptions, value: string) => string | null>> = {
  '--sandbox': (options, value) => {
    if (!isMode(value)) return `--sandbox ${value} is not known: use ${MODES.join(', ')}.`;
    options.mode = value;
    return null;
  },
  '--profile': (options, value) => {
    options.profile = value;
    return null;
  },
  '--cd': (options, value) => {
    options.root = value;
    return null;
  },
  '--write': (options, value) => {
    options.write.push(value);
    return null;
  },
  '--deny-read': (options, value) => {
    options.denyRead.push(value);
    return null;
  },
  '--allow-host': (options, value) => {
    if (!parseHostPattern(value))
      return `--allow-host ${value} is no host: use example.com, *.example.com or an address.`;
    options.hosts.push(value);
    return null;
  },
  '--git': (options, value) => {
    if (value !== 'ro' && value !== 'commit') return `--git ${value} is not known: use ro or commit.`;
    options.git = value;
    return null;
  },
  '--config': (options, value) => {
    if (value.indexOf('=') < 1) return `--config ${value} is not key=value.`;
    options.overrides.push(value);
    return null;
  },
};

/** The first option that asks for something to be held, which only a sandbox can; null: there is none. */
export function narrowing({ profile, denyRead, hosts, git }: SandboxOptions): string | null {
  if (profile !== null && profile !== ':danger-full-access') return '--profile';
  if (denyRead.length > 0) return '--deny-read';
  if (hosts.length > 0) return '--allow-host';
  return git === 'ro' ? '--git ro' : null;
}

const wrong = (problem: string): SandboxArguments => ({ type: 'problem', problem });

/** Reads what stands after `sandbox`. The first word that is no option begins the command. */
export function parseSandboxArguments(args: readonly string[]): SandboxArguments {
  const options: SandboxOptions = {
    mode: null,
    profile: null,
    root: null,
    write: [],
    denyRead: [],
    hosts: [],
    network: false,
    git: null,
    log: false,
    explain: false,
    overrides: [],
    command: [],
  };
  let index = 0;
  for (; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--' || !arg.startsWith('-') || arg === '-') break;
    const inline = /^(--?[A-Za-z-]+)=(.*)$/s.exec(arg);
    const written = inline?.[1] ?? arg;
    const name = ALIASES[written] ?? written;
    if (name === '--help') return { type: 'help' };
    const set = Object.hasOwn(SWITCHES, name) ? SWITCHES[name] : undefined;
    const take = Object.hasOwn(VALUES, name) ? VALUES[name] : undefined;
    if (set && !inline) set(options);
    else if (take) {
      const value = inline ? inline[2] : args[++index];
      if (value === undefined || value === '' || value === '--') return wrong(`${written} needs a value.`);
      const problem = take(options, value);
      if (problem !== null) return wrong(problem);
    } else return wrong(set ? `${written} takes no value.` : `sandbox does not know ${written}.`);
  }
  options.command = args.slice(args[index] === '--' ? index + 1 : index);
  if (options.command.length === 0 && !options.explain)
    return wrong(
      'there is no command to run. Put it after --, as in: gantry sandbox --write ../cache -- npm test; or ask for --explain, which runs nothing.',
    );
  if (options.network && options.hosts.length > 0) return wrong('--network and --allow-host exclude each other.');
  const idle = options.mode === 'danger-full-access' ? narrowing(options) : null;
  if (idle) return wrong(`${idle} cannot be held to: --sandbox danger-full-access confines nothing.`);
  return { type: 'run', options };
}
