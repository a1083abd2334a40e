/** Scripts at random, run by real shells: whatever ran, the reader of commands had said. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadGrammar } from '../../agent-core/approvals/shell/grammar.ts';
import { readShell } from '../../agent-core/approvals/shell/read-shell.ts';
import {
  type Dialect,
  type ShellReading,
  type ShellWord,
  shownWord,
} from '../../agent-core/approvals/shell/reading.ts';
import { detect, spawnSandboxed, workspaceWrite } from '../../sandbox/index.ts';
import { createRandom, createScripts, LEAVES, RUNNERS } from '../support/shell-scripts.ts';

const SEED = Number(process.env.GANTRY_FUZZ_SEED || 20_260_401);
/** `GANTRY_FUZZ_SCRIPTS` for more, `GANTRY_FUZZ_SEED` for others. */
const SCRIPTS = Number(process.env.GANTRY_FUZZ_SCRIPTS || 5_000);
const GARBAGE = 20_000;
const AT_ONCE = 4;
const CHUNKS = 50;

/** Writes its words down, each ended by US, the whole by RS, in one write. */
const STUB = `#!/bin/dash
o=
for a in "\${0##*/}" "$@"; do o="$o$a\u001f"; done
[ -n "$RECORD" ] && printf '%s\\036' "$o" >>"$RECORD"
case $0 in *1) exit 1;; */sudo) [ "$1" = -u ] && shift 2; exec "$@";; esac
exit 0
`;

/** Runs scripts one after another, without a process of its own; what they leave running is ended with the sandbox. */
const DRIVER = `
ulimit -t 1
for file in "$@"; do
  name=\${file##*/}
  cd "$ROOT/work/$name"
  IFS= read -r -d '' script <"$file"
  RECORD="$ROOT/ran/$name" "/bin/\${name##*.}" -c "$script" </dev/null >/dev/null 2>&1
done
`;

const nameOf = (at: number, dialect: Dialect): string => `${at}.${dialect === 'bash' ? 'bash' : 'dash'}`;

type Case = { script: string; dialect: Dialect; reading: ShellReading };

const matches = (words: readonly ShellWord[], ran: readonly string[]): boolean => {
  const [word, ...rest] = words;
  if (!word) return ran.length === 0;
  const [first, ...others] = ran;
  const fits = first !== undefined && (word.text.startsWith('~') || first.startsWith(word.text));
  if (word.kind === 'fixed') return first === word.text && matches(rest, others);
  if (word.kind === 'one') return fits && matches(rest, others);
  if (matches(rest, ran)) return true;
  return first !== undefined && (word.kind === 'many' || fits) && matches(words, others);
};

/** By a part that stands for a program: none of those that ran is a runner or a function. */
const isSaid = ({ parts }: ShellReading, ran: readonly string[]): boolean =>
  parts.some(
    ({ words: [program, ...rest], isTransparent }) =>
      !isTransparent && program?.text.split('/').at(-1) === ran[0] && matches(rest, ran.slice(1)),
  );

describe('the reader of commands, against real shells', function () {
  // For one step: how long all of it takes is the machine's business. Each chunk starts the time anew.
  this.timeout(180_000);
  if (process.platform !== 'linux') return;
  let root = '';
  before(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'gantry-shells-')));
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  const prepare = (): void => {
    for (const name of ['bin', 'ran', 'work', 'scripts']) mkdirSync(path.join(root, name));
    for (const name of [...LEAVES, 'sudo']) {
      const file = path.join(root, 'bin', name);
      writeFileSync(file, STUB);
      chmodSync(file, 0o755);
    }
    for (const name of RUNNERS) {
      const real = ['/usr/bin', '/bin'].map((folder) => path.join(folder, name)).find((file) => existsSync(file));
      assert.ok(real, name);
      symlinkSync(real, path.join(root, 'bin', name));
    }
  };

  const runAll = async (files: readonly string[], report: Awaited<ReturnType<typeof detect>>): Promise<void> => {
    const child = spawnSandboxed({
      argv: ['/bin/bash', '-c', DRIVER, 'driver', ...files],
      cwd: root,
      env: { PATH: `${path.join(root, 'bin')}:/usr/bin:/bin`, ROOT: root, HOME: '/nonexistent' },
      policy: workspaceWrite({ roots: [root], home: '/nonexistent' }),
      report,
    });
    child.stdout?.resume();
    child.stderr?.resume();
    const { failure } = await child.exited;
    assert.equal(failure, null);
  };

  it(`says all that ran of ${SCRIPTS} scripts`, async function () {
    const progress = () => this.runnable().resetTimeout();
    prepare();
    const parse = await loadGrammar();
    const next = createScripts(createRandom(SEED));
    const cases = Array.from({ length: SCRIPTS }, (_, at): Case => {
      const script = next().replaceAll('\0', '');
      const dialect = at % 5 < 3 ? 'bash' : 'sh';
      return { script, dialect, reading: readShell(script, dialect, parse) };
    });
    progress();
    const known = cases.map((one, at) => ({ ...one, at })).filter(({ reading }) => reading.unknown === null);
    // Of the others nothing is said that could be wrong.
    const files = known.map(({ script, dialect, at }) => {
      const name = nameOf(at, dialect);
      mkdirSync(path.join(root, 'work', name));
      writeFileSync(path.join(root, 'scripts', name), script);
      return path.join(root, 'scripts', name);
    });
    const report = await detect();
    const share = Math.ceil(files.length / CHUNKS);
    const chunks = Array.from({ length: CHUNKS }, (_, at) => files.slice(at * share, (at + 1) * share));
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let chunk = chunks.pop(); chunk; chunk = chunks.pop()) {
        await runAll(chunk, report);
        progress();
      }
    });
    await Promise.all(workers);

    let ranOfKnown = 0;
    const unsaid: unknown[] = [];
    for (const { script, dialect, reading, at } of known) {
      const file = path.join(root, 'ran', nameOf(at, dialect));
      const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\u001e').slice(0, -1) : [];
      for (const line of lines) {
        const ran = line.split('\u001f').slice(0, -1);
        ranOfKnown++;
        if (!isSaid(reading, ran))
          unsaid.push({ script, dialect, ran, said: reading.parts.map(({ words }) => words.map(shownWord)) });
      }
    }
    assert.deepEqual(unsaid, []);
    // Otherwise it was not tried: neither may everything be asked about, nor may nothing have run.
    assert.ok(known.length > SCRIPTS * 0.35, `only ${known.length} scripts were read`);
    assert.ok(ranOfKnown > known.length, `only ${ranOfKnown} programs ran`);
  });

  it(`takes ${GARBAGE} strings of garbage`, async function () {
    const parse = await loadGrammar();
    const random = createRandom(SEED + 1);
    const bits = [
      ...'\'"`$(){}[]<>|&;#\\ \n\t=~*?!-ab1\0\r\u00a0\u{1f600}',
      'if',
      'then',
      'fi',
      'case',
      'esac',
      'in',
      'do',
      'done',
      '<<E',
      '\nE\n',
      '$((',
      '))',
      '${',
      '[[',
      ']]',
      'eval ',
      'sh -c ',
      'find -exec ',
      'xargs ',
    ];
    for (let count = 0; count < GARBAGE; count++) {
      if (count % 1000 === 0) this.runnable().resetTimeout();
      const length = Math.floor(random() * 24);
      const text = Array.from({ length }, () => bits[Math.floor(random() * bits.length)]).join('');
      const { unknown } = readShell(text, count % 2 ? 'bash' : 'sh', count % 10 === 0 ? null : parse);
      assert.notEqual(unknown, 'it could not be read', JSON.stringify(text));
    }
  });
});
