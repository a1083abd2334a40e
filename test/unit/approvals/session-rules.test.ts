import assert from 'node:assert/strict';
import { readCommand } from '../../../agent-core/approvals/read-command.ts';
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

  it('allow what begins with their words, in each command of a script', () => {
    const keys = new Set([ruleKey(['npm', 'test'], place), ruleKey(['touch'], place)]);
    const judged = (script: string) => isRuled(script, read(script), place, keys);
    assert.deepEqual(['npm test', 'npm test -- --grep x', 'npm test && touch y; echo done'].map(judged), [
      true,
      true,
      true,
    ]);
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
