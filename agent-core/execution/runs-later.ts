/** Places outside of any project where what is written runs later in the user's name, without a sandbox: nothing is granted there. */
import path from 'node:path';

/** Below the home: what shells, sessions, editors, git and package managers load or run, and where programs lie. */
const IN_HOME: readonly string[] = [
  '.bashrc',
  '.bash_profile',
  '.bash_login',
  '.bash_logout',
  '.bash_aliases',
  '.profile',
  '.zshrc',
  '.zshenv',
  '.zprofile',
  '.zlogin',
  '.zlogout',
  '.oh-my-zsh',
  '.kshrc',
  '.cshrc',
  '.tcshrc',
  '.inputrc',
  '.xprofile',
  '.xinitrc',
  '.xsession',
  '.xsessionrc',
  '.pam_environment',
  '.config/fish',
  '.config/nushell',
  '.config/autostart',
  '.config/systemd',
  '.config/environment.d',
  '.config/plasma-workspace',
  '.local/share/systemd',
  '.local/share/applications',
  '.local/share/dbus-1',
  'Library/LaunchAgents',
  '.gitconfig',
  '.config/git',
  '.config/direnv',
  '.direnvrc',
  '.vim',
  '.vimrc',
  '.config/nvim',
  '.emacs',
  '.emacs.d',
  '.config/emacs',
  '.tmux.conf',
  '.config/tmux',
  ...['.vscode', '.vscode-insiders', '.vscode-server', '.vscode-server-insiders', '.vscode-remote', '.vscode-oss'],
  ...['.cursor', '.cursor-server', '.windsurf', '.windsurf-server'],
  ...['Code', 'Code - Insiders', 'Code - OSS', 'VSCodium', 'Cursor', 'Windsurf'].flatMap((editor) => [
    `.config/${editor}`,
    `Library/Application Support/${editor}`,
  ]),
  '.local/share/code-server',
  '.config/code-server',
  '.yarnrc',
  '.config/pip',
  '.pip',
  '.config/uv',
  '.cargo/config',
  '.cargo/config.toml',
  '.gradle/init.d',
  '.gradle/gradle.properties',
  '.m2/settings.xml',
  '.gdbinit',
  '.pdbrc',
  '.pythonrc',
  '.irbrc',
  'bin',
  '.local/bin',
  '.local/lib',
  '.local/pipx',
  '.local/share/pipx',
  '.local/share/uv',
  '.cargo/bin',
  '.nvm',
  '.volta',
  '.fnm',
  '.bun',
  '.deno/bin',
  '.pyenv',
  '.rbenv',
  '.nodenv',
  '.rustup',
  '.asdf',
  '.sdkman',
  'go/bin',
];

/** The machine's own, where root could write. */
const SYSTEM: readonly string[] = [
  ...['/bin', '/boot', '/dev', '/etc', '/lib', '/lib32', '/lib64', '/libx32', '/nix', '/opt', '/proc', '/run', '/sbin'],
  ...['/snap', '/sys', '/usr', '/var/lib', '/var/run', '/var/spool', '/System', '/Library', '/Applications'],
];

export type ProgramPlaces = {
  /** The user's home. */
  user: string;
  /** The folders of PATH. */
  programs?: readonly string[];
};

/** Absolute paths; nothing at or below them is granted. */
export function runsLaterPlaces({ user, programs = [] }: ProgramPlaces): string[] {
  const folders = programs.filter((folder) => path.isAbsolute(folder) && folder !== '/' && folder !== user);
  return [...SYSTEM, ...IN_HOME.map((name) => path.join(user, name)), ...folders, path.dirname(process.execPath)];
}
