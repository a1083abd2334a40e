// What git would run later in the user's name, out of places that may be written: worktrees and submodules put in place
// of others, a rebase's list, old ways to name remotes, and repositories that are not called '.git'.
import type { Escape } from './types.ts';

const inGit = (id: string, run: string, happened: string): Escape => ({ id, run, happened, policy: 'commit' });
const isBare = (path: string): string =>
  `cd $WS/${path} && test -e HEAD && test -e config && test -e objects && test -e refs`;

export const GIT_ESCAPES: readonly Escape[] = [
  inGit(
    'commit-worktree-replaced',
    'mkdir e; echo $WS/evil > e/commondir; mv .git/worktrees/wt .git/worktrees/old; mv -T e .git/worktrees/wt || $ATK exchange $WS/e $WS/.git/worktrees/wt',
    'grep -q evil $WS/.git/worktrees/wt/commondir',
  ),
  inGit(
    'commit-worktrees-linked',
    'mkdir -p e/wt; echo $WS/evil > e/wt/commondir; mv .git/worktrees .git/old; ln -s ../e .git/worktrees',
    'grep -q evil $WS/.git/worktrees/wt/commondir',
  ),
  inGit(
    'commit-worktree-removed-and-made',
    'rm -rf .git/worktrees/wt; mkdir .git/worktrees/wt; echo $WS/evil > .git/worktrees/wt/commondir',
    'grep -q evil $WS/.git/worktrees/wt/commondir',
  ),
  inGit(
    'commit-worktree-file',
    'echo "gitdir: $WS/evil" > wt/.git; ln wt/.git x && echo "gitdir: $WS/evil" > x',
    'grep -q evil $WS/wt/.git',
  ),
  inGit(
    'commit-new-worktree-common',
    'git worktree add -q w2; mkdir -p .git/worktrees/w2; cd .git/worktrees/w2; rm -f commondir; echo $WS/evil > x; echo $WS/evil > commondir; mv x commondir; ln -s $WS/evil commondir',
    'grep -q evil $WS/.git/worktrees/w2/commondir || test -L $WS/.git/worktrees/w2/commondir',
  ),
  inGit(
    'commit-new-worktree-pointer',
    'mkdir n .git/worktrees/n; echo $WS/n/.git > .git/worktrees/n/gitdir; echo "gitdir: $WS/evil" > n/.git; echo "gitdir: $WS/evil" > n/.git',
    'grep -q evil $WS/n/.git',
  ),
  inGit(
    'commit-new-worktree-settings',
    'git worktree add -q w2; cd .git/worktrees; mkdir -p w2/hooks; echo x > w2/hooks/pre-commit; echo "[core]fsmonitor=evil" > w2/config.worktree; echo "[core]fsmonitor=evil" > w2/config',
    'cd $WS/.git/worktrees/w2 && { test -e hooks/pre-commit || test -e config.worktree || test -e config; }',
  ),
  inGit(
    'commit-new-worktree-deeper',
    'mkdir -p .git/x/worktrees/n n; echo "[core]fsmonitor=evil" > .git/x/config; echo ../.. > .git/x/worktrees/n/commondir; echo $WS/n/.git > .git/x/worktrees/n/gitdir; echo "gitdir: $WS/.git/x/worktrees/n" > n/.git',
    'test -e $WS/n/.git',
  ),
  inGit(
    'commit-module-moved-in',
    'mkdir -p e .git/modules; echo "[core]fsmonitor=evil" > e/config; mv e .git/modules/x',
    'test -e $WS/.git/modules/x/config',
  ),
  inGit(
    'commit-module-linked',
    'mkdir -p e .git/modules; echo "[core]fsmonitor=evil" > e/config; ln -s ../../e .git/modules/x',
    'test -e $WS/.git/modules/x/config',
  ),
  inGit(
    'commit-modules-renamed',
    'mkdir -p .git/m/x; echo "[core]fsmonitor=evil" > .git/m/x/config; mv .git/m .git/modules',
    'test -e $WS/.git/modules/x/config',
  ),
  inGit(
    'commit-rebase-list',
    'cd .git; mkdir rebase-merge; cd rebase-merge; echo "exec evil" > git-rebase-todo; echo "x evil" > l; mv l git-rebase-todo; ln l git-rebase-todo; ln -s l git-rebase-todo',
    'grep -q evil $WS/.git/rebase-merge/git-rebase-todo',
  ),
  inGit(
    'commit-rebase-list-changed',
    'cd .git; mkdir rebase-merge; cd rebase-merge; echo noop > l; mv l git-rebase-todo || echo noop > git-rebase-todo; ln git-rebase-todo k; echo "exec evil" >> k; echo "exec evil" >> git-rebase-todo',
    'grep -q evil $WS/.git/rebase-merge/git-rebase-todo',
  ),
  inGit(
    'commit-rebase-folder',
    'mkdir e; echo "exec evil" > e/git-rebase-todo; mv e .git/rebase-merge || ln -s ../e .git/rebase-merge',
    'grep -q evil $WS/.git/rebase-merge/git-rebase-todo',
  ),
  inGit(
    'commit-old-remote',
    'mkdir -p .git/remotes .git/branches; echo "URL: evil" > .git/remotes/up; echo evil > .git/branches/up',
    'test -e $WS/.git/remotes/up || test -e $WS/.git/branches/up',
  ),
  {
    id: 'commit-hook-of-parent',
    run: 'echo x > ../.git/hooks/pre-commit; echo x > $(git rev-parse --git-dir)/hooks/pre-commit',
    happened: 'test -e $WS/.git/hooks/pre-commit',
    policy: 'commit',
    root: 'plain',
  },
  {
    id: 'commit-other-worktree',
    run: 'cd $(git rev-parse --git-common-dir)/worktrees; mkdir -p n; echo $WS/wt/evil > n/commondir; mkdir $WS/wt/e; echo $WS/wt/evil > $WS/wt/e/commondir; mv $WS/wt/e m',
    happened: 'cat $WS/.git/worktrees/[nm]/commondir | grep -q evil',
    policy: 'commit',
    root: 'wt',
  },
  // A folder with HEAD, objects and refs is a repository to git, and its config is obeyed by whoever runs git in it.
  {
    id: 'bare-root',
    run: 'mkdir objects refs; echo "[core]fsmonitor=evil" > config; cp .git/HEAD HEAD',
    happened: isBare('.'),
  },
  { id: 'bare-made', run: 'git init -q --bare b', happened: isBare('b') },
  {
    id: 'bare-by-hand',
    run: 'mkdir -p b/objects b/refs; echo "[core]fsmonitor=evil" > b/config; echo "ref: refs/heads/x" > b/HEAD; echo "ref: refs/heads/x" > b/H; mv b/H b/HEAD',
    happened: isBare('b'),
  },
  {
    id: 'bare-by-renames',
    run: 'mkdir -p b/o b/refs; echo x > b/config; echo "ref: refs/heads/x" > b/HEAD; mv b/o b/objects; ln -s $WS/src b/objects',
    happened: isBare('b'),
  },
  {
    id: 'bare-copied',
    run: 'git init -q --bare $TMPDIR/b; mv $TMPDIR/b b; cp -r $TMPDIR/b .',
    happened: isBare('b'),
  },
  {
    id: 'bare-elsewhere',
    run: 'git init -q --bare $TMPDIR/b; mkdir b; echo $TMPDIR/b > b/commondir; cp $TMPDIR/b/HEAD b/HEAD',
    happened: 'cd $WS/b && test -e HEAD && test -e commondir',
  },
  {
    id: 'bare-settings',
    run: 'git -C fixture config core.fsmonitor evil; echo "#evil" >> fixture/config; cp fixture/config c; echo "#evil" >> c; mv -f c fixture/config',
    happened: 'grep -q evil $WS/fixture/config',
  },
  {
    id: 'bare-hook',
    run: 'mkdir -p fixture/hooks; echo x > fixture/hooks/post-update; mkdir h; echo x > h/post-update; mv -T h fixture/hooks',
    happened: 'test -e $WS/fixture/hooks/post-update',
  },
];
