/** A permission profile, as a person wrote it, in the sandbox's terms. */
import path from 'node:path';
import type { HostList, NetworkPolicy, PresetOptions, SandboxPolicy } from '../../sandbox/index.ts';
import { DEFAULT_LIMITS } from '../../sandbox/index.ts';
import { type Access, isWorkspaceKey, type PermissionProfile } from '../config/index.ts';

export type Permissions = {
  options: Pick<PresetOptions, 'git' | 'limits' | 'protectCi'>;
  /** Absolute paths, all of them. */
  read: 'all' | string[];
  write: string[];
  /** Inside of what may be written. */
  readOnly: string[];
  closed: string[];
  /** Whether the workspace itself may be written. */
  isWorkspaceOpen: boolean;
  network: NetworkPolicy;
};

/** What programs need to start at all, where a profile names what may be read. */
const MINIMAL: readonly string[] = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc',
  '/opt',
  '/nix',
  '/snap',
  '/run/current-system',
  '/sys/devices/system/cpu',
  '/sys/fs/cgroup',
  '/proc',
];

type Where = { home: string; roots: readonly string[] };

/** `:root` and the like as the paths that they stand for; a path from home or from the workspace as an absolute one. */
function placesOf(key: string, { home, roots }: Where): string[] {
  if (isWorkspaceKey(key)) return [...roots];
  if (key === ':root') return ['/'];
  if (key === ':minimal') return [...MINIMAL];
  if (key.startsWith(':')) return []; // the temporary folders: they are private, and always open
  if (key === '~' || key.startsWith('~/')) return [path.join(home, key.slice(1))];
  return path.isAbsolute(key) ? [path.normalize(key)] : roots.map((root) => path.join(root, key));
}

/** What the profile allows, in the folders that `roots` names. The sandbox must be told all of it. */
export function compilePermissions(profile: PermissionProfile, where: Where): Permissions {
  const granted: { place: string; access: Access }[] = [];
  let git = profile.git;
  for (const [key, value] of Object.entries(profile.filesystem ?? {})) {
    if (typeof value === 'boolean') {
      if (key === 'allow_limited_git_writes' && value) git ??= 'commit';
    } else if (typeof value === 'string') {
      for (const place of placesOf(key, where)) granted.push({ place, access: value });
    } else {
      for (const [below, access] of Object.entries(value))
        for (const place of placesOf(key, where)) granted.push({ place: path.join(place, below), access });
    }
  }
  const placed = (...kinds: readonly Access[]): string[] =>
    granted.filter(({ access }) => kinds.includes(access)).map(({ place }) => place);
  const write = placed('write').filter((place) => place !== '/');
  const reads = placed('read');
  const isOpen = reads.length === 0 || reads.includes('/') || placed('write').includes('/');
  const { processes, memory_mb: megabytes } = profile.limits ?? {};
  return {
    options: {
      ...(git === undefined ? {} : { git }),
      ...(profile.protect_ci === undefined ? {} : { protectCi: profile.protect_ci }),
      limits: {
        processes: processes ?? DEFAULT_LIMITS.processes,
        memory: megabytes === undefined ? DEFAULT_LIMITS.memory : megabytes * 1024 * 1024,
      },
    },
    read: isOpen ? 'all' : [...MINIMAL, ...reads],
    write: write.filter((place) => !where.roots.includes(place)),
    readOnly: reads.filter((place) => place !== '/'),
    closed: placed('none', 'deny'),
    isWorkspaceOpen: where.roots.some((root) => write.includes(root)),
    network: networkOf(profile.network),
  };
}

function networkOf(network: PermissionProfile['network']): NetworkPolicy {
  if (network === undefined || network === false) return 'off';
  if (network === true) return 'on';
  if (network.enabled === false) return 'off';
  if (!network.domains) return network.enabled ? 'on' : 'off';
  const named = Object.entries(network.domains);
  const of = (wanted: 'allow' | 'deny'): string[] =>
    named.filter(([, action]) => action === wanted).map(([host]) => host);
  return { hosts: of('allow'), denied: of('deny') } satisfies HostList;
}

/**
 * A preset held to a profile. `isNetworkOpen`: a person opened the network for this thread, whatever the profile says. Hosts
 * that a profile opens are meant for the work that it allows: a thread that may only look, as in a folder that nobody
 * trusts, does not get them from a profile that would let it write.
 */
export function narrowed(preset: SandboxPolicy, permissions: Permissions, isNetworkOpen: boolean): SandboxPolicy {
  const { roots } = preset;
  const closedRoots = permissions.isWorkspaceOpen ? [] : roots;
  const isLooking = preset.write.length === 0 && permissions.isWorkspaceOpen;
  return {
    ...preset,
    read: permissions.read,
    write: preset.write.filter((place) => !closedRoots.includes(place)),
    protect: [...preset.protect, ...permissions.readOnly.filter((place) => !roots.includes(place))],
    denyRead: [...preset.denyRead, ...permissions.closed],
    network: isNetworkOpen ? 'on' : isLooking ? preset.network : permissions.network,
  };
}
