/** What a server that runs as a command may do: read the workspace and the system's programs, and nothing else unless told. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fullAccess, PROTECTED_IN_ROOT, readOnly, type SandboxPolicy } from '../../sandbox/index.ts';
import { createResolver, isUnder } from '../execution/real-paths.ts';
import type { Homes } from '../execution/sandbox-settings.ts';
import { programFolders, toolFolders } from './program.ts';
import type { StdioServer } from './server-config.ts';

export type Profile = {
  /** False: it runs with the user's own rights, and the rest says nothing. */
  confined: boolean;
  /** Besides the system's programs; the workspace first. `all`: everything but what holds secrets. */
  read: 'all' | string[];
  /** Besides a temp directory of its own. */
  write: string[];
  network: boolean | string[];
};

export type Place = {
  /** The workspace. */
  roots: readonly string[];
  homes: Homes;
  /** The PATH that the server gets, or the user's own where a project could have set it. */
  searchPath: string;
};

/** Where systems keep programs, libraries and what every program reads. */
const SYSTEM = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib64',
  '/etc',
  '/opt',
  '/nix',
  '/snap',
  '/dev',
  '/proc',
  '/sys',
  '/run',
];

/** Below the home: where tool chains and their package stores lie, so that `npx` or `uvx` find what is installed. */
const TOOL_HOMES = [
  '.npm',
  '.nvm',
  '.volta',
  '.fnm',
  '.bun',
  '.deno',
  '.pyenv',
  '.nodenv',
  '.rbenv',
  '.goenv',
  '.proto',
  '.dotnet',
  '.rustup',
  '.cargo/bin',
  '.local/bin',
  '.local/lib',
  '.local/pipx',
  '.local/share/pipx',
  '.local/share/virtualenvs',
  '.local/share/uv',
  '.local/share/pnpm',
  '.local/share/fnm',
  '.local/share/mise',
  '.cache/uv',
  '.cache/pnpm',
  '.asdf',
  '.sdkman',
  'go/bin',
];

const expanded = (folder: string, root: string, home: string): string =>
  folder === '~' || folder.startsWith('~/') ? path.join(home, folder.slice(1)) : path.resolve(root, folder);

/** With absolute paths. */
export function profileOf({ sandbox, cwd }: Pick<StdioServer, 'sandbox' | 'cwd'>, { roots, homes }: Place): Profile {
  const root = roots[0] ?? cwd;
  const absolute = (folders: readonly string[]) => folders.map((folder) => expanded(folder, root, homes.user));
  return {
    confined: sandbox.mode !== 'off',
    read: sandbox.read === 'all' ? 'all' : [...new Set([...roots, ...absolute(sandbox.read ?? [])])],
    write: absolute(sandbox.write ?? []),
    network: sandbox.network ?? false,
  };
}

function isInside(folder: string, roots: readonly string[]): boolean {
  const look = createResolver();
  return roots.some((root) => isUnder(look.realish(folder), look.realish(root)));
}

/** What the kernel holds the server to. `tempFrom` is the server's own /tmp. */
export function profilePolicy(server: StdioServer, profile: Profile, place: Place, tempFrom: string): SandboxPolicy {
  if (!profile.confined) return fullAccess();
  const { homes, roots, searchPath } = place;
  // Its program, its folder and its arguments are the project's word: they let it see nothing beside the workspace.
  const mayName = (folder: string) => !server.isProjects || isInside(folder, roots);
  const [agentHome, ...others] = homes.agent;
  const tools = [
    ...toolFolders(searchPath, homes.user),
    ...programFolders(server, homes.user).filter(mayName),
    path.dirname(process.execPath),
  ];
  const preset = readOnly({
    roots: [...roots],
    home: homes.user,
    ...(agentHome === undefined ? {} : { agentHome }),
    extraDenyRead: [...others, path.join(homes.user, '.gantry')],
    expose: profile.read === 'all' ? tools : [...tools, ...profile.read],
    extraWrite: profile.write,
    tempFrom,
    network: Array.isArray(profile.network) ? { hosts: profile.network } : profile.network ? 'on' : 'off',
  });
  // As for commands: what an editor or an agent would run later is nobody's to write, whatever may be written.
  const policy = {
    ...preset,
    protect: [...preset.protect, ...homes.agent, ...runsLater([...roots, ...profile.write])],
  };
  if (profile.read === 'all') return policy;
  const stores = TOOL_HOMES.map((folder) => path.join(homes.user, folder));
  const read = [...SYSTEM, ...stores, ...tools, ...profile.read, ...[server.cwd].filter(mayName)].filter((folder) =>
    existsSync(folder),
  );
  return { ...policy, read: [...new Set(read)] };
}

const runsLater = (folders: readonly string[]): string[] =>
  folders.flatMap((folder) => PROTECTED_IN_ROOT.map((name) => path.join(folder, name)));

/** For people: what it may do, in a sentence. */
export function profileText(profile: Profile): string {
  if (!profile.confined) return 'It runs without a sandbox, with all your rights.';
  const read = profile.read === 'all' ? 'everything but what holds secrets' : profile.read.join(', ');
  const write = profile.write.length === 0 ? 'nothing' : profile.write.join(', ');
  const hosts = Array.isArray(profile.network) ? profile.network.join(', ') : profile.network ? 'all of it' : 'none';
  return `It may read ${read}, write ${write}, and use ${hosts === 'none' ? 'no network' : `the network: ${hosts}`}.`;
}

/** How to allow more, for who may change the configuration. */
export const widenHelp = (name: string): string =>
  `To allow more, set network, read or write in [mcp_servers.${name}.sandbox] of your config.toml.`;
