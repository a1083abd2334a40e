import assert from 'node:assert/strict';
import { readCommand } from '../../../agent-core/approvals/read-command.ts';
import { ruleFor } from '../../../agent-core/approvals/rules/finding.ts';
import { judgeByRules } from '../../../agent-core/approvals/rules/judge.ts';
import { type CommandPlace, isRuled, proposedRule, ruleKey } from '../../../agent-core/approvals/session-rules.ts';

const argv = (script: string): string[] => ['/bin/bash', '-lc', script];
const read = (script: string) =>
  judgeByRules(readCommand(script, '/bin/bash', null), argv(script), { rules: [], executables: new Map() });
const place: CommandPlace = { shell: '/bin/bash', cwd: '/w', unsandboxed: false, tty: false };

describe('session rules', () => {
  it('are proposed by the words of the only command, else for the whole', () => {
    assert.deepEqual(
      ['touch a.txt', 'touch a.txt && echo made', 'echo hi', 'cd x && npm test', 'echo x > ../y', 'rm -rf x'].map(
        (script) => proposedRule(read(script), argv(script)),
      ),
      [['touch', 'a.txt'], ['touch', 'a.txt'], ['echo', 'hi'], argv('cd x && npm test'), argv('echo x > ../y'), null],
    );
  });

  it('are proposed for the whole script where the words alone would let anything through', () => {
    const whole = [
      'make',
      'python3',
      'python3 -m',
      'node -e 1',
      'npm run',
      'git',
      'git -C sub status',
      'cat notes.txt',
      'curl https://x.dev',
      'find . -name x',
      'ssh host uptime',
      'docker run',
      './node_modules/.bin/../../bash',
      'python3.13 -i',
    ];
    const narrow = ['make test', 'python3 x.py', 'python3 -m pytest', 'npm run lint', 'git fetch', './deploy.sh'];
    const proposed = (script: string) => proposedRule(read(script), argv(script));
    assert.deepEqual([...whole, ...narrow].map(proposed), [
      ...whole.map(argv),
      ...narrow.map((script) => script.split(' ')),
    ]);
  });

  it("take the model's proposal only where it says what will run", () => {
    const rules = (script: string, ...words: string[]) => ruleFor(words, read(script));
    assert.deepEqual(
      [
        rules('npm install x', 'npm', 'install'),
        rules('npm run lint x', 'npm', 'run', 'lint'),
        rules('npm run lint', 'npm', 'run'),
        rules('npm install x', 'npm'),
        rules('npm install x', 'npm', 'test'),
        rules('find . -name x', 'find', '.'),
        rules('python3 -u x.py', 'python3', '-u'),
        rules('git -C sub push', 'git', '-C'),
        rules('docker run image', 'docker', 'run'),
        rules('uv run pytest', 'uv', 'run'),
        rules('uv run pytest -x', 'uv', 'run', 'pytest'),
        rules('rm -rf x', 'rm', '-rf', 'x'),
        rules('npm test; npm publish', 'npm', 'test'),
      ],
      [
        ['npm', 'install'],
        ['npm', 'run', 'lint'],
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        ['uv', 'run', 'pytest'],
        null,
        null,
      ],
    );
  });

  it('allow what begins with their words, in each command of a script', () => {
    const keys = new Set([ruleKey(['npm', 'test'], place), ruleKey(['touch'], place)]);
    const judged = (script: string) => isRuled(script, read(script), place, keys);
    assert.deepEqual(['npm test', 'npm test -- --grep x', 'npm test && touch y; echo done'].map(judged), [
      true,
      true,
      true,
    ]);
    assert.equal(
      isRuled(
        'git fetch --upload-pack=x',
        read('git fetch --upload-pack=x'),
        place,
        new Set([ruleKey(['git', 'fetch'], place)]),
      ),
      false,
    );
    assert.deepEqual(
      ['npm testing', 'npm', 'npm test && curl x', 'npm test > /etc/x', 'touch $(curl x)', 'echo x', ''].map(judged),
      [false, false, false, false, false, false, false],
    );
  });

  it('never allow what is dangerous by a beginning, only what was accepted as a whole', () => {
    const script = 'git clean -fdx';
    assert.equal(isRuled(script, read(script), place, new Set([ruleKey(['git'], place)])), false);
    assert.equal(isRuled(script, read(script), place, new Set([ruleKey(argv(script), place)])), true);
  });

  it('hold in the place where they were made', () => {
    const keys = new Set([ruleKey(['npm', 'test'], place)]);
    for (const other of [{ shell: '/tmp/sh' }, { cwd: '/other' }, { unsandboxed: true }, { tty: true }]) {
      assert.equal(isRuled('npm test', read('npm test'), { ...place, ...other }, keys), false, JSON.stringify(other));
    }
  });
});
