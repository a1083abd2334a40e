/** From the wire's sandbox policy to what the sandbox enforces, and the same rules for files that Gantry writes itself. */
import path from 'node:path';
import {
  fullAccess,
  type SandboxPolicy as KernelPolicy,
  PROTECTED_IN_ROOT,
  type PresetOptions,
  protectedName,
  readOnly,
  workspaceWrite,
} from '../../sandbox/index.ts';
import type { NamedProfile } from '../config/index.ts';
import type { Reach } from '../ports.ts';
import { opened } from './granted.ts';
import { compilePermissions, narrowed } from './permissions.ts';
import { createResolver, isUnder, realish } from './real-paths.ts';

export type Homes = {
  /** The user's home, where secrets lie. */
  user: string;
  /** Gantry's own homes: neither readable nor writable for commands. */
  agent: string[];
  /** The folders of PATH: nobody grants writing there. */
  programs?: readonly string[];
  /** Folders in them, and in other agents' homes, that stay readable all the same: those of skills. Real paths. */
  readable?: () => readonly string[];
  /** The user's own permission profile that holds in a folder; null: none was chosen. */
  permissions?: (cwd: string) => Pick<NamedProfile, 'profile'> | null;
  /** Files that the user's hooks run: whoever could write them would decide what these do. */
  kept?: () => readonly string[];
};

/**
 * A workspace below /var/tmp is used to see what lies beside it, so that stays as it is: to be read. Below /tmp it is
 * others' too much for that, and commands need some /tmp to write to.
 */
const privateTemp = ({ cwd, roots }: Pick<Reach, 'cwd' | 'roots'>): string[] =>
  [cwd, ...roots].some((folder) => isUnder(realish(folder), '/var/tmp')) ? ['/tmp'] : ['/tmp', '/var/tmp'];

const rootsOf = ({ roots, cwd }: Pick<Reach, 'cwd' | 'roots'>): string[] => (roots.length > 0 ? roots : [cwd]);

/** What the kernel shall hold a command to under these settings; `tempFrom` is what its /tmp
 * shows, else it is empty; `tools` are folders of programs that stay visible there. */
export function kernelPolicy(
  settings: Reach,
  homes: Homes,
  { tempFrom, tools = [] }: { tempFrom?: string; tools?: string[] } = {},
): KernelPolicy {
  const { sandboxPolicy } = settings;
  if (sandboxPolicy.type === 'dangerFullAccess' || sandboxPolicy.type === 'externalSandbox') return fullAccess();
  const [agentHome, ...others] = homes.agent;
  const options: PresetOptions = {
    roots: rootsOf(settings),
    home: homes.user,
    ...(agentHome === undefined ? {} : { agentHome }),
    // Where the home is another one, this may still hold keys and threads.
    extraDenyRead: [...others, path.join(homes.user, '.gantry')],
    expose: tools,
    tmp: privateTemp(settings),
    ...(tempFrom === undefined ? {} : { tempFrom }),
    network: sandboxPolicy.networkAccess ? 'on' : 'off',
  };
  const chosen = homes.permissions?.(settings.cwd)?.profile;
  const permissions = chosen ? compilePermissions(chosen, { home: homes.user, roots: options.roots }) : null;
  if (permissions) Object.assign(options, permissions.options);
  const preset =
    sandboxPolicy.type === 'readOnly'
      ? readOnly(options)
      : workspaceWrite({ ...options, extraWrite: [...sandboxPolicy.writableRoots, ...(permissions?.write ?? [])] });
  const policy = permissions ? narrowed(preset, permissions, sandboxPolicy.networkAccess) : preset;
  const kept = { ...policy, protect: [...policy.protect, ...runsLater(settings.cwd, policy.write)] };
  const { granted } = settings;
  const all = granted ? opened(kept, granted, homes) : kept;
  // Roots are always readable; what may be written was settled above.
  return {
    ...all,
    roots: [...all.roots, ...(homes.readable?.() ?? [])],
    protect: [...all.protect, ...keptBesideRoots(all), ...hooked(all.write, homes)],
  };
}

/**
 * What the presets keep in roots, in all other folders that may be written: of the configuration, of a profile, granted. Their
 * repositories are closed as a whole, also where commits are allowed: those are for the workspace.
 */
function keptBesideRoots({ roots, write, unconfined }: KernelPolicy): string[] {
  if (unconfined) return [];
  const beside = write.filter((folder) => !roots.includes(folder));
  return beside.flatMap((folder) => ['.git', ...PROTECTED_IN_ROOT].map((name) => path.join(folder, name)));
}

/** What hooks run of that which is writable. */
function hooked(write: readonly string[], homes: Homes): string[] {
  const files = homes.kept?.() ?? [];
  if (files.length === 0 || write.length === 0) return [];
  const look = createResolver();
  const roots = write.map(look.realish);
  return files.filter((file) => look.entryAndTarget(file).some((place) => roots.some((root) => isUnder(place, root))));
}

/**
 * What an editor or an agent would run later, between a root and the folder of the thread: that is a project of its own to
 * an agent that starts there.
 */
function runsLater(cwd: string, write: readonly string[]): string[] {
  const above = write.find((root) => cwd !== root && isUnder(cwd, root));
  const between: string[] = [];
  for (let folder = cwd; above !== undefined && folder !== above; folder = path.dirname(folder)) between.push(folder);
  return between.flatMap((folder) => PROTECTED_IN_ROOT.map((name) => path.join(folder, name)));
}

/**
 * Why a command could not write `file` under these settings, as a clause; null when it could. Symbolic links are
 * resolved, the entry itself and what it leads to, so that a link in the workspace opens nothing outside of it.
 */
export function whyNotWritable(file: string, settings: Reach, homes: Homes): string | null {
  const policy = kernelPolicy(settings, homes);
  if (policy.unconfined) return null;
  const look = createResolver();
  const places = look.entryAndTarget(path.normalize(file));
  const writable = policy.write.map(look.realish);
  if (writable.length === 0) return 'the sandbox is read-only';
  if (!places.every((place) => writable.some((root) => isUnder(place, root)))) {
    const target = look.realish(file);
    const leads = target === path.normalize(file) ? '' : ` (it leads to ${target})`;
    return `${file} lies outside of the writable folders${leads}`;
  }
  const within = (folders: readonly string[]): boolean =>
    folders.flatMap(look.entryAndTarget).some((root) => places.some((place) => isUnder(place, root)));
  if (within(homes.agent)) return `${file} belongs to the agent's own settings`;
  if (within(homes.kept?.() ?? [])) return `${file} is run by a hook of the user`;
  if (within(policy.protect)) return `${file} could make the editor or an agent run something later`;
  const denied = policy.denyRead.flatMap(look.entryAndTarget);
  const isSecret = places.some((place) =>
    denied.some((root) => isUnder(place, root) && !isOpened(place, root, writable)),
  );
  if (isSecret) return `${file} may hold keys or tokens`;
  const found = places.flatMap((place) => protectedName(place, policy.protectNames, writable) ?? []);
  if (found.length === 0) return null;
  if (found.includes('.git')) return `${file} lies in the repository's .git`;
  return `${file} could make the editor or an agent run something later`;
}

/**
 * Why nobody's yes lets Gantry write `file`, as a clause: the user's own permission profile closes it. Null: it does not.
 */
export function whyClosed(file: string, settings: Reach, homes: Homes): string | null {
  const chosen = homes.permissions?.(settings.cwd)?.profile;
  if (!chosen || kernelPolicy(settings, homes).unconfined) return null;
  const { closed, readOnly: kept } = compilePermissions(chosen, { home: homes.user, roots: rootsOf(settings) });
  const look = createResolver();
  const places = look.entryAndTarget(path.normalize(file));
  const folders = [...closed, ...kept.filter((one) => !settings.roots.includes(one))].flatMap(look.entryAndTarget);
  return folders.some((root) => places.some((place) => isUnder(place, root)))
    ? `the permission profile keeps ${file} as it is`
    : null;
}

/** Why `file` may not be written, as a sentence that says what to do; null when it may. */
export function writeRefusal(file: string, settings: Reach, homes: Homes): string | null {
  const why = whyNotWritable(file, settings, homes);
  if (why === null) return null;
  if (why === 'the sandbox is read-only') {
    return `${file} cannot be written: this thread is read-only. Ask the user to switch the mode.`;
  }
  return why.includes('lies outside of the writable folders')
    ? `${file} is outside the folders that may be written (${settings.roots.join(', ')}).`
    : `${file} is protected: ${why}; that is changed only by the user.`;
}

/** A workspace that lies in a denied folder (a worktree in an agent's home) is open, as it is to commands. */
const isOpened = (place: string, denied: string, roots: readonly string[]): boolean =>
  roots.some((root) => isUnder(root, denied) && isUnder(place, root));

/**
 * Why Gantry may not read `file` for the model, as a sentence; null when a command under these settings could. Roots
 * alone stand for a thread there that may only read.
 */
export function readRefusal(file: string, homes: Homes, where: Reach | readonly string[] = []): string | null {
  const why = whyNotReadable(homes, where)(createResolver().realish(file));
  return why === null ? null : `${file} cannot be read: ${why}.`;
}

/** The same as a clause for many files, each by its real path; what is denied was looked up once. */
export function whyNotReadable(homes: Homes, where: Reach | readonly string[]): (real: string) => string | null {
  const policy = kernelPolicy(isRoots(where) ? lookingAt(where, homes) : where, homes);
  if (policy.unconfined) return () => null;
  const { realish: realOf } = createResolver();
  const open = [...policy.roots, ...policy.write].map(realOf);
  const denied = policy.denyRead.map(realOf);
  const readable = policy.read === 'all' ? null : [...policy.read.map(realOf), ...open];
  return (real) => {
    if (denied.some((root) => isUnder(real, root) && !isOpened(real, root, open))) return 'it may hold keys or tokens';
    if (readable === null || readable.some((tree) => isUnder(real, tree))) return null;
    return 'the permission profile does not allow it';
  };
}

const isRoots = (where: Reach | readonly string[]): where is readonly string[] => Array.isArray(where);

const lookingAt = (roots: readonly string[], homes: Homes): Reach => ({
  cwd: roots[0] ?? homes.user,
  roots: [...roots],
  sandboxPolicy: { type: 'readOnly', networkAccess: false },
});
