// Attempts on what is shared: between the threads of a command, between processes, and between a path and what file systems
// take it for.
import { type Escape, TOO_DANGEROUS } from './types.ts';

const created = (path: string): string => `test -e $WS/${path}`;

/** What file systems of other systems take for '.git'. */
const SPELLINGS: readonly (readonly [id: string, name: string])[] = [
  ['short-name', 'git~1'],
  ['short-name-upper-case', 'GIT~1'],
  ['trailing-dot', '.git.'],
  ['trailing-space', '.git '],
  ['stream', '.git::$INDEX_ALLOCATION'],
  ['invisible', '.g\u200cit'],
];

/** What an agent or an editor would obey in a folder below, once somebody opens it. */
const NESTED: readonly (readonly [id: string, path: string])[] = [
  ['agent', 'sub/.gantry/config.toml'],
  ['codex', 'sub/deep/.codex/config.toml'],
  ['codex-upper-case', 'sub/.CODEX/config.toml'],
];

/** Reads that only the list of secrets stands against: files that `world.ts` lays in the home. */
const SECRETS: readonly (readonly [id: string, path: string])[] = [
  ['editor-history', '.config/Code/User/History/x/entry'],
  ['remote-editor', '.vscode-server/data/User/globalStorage/state'],
  ['cargo', '.cargo/credentials'],
  ['containers', '.config/containers/auth.json'],
  ['passwords', '.config/keepassxc/x'],
  ['display', '.Xauthority'],
  ['shell-history', '.local/share/fish/fish_history'],
  ['python-history', '.python_history'],
  ['opencode', '.config/opencode/auth'],
];

export const SHARED_ESCAPES: readonly Escape[] = [
  ...SPELLINGS.map(
    ([id, name]): Escape => ({
      id: `git-spelled-${id}`,
      run: `mkdir '${name}'; mkdir e; mv e '${name}'`,
      happened: `test -e $WS/plain/'${name}'`,
      root: 'plain',
    }),
  ),
  ...NESTED.map(
    ([id, path]): Escape => ({
      id: `nested-${id}`,
      run: `mkdir -p ${path.split('/').slice(0, -1).join('/')}; echo PWN > ${path}; mkdir -p sub/deep/e; echo PWN > sub/deep/e/config.toml; mv sub/deep/e ${path.split('/').slice(0, -1).join('/')}`,
      happened: created(path),
    }),
  ),
  ...SECRETS.map(
    ([id, path]): Escape => ({ id: `read-secret-${id}`, run: `grep -q SECRET $HOME/${path} && echo ESCAPED` }),
  ),
  // threads: what a descriptor's number stands for is exchanged while it is opened again
  {
    id: 'reopen-race-nested-git',
    run: '$ATK descriptor-race vendor/sub/.git/config x >/dev/null',
    happened: 'grep -q PWN $WS/vendor/sub/.git/config',
  },
  {
    id: 'reopen-race-git',
    run: '$ATK descriptor-race .git/config x >/dev/null; $ATK descriptor-race .vscode/settings.json x >/dev/null',
    happened: 'grep -q PWN $WS/.git/config $WS/.vscode/settings.json',
  },
  {
    id: 'reopen-race-outside',
    run: '$ATK descriptor-race $OUT/victim.txt x >/dev/null',
    happened: 'grep -q PWN $OUT/victim.txt',
  },
  // sockets
  { id: 'unix-raw-datagram', run: '$ATK raw-datagram $UDGRAM' },
  { id: 'unix-raw-datagram-pair', run: '$ATK raw-datagram-pair $UDGRAM' },
  { id: 'git-socket', run: '$ATK bind-name .git >/dev/null', happened: created('plain/.git'), root: 'plain' },
  { id: 'agent-config-socket', run: '$ATK bind-name $WS/.gantry >/dev/null', happened: created('.gantry') },
  { id: 'direnv-socket', run: 'cd src; $ATK bind-name ../.envrc >/dev/null', happened: created('.envrc') },
  // processes
  {
    id: 'whole-user-priority',
    run: '$ATK whole-user-priority 1 >/dev/null',
    happened: 'test "$(ps -o ni= -p $VICTIM | tr -d " ")" != 0',
    notPlain: 'it would slow down everything of this user',
  },
  {
    id: 'signal-by-owner',
    run: '$ATK signal-by-owner $VICTIM',
    happened: '! kill -0 $VICTIM',
    notPlain: 'it would end the process that others attack',
  },
  { id: 'left-forking', run: '$ATK fork-chain $MARK; sleep 0.1', leaves: true, notPlain: 'nobody would get rid of it' },
  { id: 'old-abi', run: '$ATK old-abi' },
  // the machine's devices and files, by what is no writing
  {
    id: 'device-mode',
    run: 'chmod 606 /dev/full; $ATK fchmod /dev/full >/dev/null',
    happened: 'test $(stat -c %a /dev/full) = 606 || test $(stat -c %a /dev/full) = 777',
    notPlain: TOO_DANGEROUS,
  },
  {
    id: 'device-owner',
    run: 'chown 12345 /dev/full',
    happened: 'test $(stat -c %u /dev/full) = 12345',
    notPlain: TOO_DANGEROUS,
  },
  {
    id: 'device-times',
    run: 'touch -d @$RUNNER /dev/full',
    happened: 'test $(stat -c %Y /dev/full) = $RUNNER',
    notPlain: TOO_DANGEROUS,
  },
  { id: 'version-outside', run: '$ATK set-version $OUT/victim.txt' },
  // git: links that it would follow when it writes, and what it makes of a value
  {
    id: 'git-made-links',
    run: 'git init -q new; cd new/.git; for f in COMMIT_EDITMSG index logs; do ln -s $HOME/.bashrc $f; done; mkdir -p e; mv e logs',
    happened: 'test -L $WS/new/.git/COMMIT_EDITMSG || test -L $WS/new/.git/index || test -L $WS/new/.git/logs',
  },
  {
    id: 'git-made-old-remote',
    run: 'git init -q new; mkdir -p new/.git/branches new/.git/remotes; echo evil > new/.git/branches/origin; echo "URL: evil" > new/.git/remotes/origin',
    happened: 'test -e $WS/new/.git/branches/origin || test -e $WS/new/.git/remotes/origin',
  },
  {
    id: 'commit-rebase-strategy',
    run: 'cd .git; mkdir rebase-merge; echo /../evil > rebase-merge/strategy; echo /../evil > rebase-merge/strategy; echo /../evil > s; mv s rebase-merge/strategy; ln s rebase-merge/strategy; ln -s ../s rebase-merge/strategy',
    happened: 'grep -q evil $WS/.git/rebase-merge/strategy',
    policy: 'commit',
  },
  {
    id: 'commit-rebase-strategy-moved',
    run: 'mkdir -p .git/x e; echo /../evil > .git/x/strategy; mv .git/x .git/rebase-merge; echo /../evil > e/strategy; mv e .git/rebase-merge',
    happened: 'grep -q evil $WS/.git/rebase-merge/strategy',
    policy: 'commit',
  },
  {
    id: 'commit-pick-strategy',
    run: 'mkdir .git/sequencer; git config -f .git/sequencer/opts options.signoff true; git config -f .git/sequencer/opts options.strategy /../evil; printf "[options]\nstrategy=/../evil\n" >> .git/sequencer/opts; cp .git/sequencer/opts o; printf "[options]\nstrategy=/../evil\n" > o; mv o .git/sequencer/opts; mv .git/sequencer/opts.lock .git/sequencer/opts',
    happened: 'grep -q evil $WS/.git/sequencer/opts',
    policy: 'commit',
  },
  {
    id: 'commit-other-tools-config',
    run: 'mkdir -p .git/sl; echo "[hooks]" > .git/sl/config',
    happened: created('.git/sl/config'),
    policy: 'commit',
  },
];
