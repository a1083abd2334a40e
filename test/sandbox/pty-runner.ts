// What a command in a terminal sees, in one mode, as JSON. A program of its own so that it can run as another user:
// node pty-runner.ts (namespaces|landlock|unconfined)
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  detect,
  fullAccess,
  type SandboxExit,
  type SandboxedProcess,
  scrubEnv,
  spawnSandboxed,
  workspaceWrite,
} from '../../sandbox/index.ts';

export type PtyResult = { level: string; cases: Record<string, { exit: SandboxExit; shown: string }> };

/** Each step is done once the output so far ends with its prompt. */
type Step = [prompt: string, act: (command: SandboxedProcess) => void];

const type =
  (text: string) =>
  (command: SandboxedProcess): void =>
    void command.stdin?.write(text);

const CASES: Record<string, { run: string; steps?: Step[] }> = {
  'three streams, one controlling terminal': {
    run: '[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && tty | cut -c1-9; (echo to-tty > /dev/tty) < /dev/null > /dev/null 2>&1; stty size; exit 7',
  },
  'output in order, whole, at the end of a command': {
    run: 'seq 1 200000 | tail -c 200000 | cksum; seq 1 200000 | tail -c 200000',
  },
  'a new size': {
    run: `trap 'stty size; exit 3' WINCH; printf 'ready'; while :; do sleep 0.05; done`,
    steps: [['ready', (command) => void command.resize({ columns: 132, rows: 43 })]],
  },
  'Ctrl+C': {
    run: `trap 'echo; echo caught; exit 5' INT; printf 'ready'; while :; do sleep 0.05; done`,
    steps: [['ready', type('\u0003')]],
  },
  'typed lines': {
    run: `read -r -p 'name? ' name; echo "hello $name"`,
    steps: [['name? ', type('Zoë\r')]],
  },
  'a password is not shown': {
    run: `read -rs -p 'secret? ' secret < /dev/tty; echo; echo "\${#secret}"`,
    steps: [['secret? ', type('hunter2\r')]],
  },
  'job control': {
    run: `set -m; sleep 1000 & kill -STOP %1; wait %1 2> /dev/null; jobs | grep -o Stopped; kill -KILL %1; echo done`,
  },
  'the end of input in the middle of a line': {
    run: `printf 'ready\\n'; cat; echo; echo end`,
    steps: [['ready\r\n', (command) => void command.stdin?.end('half')]],
  },
  'streams closed, still running': { run: 'exec < /dev/null > /dev/null 2>&1; sleep 0.3; exit 4' },
  'what ignores every polite signal is gone': {
    run: `trap '' HUP INT TERM; (setsid bash -c "trap '' HUP INT TERM; sleep 1000; sleep 1000" &); sleep 1000 & echo left`,
  },
};

async function main(mode: string): Promise<PtyResult> {
  const unconfined = mode === 'unconfined';
  const report = await detect({ forceLevel: mode === 'landlock' ? 'landlock' : 'namespaces' });
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pty-test-')));
  const result: PtyResult = { level: unconfined ? mode : report.level, cases: {} };
  for (const [name, { run, steps = [] }] of Object.entries(CASES)) {
    const command = spawnSandboxed({
      argv: ['bash', '-c', run],
      cwd: root,
      env: { ...scrubEnv(process.env), TERM: 'xterm', LC_ALL: 'C.UTF-8' },
      policy: unconfined ? fullAccess() : workspaceWrite({ roots: [root], home: '/nonexistent' }),
      report,
      terminal: { columns: 100, rows: 30 },
    });
    const left = [...steps];
    const parts: Buffer[] = [];
    command.stdout?.on('data', (bytes: Buffer) => {
      parts.push(bytes);
      const [prompt, act] = left[0] ?? [];
      if (prompt === undefined || !act || !Buffer.concat(parts).toString('utf8').endsWith(prompt)) return;
      left.shift();
      act(command);
    });
    const exit = await command.exited;
    result.cases[name] = { exit, shown: Buffer.concat(parts).toString('utf8') };
  }
  rmSync(root, { recursive: true, force: true });
  return result;
}

console.log(JSON.stringify(await main(process.argv[2] ?? '')));
