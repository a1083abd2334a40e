// What must keep working.
import { SHARED_CONTROLS } from './shared-controls.ts';
import type { Control } from './types.ts';

const PYTHON = 'python3 -c 1';
const COMPILER = 'gcc --version';
const CARGO = 'cargo --version && cc --version';
const COMMIT = 'git -c user.name=a -c user.email=a@b commit -q';

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
    needs: PYTHON,
    run: "python3 -c \"import subprocess;print(subprocess.check_output(['echo','WORKS']).decode())\"",
  },
  {
    id: 'python-pool',
    needs: PYTHON,
    run: 'python3 -c "import multiprocessing as m\np=m.Pool(2)\nassert p.map(abs,[-1])==[1]\np.close()\nprint(\'WORKS\')"',
  },
  {
    id: 'compiler',
    needs: COMPILER,
    run: 'printf "#include <stdio.h>\\nint main(){puts(\\"WORKS\\");}" > a.c && gcc a.c -o a.out && ./a.out',
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
  {
    id: 'npm-test',
    run: 'echo \'{"name":"x","version":"1.0.0","scripts":{"test":"node -e \\"console.log(6*7)\\""}}\' > package.json && npm test --silent | grep -q 42 && echo WORKS',
    needs: 'npm --version',
  },
  {
    id: 'npm-install',
    run: 'mkdir -p p q && echo \'{"name":"p","version":"1.0.0"}\' > p/package.json && echo \'{"name":"q","version":"1.0.0"}\' > q/package.json && cd q && npm install --offline --no-audit --no-fund --cache $TMPDIR/npm --silent ../p && test -e node_modules/p/package.json && echo WORKS',
    needs: 'npm --version',
  },
  {
    id: 'cargo',
    run: 'export CARGO_HOME=$TMPDIR/cargo; cargo init -q --vcs none --name hello c && cd c && cargo run -q --offline | grep -q Hello && cargo test -q --offline >/dev/null && echo WORKS',
    needs: CARGO,
  },
  {
    id: 'make',
    run: 'printf "all: a b\\na b:\\n\\t@sleep 0.01; echo \\$@ > \\$@\\n" > Makefile && make -s -j4 && cat a b | grep -q b && echo WORKS',
    needs: 'make --version',
  },
  {
    id: 'python-manager',
    run: 'python3 -c "import multiprocessing as m\ng=m.Manager()\nd=g.dict()\nd[1]=2\nassert d[1]==2\nq=m.Queue()\nq.put(1)\nassert q.get()==1\nprint(\'WORKS\')"',
    needs: PYTHON,
  },
  {
    id: 'python-shared-memory',
    run: 'python3 -c "from multiprocessing import shared_memory as s\na=s.SharedMemory(create=True,size=64)\nb=s.SharedMemory(name=a.name)\na.buf[0]=7\nassert b.buf[0]==7\nb.close();a.close();a.unlink()\nprint(\'WORKS\')"',
    needs: PYTHON,
  },
  {
    id: 'python-environment',
    run: 'python3 -m venv --without-pip v && v/bin/python -c "print(\'WORKS\')"',
    needs: PYTHON,
  },
  {
    id: 'python-server',
    run: "python3 -c \"import socket,threading\nl=socket.socket(socket.AF_UNIX)\nl.bind('s')\nl.listen()\nthreading.Thread(target=lambda:l.accept()[0].send(b'WORKS')).start()\nc=socket.socket(socket.AF_UNIX)\nc.connect('s')\nprint(c.recv(9).decode())\"",
    needs: PYTHON,
  },
  {
    id: 'node-inspector',
    run: "echo 'debugger; console.log(6*7)' > d.js; (echo c; sleep 1; echo .exit) | timeout 20 node inspect d.js 2>&1 | grep -q 'Debugger attached' && echo WORKS",
  },
  {
    id: 'node-unix-server',
    run: "node -e \"const n=require('net');const s=n.createServer(c=>c.end('WORKS')).listen('x.sock',()=>n.connect('x.sock').on('data',d=>{console.log(''+d);s.close()}))\"",
  },
  {
    id: 'node-tcp-server',
    run: "node -e \"const h=require('http');const s=h.createServer((q,r)=>r.end('WORKS')).listen(0,'127.0.0.1',()=>h.get({port:s.address().port,host:'127.0.0.1'},r=>r.on('data',d=>{console.log(''+d);process.exit()})))\"",
  },
  {
    id: 'node-cluster',
    run: "node -e \"const c=require('child_process').fork('-e',['process.send(process.argv.length)'],{execArgv:[]});\" 2>/dev/null; echo \"process.send('hi')\" > w.js; node -e \"require('child_process').fork('./w.js').on('message',m=>console.log('WORKS'))\"",
  },
  {
    id: 'node-watch',
    run: "node -e \"const f=require('fs');f.watch('.',()=>{console.log('WORKS');process.exit()});setTimeout(()=>f.writeFileSync('w','1'),50)\"",
  },
  {
    id: 'node-sync-many',
    run: "node -e \"for(let i=0;i<5;i++)require('child_process').spawnSync('bash',['-c','echo x | cat'],{input:'y'});console.log(require('child_process').execFileSync('echo',['WORKS'])+'')\"",
  },
  {
    id: 'debugger-gdb',
    run: 'gdb -q -batch -ex run -ex "print 6*7" --args /bin/true 2>&1 | grep -q "= 42" && echo WORKS',
    needs: 'gdb --version',
  },
  {
    id: 'tracer',
    run: 'strace -f -o t bash -c "/bin/true | cat" && grep -q execve t && echo WORKS',
    needs: 'strace -V',
  },
  {
    id: 'terminal-multiplexed',
    run: 'script -qec "stty size >/dev/null; test -t 0 && test -t 1 && echo x > /dev/tty && echo WORKS" /dev/null',
  },
  { id: 'job-control', run: 'set -m; sleep 5 & kill %1; wait %1; test $? = 143 && echo WORKS' },
  { id: 'signals', run: 'sleep 5 & kill -TERM $!; wait $!; test $? = 143 && echo WORKS' },
  { id: 'time-limit', run: 'timeout 0.1 sleep 5; test $? = 124 && echo WORKS' },
  { id: 'niceness', run: 'test $(nice -n 5 nice) = 5 && echo WORKS' },
  { id: 'limits', run: 'ulimit -n 64 && ulimit -v unlimited; test $(ulimit -n) = 64 && echo WORKS' },
  {
    id: 'large-output',
    run: 'test $(node -e "process.stdout.write(\'x\'.repeat(300000))" | wc -c) = 300000 && echo WORKS',
  },
  { id: 'here-document', run: 'cat > f <<X\nWORKS\nX\ncat f' },
  { id: 'locks', run: 'flock f echo WORKS', needs: 'flock --version' },
  { id: 'links', run: 'echo WORKS > a && ln a b && ln -s b c && cat c && readlink -f c >/dev/null' },
  { id: 'sparse', run: 'truncate -s 1M f && test $(stat -c %s f) = 1048576 && fallocate -l 4096 g && echo WORKS' },
  {
    id: 'memory-file',
    run: 'node -e "1" && cp $ATK ./tool && ./tool any-socket 1 1 0 | grep -q ESCAPED && echo WORKS',
  },
  { id: 'search', run: 'find . -name package.json | xargs grep -l "{" | grep -q package && echo WORKS' },
  {
    id: 'archives',
    run: 'mkdir z && echo x > z/f && tar czf z.tgz z && rm -r z && tar xzf z.tgz && cat z/f && echo WORKS',
  },
  { id: 'in-place', run: 'echo a > f && sed -i s/a/WORKS/ f && cat f' },
  { id: 'temp-folder', run: 'd=$(mktemp -d) && mkdir -p $d/x && echo WORKS > $d/x/f && cat $d/x/f && rm -r $d' },
  {
    id: 'git-worktree-added',
    run: `git worktree add -q ../ws/w2 && cd w2 && echo n > n && git add n && ${COMMIT} -m two && echo WORKS`,
    policy: 'commit',
  },
  {
    id: 'git-merge',
    run: `git checkout -q -b side && echo s > s && git add s && ${COMMIT} -m side && git checkout -q - && echo m > m && git add m && ${COMMIT} -m main && git -c user.name=a -c user.email=a@b merge -q --no-edit side && test -e s && echo WORKS`,
    policy: 'commit',
  },
  {
    id: 'git-rebase',
    run: `git checkout -q -b side && echo s > s && git add s && ${COMMIT} -m side && git checkout -q - && echo m > m && git add m && ${COMMIT} -m main && git checkout -q side && git -c user.name=a -c user.email=a@b rebase -q - 2>/dev/null; git log --oneline | wc -l | grep -q 3 && echo WORKS`,
    policy: 'commit',
  },
  {
    id: 'git-tag-reset',
    run: `echo n > n && git add n && ${COMMIT} -m two && git tag v1 && git reset -q --hard HEAD~1 && test ! -e n && git cherry-pick v1 >/dev/null 2>&1; git tag | grep -q v1 && echo WORKS`,
    policy: 'commit',
  },
  {
    id: 'git-worktree-removed',
    run: `git worktree add -q -b side w2 && (cd w2 && echo n > n && git add n && ${COMMIT} -m two) && git worktree list | grep -q w2 && git worktree lock w2 && git worktree unlock w2 && git worktree remove w2 && test ! -e w2 && test ! -e .git/worktrees/w2 && git branch -q -D side && git worktree add -q w2 && rm -r w2 && git worktree prune && test ! -e .git/worktrees/w2 && echo WORKS`,
    policy: 'commit',
  },
  {
    id: 'git-worktree-in-temp',
    run: `git worktree add -q $TMPDIR/w && cd $TMPDIR/w && echo n > n && git add n && ${COMMIT} -m two && cd $WS && git worktree remove $TMPDIR/w && git branch -q -D w && echo WORKS`,
    policy: 'commit',
  },
  {
    id: 'git-worktree-of-worktree',
    run: `git worktree add -q --detach w3 && cd w3 && echo n > n && git add n && ${COMMIT} -m two && test "$(cat .git)" = "gitdir: $WS/.git/worktrees/w3" && test "$(git rev-parse --git-common-dir)" = $WS/.git && echo WORKS`,
    policy: 'commit',
    root: 'wt',
  },
  {
    id: 'git-stash-applied',
    run: 'export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b; echo x >> package.json && git stash -q && git stash list | grep -q WIP && git stash pop -q && grep -q x package.json && echo WORKS',
    policy: 'commit',
  },
  {
    id: 'git-rebase-edited',
    run: `export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_EDITOR=true; for i in 1 2 3; do echo $i > f$i; git add f$i; git commit -qm $i; done; GIT_SEQUENCE_EDITOR='sed -i 2s/pick/squash/' git rebase -q -i HEAD~2 && test $(git log --oneline | wc -l) = 3 && test ! -e .git/rebase-merge && echo WORKS`,
    policy: 'commit',
  },
  {
    id: 'git-rebase-conflict',
    run: `export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_EDITOR=true; echo 1 > f; git add f; git commit -qm 1; git checkout -q -b side HEAD~1; echo 2 > f; git add f; git commit -qm 2; git rebase -q main; echo 3 > f; git add f; git rebase --continue >/dev/null && git log --oneline | wc -l | grep -q 3 && echo WORKS`,
    policy: 'commit',
  },
  { id: 'git-gc', run: 'git gc -q && git fsck --no-progress && echo WORKS', policy: 'commit' },
  ...SHARED_CONTROLS,
];
