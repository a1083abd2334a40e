/** From the wire's sandbox policy to what the sandbox enforces, and the same rules for files that Gantry writes itself. */
import path from 'node:path';
import {
  fullAccess,
  type SandboxPolicy as KernelPolicy,
  type PresetOptions,
  readOnly,
  workspaceWrite,
} from '../../sandbox/index.ts';
import type { NamedProfile } from '../config/index.ts';
import type { TurnSettings } from '../ports.ts';
import { compilePermissions, narrowed } from './permissions.ts';
import { createResolver, isUnder, realish } from './real-paths.ts';

export type Homes = {
  /** The user's home, where secrets lie. */
  user: string;
  /** Gantry's own homes: neither readable nor writable for commands. */
  agent: string[];
  /** Folders in them, and in other agents' homes, that stay readable all the same: those of skills. Real paths. */
  readable?: () => readonly string[];
  /** The user's own permission profile that holds in a folder; null: none was chosen. */
  permissions?: (cwd: string) => Pick<NamedProfile, 'profile'> | null;
};

/**
 * A workspace below /var/tmp is used to see what lies beside it, so that stays as it is: to be read. Below /tmp it is
 * others' too much for that, and commands need some /tmp to write to.
 */
const privateTemp = ({ cwd, roots }: Pick<TurnSettings, 'cwd' | 'roots'>): string[] =>
  [cwd, ...roots].some((folder) => isUnder(realish(folder), '/var/tmp')) ? ['/tmp'] : ['/tmp', '/var/tmp'];

/** What the kernel shall hold a command to under these settings; `tempFrom` is what its /tmp
 * shows, else it is empty; `tools` are folders of programs that stay visible there. */
export function kernelPolicy(
  settings: Pick<TurnSettings, 'cwd' | 'roots' | 'sandboxPolicy'>,
  homes: Homes,
  { tempFrom, tools = [] }: { tempFrom?: string; tools?: string[] } = {},
): KernelPolicy {
  const { sandboxPolicy } = settings;
  if (sandboxPolicy.type === 'dangerFullAccess' || sandboxPolicy.type === 'externalSandbox') return fullAccess();
  const [agentHome, ...others] = homes.agent;
  const options: PresetOptions = {
    roots: settings.roots.length > 0 ? settings.roots : [settings.cwd],
    home: homes.user,
    ...(agentHome === undefined ? {} : { agentHome }),
    extraDenyRead: others,
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
  // Roots are always readable; what may be written was settled above.
  return { ...policy, roots: [...policy.roots, ...(homes.readable?.() ?? [])] };
}

/**
 * Why Gantry may not write `file` under these settings, as a sentence, or null when it may. Symbolic links are
 * resolved, so that a link in the workspace opens nothing outside of it. The same rules hold commands.
 */
export function writeRefusal(file: string, settings: TurnSettings, homes: Homes): string | null {
  const policy = kernelPolicy(settings, homes);
  if (policy.unconfined) return null;
  const look = createResolver();
  const places = look.entryAndTarget(file);
  const writable = policy.write.map(look.realish);
  const isInside = places.every((place) => writable.some((root) => isUnder(place, root)));
  if (!isInside) {
    return settings.sandboxPolicy.type === 'readOnly'
      ? `${file} cannot be written: this thread is read-only. Ask the user to switch the mode.`
      : `${file} is outside the folders that may be written (${settings.roots.join(', ')}).`;
  }
  const locked = policy.protect.flatMap(look.entryAndTarget);
  const denied = policy.denyRead.flatMap(look.entryAndTarget);
  const isLocked = places.some(
    (place) =>
      locked.some((root) => isUnder(place, root)) ||
      denied.some((root) => isUnder(place, root) && !isOpened(place, root, writable)) ||
      place.split(path.sep).some((name) => policy.protectNames.includes(name)),
  );
  return isLocked
    ? `${file} is protected: settings of the editor, of git and of agents are changed only by the user.`
    : null;
}

/** A workspace that lies in a denied folder (a worktree in an agent's home) is open, as it is to commands. */
const isOpened = (place: string, denied: string, roots: readonly string[]): boolean =>
  roots.some((root) => isUnder(root, denied) && isUnder(place, root));

/** Why Gantry may not read `file` for the model, or null when it may. */
export function readRefusal(file: string, homes: Homes, roots: readonly string[] = []): string | null {
  const policy = readOnly({
    roots: [],
    home: homes.user,
    agentHome: homes.agent[0] ?? homes.user,
    extraDenyRead: homes.agent,
  });
  const look = createResolver();
  const target = look.realish(file);
  const open = [...roots.map(look.realish), ...(homes.readable?.() ?? [])];
  const isDenied = policy.denyRead
    .map(look.realish)
    .some((root) => isUnder(target, root) && !isOpened(target, root, open));
  if (isDenied) return `${file} cannot be read: it may hold keys or tokens.`;
  const [cwd] = roots;
  const chosen = cwd === undefined ? null : homes.permissions?.(cwd)?.profile;
  if (!chosen) return null;
  const { closed, read } = compilePermissions(chosen, { home: homes.user, roots });
  const within = (trees: readonly string[]): boolean => trees.some((tree) => isUnder(target, look.realish(tree)));
  const isClosed = within(closed) || (read !== 'all' && !within([...read, ...roots]));
  return isClosed ? `${file} cannot be read: the permission profile does not allow it.` : null;
}
