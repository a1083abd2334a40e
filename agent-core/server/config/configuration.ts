/** The config as the session layer uses it. */
import path from 'node:path';
import type { EnvironmentPolicy } from '../../../sandbox/index.ts';
import {
  type Config,
  chosenProfile,
  createConfigLoader,
  type Env,
  findHome,
  type LoadedConfig,
  type NamedProfile,
} from '../../config/index.ts';
import type { SandboxMode } from '../../protocol/index.ts';
import type { ThreadConfig } from '../turns/turn-settings.ts';
import { editConfigFile } from './edit-config-file.ts';

export type Configuration = {
  /** Where Gantry writes. */
  home: string;
  /** Where config.toml and AGENTS.md are read. */
  readHome: string;
  /** Looks at the files anew. `overrides` are a thread's own. Never throws. */
  load(cwd: string, overrides?: Record<string, unknown>): LoadedConfig;
  /** Without any project's files: what holds wherever a thread works. */
  loadUser(): LoadedConfig;
  /** The user's own permission profile that holds in a folder, or would with a thread's config; null: none was chosen. */
  permissions(cwd: string, overrides?: Record<string, unknown>): NamedProfile | null;
  /** Writes a host into the permission profile that holds in a folder; without one there is nothing to write to. */
  rememberHost(cwd: string, host: string, action: 'allow' | 'deny'): void;
  /** Turns features on or off until the process ends, where no configuration says otherwise. */
  setFeatures(enablement: Readonly<Record<string, boolean>>): void;
};

export function createConfiguration(env: Env, cwd: string, commandLine: readonly string[]): Configuration {
  const load = createConfigLoader(env);
  const features: Record<string, boolean> = {};
  return {
    ...findHome(env, cwd),
    load: (folder, thread) => load({ cwd: folder, overrides: commandLine, features, ...(thread ? { thread } : {}) }),
    permissions(folder, thread) {
      const own = thread ? { thread } : {};
      const { config, requirements } = load({ cwd: folder, overrides: commandLine, features, ...own });
      return chosenProfile(config, requirements);
    },
    rememberHost(folder, host, action) {
      const { config, requirements, writablePath } = load({ cwd: folder, overrides: commandLine, features });
      const chosen = chosenProfile(config, requirements);
      if (!chosen) return;
      const path = ['permissions', chosen.id, 'network', 'domains', host];
      editConfigFile(writablePath, [{ path, value: action }], requirements);
    },
    loadUser: () => load({ cwd, overrides: commandLine, features, project: false }),
    setFeatures: (enablement) => void Object.assign(features, enablement),
  };
}

/** As Codex: what these patterns name is left out unless the user switches them off. */
const DEFAULT_EXCLUDES = ['*KEY*', '*SECRET*', '*TOKEN*'];

/** What commands may see of the environment, in the sandbox's terms. */
export function environmentPolicy(config: Config): EnvironmentPolicy {
  const policy = config.shell_environment_policy ?? {};
  const isOpen = policy.ignore_default_excludes === true;
  const keys = isOpen ? [] : keyVariables(config);
  const rest = { exclude: [...(policy.exclude ?? []), ...keys], set: policy.set ?? {} };
  if (policy.include_only?.length) {
    // A variable that is named in full is meant; a pattern that takes a key along is not.
    const isWide = policy.include_only.some((name) => /[*?]/.test(name));
    const exclude = isWide && !isOpen ? [...rest.exclude, ...DEFAULT_EXCLUDES] : rest.exclude;
    return { ...rest, inherit: 'none', include: policy.include_only, exclude };
  }
  if (policy.inherit === 'all' && isOpen) return { inherit: 'all', include: ['*'], ...rest };
  return { inherit: policy.inherit ?? 'core', ...rest };
}

/** Variables that hold a provider's key, whatever they are called. */
function keyVariables(config: Config): string[] {
  const names = Object.values(config.model_providers ?? {}).flatMap((provider) => [
    ...(provider.env_key === undefined ? [] : [provider.env_key]),
    ...Object.values(provider.env_http_headers ?? {}),
  ]);
  return [...new Set(names)];
}

/** Everything a thread takes from the config but its model. */
export function threadDefaults(config: Config, cwd: string): Omit<ThreadConfig, 'model' | 'isTrusted'> {
  const mode: SandboxMode | null = config.sandbox_mode ?? null;
  const write = config.sandbox_workspace_write ?? {};
  return {
    effort: config.model_reasoning_effort ?? null,
    approvalPolicy: config.approval_policy ?? null,
    sandboxMode: mode,
    workspaceWrite: {
      writableRoots: (write.writable_roots ?? []).map((root) => path.resolve(cwd, root)),
      networkAccess: write.network_access ?? false,
      excludeTmpdirEnvVar: write.exclude_tmpdir_env_var ?? false,
      excludeSlashTmp: write.exclude_slash_tmp ?? false,
    },
    developerInstructions: config.developer_instructions ?? null,
    baseInstructions: config.instructions ?? null,
    editApproval: null,
  };
}
