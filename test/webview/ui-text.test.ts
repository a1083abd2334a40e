import assert from 'node:assert/strict';
import { attachmentText, reviewText, splitAttachments } from '../../webview/bridge/attachment-text.ts';
import { ansiRuns, stripAnsi } from '../../webview/ui/ansi.ts';
import { plainCommand } from '../../webview/ui/command-text.ts';
import { type DiffRow, diffRows, lineParts } from '../../webview/ui/diff-rows.ts';
import { ago, clock, duration, relativePath, tokens } from '../../webview/ui/format.ts';
import { highlight, languageOfPath } from '../../webview/ui/highlight.ts';
import { tailOf } from '../../webview/ui/output.tsx';
import { lengthNote, visibleName, visibleText } from '../../webview/ui/visible-text.ts';

describe('terminal text', () => {
  it('keeps colours and drops every other sequence', () => {
    assert.deepEqual(ansiRuns('\u001b[31mred\u001b[39m plain \u001b[1;92mok\u001b[0m\u001b[2K\u001b]0;title\u0007.'), [
      { text: 'red', className: 'ansi-red' },
      { text: ' plain ', className: '' },
      { text: 'ok', className: 'ansi-bright-green ansi-bold' },
      { text: '.', className: '' },
    ]);
  });

  it('shows the last writing of a line', () => {
    assert.equal(stripAnsi('10%\r50%\r100%\r\ndone\r\n'), '100%\ndone\n');
  });

  it('takes the end of a long text', () => {
    assert.deepEqual(tailOf('a\nb\nc\n', 2, 100), { tail: 'b\nc\n', cut: true });
    assert.deepEqual(tailOf('a\nb', 2, 100), { tail: 'a\nb', cut: false });
    assert.deepEqual(tailOf('abcdef', 5, 3), { tail: 'def', cut: true });
    assert.deepEqual(tailOf('', 5, 3), { tail: '', cut: false });
    assert.deepEqual(tailOf('\n\n\n', 1, 10), { tail: '\n', cut: true });
  });
});

describe('commands', () => {
  it('are shown as a person would type them', () => {
    assert.equal(plainCommand(`/bin/bash -lc 'echo '\\''hi'\\'' > a'`), `echo 'hi' > a`);
    assert.equal(plainCommand('bash -lc "echo \\"$HOME\\""'), 'echo "$HOME"');
    assert.equal(plainCommand('zsh -c ls'), 'ls');
    assert.equal(plainCommand('npm test'), 'npm test');
    // A program of the workspace that is called as a shell is what runs.
    for (const shell of ['./bash', '/work/shop/bash', '/tmp/bin/sh'])
      assert.equal(plainCommand(`${shell} -lc 'npm test'`), `${shell} -lc 'npm test'`);
  });
});

describe('what a person decides on', () => {
  it('shows what would hide, or turn the rest round', () => {
    const rows = [
      ['npm test\n\tä 漢字 👩‍💻 עברית', 'npm test\n\tä 漢字 👩⟨U+200D⟩💻 עברית'],
      ['ls # \u202e txt.mr', 'ls # ⟨U+202E⟩ txt.mr'],
      ['rm\u200b -rf\u00a0/\u2066', 'rm⟨U+200B⟩ -rf⟨U+00A0⟩/⟨U+2066⟩'],
      ['safe\rrm -rf /', 'safe⟨U+000D⟩rm -rf /'],
      ['\u001b[2K\u001b]0;x\u0007', '⟨U+001B⟩[2K⟨U+001B⟩]0;x⟨U+0007⟩'],
      ['\u{e0041}\ufeff\ud800', '⟨U+E0041⟩⟨U+FEFF⟩⟨U+D800⟩'],
      [`ls${'\n'.repeat(300)}rm -rf ~`, 'ls\n⟨299 empty lines⟩\nrm -rf ~'],
      [`ls${' '.repeat(500)}; rm -rf ~`, 'ls ⟨500 blanks⟩ ; rm -rf ~'],
    ] as const;
    assert.deepEqual(
      rows.map(([text]) => [text, visibleText(text)]),
      rows,
    );
    assert.equal(visibleName('a\nb\tc'), 'a⟨U+000A⟩b⟨U+0009⟩c');
  });

  it('says of a long command how long it is', () => {
    assert.deepEqual(
      [lengthNote('ls'), lengthNote('ls\n'.repeat(13)), lengthNote('x'.repeat(2000))],
      [
        null,
        'A long command: 13 lines, 39 characters. Scroll to its end before you decide.',
        'A long command: 2,000 characters. Scroll to its end before you decide.',
      ],
    );
  });
});

describe('diffs', () => {
  it('number both sides and mark the changed words', () => {
    const { rows, added, removed } = diffRows(
      '@@ -3,2 +3,2 @@ head\n keep\n-let a = 1;\n+let b = 1;\n\\ No newline at end of file\n',
      'update',
    );
    assert.deepEqual(rows, [
      { kind: 'gap', text: 'head' },
      { kind: 'context', oldLine: 3, newLine: 3, text: 'keep', marks: [] },
      { kind: 'removed', oldLine: 4, newLine: null, text: 'let a = 1;', marks: [[4, 5]] },
      { kind: 'added', oldLine: null, newLine: 4, text: 'let b = 1;', marks: [[4, 5]] },
    ]);
    assert.deepEqual([added, removed], [1, 1]);
  });

  it('read whole files and moves', () => {
    assert.deepEqual(
      diffRows('a\nb\n', 'add').rows.map((row) => row.kind !== 'gap' && [row.kind, row.newLine, row.text]),
      [
        ['added', 1, 'a'],
        ['added', 2, 'b'],
      ],
    );
    assert.equal(diffRows('', 'delete').removed, 0);
    assert.equal(diffRows('@@ -1 +1 @@\n-a\n+b\n\n\nMoved to: /x/new.ts', 'update').movedTo, '/x/new.ts');
  });

  it('hide nothing that they cannot read', () => {
    assert.deepEqual(diffRows('Binary files differ', 'update').rows, [{ kind: 'gap', text: 'Binary files differ' }]);
  });

  it('cut highlighted code at the marks and lose nothing', () => {
    const row: Exclude<DiffRow, { kind: 'gap' }> = {
      kind: 'added',
      oldLine: null,
      newLine: 1,
      text: 'const a = "x & <y>";',
      marks: [[6, 7]],
    };
    const parts = lineParts(row, 'typescript');
    assert.equal(parts.map(({ text }) => text).join(''), row.text);
    assert.deepEqual(
      parts.filter(({ className }) => className.includes('mark')),
      [{ text: 'a', className: 'mark' }],
    );
  });
});

describe('highlighting', () => {
  it('keeps the text, whatever the language', () => {
    const code = 'if (a < b && c > "d\'e") { /* & */ return `x`; }\n';
    for (const language of ['typescript', 'python', 'rust', 'xml', 'bash', null]) {
      assert.equal(
        highlight(code, language)
          .map(({ text }) => text)
          .join(''),
        code,
      );
    }
    assert.deepEqual(['a/b.tsx', 'x.py', 'Dockerfile', 'a.unknown', 'Makefile'].map(languageOfPath), [
      'tsx',
      'py',
      'dockerfile',
      null,
      'makefile',
    ]);
  });
});

describe('numbers and paths', () => {
  it('are short', () => {
    assert.deepEqual(
      [300, 2310, 48_300, 185_000, 3_720_000].map((ms) => duration(ms)),
      ['0.3 s', '2.3 s', '48 s', '3 min 5 s', '1 h 2 min'],
    );
    assert.equal(duration(61_000, 'long'), '1 minute 1 second');
    assert.deepEqual([7000, 754_000, 3_723_000].map(clock), ['0:07', '12:34', '1:02:03']);
    assert.deepEqual([812, 8400, 128_000, 1_200_000].map(tokens), ['812', '8.4k', '128k', '1.2M']);
    assert.deepEqual(
      [0, 5, 180, 2880].map((minutes) => ago(0, minutes * 60_000)),
      ['now', '5 min', '3 h', '2 d'],
    );
    assert.deepEqual(
      [relativePath('/w/a/b.ts', '/w'), relativePath('/x/b.ts', '/w'), relativePath('C:\\w\\a.ts', 'C:\\w')],
      ['a/b.ts', '/x/b.ts', 'a.ts'],
    );
  });
});

describe('attachments in a text', () => {
  it('go in and come out', () => {
    const one = { path: 'src/"a".ts', startLine: 3, endLine: 9, text: 'const a = 1;\n</div>' };
    const two = { path: 'b.ts', startLine: null, endLine: null, text: '' };
    const message = `${attachmentText(one)}\n\n${attachmentText(two)}\n\nWhat is this?`;
    assert.deepEqual(splitAttachments(message), { text: 'What is this?', attachments: [one, two], review: null });
    const told = `${reviewText('- a.ts: taken back')}\n\n${message}`;
    assert.deepEqual(splitAttachments(told), {
      text: 'What is this?',
      attachments: [one, two],
      review: '- a.ts: taken back',
    });
    assert.deepEqual(splitAttachments(' as typed '), { text: ' as typed ', attachments: [], review: null });
  });
});
