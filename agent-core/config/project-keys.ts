/**
 * What a folder's own config.toml may say. A project that is trusted may set how the agent works on it; it may not say
 * where the code and the keys go, what is run in the user's name outside the sandbox, or give itself more than the user
 * gave. The README beside this file gives the reason for each.
 */
import path from 'node:path';
import type { KeyProblem } from './check-config.ts';
import { isTable, leaves, type Raw, showKey, valueAt, withoutKey } from './raw.ts';

/** Tables and keys that are the user's alone. */
const USERS_ALONE: readonly string[] = [
  // where the code and the keys go
  'model_provider',
  'model_providers',
  'openai_base_url',
  'openai_file_api_base_url',
  'chatgpt_base_url',
  'oss_provider',
  'model_catalog_json',
  'otel',
  'apps_mcp_product_sku',
  'responses_api_metadata',
  'experimental_realtime_webrtc_call_base_url',
  'experimental_realtime_ws_base_url',
  'experimental_thread_config_endpoint',
  // what runs in the user's name
  'notify',
  'zsh_path',
  'js_repl_node_path',
  'js_repl_node_module_dirs',
  // who may do what
  'projects',
  'project_root_markers',
  'profile',
  'profiles',
  'approvals_reviewer',
  'auto_review',
  'default_permissions',
  'permissions',
  'forced_login_method',
  'cli_auth_credentials_store',
  'mcp_enterprise_managed_auth',
  'allow_symlinked_codex_home',
  'cloud',
  // where things are written
  'checkpoints',
  'log_dir',
  'sqlite_home',
];

const MODES: readonly unknown[] = ['read-only', 'workspace-write', 'danger-full-access'];
const POLICIES: readonly unknown[] = ['untrusted', 'on-request', 'never'];

function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

/** Why a project may not set a key to a value; null when it may. `user` is what holds without the project. */
function refusal(key: readonly string[], value: unknown, user: Raw, folder: string): string | null {
  const [head = '', second = ''] = key;
  if (USERS_ALONE.includes(head)) return 'is for your own config.toml';
  switch (head) {
    case 'sandbox_mode': {
      const limit = MODES.indexOf(user.sandbox_mode ?? 'workspace-write');
      return MODES.indexOf(value) > limit ? 'would widen the sandbox' : null;
    }
    case 'approval_policy': {
      const limit = POLICIES.indexOf(user.approval_policy ?? 'on-request');
      const asked = POLICIES.indexOf(value);
      // A granular policy is neither more nor less than another: only the user can mean it.
      if (asked < 0 || limit < 0) return 'is for your own config.toml when it is granular';
      return asked > limit ? 'would ask you less often' : null;
    }
    case 'sandbox_workspace_write': {
      const given = valueAt(user, key);
      if (second === 'network_access') return value === true && given !== true ? 'would open the network' : null;
      if (second.startsWith('exclude_')) return value === false && given === true ? 'would widen the sandbox' : null;
      if (second !== 'writable_roots' || !Array.isArray(value)) return null;
      const known: readonly unknown[] = Array.isArray(given) ? given : [];
      const isGiven = (root: unknown): boolean =>
        known.includes(root) || (typeof root === 'string' && isInside(path.resolve(folder, root), folder));
      return value.every(isGiven) ? null : 'would let commands write outside of the project';
    }
    case 'mcp_servers':
      return serverRefusal(key, value, user);
    case 'shell_environment_policy':
      return second === 'exclude' ? null : 'would show commands more of your environment or change how they run';
    default:
      return null;
  }
}

/** Keys of a server that hand it something of the user's, or spare it a question. */
const SERVER_RIGHTS: readonly string[] = [
  'env_vars',
  'bearer_token_env_var',
  'env_http_headers',
  'default_tools_approval_mode',
  'tools',
  'sandbox',
];

/** A project may bring servers of its own; those of the user keep what the user said of them, and to whom keys go. */
function serverRefusal(key: readonly string[], value: unknown, user: Raw): string | null {
  const [, name = '', part = ''] = key;
  const own = valueAt(user, ['mcp_servers', name]);
  if (isTable(own) && (own.command !== undefined || own.url !== undefined)) {
    return part === 'enabled' && value === false ? null : 'belongs to a server of your own config.toml';
  }
  return SERVER_RIGHTS.includes(part) ? 'would give a server of the project more than the project may give' : null;
}

/**
 * A project's table without what it may not set, and a warning for each such key.
 * `user`: the configuration without projects. `folder`: the one that the file speaks for.
 */
export function projectKeys(raw: Raw, user: Raw, folder: string): { raw: Raw; problems: KeyProblem[] } {
  const problems: KeyProblem[] = [];
  let rest = raw;
  const refuse = (key: string[], reason: string): void => {
    rest = withoutKey(rest, key);
    const message = `${showKey(key)} ${reason}: a project may not set it. It is passed over.`;
    problems.push({ path: key, message, expected: null, severity: 'warning' });
  };
  for (const head of Object.keys(raw)) {
    if (USERS_ALONE.includes(head)) {
      refuse([head], refusal([head], raw[head], user, folder) ?? '');
      continue;
    }
    const table = raw[head];
    const isGranular = head === 'approval_policy' && isTable(table);
    const keys = isTable(table) && !isGranular ? leaves(table, [head]) : [{ path: [head], value: table }];
    for (const { path: key, value } of keys) {
      const reason = refusal(key, value, user, folder);
      if (reason) refuse(key, reason);
    }
  }
  return { raw: rest, problems };
}
