// What a command may do, as plain data. How far a level can hold it is the report's business (detect.ts).
import { isAbsolute, join, normalize } from 'node:path';
import { type HostList, hostFault, parseHostPattern } from './hosts.ts';
import { CI_FILES, PROTECTED_IN_ROOT, PROTECTED_NAMES, SYSTEM_SECRETS, secretsBelow } from './places.ts';

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
  /**
   * File names that cannot be created, renamed to or changed at any depth of a writable tree (with the broker), nor what
   * some file system takes for them. `.git` counts in the whole path, others below the outermost writable tree.
   */
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

/** Read everything but secrets, write nothing but a private temp directory. Network off unless asked for. */
export function readOnly(options: PresetOptions): SandboxPolicy {
  const agentHome = options.agentHome ?? join(options.home, '.gantry');
  return {
    roots: absolute(options.roots),
    read: 'all',
    expose: absolute(options.expose ?? []),
    write: absolute(options.extraWrite ?? []),
    protect: [],
    protectNames: PROTECTED_NAMES,
    denyRead: absolute([...secretsBelow(options.home), ...SYSTEM_SECRETS, agentHome, ...(options.extraDenyRead ?? [])]),
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
