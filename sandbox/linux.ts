// A policy as the Linux helper takes it: arguments and a system call filter.
import { randomInt } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { gitRules } from './git.ts';
import { createResolver, denyAround, isUnder, sorted } from './paths.ts';
import { SYSTEM_SECRETS } from './places.ts';
import { DEFAULT_LIMITS, type SandboxPolicy } from './policy.ts';
import type { SandboxReport } from './report.ts';
import { type Architecture, assembleFilter, encodeFilter, type FilterOptions } from './seccomp.ts';

export type LinuxPlan = {
  /** The helper's arguments, without its own path, up to and with the command. */
  args: string[];
  /** What goes down the channel first: instruction count (32 bits, this machine's order) and instructions. */
  filter: Buffer;
  options: FilterOptions;
};

export type LinuxRequest = {
  policy: SandboxPolicy;
  report: Pick<SandboxReport, 'level' | 'broker'>;
  argv: readonly string[];
  cwd: string;
  /** The command's private temp directory, writable (level `landlock`, which cannot replace /tmp). */
  temp: string | null;
  architecture: Architecture;
  /** The broker counts processes and threads, as nothing else limits them here. From `mustCount`. */
  counted?: boolean;
  /** Where the command shall find its proxy; null: it has none. From `proxyPlace`. */
  proxy?: ProxyPlace | null;
};

/** On the command's loopback network. */
export type ProxyPlace = { address: string; port: number };

/**
 * Whether the broker must hold the limit on processes: RLIMIT_NPROC does not bind root, and a pid namespace has numbers
 * of its own only from Linux 6.14 on. `release` as `os.release()` gives it.
 */
export function mustCount(
  report: Pick<SandboxReport, 'level' | 'broker'>,
  machine: { isRoot: boolean; release: string },
): boolean {
  const [major = 0, minor = 0] = machine.release.split('.').map((part) => Number.parseInt(part, 10));
  const isPrivate = report.level === 'namespaces' && (major > 6 || (major === 6 && minor >= 14));
  return machine.isRoot && report.broker && !isPrivate;
}

const PROXY_PORT = 43128;

/**
 * Where a command's proxy will listen; null when its policy has no list of hosts, or this machine cannot hold one (level
 * `landlock` without the broker), which is then enforced as no network.
 */
export function proxyPlace(policy: SandboxPolicy, report: Pick<SandboxReport, 'level' | 'broker'>): ProxyPlace | null {
  if (typeof policy.network === 'string') return null;
  if (report.level === 'namespaces') return { address: '127.0.0.1', port: PROXY_PORT };
  if (!report.broker) return null;
  // The host's own loopback network: an address that nobody else has, and that cannot be guessed.
  return { address: `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`, port: PROXY_PORT };
}

/** The descriptor that the helper finds its channel at. */
export const CHANNEL = 3;

/** Looks at the file system (links, git directories), changes nothing. */
export function planLinux(request: LinuxRequest): LinuxPlan {
  const { policy, report } = request;
  const resolver = createResolver();
  const { realish, entryAndTarget, exists } = resolver;
  const level1 = report.level === 'namespaces';
  const network = policy.network === 'on';
  const cwd = realish(request.cwd);
  const roots = policy.roots.map(realish);
  const git = roots.map((root) => gitRules(root, policy.git, resolver));
  const gitWrite = policy.git === 'commit' ? git.flatMap((rules) => rules.write) : [];
  const canWrite = policy.write.length > 0;
  const write = sorted([...policy.write.map(realish), ...(canWrite ? gitWrite : [])]);
  // Where a command runs is the model's choice: it opens nothing that is denied. Roots and what may be written do.
  // A mount covers only what is there; what is not, and cannot be made by the command, would only cost it time.
  const isHeld = (path: string): boolean =>
    !level1 || exists(path) || write.some((root) => isUnder(realish(path), root));
  const denied = policy.denyRead.filter((path) => isWorthDenying(path) && isHeld(path)).map(realish);
  const deny = denyAround(denied, [...roots, ...write]);
  const covered = policy.privateTemp.map(realish);
  const tools = policy.expose
    .map(realish)
    .filter((path) => covered.some((temp) => path !== temp && isUnder(path, temp)));
  const seen = [...roots, ...[cwd, ...tools].filter((path) => !deny.some((one) => isUnder(path, one)))];
  const expose = sorted(seen.filter((path) => !write.some((root) => isUnder(path, root))));
  const temp = level1 ? covered : request.temp ? [realish(request.temp)] : [];
  const protect = sorted([...policy.protect.flatMap(entryAndTarget), ...git.flatMap((rules) => rules.protect)]);
  const proxy = request.proxy ?? null;
  const { processes, memory } = policy.limits ?? DEFAULT_LIMITS;
  const counts = request.counted === true && processes !== null;
  const options: FilterOptions = {
    ...filterOptions(policy, report, { protects: protect.length > 0 && canWrite, proxied: proxy !== null }),
    ...(counts ? { counts } : {}),
  };

  const args = ['--level', level1 ? '1' : '2', '--channel', String(CHANNEL), '--cwd', cwd];
  if (network) args.push('--network');
  if (options.broker !== 'none') args.push('--broker');
  if (proxy) args.push('--proxy', `${proxy.address}:${proxy.port}`);
  if (processes !== null) args.push('--processes', String(processes));
  if (counts) args.push('--counted');
  if (memory !== null) args.push('--memory', String(memory));
  if (policy.git === 'commit') args.push('--git-commit');
  const add = (option: string, values: readonly string[]): void => {
    for (const value of values) args.push(option, value);
  };
  add('--read', policy.read === 'all' ? ['/'] : sorted(policy.read.map(realish)));
  add('--write', write);
  add('--expose', expose);
  add('--protect', protect);
  add('--name', policy.protectNames);
  add('--temp', sorted(temp));
  if (level1 && policy.tempFrom !== null && temp.length > 0) args.push('--temp-from', realish(policy.tempFrom));
  // Level 2 sees the host's /dev: the helper opens the harmless devices one by one. A workspace may lie in /dev/shm.
  add('--hide', level1 ? deny : sorted([...deny, ...denyAround(['/dev'], [...roots, ...write])]));
  if (level1) {
    add('--pin', pins(protect, write, policy.git === 'commit' ? git.flatMap((rules) => rules.pin) : [], options));
  }
  args.push('--', ...request.argv);

  const program = assembleFilter(options, request.architecture);
  const count = Buffer.alloc(4);
  count.writeUInt32LE(program.length); // both architectures are little endian
  return { args, filter: Buffer.concat([count, encodeFilter(program)]), options };
}

/** What the system keeps from this user by itself needs no rule, and each rule costs time. */
function isWorthDenying(path: string): boolean {
  if (!SYSTEM_SECRETS.includes(path)) return true;
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function filterOptions(
  policy: SandboxPolicy,
  report: Pick<SandboxReport, 'level' | 'broker'>,
  { protects, proxied }: { protects: boolean; proxied: boolean },
): FilterOptions {
  const level1 = report.level === 'namespaces';
  const sockets = policy.network === 'on' || level1 ? 'inet' : proxied ? 'proxy' : 'unix';
  if (!level1) return { sockets, broker: report.broker ? 'all' : 'none', sharedIpc: true };
  if (!report.broker) return { sockets, broker: 'none', ownProcesses: true };
  // Mounts hold what exists; only names that do not exist yet need every creation to be looked at.
  const names = policy.write.length > 0 && policy.protectNames.length > 0;
  return { sockets, broker: protects || names ? 'create' : 'connect', ownProcesses: true };
}

// Without the broker, a protected path could be moved away with its parent: then the directories between it and its
// writable root are made mount points too. That costs renames across them, so it is done only where needed.
function pins(
  protect: readonly string[],
  write: readonly string[],
  always: readonly string[],
  options: FilterOptions,
): string[] {
  const result = [...always];
  if (options.broker === 'none' || options.broker === 'connect') {
    for (const path of protect) {
      const root = write.find((one) => path !== one && isUnder(path, one));
      if (!root) continue;
      const between = path.slice(root.length).split('/').slice(1, -1);
      let at = root;
      for (const name of between) {
        at = `${at}/${name}`;
        result.push(at);
      }
    }
  }
  return sorted(result.filter((path) => !write.includes(path) || always.includes(path)));
}
