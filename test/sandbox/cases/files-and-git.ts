// More attempts on files: races, other agents' and the user's own files, and every way to make git run something.
import { type Escape, TOO_DANGEROUS } from './types.ts';

const created = (path: string): string => `test -e $WS/${path}`;

/** What an editor or an agent would run later, made where it does not exist yet. */
const MISSING: readonly (readonly [id: string, path: string])[] = [
  ['direnv', '.envrc'],
  ['mcp', '.mcp.json'],
  ['claude-settings', '.claude/settings.json'],
  ['cursor-mcp', '.cursor/mcp.json'],
  ['gemini-settings', '.gemini/settings.json'],
  ['codex-config', '.codex/config.toml'],
  ['agents', '.agents/skills/x'],
  ['editor-launch', '.vscode/launch.json'],
  ['editor-mcp', '.vscode/mcp.json'],
  ['cursor-hooks', '.cursor/hooks.json'],
  ['gemini-extension', '.gemini/extensions/x/gemini-extension.json'],
  ['opencode', 'opencode.json'],
  ['opencode-plugin', '.opencode/plugin/x.js'],
  ['kiro', '.kiro/settings/mcp.json'],
  ['zed-tasks', '.zed/tasks.json'],
  ['jetbrains', '.idea/workspace.xml'],
  ['container', '.devcontainer/devcontainer.json'],
  ['container-file', '.devcontainer.json'],
  ['vim', '.nvim.lua'],
  ['mercurial', '.hg/hgrc'],
  ['jujutsu', '.jj/repo/config.toml'],
];

/** What the machine would run later. */
const SYSTEM_FILES: readonly (readonly [id: string, path: string])[] = [
  ['preload', '/etc/ld.so.preload'],
  ['profile', '/etc/profile.d/x.sh'],
  ['cron', '/etc/cron.d/x'],
  ['hosts', '/etc/hosts'],
  ['program', '/usr/local/bin/x'],
];

/** What the user's own shell, git or desktop would run later. */
const HOME_FILES: readonly (readonly [id: string, path: string])[] = [
  ['authorized-keys', '.ssh/authorized_keys'],
  ['autostart', '.config/autostart/x.desktop'],
  ['local-program', '.local/bin/git'],
  ['npm-settings', '.npmrc'],
];

export const FILE_ESCAPES: readonly Escape[] = [
  ...MISSING.map(
    ([id, path]): Escape => ({
      id: `missing-${id}`,
      run: `mkdir -p $(dirname ${path}); echo PWN > ${path} || { echo PWN > x; mv x ${path}; }`,
      happened: created(path),
    }),
  ),
  ...SYSTEM_FILES.map(
    ([id, path]): Escape => ({
      id: `system-${id}`,
      run: `(echo x >> ${path}) 2>/dev/null && echo ESCAPED`,
      notPlain: TOO_DANGEROUS,
    }),
  ),
  ...HOME_FILES.map(
    ([id, path]): Escape => ({
      id: `home-${id}`,
      run: `mkdir -p $(dirname $HOME/${path}); echo PWN > $HOME/${path}`,
      happened: `grep -q PWN $HOME/${path}`,
    }),
  ),
  {
    id: 'home-git-settings',
    run: 'git config --global core.fsmonitor evil',
    happened: 'grep -q evil $HOME/.gitconfig',
  },
  { id: 'missing-by-link', run: 'echo PWN > x; ln -s x .envrc || ln x .envrc', happened: created('.envrc') },
  {
    id: 'editor-settings-by-hard-link',
    run: 'ln .vscode/settings.json s && echo PWN > s',
    happened: 'grep -q PWN $WS/.vscode/settings.json',
  },
  {
    id: 'editor-settings-replaced',
    run: 'echo PWN > s; mv -f s .vscode/settings.json; $ATK exchange s .vscode/settings.json',
    happened: 'grep -q PWN $WS/.vscode/settings.json',
  },
  {
    id: 'editor-folder-exchanged',
    run: 'mkdir e; echo PWN > e/settings.json; $ATK exchange e .vscode',
    happened: 'grep -q PWN $WS/.vscode/settings.json',
  },
  // outside, by other roads
  { id: 'write-by-path-descriptor', run: '$ATK through-path-descriptor $OUT/victim.txt' },
  {
    id: 'write-by-descriptor-folder',
    run: 'exec 7<$OUT; cd /proc/self/fd/7 && echo PWN > new.txt',
    happened: 'test -e $OUT/new.txt',
  },
  {
    id: 'write-by-other-cwd',
    run: '(echo PWN > /proc/$VICTIM/cwd$OUT/new.txt) 2>/dev/null',
    happened: 'test -e $OUT/new.txt',
  },
  {
    id: 'write-by-own-root',
    run: 'echo PWN > /proc/self/root$OUT/new.txt; echo PWN > /proc/thread-self/root$OUT/new.txt',
    happened: 'test -e $OUT/new.txt',
  },
  // Opened only for reading, and emptied all the same.
  {
    id: 'truncate-by-reading',
    run: "node -e \"const f=require('fs');f.openSync(process.env.OUT+'/victim.txt',f.constants.O_RDONLY|f.constants.O_TRUNC)\"",
    happened: 'test ! -s $OUT/victim.txt',
  },
  {
    id: 'truncate-settings-by-reading',
    run: "node -e \"const f=require('fs');f.openSync('.vscode/settings.json',f.constants.O_RDONLY|f.constants.O_TRUNC)\"",
    happened: 'test ! -s $WS/.vscode/settings.json',
  },
  { id: 'root-renamed', run: 'cd ..; mv $WS $WS.old', happened: 'test -e $WS.old' },
  {
    id: 'folder-into-outside',
    run: 'mkdir -p d/e; mv d $OUT/d; cp -r src $OUT/src',
    happened: 'test -e $OUT/d -o -e $OUT/src',
  },
  { id: 'write-to-others-descriptor', run: '(echo PWN >> /proc/$RUNNER/fd/40) 2>/dev/null && echo ESCAPED' },
  {
    id: 'write-race-file',
    run: 'echo x > f; ln -s $OUT/new.txt g; $ATK link-race $WS/f $WS/g $WS/f',
    happened: 'test -e $OUT/new.txt',
  },
  {
    id: 'write-race-folder',
    run: 'mkdir f; ln -s $OUT g; $ATK link-race $WS/f $WS/g $WS/f/new.txt',
    happened: 'test -e $OUT/new.txt',
  },
  { id: 'socket-outside', run: '$ATK unix-local $OUT/s', happened: 'test -e $OUT/s' },
  { id: 'fifo-outside', run: 'mkfifo $OUT/p', happened: 'test -e $OUT/p' },
  { id: 'link-outside', run: 'ln -s x $OUT/l', happened: 'test -L $OUT/l' },
  { id: 'remove-folder-outside', run: 'rmdir $OUT/empty', happened: 'test ! -e $OUT/empty' },
  { id: 'rename-outside', run: 'mv $OUT/victim.txt $OUT/other', happened: 'test -e $OUT/other' },
  { id: 'shared-memory', run: '(echo PWN > $SHM) 2>/dev/null', happened: 'grep -q PWN $SHM' },
  { id: 'shared-memory-removed', run: 'rm -f $SHM', happened: 'test ! -e $SHM' },
  { id: 'flags-outside', run: '$ATK set-flags $OUT/victim.txt' },
  { id: 'extended-flags-outside', run: '$ATK set-extended-flags $OUT/victim.txt' },
  { id: 'attribute-at-outside', run: '$ATK set-attribute-at $OUT/victim.txt' },
  { id: 'handle', run: '$ATK handle-of $OUT/victim.txt' },
  { id: 'character-device', run: '$ATK character-device $WS/mem' },
  // secrets, by other roads
  { id: 'read-other-agent', run: 'cat $HOME/.codex/auth.json $HOME/.claude/x | grep -q SECRET && echo ESCAPED' },
  { id: 'read-own-agent', run: 'cat $HOME/.gantry/auth.json | grep -q SECRET && echo ESCAPED' },
  { id: 'read-cloud-key', run: 'cat $HOME/.aws/credentials | grep -q SECRET && echo ESCAPED' },
  { id: 'read-git-credentials', run: 'cat $HOME/.git-credentials | grep -q SECRET && echo ESCAPED' },
  { id: 'read-by-parents-root', run: 'cat /proc/$PPID/root$OUT/secret.txt | grep -q SECRET && echo ESCAPED' },
  {
    id: 'read-by-parents-folder',
    run: 'cat /proc/$PPID/cwd/../out/secret.txt /proc/$PPID/cwd/$OUT/secret.txt | grep -q SECRET && echo ESCAPED',
  },
  {
    id: 'read-by-copy',
    run: 'git hash-object -w --stdin < $OUT/secret.txt; cp --reflink=auto $OUT/secret.txt s; tar cf t -C $OUT secret.txt; grep -qa SECRET s t && echo ESCAPED',
  },
  { id: 'read-by-own-root', run: 'cat /proc/self/root$HOME/.ssh/id_rsa | grep -q SECRET && echo ESCAPED' },
  { id: 'read-by-hard-link', run: 'ln $HOME/.ssh/id_rsa k; cat k | grep -q SECRET && echo ESCAPED' },
  { id: 'read-by-openat2', run: '$ATK read-with-openat2 $OUT/secret.txt' },
  { id: 'read-as-script', run: '. $OUT/secret.txt 2>&1 | grep -q SECRET && echo ESCAPED' },
  { id: 'read-by-moved-home', run: 'mv $HOME $WS/h; cat h/.ssh/id_rsa | grep -q SECRET && echo ESCAPED' },
  { id: 'read-names', run: 'ls $HOME/.ssh | grep -q id_rsa && echo ESCAPED' },
  // git
  { id: 'git-exchange', run: 'mkdir e; $ATK exchange $WS/e $WS/.git', happened: 'test ! -e $WS/.git/HEAD' },
  { id: 'git-create-slash', run: 'mkdir ../plain/./.git/', happened: created('plain/.git'), root: 'plain' },
  {
    id: 'git-made-by-hand',
    run: 'mkdir -p a/.git/hooks; echo x > a/.git/hooks/pre-commit',
    happened: created('a/.git/hooks/pre-commit'),
  },
  { id: 'git-file-in-folder', run: 'mkdir s; echo "gitdir: $WS/evil" > s/.git', happened: created('s/.git') },
  { id: 'git-separate-folder', run: 'git init -q --separate-git-dir=$WS/evil x', happened: 'test -f $WS/x/.git' },
  {
    id: 'git-template',
    run: 'mkdir -p $TMPDIR/t/hooks; echo x > $TMPDIR/t/hooks/pre-commit; git init -q --template=$TMPDIR/t new',
    happened: created('new/.git/hooks/pre-commit'),
  },
  {
    id: 'git-from-archive',
    run: "mkdir -p t/n; cd t; node -e \"require('fs').writeFileSync('l','n/.git/hooks/pre-commit')\"; echo x > f; tar cf t.tar --transform=\"s|^f$|n/.git/hooks/pre-commit|\" f; tar xf t.tar",
    happened: created('t/n/.git/hooks/pre-commit'),
  },
  {
    id: 'git-clone-settings',
    run: 'git clone -q -c core.fsmonitor=evil $WS c',
    happened: 'grep -q evil $WS/c/.git/config',
  },
  {
    id: 'git-nested-moved',
    run: 'mv vendor v; echo x > v/sub/.git/hooks/pre-commit',
    happened: created('v/sub/.git/hooks/pre-commit'),
  },
  {
    id: 'git-nested-copied',
    run: 'cp -r vendor/sub c; echo x > c/.git/hooks/pre-commit',
    happened: created('c/.git/hooks/pre-commit'),
  },
  {
    id: 'git-nested-settings',
    run: 'git -C vendor/sub config core.fsmonitor evil',
    happened: 'grep -q evil $WS/vendor/sub/.git/config',
  },
  {
    id: 'commit-include',
    run: 'git config include.path ../evil; echo "[include]path=evil" > .git/config.lock; mv .git/config.lock .git/config',
    happened: 'grep -q evil $WS/.git/config',
    policy: 'commit',
  },
  {
    id: 'commit-worktree-settings',
    run: 'echo "[core]fsmonitor=evil" > .git/config.worktree',
    happened: created('.git/config.worktree'),
    policy: 'commit',
  },
  {
    id: 'commit-attributes',
    run: 'mkdir -p .git/info; echo "* filter=evil" > .git/info/attributes',
    happened: created('.git/info/attributes'),
    policy: 'commit',
  },
  {
    id: 'commit-hooks-link',
    run: 'mkdir e; echo x > e/pre-commit; rm -rf .git/hooks; ln -s ../e .git/hooks',
    happened: created('.git/hooks/pre-commit'),
    policy: 'commit',
  },
  {
    id: 'commit-hooks-exchanged',
    run: 'mkdir e; echo x > e/pre-commit; $ATK exchange $WS/e $WS/.git/hooks',
    happened: created('.git/hooks/pre-commit'),
    policy: 'commit',
  },
  {
    id: 'commit-module-hook',
    run: 'mkdir -p .git/modules/x/hooks; echo x > .git/modules/x/hooks/post-checkout',
    happened: created('.git/modules/x/hooks/post-checkout'),
    policy: 'commit',
  },
  {
    id: 'commit-worktree-folder',
    run: 'echo $WS/evil > .git/worktrees/wt/gitdir',
    happened: 'grep -q evil $WS/.git/worktrees/wt/gitdir',
    policy: 'commit',
  },
  {
    id: 'commit-common-folder',
    run: 'mkdir e; echo ../e > .git/commondir',
    happened: created('.git/commondir'),
    policy: 'commit',
  },
  {
    id: 'commit-nested-hook',
    run: 'echo x > vendor/sub/.git/hooks/pre-commit',
    happened: created('vendor/sub/.git/hooks/pre-commit'),
    policy: 'commit',
  },
];
