// The environment of commands: an allow-list, since what a variable holds cannot be seen from its name alone.

/** As Codex's `shell_environment_policy`. Patterns are case-insensitive, with `*` and `?`. */
export type EnvironmentPolicy = {
  /** What to start from: the allow-list (default), everything but secrets, or nothing. */
  inherit?: 'core' | 'all' | 'none';
  /** More names to pass on, as patterns. They cannot bring back what injects code (LD_PRELOAD, NODE_OPTIONS …). */
  include?: readonly string[];
  /** Names to leave out, as patterns, after `include`. */
  exclude?: readonly string[];
  /** Set last, whatever the rules above say. */
  set?: Readonly<Record<string, string>>;
};

const CORE = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'LC_*',
  'TERM',
  'COLORTERM',
  'NO_COLOR',
  'FORCE_COLOR',
  'TZ',
  'TMPDIR',
  'TMP',
  'TEMP',
  'CI',
  'EDITOR',
  'PAGER',
  // where toolchains lie
  'JAVA_HOME',
  'GOPATH',
  'GOROOT',
  'CARGO_HOME',
  'RUSTUP_HOME',
  'NVM_DIR',
  'NVM_BIN',
  'VOLTA_HOME',
  'PNPM_HOME',
  'PYENV_ROOT',
  'VIRTUAL_ENV',
  'CONDA_PREFIX',
  'RBENV_ROOT',
  'SDKMAN_DIR',
  'DOTNET_ROOT',
  'XDG_CONFIG_HOME',
  'XDG_CACHE_HOME',
  'XDG_DATA_HOME',
  // Windows
  'SYSTEMROOT',
  'SYSTEMDRIVE',
  'WINDIR',
  'COMSPEC',
  'PATHEXT',
  'USERPROFILE',
  'HOMEDRIVE',
  'HOMEPATH',
  'APPDATA',
  'LOCALAPPDATA',
  'PROGRAMFILES',
  'PROGRAMFILES(X86)',
  'PROGRAMDATA',
  'PROCESSOR_ARCHITECTURE',
  'NUMBER_OF_PROCESSORS',
];

// Never passed on by a pattern, only by `set`.
const INJECTS_CODE = [
  'LD_*',
  'DYLD_*',
  'NODE_OPTIONS',
  'NODE_CHANNEL_*',
  'ELECTRON_*',
  'VSCODE_*',
  'BASH_ENV',
  'ENV',
  'BASH_FUNC_*',
  'PYTHONSTARTUP',
  'PERL5OPT',
  'RUBYOPT',
  'JAVA_TOOL_OPTIONS',
  'GIT_ASKPASS',
  'GIT_SSH*',
  'GIT_EXTERNAL_DIFF',
  'GIT_CONFIG*',
  'SSH_AUTH_SOCK',
  'SSH_AGENT_*',
  'SSH_ASKPASS',
  'GPG_AGENT_INFO',
  'DBUS_SESSION_BUS_ADDRESS',
  'XDG_RUNTIME_DIR',
  'DOCKER_HOST',
];

const SECRET = ['*KEY*', '*SECRET*', '*TOKEN*', '*PASSWORD*', '*PASSWD*', '*PASSPHRASE*', '*CREDENTIAL*', '*AUTH*'];

/**
 * The variables that a command may see. No provider key, token or agent socket survives unless it is named in `include`
 * or given in `set`. Undefined values are dropped.
 */
export function scrubEnv(
  env: Readonly<Record<string, string | undefined>>,
  policy: EnvironmentPolicy = {},
): Record<string, string> {
  const inherit = policy.inherit ?? 'core';
  const core = matcher(CORE);
  const secret = matcher(SECRET);
  const injects = matcher(INJECTS_CODE);
  const included = matcher(policy.include ?? []);
  const excluded = matcher(policy.exclude ?? []);
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || injects(name) || excluded(name)) continue;
    const kept = inherit === 'all' ? !secret(name) : inherit === 'core' && core(name);
    if (kept || included(name)) result[name] = value;
  }
  return { ...result, ...policy.set };
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.length === 0) return () => false;
  const source = patterns.map((pattern) =>
    pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.'),
  );
  const expression = new RegExp(`^(?:${source.join('|')})$`, 'is');
  return (name) => expression.test(name);
}
