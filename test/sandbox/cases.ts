// Escape attempts and things that must keep working, as a table. A command runs with `bash -c` in $WS, a git repository
// and the only writable root. Variables: WS OUT HOME ATK TCP UDP USOCK UDGRAM ABS VICTIM RUNNER.

export type Escape = {
  id: string;
  run: string;
  /** A shell test, run outside afterwards: success means that the attempt got through. `ESCAPED` in the output does too. */
  happened?: string;
  /** A host listener that must not have been reached. */
  reaches?: 'tcp' | 'udp' | 'unix';
  policy?: 'read-only' | 'commit';
  /** The writable root, below $WS. */
  root?: string;
  /** Why the attempt is not also run without a sandbox. */
  notPlain?: string;
};

export type Control = { id: string; run: string; policy?: 'commit'; root?: string; happened?: string };

const TOO_DANGEROUS = 'would really change this machine';

export const ESCAPES: readonly Escape[] = [
  // writing outside
  { id: 'write-absolute', run: 'echo PWN > $OUT/new.txt', happened: 'test -e $OUT/new.txt' },
  { id: 'write-dot-dot', run: 'echo PWN > ../out/new.txt', happened: 'test -e $OUT/new.txt' },
  { id: 'write-by-link', run: 'ln -s $OUT/victim.txt l; echo PWN > l', happened: 'grep -q PWN $OUT/victim.txt' },
  { id: 'write-by-linked-dir', run: 'ln -s $OUT d; echo PWN > d/new.txt', happened: 'test -e $OUT/new.txt' },
  { id: 'write-dangling-link', run: 'ln -s $OUT/new.txt s; echo PWN > s', happened: 'test -e $OUT/new.txt' },
  { id: 'write-hard-link', run: 'ln $OUT/victim.txt h && echo PWN > h', happened: 'grep -q PWN $OUT/victim.txt' },
  { id: 'rename-out', run: 'echo x > a; mv a $OUT/moved', happened: 'test -e $OUT/moved' },
  { id: 'rename-in', run: 'mv $OUT/victim.txt v', happened: 'test ! -e $OUT/victim.txt' },
  { id: 'exchange-out', run: 'echo PWN > a; $ATK exchange a $OUT/victim.txt', happened: 'grep -q PWN $OUT/victim.txt' },
  { id: 'delete-outside', run: 'rm -f $OUT/victim.txt', happened: 'test ! -e $OUT/victim.txt' },
  { id: 'mkdir-outside', run: 'mkdir $OUT/dir', happened: 'test -e $OUT/dir' },
  { id: 'truncate-outside', run: '$ATK truncate $OUT/victim.txt', happened: 'test ! -s $OUT/victim.txt' },
  { id: 'unnamed-outside', run: '$ATK unnamed-file $OUT $OUT/t', happened: 'test -e $OUT/t' },
  { id: 'unnamed-inside-linked-outside', run: '$ATK unnamed-file $WS $OUT/t', happened: 'test -e $OUT/t' },
  { id: 'openat2-outside', run: '$ATK openat2 $OUT/victim.txt' },
  { id: 'chmod-outside', run: '$ATK chmod $OUT/victim.txt' },
  { id: 'fchmod-outside', run: '$ATK fchmod $OUT/victim.txt' },
  { id: 'fchmodat2-outside', run: '$ATK fchmodat2 $OUT/victim.txt' },
  { id: 'chown-outside', run: '$ATK chown $OUT/victim.txt' },
  { id: 'utimes-outside', run: '$ATK utimes $OUT/victim.txt' },
  { id: 'futimens-outside', run: '$ATK futimens $OUT/victim.txt' },
  { id: 'xattr-outside', run: '$ATK xattr $OUT/victim.txt' },
  { id: 'fxattr-outside', run: '$ATK fxattr $OUT/victim.txt' },
  { id: 'reopen-read-only', run: 'exec 5<$OUT/victim.txt; $ATK open-write /proc/self/fd/5' },
  {
    id: 'proc-fd-dot-dot',
    run: '$ATK open-create /proc/self/fd/../../../$OUT/new.txt; $ATK open-create /dev/fd/../$OUT/new.txt; cd /; $ATK open-create .$OUT/new.txt',
    happened: 'test -e $OUT/new.txt',
  },
  { id: 'write-by-proc-root', run: 'echo PWN > /proc/$VICTIM/root$OUT/new.txt', happened: 'test -e $OUT/new.txt' },
  { id: 'write-home', run: 'echo PWN >> $HOME/.bashrc', happened: 'grep -q PWN $HOME/.bashrc' },
  {
    id: 'write-agent-home',
    run: 'mkdir -p $HOME/.gantry; echo PWN > $HOME/.gantry/config.toml',
    happened: 'test -e $HOME/.gantry/config.toml',
  },
  { id: 'block-device', run: '$ATK block-device $WS/disk' },
  { id: 'set-user-id', run: 'cp $ATK x; $ATK set-user-id x' },
  { id: 'read-only-write', run: 'echo PWN > f', happened: 'test -e $WS/f', policy: 'read-only' },
  { id: 'read-only-chmod', run: '$ATK chmod $WS/package.json; $ATK utimes $WS/package.json', policy: 'read-only' },
  // protected paths inside the root
  { id: 'git-hook', run: 'echo x > .git/hooks/pre-commit', happened: 'test -e $WS/.git/hooks/pre-commit' },
  { id: 'git-config', run: 'git config core.fsmonitor evil', happened: 'grep -q evil $WS/.git/config' },
  { id: 'git-append-config', run: 'echo "[x]evil=1" >> .git/config', happened: 'grep -q evil $WS/.git/config' },
  { id: 'git-replace', run: 'mv .git .old && mkdir .git', happened: 'test ! -e $WS/.git/HEAD' },
  { id: 'git-link-config', run: 'ln .git/config c && echo evil >> c', happened: 'grep -q evil $WS/.git/config' },
  { id: 'git-by-link', run: 'ln -s .git g && echo x > g/hooks/pre-push', happened: 'test -e $WS/.git/hooks/pre-push' },
  { id: 'git-create-missing', run: 'mkdir .git', happened: 'test -e $WS/plain/.git', root: 'plain' },
  { id: 'git-create-other-case', run: 'git init -q .; mkdir .GIT', happened: 'test -e $WS/plain/.GIT', root: 'plain' },
  { id: 'git-create-file', run: 'echo "gitdir: evil" > .git', happened: 'test -e $WS/plain/.git', root: 'plain' },
  { id: 'git-create-link', run: 'mkdir e; ln -s e .git', happened: 'test -L $WS/plain/.git', root: 'plain' },
  { id: 'git-create-rename', run: 'mkdir e; mv e .git', happened: 'test -e $WS/plain/.git', root: 'plain' },
  {
    id: 'git-create-race',
    run: '$ATK path-race $WS/plain/xgit $WS/plain/.git',
    happened: 'test -e $WS/plain/.git',
    root: 'plain',
  },
  {
    id: 'git-create-in-temp',
    run: 'mkdir -p $TMPDIR/d/.git && touch $TMPDIR/d/.git/hooks && mv $TMPDIR/d d',
    happened: 'test -e $WS/plain/d/.git/hooks',
    root: 'plain',
  },
  {
    id: 'git-nested-hook',
    run: 'echo x > vendor/sub/.git/hooks/pre-commit',
    happened: 'test -e $WS/vendor/sub/.git/hooks/pre-commit',
  },
  { id: 'git-nested-config', run: '$ATK open-write vendor/sub/.git/config' },
  {
    id: 'git-made-hook',
    run: 'git init -q new; echo x > new/.git/hooks/pre-commit; mv new/.git/hooks/pre-push.sample new/.git/hooks/pre-push',
    happened: 'test -e $WS/new/.git/hooks/pre-commit || test -e $WS/new/.git/hooks/pre-push',
  },
  {
    id: 'git-made-hooks-moved-in',
    run: 'mkdir h; echo x > h/pre-commit; git init -q new; rm -rf new/.git/hooks; mv -T h new/.git/hooks || ln -s $WS/h new/.git/hooks',
    happened: 'test -e $WS/new/.git/hooks/pre-commit',
  },
  {
    id: 'git-made-config',
    run: 'git init -q new; git -C new config core.fsmonitor evil; echo "[core]fsmonitor=evil" >> new/.git/config',
    happened: 'grep -q evil $WS/new/.git/config',
  },
  {
    id: 'git-made-config-of-another',
    run: 'git init -q a; git init -q b; printf "[core]\\n fsmonitor = evil\\n" > a/.git/config.lock; mv a/.git/config.lock b/.git/config',
    happened: 'grep -q evil $WS/b/.git/config',
  },
  {
    id: 'git-made-changed-place',
    run: 'git init -q new; mv new old; mv vendor/sub new; echo x > new/.git/hooks/pre-commit',
    happened: 'test -e $WS/new/.git/hooks/pre-commit',
  },
  {
    id: 'git-made-pointers',
    run: 'git init -q new; echo $WS/vendor/sub/.git > new/.git/commondir; mkdir new/.git/modules new/.git/worktrees',
    happened: 'test -e $WS/new/.git/commondir || test -e $WS/new/.git/modules',
  },
  { id: 'git-worktree-pointer', run: 'echo "gitdir: evil" > .git', happened: 'grep -q evil $WS/wt/.git', root: 'wt' },
  {
    id: 'git-worktree-hook',
    run: 'echo x > $(git rev-parse --git-common-dir)/hooks/post-commit',
    happened: 'test -e $WS/.git/hooks/post-commit',
    root: 'wt',
  },
  {
    id: 'commit-hook',
    run: 'echo x > .git/hooks/pre-commit',
    happened: 'test -e $WS/.git/hooks/pre-commit',
    policy: 'commit',
  },
  {
    id: 'commit-config',
    run: 'git config core.hooksPath evil',
    happened: 'grep -q evil $WS/.git/config',
    policy: 'commit',
  },
  {
    id: 'commit-rename-git',
    run: 'mv .git .g; cp -r .g .git; echo x > .git/hooks/pre-commit',
    happened: 'test -e $WS/.git/hooks/pre-commit',
    policy: 'commit',
  },
  {
    id: 'commit-rename-hooks',
    run: 'mv .git/hooks .git/h; mkdir .git/hooks; echo x > .git/hooks/pre-commit',
    happened: 'test -e $WS/.git/hooks/pre-commit',
    policy: 'commit',
  },
  {
    id: 'commit-worktree-pointer',
    run: 'd=$(git rev-parse --git-dir); mkdir -p e; echo $WS/wt/e > $d/commondir',
    happened: 'grep -q wt/e $WS/.git/worktrees/wt/commondir',
    policy: 'commit',
    root: 'wt',
  },
  {
    id: 'agent-config-missing',
    run: 'mkdir .gantry && echo PWN > .gantry/config.toml',
    happened: 'test -e $WS/.gantry',
  },
  { id: 'editor-settings', run: 'echo PWN > .vscode/settings.json', happened: 'grep -q PWN $WS/.vscode/settings.json' },
  {
    id: 'editor-settings-by-rename',
    run: 'mv .vscode .v; mkdir .vscode; echo PWN > .vscode/settings.json',
    happened: 'grep -q PWN $WS/.vscode/settings.json',
  },
  { id: 'editor-tasks-missing', run: 'echo PWN > .vscode/tasks.json', happened: 'test -e $WS/.vscode/tasks.json' },
  {
    id: 'editor-missing-by-link',
    run: 'mkdir e; ln -s e .vscode; echo PWN > e/settings.json',
    happened: 'test -e $WS/plain/.vscode/settings.json',
    root: 'plain',
  },
  // reading secrets
  { id: 'read-key', run: 'cat $HOME/.ssh/id_rsa | grep -q SECRET && echo ESCAPED' },
  { id: 'read-key-by-link', run: 'ln -s $HOME/.ssh s; cat s/id_rsa | grep -q SECRET && echo ESCAPED' },
  { id: 'read-denied-file', run: 'cat $OUT/secret.txt | grep -q SECRET && echo ESCAPED' },
  { id: 'read-by-handle', run: '$ATK by-handle $OUT/secret.txt' },
  { id: 'read-by-rename', run: 'mv $HOME/.ssh $WS/s; cat s/id_rsa | grep -q SECRET && echo ESCAPED' },
  { id: 'read-by-proc-root', run: 'cat /proc/$VICTIM/root$OUT/secret.txt | grep -q SECRET && echo ESCAPED' },
  { id: 'read-other-environment', run: 'tr "\\0" "\\n" < /proc/$RUNNER/environ | grep -q . && echo ESCAPED' },
  { id: 'read-disk', run: 'for d in /dev/vd? /dev/sd? /dev/nvme?n? /dev/mem; do test -e $d && $ATK read $d; done' },
  { id: 'read-other-memory', run: '$ATK open-memory $VICTIM' },
  // network
  { id: 'tcp', run: '$ATK tcp 127.0.0.1 $TCP', reaches: 'tcp' },
  { id: 'tcp6-mapped', run: '$ATK tcp6 ::ffff:127.0.0.1 $TCP', reaches: 'tcp' },
  { id: 'tcp-fast-open', run: '$ATK tcp-fast-open 127.0.0.1 $TCP', reaches: 'tcp' },
  { id: 'tcp-bash', run: '(exec 3<>/dev/tcp/127.0.0.1/$TCP && echo ESCAPED)', reaches: 'tcp' },
  { id: 'udp', run: '$ATK udp 127.0.0.1 $UDP >/dev/null', reaches: 'udp' },
  { id: 'dns', run: 'bash -c "echo > /dev/udp/127.0.0.1/$UDP"', reaches: 'udp' },
  { id: 'unix-stream', run: '$ATK unix $USOCK', reaches: 'unix' },
  { id: 'unix-by-link', run: 'ln -s $USOCK s; $ATK unix $WS/s', reaches: 'unix' },
  { id: 'unix-datagram', run: '$ATK unix-datagram $UDGRAM' },
  { id: 'unix-datagram-pair', run: '$ATK unix-datagram-pair $UDGRAM' },
  { id: 'unix-abstract', run: '$ATK unix-abstract $ABS' },
  { id: 'raw-icmp', run: '$ATK raw-icmp' },
  { id: 'packet', run: '$ATK packet' },
  { id: 'kernel-crypto', run: '$ATK kernel-crypto' },
  { id: 'netlink-audit', run: '$ATK netlink-audit' },
  // processes
  { id: 'kill', run: '$ATK kill $VICTIM' },
  { id: 'thread-kill', run: '$ATK thread-kill $VICTIM' },
  { id: 'pidfd-kill', run: '$ATK pidfd-kill $VICTIM' },
  { id: 'trace', run: '$ATK trace $VICTIM' },
  { id: 'take-descriptor', run: '$ATK take-descriptor $RUNNER 0' },
  { id: 'limit-other', run: '$ATK limit-other $VICTIM' },
  { id: 'set-uid', run: '$ATK set-uid 12345' },
  { id: 'enter-namespace', run: '$ATK enter-namespace /proc/$VICTIM/ns/mnt' },
  { id: 'inherited-descriptor', run: '$ATK write-descriptor 40' },
  { id: 'core-pattern', run: 'echo x > /proc/sys/kernel/core_pattern && echo ESCAPED', notPlain: TOO_DANGEROUS },
  { id: 'sysrq', run: 'echo h > /proc/sysrq-trigger && echo ESCAPED', notPlain: TOO_DANGEROUS },
  // kernel
  { id: 'add-key', run: '$ATK add-key' },
  { id: 'bpf', run: '$ATK bpf' },
  { id: 'perf', run: '$ATK perf' },
  { id: 'page-faults', run: '$ATK page-faults' },
  { id: 'io-uring', run: '$ATK io-uring' },
  { id: 'mount', run: '$ATK mount $WS/src', notPlain: TOO_DANGEROUS },
  { id: 'remount', run: '$ATK remount /; $ATK remount $WS/.git', notPlain: TOO_DANGEROUS },
  { id: 'bind-mount', run: '$ATK bind-mount $OUT $WS/src', notPlain: TOO_DANGEROUS },
  { id: 'unmount', run: '$ATK unmount /proc; $ATK unmount $WS/.git', notPlain: TOO_DANGEROUS },
  { id: 'pivot', run: '$ATK pivot $WS', notPlain: TOO_DANGEROUS },
  { id: 'change-root', run: '$ATK change-root $WS' },
  { id: 'open-file-system', run: '$ATK open-file-system' },
  { id: 'open-tree', run: '$ATK open-tree' },
  { id: 'unshare-user', run: '$ATK unshare-user' },
  { id: 'unshare-mounts', run: '$ATK unshare-mounts' },
  { id: 'clone-user', run: '$ATK clone-user' },
  { id: 'clone3-user', run: '$ATK clone3-user' },
  { id: 'other-abi', run: '$ATK other-abi' },
  { id: 'kexec', run: '$ATK kexec' },
  { id: 'load-module', run: '$ATK load-module' },
  { id: 'kernel-log', run: '$ATK kernel-log' },
  { id: 'terminal-input', run: '$ATK terminal-input' },
  { id: 'read-shadow', run: 'head -c 1 /etc/shadow | grep -q . && echo ESCAPED' },
  { id: 'read-sudoers', run: '{ cat /etc/sudoers.d/* || cat /etc/gshadow; } 2>/dev/null | grep -q . && echo ESCAPED' },
  // environment
  {
    id: 'environment',
    run: 'env | grep -qE "TESTSECRET|^(LD_PRELOAD|NODE_OPTIONS|BASH_ENV|SSH_AUTH_SOCK)=" && echo ESCAPED',
  },
];

/** Each prints WORKS. */
export const CONTROLS: readonly Control[] = [
  { id: 'files', run: 'echo a > f && mkdir -p x/y && mv f x/y/g && cat x/y/g && rm -r x && echo WORKS' },
  {
    id: 'devices',
    run: 'echo x > /dev/null && test $(head -c4 /dev/zero | wc -c) = 4 && head -c4 /dev/urandom >/dev/null && echo WORKS',
  },
  { id: 'bash', run: 'seq 5 | sort -r | diff - <(seq 5 | sort -r) && cat <<X && echo WORKS\nhi\nX' },
  { id: 'background-job', run: 'sleep 0.05 & wait $! && echo WORKS' },
  { id: 'fifo', run: 'mkfifo p; (echo WORKS > p &); cat p' },
  { id: 'temp-file', run: 't=$(mktemp) && echo WORKS > $t && cat $t && rm $t' },
  { id: 'no-terminal', run: '(: > /dev/tty) 2>/dev/null; echo WORKS' },
  { id: 'pseudo-terminal', run: 'script -qec tty /dev/null | grep -q pts && echo WORKS' },
  {
    id: 'node',
    run: "node -e \"require('child_process').execSync('echo sub'); new (require('worker_threads').Worker)('1',{eval:true}).on('exit',()=>console.log('WORKS'))\"",
  },
  {
    id: 'node-test',
    run: "echo \"require('node:test')('t',()=>{})\" > a.test.js && node --test --test-reporter=tap > tap.txt; grep -q '^# pass 1' tap.txt && echo WORKS",
  },
  {
    id: 'node-make-path',
    run: "node -e \"require('fs').mkdirSync(process.cwd()+'/p/q/r',{recursive:true});console.log('WORKS')\"",
  },
  {
    id: 'python',
    run: "command -v python3 >/dev/null || { echo WORKS; exit; }; python3 -c \"import subprocess;print(subprocess.check_output(['echo','WORKS']).decode())\"",
  },
  {
    id: 'python-pool',
    run: 'command -v python3 >/dev/null || { echo WORKS; exit; }; python3 -c "import multiprocessing as m\np=m.Pool(2)\nassert p.map(abs,[-1])==[1]\np.close()\nprint(\'WORKS\')"',
  },
  {
    id: 'compiler',
    run: 'command -v gcc >/dev/null || { echo WORKS; exit; }; printf "#include <stdio.h>\\nint main(){puts(\\"WORKS\\");}" > a.c && gcc a.c -o a.out && ./a.out',
  },
  {
    id: 'git-read',
    run: 'git status --porcelain >/dev/null && git diff >/dev/null && git log --oneline | grep -q init && echo WORKS',
  },
  {
    id: 'git-commit',
    run: 'echo n > n && git add n && git -c user.name=a -c user.email=a@b commit -qm two && git log --oneline | wc -l | grep -q 2 && echo WORKS',
    policy: 'commit',
  },
  {
    id: 'git-commit-worktree',
    run: 'echo n > n && git add n && git -c user.name=a -c user.email=a@b commit -qm two && echo WORKS',
    policy: 'commit',
    root: 'wt',
  },
  {
    id: 'git-branch-stash',
    run: 'git branch side && echo x >> package.json && git -c user.name=a -c user.email=a@b stash -q && git checkout -q side && echo WORKS',
    policy: 'commit',
  },
  {
    id: 'git-init-nested',
    run: 'git init -q new && cd new && git config user.name a && git config user.email a@b && echo n > n && git add n && git commit -qm one && git log --oneline | grep -q one && test "$(git config core.filemode)" = true && echo WORKS',
  },
  {
    id: 'git-init-removed',
    run: 'git init -q new && rm -rf new && test ! -e new && git init -q new && mv new other && git -C other status --short && echo WORKS',
  },
  { id: 'git-init-in-temp', run: 'git init -q $TMPDIR/r && test -d $TMPDIR/r/.git/hooks && echo WORKS' },
  {
    id: 'attributes',
    run: 'echo "echo WORKS" > r.sh && chmod +x r.sh && touch -d 2020-01-01 r.sh && cp -a r.sh r2.sh && tar cf t.tar r2.sh && tar xf t.tar && ./r2.sh',
  },
  {
    id: 'run-what-was-just-written',
    run: 'for i in $(seq 100); do cp $ATK x; ./x 2>/dev/null; test $? = 2 || exit; done; echo WORKS',
  },
  {
    id: 'umask',
    run: 'umask 077; echo x > f; mkdir d; test $(stat -c %a f) = 600 && test $(stat -c %a d) = 700 && echo WORKS',
  },
  { id: 'unnamed-file', run: '$ATK unnamed-file $WS $WS/t | grep -q ESCAPED && test -s t && echo WORKS' },
  { id: 'read-outside', run: 'ls /usr/bin >/dev/null && cat $OUT/victim.txt >/dev/null && echo WORKS' },
  {
    id: 'sqlite-locks',
    run: "node -e \"const f=require('fs');const d=f.openSync('t','w+');f.writeSync(d,'x');f.fsyncSync(d);f.ftruncateSync(d,0);console.log('WORKS')\"",
  },
  { id: 'debugger', run: '$ATK trace-child' },
  { id: 'unix-local', run: '$ATK unix-local $WS/s' },
  { id: 'tcp-local', run: '$ATK tcp-local' },
  { id: 'editor-folder', run: 'rm -rf d; mkdir d; echo x > .vscode/extensions.json && echo WORKS' },
];

/** What a level cannot hold, and why. A case that starts to hold must leave this table. */
export const EXCEPTIONS: Record<'namespaces' | 'landlock', Readonly<Record<string, string>>> = {
  namespaces: {},
  landlock: {
    'tcp-local': 'without a network namespace, the own loopback cannot be told from the host’s',
  },
};

/** Attempts that a kernel may refuse to anyone, by its configuration: they may fail without a sandbox too. */
export const KERNEL_MAY_REFUSE: readonly string[] = [
  'read-disk',
  'kernel-crypto',
  'netlink-audit',
  'other-abi',
  'kexec',
  'load-module',
  'page-faults',
  'io-uring',
  'perf',
  'add-key',
  'terminal-input',
  'unshare-user',
  'unshare-mounts',
  'clone-user',
  'clone3-user',
];

/** Attempts that only root can make. */
export const NEEDS_ROOT: readonly string[] = [
  'chown-outside',
  'block-device',
  'read-shadow',
  'read-sudoers',
  'read-by-handle',
  'raw-icmp',
  'packet',
  'set-uid',
  'enter-namespace',
  'bpf',
  'change-root',
  'open-file-system',
  'open-tree',
  'kernel-log',
];
