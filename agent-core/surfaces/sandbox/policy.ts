/** The policy that `gantry sandbox` runs under: the agent's own for that folder, with what the command line adds. */
import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { type NetworkPolicy, PROTECTED_IN_ROOT, type SandboxPolicy } from '../../../sandbox/index.ts';
import {
  type Config,
  findHome,
  type LoadedConfig,
  listProfiles,
  loadConfig,
  ownProfile,
  PERMISSION_PROFILES,
} from '../../config/index.ts';
import { kernelPolicy } from '../../execution/sandbox-settings.ts';
import type { SandboxMode, SandboxPolicy as WirePolicy } from '../../protocol/index.ts';
import { commandLineProblem, withoutFallback } from '../command-line-problem.ts';
import { narrowing, type SandboxOptions } from './arguments.ts';

type Env = Readonly<Record<string, string | undefined>>;

export type Planned = {
  policy: SandboxPolicy;
  root: string;
  mode: string;
  profile: string | null;
  /** What the command line itself keeps from being read. */
  denyRead: readonly string[];
  loaded: LoadedConfig;
};

type Chosen = { config: Config } | { problem: string };

const WIDTH: Readonly<Record<SandboxMode, number>> = { 'read-only': 0, 'workspace-write': 1, 'danger-full-access': 2 };

function withProfile(config: Config, { profile: name, mode }: SandboxOptions): Chosen {
  if (name === null) return { config };
  const own = ownProfile(config, name);
  const found = PERMISSION_PROFILES.find(({ id }) => id === name)?.mode ?? own?.found?.mode;
  if (found === undefined) return { problem: own ? whyUnusable(own.problems) : noSuchProfile(config, name) };
  if (mode !== null && WIDTH[mode] > WIDTH[found])
    return { problem: `--profile ${name} is ${found}, and --sandbox ${mode} cannot widen it: leave one of them out.` };
  return { config: { ...config, default_permissions: name, sandbox_mode: found } };
}

const whyUnusable = (problems: readonly { message: string }[]): string =>
  problems.map(({ message }) => withoutFallback(message)).join(' ');

function noSuchProfile(config: Config, name: string): string {
  const known = listProfiles(config).map(({ id }) => id);
  return `there is no table [permissions.${name}] in config.toml; the permission profiles are ${known.join(', ')}.`;
}

function wirePolicy(config: Config, mode: string, root: string, options: SandboxOptions): WirePolicy {
  if (mode === 'danger-full-access') return { type: 'dangerFullAccess' };
  const write = config.sandbox_workspace_write ?? {};
  const isOpen =
    options.hosts.length === 0 && (options.network || (mode !== 'read-only' && write.network_access === true));
  if (mode === 'read-only') return { type: 'readOnly', networkAccess: isOpen };
  return {
    type: 'workspaceWrite',
    writableRoots: [...(write.writable_roots ?? []).map((place) => path.resolve(root, place)), ...options.write],
    networkAccess: isOpen,
    excludeTmpdirEnvVar: false,
    excludeSlashTmp: false,
  };
}

function networkOf(policy: SandboxPolicy, hosts: readonly string[]): NetworkPolicy {
  if (hosts.length === 0 || policy.network === 'on') return policy.network;
  const before = policy.network === 'off' ? { hosts: [] } : policy.network;
  return { ...before, hosts: [...before.hosts, ...hosts] };
}

/** What is wrong with a folder that the command line names, as a sentence; null: nothing. */
function folderFault(option: string, place: string): string | null {
  const found = statSync(place, { throwIfNoEntry: false });
  if (!found) return `${option} ${place}: there is no such folder. Make it first, or name another one.`;
  if (option === '--write' && realpathSync(place) === '/')
    return '--write /: a sandbox cannot open the whole file system. Name folders, or use --sandbox danger-full-access.';
  return found.isDirectory() ? null : `${option} ${place}: that is not a folder; name the one that it lies in.`;
}

/** What can be said without the configuration. */
function placeFault(options: SandboxOptions, root: string): string | null {
  const folders = [...(options.root === null ? [] : [['--cd', root]]), ...options.write.map((one) => ['--write', one])];
  const faults = folders.map(([option = '', place = '']) => folderFault(option, place));
  const wide = options.denyRead.find((place) => place === '/' || place === root);
  if (wide !== undefined)
    faults.push(`--deny-read ${wide}: the command could not even start. Name what it shall not see more narrowly.`);
  return faults.find((fault) => fault !== null) ?? null;
}

/** A sentence where the command line names what is not there, or what could not be held to. */
export function planPolicy(given: SandboxOptions, env: Env, cwd: string): Planned | string {
  const root = path.resolve(cwd, given.root ?? '.');
  const resolved = (places: readonly string[]): string[] => places.map((place) => path.resolve(cwd, place));
  const options = { ...given, write: resolved(given.write), denyRead: resolved(given.denyRead) };
  const fault = placeFault(options, root);
  if (fault !== null) return fault;
  const loaded = loadConfig({ env, cwd: root, overrides: options.overrides });
  const mistake = commandLineProblem(loaded, options.overrides);
  if (mistake !== null) return mistake;
  const chosen = withProfile(loaded.config, options);
  if ('problem' in chosen) return chosen.problem;
  const { config } = chosen;
  const name = config.default_permissions;
  const own = name === undefined ? null : (ownProfile(config, name)?.found ?? null);
  const mode = options.mode ?? config.sandbox_mode ?? 'workspace-write';
  const { home, readHome } = findHome(env, root);
  const user = env.HOME || env.USERPROFILE || homedir();
  const homes = { user, agent: [...new Set([home, readHome])], permissions: () => own };
  const settings = { cwd: root, roots: [root], sandboxPolicy: wirePolicy(config, mode, root, options) };
  const policy = kernelPolicy(settings, homes);
  if (policy.unconfined) return unconfined({ policy, root, mode, profile: null, denyRead: [], loaded }, options);
  if (policy.write.includes('/'))
    return 'the workspace would be /, the whole file system. Go to a folder, name one with -C, or use --sandbox read-only.';
  // A mode that writes nothing has no writable folders of its own, and so nothing that is kept in them.
  const added = mode === 'read-only' ? options.write : [];
  const kept = added.flatMap((folder) => ['.git', ...PROTECTED_IN_ROOT].map((one) => path.join(folder, one)));
  return {
    policy: {
      ...policy,
      write: [...policy.write, ...added],
      protect: [...policy.protect, ...kept, ...(added.length > 0 ? homes.agent : [])],
      denyRead: [...policy.denyRead, ...options.denyRead],
      network: networkOf(policy, options.hosts),
      git: options.git ?? policy.git,
    },
    root,
    mode,
    profile: own?.id ?? name ?? null,
    denyRead: options.denyRead,
    loaded,
  };
}

/** Chosen by the configuration, as what the command line asks for was refused before. */
function unconfined(planned: Planned, options: SandboxOptions): Planned | string {
  const idle = options.mode === null ? narrowing(options) : null;
  return idle === null
    ? planned
    : `${idle} cannot be held to: the configuration says danger-full-access, which confines nothing. Add --sandbox workspace-write.`;
}
