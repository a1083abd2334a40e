/** The policy that `gantry sandbox` runs under: the agent's own for that folder, with what the command line adds. */
import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { NetworkPolicy, SandboxPolicy } from '../../../sandbox/index.ts';
import {
  type Config,
  findHome,
  type LoadedConfig,
  loadConfig,
  ownProfile,
  PERMISSION_PROFILES,
} from '../../config/index.ts';
import { kernelPolicy } from '../../execution/sandbox-settings.ts';
import type { SandboxPolicy as WirePolicy } from '../../protocol/index.ts';
import type { SandboxOptions } from './arguments.ts';

type Env = Readonly<Record<string, string | undefined>>;

export type Planned = {
  policy: SandboxPolicy;
  root: string;
  mode: string;
  profile: string | null;
  loaded: LoadedConfig;
};

/** Null: there is no such profile, or it is wrong. */
function withProfile(config: Config, name: string | null): Config | null {
  if (name === null) return config;
  const builtIn = PERMISSION_PROFILES.find(({ id }) => id === name);
  const mode = builtIn?.mode ?? ownProfile(config, name)?.found?.mode;
  return mode === undefined ? null : { ...config, default_permissions: name, sandbox_mode: mode };
}

function wirePolicy(config: Config, mode: string, root: string, options: SandboxOptions): WirePolicy {
  if (mode === 'danger-full-access') return { type: 'dangerFullAccess' };
  const write = config.sandbox_workspace_write ?? {};
  const isOpen =
    options.hosts.length === 0 && (options.network || (mode !== 'read-only' && write.network_access === true));
  if (mode === 'read-only') return { type: 'readOnly', networkAccess: isOpen };
  return {
    type: 'workspaceWrite',
    writableRoots: (write.writable_roots ?? []).map((place) => path.resolve(root, place)),
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
  return found.isDirectory() ? null : `${option} ${place}: that is not a folder; name the one that it lies in.`;
}

/** A sentence where the command line names what is not there. Looks at the configuration of the folder. */
export function planPolicy(options: SandboxOptions, env: Env, cwd: string): Planned | string {
  const root = path.resolve(cwd, options.root ?? '.');
  const resolved = (places: readonly string[]): string[] => places.map((place) => path.resolve(cwd, place));
  const folders = [
    ...(options.root === null ? [] : [['--cd', root]]),
    ...resolved(options.write).map((one) => ['--write', one]),
  ];
  for (const [option = '', place = ''] of folders) {
    const fault = folderFault(option, place);
    if (fault !== null) return fault;
  }
  const loaded = loadConfig({ env, cwd: root, overrides: options.overrides });
  const config = withProfile(loaded.config, options.profile);
  if (config === null) {
    const wrong = ownProfile(loaded.config, options.profile ?? '')?.problems.map(({ message }) => message);
    return (
      wrong?.join(' ') ||
      `there is no table [permissions.${options.profile}] in config.toml, and no such profile is built in.`
    );
  }
  const name = config.default_permissions;
  const own = name === undefined ? null : (ownProfile(config, name)?.found ?? null);
  const mode = options.mode ?? config.sandbox_mode ?? 'workspace-write';
  const { home, readHome } = findHome(env, root);
  const user = env.HOME || env.USERPROFILE || homedir();
  const homes = { user, agent: [...new Set([home, readHome])], permissions: () => own };
  const settings = { cwd: root, roots: [root], sandboxPolicy: wirePolicy(config, mode, root, options) };
  const policy = kernelPolicy(settings, homes);
  if (policy.unconfined) return { policy, root, mode, profile: null, loaded };
  return {
    policy: {
      ...policy,
      write: [...policy.write, ...resolved(options.write)],
      denyRead: [...policy.denyRead, ...resolved(options.denyRead)],
      network: networkOf(policy, options.hosts),
      git: options.git ?? policy.git,
    },
    root,
    mode,
    profile: own?.id ?? name ?? null,
    loaded,
  };
}
