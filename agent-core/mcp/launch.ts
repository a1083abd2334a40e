/** Starts a server that is a command: in the sandbox, under its own profile, with an environment without keys. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  type Blocked,
  explainDenial,
  type SandboxedProcess,
  type SandboxPolicy,
  type SandboxReport,
  SandboxUseError,
  scrubEnv,
  spawnSandboxed,
} from '../../sandbox/index.ts';
import { scrubSecrets } from '../config/index.ts';
import type { Homes } from '../execution/sandbox-settings.ts';
import { AgentError } from '../protocol/index.ts';
import { closedPath, closedText } from './closed-path.ts';
import { withFetched } from './fetched.ts';
import { type Profile, profileOf, profilePolicy, profileText, widenHelp } from './profile.ts';
import { namedFiles } from './program.ts';
import type { StdioServer } from './server-config.ts';

export type LaunchPlace = {
  roots: readonly string[];
  homes: Homes;
  /** The core's own environment. */
  env: Readonly<Record<string, string | undefined>>;
  /** Settles when it is known what the sandbox can do. */
  report: () => Promise<SandboxReport>;
};

export type Launched = {
  process: SandboxedProcess;
  /** What it said on stderr, its end, without what looks like a key. */
  stderr(): string;
  /** What the sandbox blocked since this was last asked, or probably blocked by what was said; null: nothing. */
  explain(text: string): string | null;
  /** What a start that failed without a word of the sandbox's probably wanted; null: nothing is known. */
  likely: string | null;
};

/** How programs say that they could not read something; what is hidden from them is not there. */
const COMPLAINT =
  /permission denied|not permitted|EACCES|EPERM|no such file|ENOENT|cannot find|can't open|could not find|not found|no module named/i;

/** What the sandbox's helper says of a program that it cannot find. */
const isNotFound = (said: string, command: string): boolean =>
  !command.includes(path.sep) && said.includes(`sbx: ${command}: No such file or directory`);

const MOST_STDERR = 16 * 1024;
const SHOWN_STDERR = 600;

/** Commands that fetch the program they run: of use only with a network, and then with a store of their own. */
const RUNNERS: ReadonlySet<string> = new Set([
  'npx',
  'npm',
  'pnpm',
  'pnpx',
  'yarn',
  'bunx',
  'bun',
  'uvx',
  'uv',
  'pipx',
]);

function storeOf(name: string, server: StdioServer, profile: Profile, { env, homes }: LaunchPlace): string | null {
  if (!profile.confined || profile.network === false || !isRunner(server)) return null;
  const caches = env.XDG_CACHE_HOME || path.join(homes.user, '.cache');
  return path.join(caches, 'gantry-mcp', name.replace(/[^A-Za-z0-9_-]/g, '_'));
}

/** Without a network a package runner can only take what is there already, and shall say so at once. */
const OFFLINE: Readonly<Record<string, string>> = {
  npm_config_offline: 'true',
  npm_config_fetch_retries: '0',
  UV_OFFLINE: '1',
};

const isRunner = ({ command }: StdioServer): boolean => RUNNERS.has(path.basename(command));

const storeVariables = (store: string): Record<string, string> => ({
  npm_config_cache: path.join(store, 'npm'),
  UV_CACHE_DIR: path.join(store, 'uv'),
  BUN_INSTALL_CACHE_DIR: path.join(store, 'bun'),
  PIPX_HOME: path.join(store, 'pipx'),
});

/** Where the user's own certificates lie: without them a network behind a company's proxy is none. */
const CERTIFICATES = [
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'PIP_CERT',
];
const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];

/** For who may use the network. A proxy that takes a password is not told: the password is the user's. */
const networkVariables = (env: LaunchPlace['env']): string[] => [
  ...CERTIFICATES,
  ...PROXIES.filter((name) => !env[name]?.includes('@')),
];

/** The server's own table, and from the user's environment what a program needs and what `env_vars` names. */
function serverEnvironment(server: StdioServer, profile: Profile, env: LaunchPlace['env']): Record<string, string> {
  const network = profile.confined && profile.network === false ? [] : networkVariables(env);
  return scrubEnv(env, { inherit: 'core', include: [...server.envVars, ...network], set: server.env });
}

/** What a server may do, with the store that its package runner is given. */
export function launchProfile(name: string, server: StdioServer, place: LaunchPlace): Profile {
  const profile = profileOf(server, { ...place, searchPath: '' });
  const store = storeOf(name, server, profile, place);
  return store === null ? profile : { ...profile, write: [...profile.write, store] };
}

/**
 * Aborting kills it with everything it started. Rejects with `AgentError` when there is no sandbox and the profile wants
 * one, or when the program cannot be run.
 */
export async function launch(
  name: string,
  configured: StdioServer,
  place: LaunchPlace,
  signal: AbortSignal,
): Promise<Launched> {
  const report = await place.report();
  const profile = launchProfile(name, configured, place);
  const isOffline = profile.confined && profile.network === false;
  const server = (isOffline ? withFetched(configured, place) : null) ?? configured;
  if (profile.confined && report.level === 'none') {
    throw new AgentError(
      'mcp',
      `${name} is not started: there is no sandbox on this machine (${report.reason ?? 'none was found'}). To run it with all your rights, set mode = "off" in [mcp_servers.${name}.sandbox] of your config.toml.`,
    );
  }
  signal.throwIfAborted();
  const base = serverEnvironment(server, profile, place.env);
  const store = storeOf(name, server, profile, place);
  if (store !== null) mkdirSync(store, { recursive: true, mode: 0o700 });
  const needsNetwork = isRunner(server) && isOffline;
  const env = {
    ...base,
    ...(store === null ? {} : storeVariables(store)),
    ...(needsNetwork ? OFFLINE : {}),
    ...server.env,
  };
  // By this name the next core finds what one that was killed left behind.
  const temp = mkdtempSync(path.join(tmpdir(), `gantry-tmp-${process.pid}-mcp-`));
  const removeTemp = () => rmSync(temp, { recursive: true, force: true, maxRetries: 3 });
  const searchPath = (server.isProjects ? place.env.PATH : env.PATH) ?? '';
  const policy = profilePolicy(server, profile, { ...place, searchPath }, temp);
  let child: SandboxedProcess;
  try {
    child = spawnSandboxed({
      argv: [server.command, ...server.args],
      cwd: server.cwd,
      env,
      policy,
      report,
      stdio: { stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' },
      signal,
    });
  } catch (error) {
    removeTemp();
    if (error instanceof SandboxUseError) throw new AgentError('mcp', `${name} is not started: ${error.message}`);
    throw error;
  }
  void child.exited.then(removeTemp);
  const likely = needsNetwork
    ? `${path.basename(server.command)} fetches the server from the network, which this one may not use. Install it and name its program as command, or let it fetch: network = ["registry.npmjs.org"] for npm's, ["pypi.org", "files.pythonhosted.org"] for Python's. ${profileText(profile)} ${widenHelp(name)}`
    : null;
  return watched(name, child, {
    policy,
    profile,
    likely,
    secrets: secretsOf(server, env),
    program: { command: server.command, files: namedFiles(server), home: place.homes.user },
  });
}

/** Values that were handed to the server by name: they are repeated to nobody. */
const secretsOf = (server: StdioServer, env: Readonly<Record<string, string>>): string[] => [
  ...server.envVars.flatMap((variable) => env[variable] ?? []),
  ...Object.values(server.env).filter((value) => value.length >= 16),
];

const WHY = {
  unknown: 'it is not on the list',
  denied: 'it is forbidden',
  address: 'its address is not one of the public internet',
  malformed: 'that is no host',
} as const;

/** What the proxy and the broker refused is known, not guessed. */
const blockedText = (blocked: Blocked): string =>
  blocked.type === 'host'
    ? `reaching ${blocked.host}:${blocked.port} (${WHY[blocked.reason]})`
    : `${blocked.type === 'write' ? 'writing' : 'connecting to'} ${blocked.path}`;

type Watched = {
  policy: SandboxPolicy;
  profile: Profile;
  likely: string | null;
  secrets: readonly string[];
  program: { command: string; files: readonly string[]; home: string };
};

/** Its beginning and its end: programs say what is wrong first or last, and show where in between. */
const shortened = (text: string): string =>
  text.length <= SHOWN_STDERR ? text : `${text.slice(0, SHOWN_STDERR / 2)} […] ${text.slice(-SHOWN_STDERR / 2)}`;

function watched(name: string, child: SandboxedProcess, options: Watched): Launched {
  const { policy, profile, likely, secrets, program } = options;
  let tail = '';
  let told = 0;
  child.stderr?.setEncoding('utf8');
  child.stderr?.on('data', (text: string) => {
    tail = (tail + text).slice(-MOST_STDERR);
  });
  child.stderr?.on('error', () => {});
  return {
    process: child,
    likely,
    stderr: () => shortened(scrubSecrets(tail, secrets).trim()),
    explain(text) {
      const blocked = child.blocked.slice(told).map(blockedText);
      told = child.blocked.length;
      const help = `${profileText(profile)} ${widenHelp(name)}`;
      if (blocked.length > 0) return `Blocked by the sandbox: ${[...new Set(blocked)].join('; ')}. ${help}`;
      const said = `${tail}\n${text}`;
      if (isNotFound(tail, program.command)) {
        return `There is no program ${program.command} in the PATH that servers get. Write its whole path as command.`;
      }
      const closed = closedPath({ ...program, text: said, policy });
      if (closed !== null && COMPLAINT.test(said)) return `${closedText(name, closed)} ${profileText(profile)}`;
      const denial = explainDenial(said, 1, policy);
      if (denial === null) return null;
      const what = denial.hint.split('. ')[0]?.replace(/\.$/, '');
      return `${what}. ${help}`;
    },
  };
}
