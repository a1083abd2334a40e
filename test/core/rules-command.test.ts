/** `gantry rules check`, as a person types it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PROGRAM = path.join(import.meta.dirname, '../../dist/gantry.js');

describe('gantry rules', function () {
  this.timeout(30_000);
  let root = '';
  let rules = '';

  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'gantry-rules-')));
    mkdirSync(path.join(root, 'home/rules'), { recursive: true });
    rules = path.join(root, 'home/rules/mine.rules');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const run = (...args: string[]): { code: number | null; stdout: string; stderr: string } => {
    const env = { PATH: process.env.PATH ?? '', HOME: root, GANTRY_HOME: path.join(root, 'home') };
    const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'rules', ...args], {
      cwd: root,
      env,
      encoding: 'utf8',
    });
    return { code: status, stdout, stderr };
  };

  it('says what the rules decide, part by part, and by which line', () => {
    writeFileSync(
      rules,
      'prefix_rule(pattern = ["npm", ["test", "run"]])\nprefix_rule(pattern = ["git", "push"], decision = "forbidden", justification = "I push")\n',
    );
    assert.deepEqual(run('check', 'npm test && git push'), {
      code: 3,
      stdout: `forbid\n  allow   npm test  <- npm (test|run)  (${rules}:1)\n  forbid  git push  <- git push  (${rules}:2)\nA rule forbids \`git push\`: I push\n`,
      stderr: '',
    });
    assert.deepEqual(run('check', '--', 'make', '--help'), {
      code: 1,
      stdout:
        'ask\n  -       make --help  <- no rule\nNo rule decides, so the approval policy does: on-request, the default, runs it in the sandbox without a question; untrusted asks.\n',
      stderr: '',
    });
  });

  it('leaves what only looks to the policy too, and says what may leave the sandbox', () => {
    writeFileSync(rules, 'prefix_rule(pattern = ["make"], outside_sandbox = True)\n');
    const made = `  allow   make  <- make  (${rules}:1)\nA rule allows \`make\`\n`;
    assert.deepEqual(
      ['make', 'CC_X=1 make', 'rm -rf x', 'ls'].map((command) => run('check', command)),
      [
        { code: 0, stdout: `allow\n${made}Outside the sandbox too, in the folder of the session.\n`, stderr: '' },
        { code: 0, stdout: `allow\n${made}Outside the sandbox it is asked about: it sets CC_X.\n`, stderr: '' },
        {
          code: 1,
          stdout:
            'ask\n  -       rm -rf x  <- no rule\nIt deletes files for good (rm).\nNo rule decides, so the approval policy does: on-request and untrusted ask about what is dangerous.\n',
          stderr: '',
        },
        {
          code: 1,
          stdout:
            'ask\n  -       ls  <- only looks\nNo rule decides, so the approval policy does: on-request, the default, runs it in the sandbox without a question; untrusted asks.\n',
          stderr: '',
        },
      ],
    );
  });

  it('tells of a fault, and allows nothing by that file', () => {
    writeFileSync(
      rules,
      'prefix_rule(pattern = ["npm"])\nprefix_rule(pattern = ["npm", "publish"], decision = "no")\n',
    );
    assert.deepEqual(run('check', '--', 'npm', 'publish'), {
      code: 1,
      stdout: `ask\n  ask     npm publish  <- npm publish  (${rules}:2)\nA rule asks about \`npm publish\`\n`,
      stderr: `${rules}:2: decision must be "allow", "prompt" or "forbidden"\n`,
    });
  });

  it('says what is wrong with its arguments', () => {
    const none = path.join(root, 'none.rules');
    for (const [args, problem] of [
      [['check'], 'a command is missing, such as gantry rules check -- git push.'],
      [['check', '--rules', '--', 'ls'], '--rules needs a value.'],
      [['check', '--rules', 'none.rules', '--', 'ls'], `--rules ${none}: there is no such file.`],
      [['check', '--shell', 'zsh', '--', 'ls'], '--shell must be bash, sh or dash.'],
      [['chekc', '--', 'ls'], 'there is no rules command "chekc".'],
    ] as const)
      assert.deepEqual(run(...args), { code: 2, stdout: '', stderr: `gantry: ${problem} See gantry rules --help.\n` });
    for (const args of [[], ['--help'], ['-h'], ['check', '-h'], ['check', '--json', '--help']]) {
      const { code, stdout } = run(...args);
      assert.deepEqual([code, /^Usage: gantry rules check/.test(stdout)], [0, true], args.join(' '));
    }
  });
});
