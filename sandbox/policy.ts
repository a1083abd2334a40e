// What a command may do, as plain data. How far a level can hold it is the report's business (detect.ts).
import { isAbsolute, join, normalize } from 'node:path';
import { type HostList, hostFault, parseHostPattern } from './hosts.ts';

export type NetworkPolicy = 'off' | 'on' | HostList;

/** How much of the machine a command may take; null is no limit. */
export type Limits = {
  /** Processes and threads that it may have at once. */
  processes: number | null;
  /** Bytes: of all its processes together where a control group can be had, else of each. */
  memory: number | null;
};

/** Far above what builds need, far below what stops a machine. */
export const DEFAULT_LIMITS: Limits = { processes: 8192, memory: null };

/** All paths are absolute. A path that does not exist is allowed everywhere and keeps its meaning. */
export type SandboxPolicy = {
  /** The workspace. Always readable, even where a private temp directory would cover it; writable only if in `write`. */
  roots: readonly string[];
  /** Readable trees; `all` is everything but `denyRead`. Writable trees and roots are readable in any case. */
  read: 'all' | readonly string[];
  /** Stay visible, read-only, where a private temp directory would cover them: tools that lie below /tmp. */
  expose: readonly string[];
  /** Writable trees. A private temp directory is always writable besides. */
  write: readonly string[];
  /** Read-only inside writable trees. Those that do not exist cannot be created (with the broker). */
  protect: readonly string[];
  /** File names that cannot be created, renamed to or changed at any depth of a writable tree (with the broker). */
  protectNames: readonly string[];
  /** Cannot be read. At level `landlock` the names in such a directory stay visible, its files do not. */
  denyRead: readonly string[];
  network: NetworkPolicy;
  /** `ro`: `.git` is read-only. `commit`: open but for hooks, config, and the files that point to other git directories. */
  git: 'ro' | 'commit';
  /** Directories that the command gets private and empty (level `namespaces`; elsewhere TMPDIR is private). */
  privateTemp: readonly string[];
  /**
   * A directory of the caller's that all of `privateTemp` show (and that is TMPDIR), so that a command finds what an
   * earlier one left there. Null: empty each time. The caller makes and removes it.
   */
  tempFrom: string | null;
  /** `DEFAULT_LIMITS` when not given. Linux. */
  limits?: Limits;
  /** No sandbox at all: the command runs with the user's rights. Only the environment is scrubbed, by the caller. */
  unconfined?: boolean;
};

export type PresetOptions = {
  /** Workspace folders. Symbolic links in them are resolved when a command starts. */
  roots: readonly string[];
  /** The user's home directory: where the well-known secrets lie. */
  home: string;
  /** The agent's own home, `~/.gantry` when not given: neither readable nor writable, as it holds threads and settings. */
  agentHome?: string;
  /** The host's temp directories that become private; `/tmp` and `/var/tmp` when not given. */
  tmp?: readonly string[];
  /** See `SandboxPolicy.tempFrom`; null when not given. */
  tempFrom?: string;
  /** More writable trees (package caches and the like). */
  extraWrite?: readonly string[];
  /** See `SandboxPolicy.expose`. */
  expose?: readonly string[];
  /** More paths that cannot be read. */
  extraDenyRead?: readonly string[];
  network?: NetworkPolicy;
  git?: 'ro' | 'commit';
  limits?: Limits;
  /** Also keep what tells a build server what to run (`CI_FILES`). */
  protectCi?: boolean;
};

/** Paths below the home directory that commands cannot read: keys, tokens, browser profiles, other agents' homes. */
export const SECRET_PATHS: readonly string[] = [
  '.env',
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.config/gcloud',
  '.config/gh',
  '.config/hub',
  '.config/op',
  '.config/rclone',
  '.config/doctl',
  '.config/heroku',
  '.config/age',
  '.config/sops',
  '.config/github-copilot',
  '.config/Code/User/globalStorage',
  '.oci',
  '.aliyun',
  '.bluemix',
  '.fly',
  '.wrangler',
  '.config/.wrangler',
  '.vercel',
  '.config/netlify',
  '.databrickscfg',
  '.snowflake',
  '.boto',
  '.s3cfg',
  '.pgpass',
  '.my.cnf',
  '.npmrc',
  '.yarnrc.yml',
  '.kube',
  '.docker/config.json',
  '.netrc',
  '.git-credentials',
  '.config/git/credentials',
  '.pypirc',
  '.password-store',
  '.local/share/keyrings',
  '.vault-token',
  '.terraform.d/credentials.tfrc.json',
  '.cargo/credentials.toml',
  '.gem/credentials',
  '.bash_history',
  '.zsh_history',
  '.node_repl_history',
  '.psql_history',
  '.mozilla',
  '.config/google-chrome',
  '.config/chromium',
  '.config/BraveSoftware',
  '.config/microsoft-edge',
  '.config/vivaldi',
  '.config/opera',
  '.var/app/org.mozilla.firefox',
  '.var/app/com.google.Chrome',
  'snap/firefox',
  'snap/chromium',
  '.thunderbird',
  'Library/Keychains',
  'Library/Cookies',
  'Library/Application Support/Google/Chrome',
  'Library/Application Support/Firefox',
  'Library/Application Support/BraveSoftware',
  'Library/Application Support/Microsoft Edge',
  'Library/Safari',
  '.codex',
  '.claude',
  '.gemini',
  '.cursor',
  '.aider',
  '.continue',
  '.codeium',
  '.qwen',
  '.local/share/opencode',
  '.local/share/goose',
  '.config/goose',
  '.copilot',
];

/** What the system keeps for root alone: a command that root runs cannot read it either. */
export const SYSTEM_SECRETS: readonly string[] = [
  '/etc/shadow',
  '/etc/shadow-',
  '/etc/gshadow',
  '/etc/gshadow-',
  '/etc/sudoers',
  '/etc/sudoers.d',
  '/etc/security/opasswd',
  '/etc/krb5.keytab',
  '/etc/ssl/private',
  '/etc/ssh/ssh_host_dsa_key',
  '/etc/ssh/ssh_host_ecdsa_key',
  '/etc/ssh/ssh_host_ed25519_key',
  '/etc/ssh/ssh_host_rsa_key',
  '/run/secrets',
];

/** Whose secrets are looked for besides the user's own, when a command of root has another home. */
const ROOT_HOME = '/root';

/** Inside each root: what would make an editor or an agent run something later. `.git` is handled by `git`. */
export const PROTECTED_IN_ROOT: readonly string[] = [
  '.gantry',
  '.codex',
  '.agents',
  '.vscode/settings.json',
  '.vscode/tasks.json',
  '.vscode/launch.json',
  '.vscode/mcp.json',
  '.claude/settings.json',
  '.claude/settings.local.json',
  '.cursor/mcp.json',
  '.gemini/settings.json',
  '.mcp.json',
  '.envrc',
];

/** What build servers run; writing it is part of ordinary work, so it is kept only when asked for. */
export const CI_FILES: readonly string[] = [
  '.github/workflows',
  '.github/actions',
  '.gitlab-ci.yml',
  '.circleci',
  '.travis.yml',
  'azure-pipelines.yml',
  'Jenkinsfile',
  'bitbucket-pipelines.yml',
  '.buildkite',
  '.drone.yml',
];

/** Read everything but secrets, write nothing but a private temp directory. Network off unless asked for. */
export function readOnly(options: PresetOptions): SandboxPolicy {
  const agentHome = options.agentHome ?? join(options.home, '.gantry');
  return {
    roots: absolute(options.roots),
    read: 'all',
    expose: absolute(options.expose ?? []),
    write: absolute(options.extraWrite ?? []),
    protect: [],
    protectNames: ['.git'],
    denyRead: absolute([
      ...[options.home, ROOT_HOME].flatMap((home) => SECRET_PATHS.map((path) => join(home, path))),
      ...SYSTEM_SECRETS,
      agentHome,
      ...(options.extraDenyRead ?? []),
    ]),
    network: options.network ?? 'off',
    git: options.git ?? 'ro',
    privateTemp: absolute(options.tmp ?? ['/tmp', '/var/tmp']),
    tempFrom: options.tempFrom === undefined ? null : (absolute([options.tempFrom])[0] ?? null),
    ...(options.limits ? { limits: options.limits } : {}),
  };
}

/** As `readOnly`, and the roots are writable but for `.git` (see `git`) and `PROTECTED_IN_ROOT`. */
export function workspaceWrite(options: PresetOptions): SandboxPolicy {
  const base = readOnly(options);
  const agentHome = options.agentHome ?? join(options.home, '.gantry');
  return {
    ...base,
    write: [...base.roots, ...base.write],
    protect: absolute([
      ...base.roots.flatMap((root) =>
        [...PROTECTED_IN_ROOT, ...(options.protectCi ? CI_FILES : [])].map((path) => join(root, path)),
      ),
      agentHome,
    ]),
  };
}

/** Danger: no sandbox. The command still ends with everything that it started (as far as its process group shows). */
export function fullAccess(): SandboxPolicy {
  return {
    roots: [],
    read: 'all',
    expose: [],
    write: ['/'],
    protect: [],
    protectNames: [],
    denyRead: [],
    network: 'on',
    git: 'commit',
    privateTemp: [],
    tempFrom: null,
    unconfined: true,
  };
}

/** What is wrong with a policy, as a sentence, or null. `spawnSandboxed` throws it: the caller checks what users write. */
export function policyFault(policy: SandboxPolicy): string | null {
  const lists = [
    policy.roots,
    policy.expose,
    policy.read === 'all' ? [] : policy.read,
    policy.write,
    policy.protect,
    policy.denyRead,
  ];
  for (const path of [...lists.flat(), ...policy.privateTemp, ...(policy.tempFrom === null ? [] : [policy.tempFrom])]) {
    if (!isAbsolute(path)) return `Sandbox paths must be absolute: ${JSON.stringify(path)}`;
    if (path.includes('\0')) return `Sandbox paths cannot hold a NUL: ${JSON.stringify(path)}`;
  }
  for (const name of policy.protectNames) {
    if (name === '' || name.includes('/') || name.includes('\0')) {
      return `protectNames takes file names, not paths: ${JSON.stringify(name)}`;
    }
  }
  if (typeof policy.network !== 'string') {
    const wrong = [...policy.network.hosts, ...(policy.network.denied ?? [])].find((one) => !parseHostPattern(one));
    if (wrong !== undefined) return hostFault(wrong);
  }
  const { processes, memory } = policy.limits ?? DEFAULT_LIMITS;
  if (processes !== null && !(Number.isInteger(processes) && processes >= 16 && processes <= 4_000_000)) {
    return `A command may have 16 to 4000000 processes, or no limit (null), not ${processes}`;
  }
  if (memory !== null && !(Number.isSafeInteger(memory) && memory >= 1024 * 1024)) {
    return `A command's memory is at least 1048576 bytes, or has no limit (null), not ${memory}`;
  }
  if (!policy.unconfined && policy.write.some((path) => normalize(path) === '/')) {
    return 'The whole file system cannot be a writable root; use danger-full-access for that';
  }
  return null;
}

function absolute(paths: readonly string[]): string[] {
  const cleaned = paths.map((path) => {
    if (!isAbsolute(path)) throw new TypeError(`Sandbox paths must be absolute: ${JSON.stringify(path)}`);
    const normal = normalize(path);
    return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
  });
  return [...new Set(cleaned)];
}
