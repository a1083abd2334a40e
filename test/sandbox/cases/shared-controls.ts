// What must keep working, as programs reach for what the broker stands between.
import type { Control } from './types.ts';

const PYTHON = 'python3 -c 1';
const NAMES =
  'export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b GIT_EDITOR=true';

export const SHARED_CONTROLS: readonly Control[] = [
  {
    id: 'git-cherry-pick-range',
    run: `${NAMES}; git checkout -q -b side; for i in 1 2; do echo $i > c$i; git add c$i; git commit -qm $i; done; git checkout -q main; echo x > c1; git add c1; git commit -qm x; git cherry-pick -x main..side >/dev/null 2>&1; echo 1 > c1; git add c1; git cherry-pick --continue >/dev/null && test $(git log --oneline | wc -l) = 4 && echo WORKS`,
    policy: 'commit',
  },
  {
    id: 'git-rebase-with-strategy',
    run: `${NAMES}; git checkout -q -b strategy; echo s > s; git add s; git commit -qm s; git checkout -q main; echo m > m; git add m; git commit -qm m; git checkout -q strategy; git rebase -q -X patience main && test -e m && echo WORKS`,
    policy: 'commit',
  },
  {
    id: 'git-init-merged',
    run: `${NAMES}; git init -q new; cd new; echo a > a; git add a; git commit -qm one; git checkout -q -b side; echo b > b; git add b; git commit -qm two; git checkout -q -; echo c > c; git add c; git commit -qm three; git merge -q --no-edit side && echo d > d && git add d && git commit -qm four d && git checkout -q -b third HEAD~1 && echo q > q && git add q && git commit -qm five && git rebase -q - && git branch -m other && git gc -q && test $(git log --oneline | wc -l) = 6 && echo WORKS`,
  },
  {
    id: 'descriptor-reopened',
    run: 'exec 5>f 6<>g; echo a > /dev/fd/5; echo b >> /proc/self/fd/6; test "$(cat f g | tr -d "\\n")" = ab && echo WORKS',
  },
  {
    id: 'renice-child',
    run: 'sleep 5 & renice -n 5 -p $! >/dev/null && test $(ps -o ni= -p $!) = 5 && kill $! && echo WORKS',
  },
  {
    id: 'own-niceness',
    run: 'ionice -c 3 true && renice -n 5 -p 0 >/dev/null; nice -n 2 echo WORKS',
    needs: 'ionice -V',
  },
  { id: 'fifo-waits', run: 'mkfifo p; (sleep 1; cat p) & echo WORKS > p; wait' },
  {
    id: 'python-terminal',
    run: "python3 -c \"import pty;pty.spawn(['bash','-c','test -t 0 && echo x > /dev/tty && echo y > $(tty) && echo WORKS'])\"",
    needs: PYTHON,
  },
  {
    id: 'sqlite-journal',
    run: "python3 -c \"import sqlite3\na=sqlite3.connect('t.db')\na.execute('pragma journal_mode=wal')\na.execute('create table t(a)')\na.execute('insert into t values(1)')\na.commit()\nassert sqlite3.connect('t.db').execute('select a from t').fetchone()==(1,)\nprint('WORKS')\"",
    needs: PYTHON,
  },
  {
    id: 'python-fork-server',
    run: "python3 -c \"import multiprocessing as m\nc=m.get_context('forkserver')\np=c.Pool(1)\nassert p.map(abs,[-1])==[1]\np.close()\nprint('WORKS')\"",
    needs: PYTHON,
  },
  {
    id: 'node-restarts',
    run: "echo 'console.log(1)' > w.mjs; node --watch w.mjs > w.out 2>&1 & p=$!; until grep -q 1 w.out; do sleep 0.1; done; echo 'console.log(\"again\")' > w.mjs; for i in $(seq 300); do grep -q again w.out && break; sleep 0.1; done; kill $p; grep -q again w.out && echo WORKS",
  },
  { id: 'linked-copies', run: 'mkdir s; echo WORKS > s/a; cp -al s t && test t/a -ef s/a && cat t/a' },
];
