import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readCommand } from '../../../agent-core/approvals/read-command.ts';
import { judgeByRules } from '../../../agent-core/approvals/rules/judge.ts';
import { loadGrammar, type ParseShell } from '../../../agent-core/approvals/shell/grammar.ts';
import { commandActions } from '../../../agent-core/tools/command-actions.ts';
import { judgeFinalText } from '../../../agent-core/tools/partial-accept.ts';
import { createHeadTail, createShownOutput, cutForModel } from '../../../agent-core/tools/truncate.ts';

describe('output limits', () => {
  it('keep head and tail and count what is between', () => {
    assert.equal(cutForModel('abcdefghij', 1), 'ab\n…6 chars truncated…\nij');
    assert.equal(cutForModel('abcd', 1), 'abcd');
  });

  it('do not depend on how the text came', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 })), fc.integer({ min: 1, max: 60 }), (chunks, limit) => {
        const whole = createHeadTail(limit);
        const parts = createHeadTail(limit);
        whole.push(chunks.join(''));
        for (const chunk of chunks) parts.push(chunk);
        assert.equal(parts.take(), whole.take());
      }),
    );
  });

  it('give the client deltas that make up the whole', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', '\n', 'é', '😀'), maxLength: 20 })),
        fc.integer({ min: 1, max: 100 }),
        (chunks, limit) => {
          const shown = createShownOutput(limit);
          const deltas = chunks.map((chunk) => shown.push(chunk)).join('') + shown.end();
          assert.equal(deltas, shown.text() ?? '');
          if (chunks.join('').length <= limit) assert.equal(deltas, chunks.join(''));
        },
      ),
    );
  });
});

describe('what a command does', () => {
  const cwd = '/w';
  let parse: ParseShell;
  before(async () => {
    parse = await loadGrammar();
  });
  const read = (script: string) =>
    judgeByRules(readCommand(script, 'bash', parse), ['bash', '-lc', script], { rules: [], executables: new Map() });
  for (const [script, expected] of [
    ['cat a.txt', [{ type: 'read', command: 'cat a.txt', name: 'a.txt', path: '/w/a.txt' }]],
    ['echo hello && cat a.txt', [{ type: 'read', command: 'cat a.txt', name: 'a.txt', path: '/w/a.txt' }]],
    ['cat new.txt a.txt', [{ type: 'unknown', command: 'cat new.txt a.txt' }]],
    ['seq 1 20000', [{ type: 'unknown', command: 'seq 1 20000' }]],
    ['echo new > b.txt && cat b.txt', [{ type: 'unknown', command: 'echo new > b.txt && cat b.txt' }]],
    [
      'ls -la ../proto-patch.txt',
      [{ type: 'listFiles', command: 'ls -la ../proto-patch.txt', path: 'proto-patch.txt' }],
    ],
    [
      "sed -n '1,20p' src/a.ts",
      [{ type: 'read', command: 'sed -n 1,20p src/a.ts', name: 'a.ts', path: '/w/src/a.ts' }],
    ],
    [
      'rg -n "foo bar" src | head -20',
      [{ type: 'search', command: "rg -n 'foo bar' src", query: 'foo bar', path: 'src' }],
    ],
    ['rg --files', [{ type: 'listFiles', command: 'rg --files', path: null }]],
    ["grep -rn 'x' .", [{ type: 'search', command: 'grep -rn x .', query: 'x', path: '.' }]],
    ['find . -name "*.ts"', [{ type: 'search', command: "find . -name '*.ts'", query: '*.ts', path: '.' }]],
    ['find . -delete', [{ type: 'unknown', command: 'find . -delete' }]],
    ['sleep 1; echo ok', [{ type: 'unknown', command: 'sleep 1; echo ok' }]],
    ['(cd src; cat a.ts)', [{ type: 'read', command: 'cat a.ts', name: 'a.ts', path: '/w/src/a.ts' }]],
    [
      'if true; then cat a.txt; else ls; fi',
      [
        { type: 'read', command: 'cat a.txt', name: 'a.txt', path: '/w/a.txt' },
        { type: 'listFiles', command: 'ls', path: null },
      ],
    ],
    ['cat $(evil)', [{ type: 'unknown', command: 'cat $(evil)' }]],
    ['git status', [{ type: 'unknown', command: 'git status' }]],
  ] as const) {
    it(script, () => assert.deepEqual(commandActions(script, read(script), cwd), expected));
  }
});

describe('a person on a proposal', () => {
  const base = 'a\nb\nc\nd\ne\n';
  const proposed = 'A\nb\nc\nd\nE\n';
  it('keeps, drops and changes', () => {
    const { text: _, ...kept } = judgeFinalText('p', base, proposed, proposed);
    assert.deepEqual(kept, { kept: 2, dropped: 0, edited: false });
    const { text: __, ...dropped } = judgeFinalText('p', base, proposed, 'a\nb\nc\nd\nE\n');
    assert.deepEqual(dropped, { kept: 1, dropped: 1, edited: false });
    const { text: ___, ...edited } = judgeFinalText('p', base, proposed, 'A\nb\nmine\nd\nE\n');
    assert.deepEqual(edited, { kept: 2, dropped: 0, edited: true });
    const { text: ____, ...none } = judgeFinalText('p', base, proposed, base);
    assert.deepEqual(none, { kept: 0, dropped: 2, edited: false });
  });
});
