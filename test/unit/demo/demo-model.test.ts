import assert from 'node:assert/strict';
import { BUG_PATTERNS, findBugs } from '../../../agent-core/models/demo/bug-patterns.ts';
import { attachedCode } from '../../../agent-core/models/demo/conversation.ts';
import { createDemoClient, demoStep } from '../../../agent-core/models/demo/index.ts';
import { intentOf } from '../../../agent-core/models/demo/intent.ts';
import { outline } from '../../../agent-core/models/demo/outline.ts';
import { firstFailure } from '../../../agent-core/models/demo/test-output.ts';
import type { HistoryItem, ModelEvent, ToolSpec } from '../../../agent-core/models/model-client.ts';

const tools: ToolSpec[] = [
  { kind: 'function', name: 'exec_command', description: '', parameters: {} },
  { kind: 'freeform', name: 'apply_patch', description: '', grammar: '' },
];
const user = (text: string): HistoryItem => ({ type: 'message', role: 'user', content: [{ type: 'text', text }] });
const ran = (callId: string, cmd: string, code: number, output: string): HistoryItem[] => [
  { type: 'toolCall', callId, name: 'exec_command', kind: 'function', input: JSON.stringify({ cmd }) },
  {
    type: 'toolResult',
    callId,
    kind: 'function',
    success: code === 0,
    output: [{ type: 'text', text: `Process exited with code ${code}\nOutput:\n${output}` }],
  },
];

describe('demo model: what it understands', () => {
  const cases: [string, ReturnType<typeof intentOf>][] = [
    ['Fix the failing test.', { type: 'fix' }],
    ['Why do my tests fail?', { type: 'fix' }],
    ['please make the tests pass', { type: 'fix' }],
    ['rename total to amountToPay', { type: 'rename', from: 'total', to: 'amountToPay' }],
    ['Rename `total` to `sum`.', { type: 'rename', from: 'total', to: 'sum' }],
    ['find toCents', { type: 'find', what: 'toCents' }],
    ['run: ls -la | head', { type: 'run', command: 'ls -la | head' }],
    ['Explain src/basket.ts', { type: 'explainFile', path: 'src/basket.ts' }],
    ['Explain this\n\nsrc/a.ts:3-4\n```ts\nconst a = 1;\n```', { type: 'explain' }],
    ['Write tests for the selected code. Follow the conventions, and run them.', { type: 'writeTests' }],
    ['write me a poem', { type: 'other' }],
    ['', { type: 'other' }],
  ];
  for (const [ask, expected] of cases) {
    it(JSON.stringify(ask), () => assert.deepEqual(intentOf(ask), expected));
  }

  it('says what it can do, and that it is no AI, when it does not understand', () => {
    const step = demoStep({ items: [user('write me a poem')], tools });
    assert.deepEqual(step.calls, []);
    assert.match(step.text, /not an AI/);
    assert.match(step.text, /Set API Key/);
  });
});

describe('demo model: bug patterns', () => {
  const cases: [string, string, string][] = [
    ['loop-past-end', 'for (let i = 0; i <= xs.length; i++) {', 'for (let i = 0; i < xs.length; i++) {'],
    [
      'zero-is-not-missing',
      'const percent = discount || MEMBER_DISCOUNT;',
      'const percent = discount ?? MEMBER_DISCOUNT;',
    ],
    ['floor-of-product', 'return Math.floor(euros * 100);', 'return Math.round(euros * 100);'],
    ['numbers-sorted-as-text', 'return prices.sort();', 'return prices.sort((a, b) => a - b);'],
    ['reduce-of-nothing', 'return xs.reduce((a, b) => a + b);', 'return xs.reduce((a, b) => a + b, 0);'],
    ['octal-guess', 'const n = parseInt(text);', 'const n = parseInt(text, 10);'],
    ['nan-equals-nothing', 'if (value === NaN) return 0;', 'if (Number.isNaN(value)) return 0;'],
  ];
  for (const [id, before, after] of cases) {
    it(id, () => {
      const pattern = BUG_PATTERNS.find((p) => p.id === id);
      assert.deepEqual(findBugs(['// first', before], 7), [{ line: 8, before, after, pattern }]);
      assert.deepEqual(findBugs([after], 1), [], 'what is mended is not found again');
    });
  }
  it('covers every pattern of the table', () => {
    assert.deepEqual(BUG_PATTERNS.map((p) => p.id).sort(), cases.map(([id]) => id).sort());
  });
  it('leaves alone what is right', () => {
    const right = [
      'for (let i = 0; i <= xs.length - 1; i++) {',
      "const name = given || 'nobody';",
      'const page = Math.floor(offset / size);',
      'names.sort();',
      '// i <= xs.length would be wrong',
    ];
    assert.deepEqual(findBugs(right, 1), []);
  });
});

describe('demo model: test output', () => {
  it("reads Node's spec reporter", () => {
    const output = [
      '✔ fine (0.7ms)',
      '✖ adds up (0.33ms)',
      'test at test/a.test.ts:25:1',
      '✖ adds up (0.33ms)',
      "  TypeError: Cannot read properties of undefined (reading 'price')",
      '      at subtotal (file:///ws/src/a.ts:18:25)',
      '      at TestContext.<anonymous> (file:///ws/test/a.test.ts:26:16)',
      '      at Test.runInAsyncScope (node:async_hooks:227:14)',
    ].join('\n');
    assert.deepEqual(firstFailure(output, '/ws'), {
      test: 'adds up',
      message: "TypeError: Cannot read properties of undefined (reading 'price')",
      frames: [
        { path: 'src/a.ts', line: 18, fn: 'subtotal' },
        { path: 'test/a.test.ts', line: 26, fn: 'TestContext.<anonymous>' },
        { path: 'test/a.test.ts', line: 25, fn: null },
      ],
    });
  });
  it("reads Node's TAP reporter", () => {
    const output = [
      'TAP version 13',
      'not ok 4 - adds up',
      '  ---',
      "  location: '/ws/test/a.test.ts:25:1'",
      "  error: '41 !== 43'",
      '  stack: |-',
      '    subtotal (file:///ws/src/a.ts:18:25)',
      '  ...',
    ].join('\n');
    assert.deepEqual(firstFailure(output, '/ws')?.frames, [{ path: 'test/a.test.ts', line: 25, fn: null }]);
  });
  it('is null when nothing failed', () => assert.equal(firstFailure('✔ fine\n# pass 1', '/ws'), null));
  it('passes over what lies outside the folder', () => {
    assert.deepEqual(firstFailure('✖ adds up\n at x (/other/src/a.ts:1:1)', '/ws')?.frames, []);
  });
});

describe('demo model: steps', () => {
  it('says so when all tests pass', () => {
    assert.deepEqual(demoStep({ items: [user('fix the test'), ...ran('1', 'npm test', 0, 'ok')], tools }), {
      text: 'All tests pass; there is nothing to fix.',
      calls: [],
    });
  });
  it('says what it does not know', () => {
    const output = '✖ adds up\n  TypeError: odd\n      at f (/ws/src/a.js:1:1)\n';
    const step = demoStep({
      items: [
        user('<environment_context>\ncwd: /ws\n</environment_context>'),
        user('fix the test'),
        ...ran('1', 'npm test', 1, output),
        ...ran('2', 'cat src/a.js', 0, 'export function f() {\n  throw new TypeError("odd");\n}\n'),
      ],
      tools,
    });
    assert.deepEqual(step.calls, []);
    assert.match(step.text, /none of the mistakes that I know is there/);
  });
  it('does not claim what the user rejected', () => {
    const patch = '*** Update File: src/a.ts\n*** Update File: src/b.ts\n';
    const output =
      'The user accepted the patch in part. What is in the files now:\n/ws/src/a.ts: rejected, unchanged.\n/ws/src/b.ts: 1 of 1 hunks kept as proposed.';
    const step = demoStep({
      items: [
        user('fix the test'),
        ...ran('1', 'npm test', 1, 'no'),
        { type: 'toolCall', callId: '2', name: 'apply_patch', kind: 'freeform', input: patch },
        { type: 'toolResult', callId: '2', kind: 'freeform', success: true, output: [{ type: 'text', text: output }] },
        ...ran('3', 'npm test', 1, 'still no'),
      ],
      tools,
    });
    assert.equal(
      step.text,
      'Changed `src/b.ts`, but the tests still do not pass. You rejected what I proposed for `src/a.ts`; ask again when you want another try.\n\n```\nstill no\n```',
    );
  });
  it('finds, and names path and line', () => {
    const items = [user('find toCents'), ...ran('1', 'grep', 0, "./src/a.ts:3:import { toCents } from './m.ts';\n")];
    assert.deepEqual(demoStep({ items, tools }), {
      text: "`toCents` stands in 1 line:\n\n- `src/a.ts:3` `import { toCents } from './m.ts';`",
      calls: [],
    });
  });
  it('shows what a command printed, and says when it wanted the network', () => {
    const items = (code: number, output: string) => [user('run: x'), ...ran('1', 'x', code, output)];
    const texts = [items(0, 'a\n```\n'), items(0, ''), items(6, 'curl: (6) Could not resolve host: example.com')].map(
      (all) => demoStep({ items: all, tools }).text,
    );
    assert.deepEqual(texts, [
      'It ended well (exit code 0).\n\n````\na\n```\n````',
      'It ended well (exit code 0).\n\nIt printed nothing.',
      'It ended with exit code 6. Commands in the sandbox have no network.',
    ]);
  });
  it('says that the user stopped or rejected, not what the model is told', () => {
    const toolResult = (callId: string, kind: 'function' | 'freeform', text: string): HistoryItem[] => [
      { type: 'toolCall', callId, name: kind === 'freeform' ? 'apply_patch' : 'exec_command', kind, input: '{}' },
      { type: 'toolResult', callId, kind, success: false, output: [{ type: 'text', text }] },
    ];
    const stopped = 'Process was killed (SIGKILL)\nThe user stopped this command. Do not.\nOutput:\nup\n';
    const refused = 'The user rejected the patch. No file was changed.';
    const texts = [
      [user('run: x'), ...toolResult('1', 'function', stopped)],
      [user('rename a to b'), ...ran('1', 'grep', 0, ''), ...toolResult('2', 'freeform', refused)],
      [user('fix the test'), ...ran('1', 'npm test', 1, ''), ...toolResult('2', 'freeform', refused)],
    ].map((items) => demoStep({ items, tools }).text);
    assert.deepEqual(texts, [
      'You stopped it.\n\n```\nup\n```',
      'The change was not made: you rejected it.',
      'The change was not made: you rejected it. Ask again when you want another try.',
    ]);
  });
  it('attaches no meaning to code, only an outline', () => {
    const code = attachedCode(
      'Explain\n\n`src/a.ts:10-13`\n\n```ts\n/** Adds. */\nexport function add(a: number, b: number) {\n  return a + b;\n}\n```',
    );
    assert.deepEqual(code, {
      path: 'src/a.ts',
      startLine: 10,
      language: 'ts',
      lines: ['/** Adds. */', 'export function add(a: number, b: number) {', '  return a + b;', '}'],
    });
    assert.match(
      outline(code as NonNullable<typeof code>),
      /function \*\*add\*\* \(`src\/a\.ts:11`\): Adds\. — 1 return/,
    );
  });
});

describe('demo model: as a client', () => {
  const request = {
    model: 'demo',
    items: [user('find x')],
    tools,
    parallelToolCalls: true,
    effort: null,
    outputSchema: null,
    cacheKey: 't',
  };
  async function collect(signal: AbortSignal): Promise<ModelEvent[]> {
    const events: ModelEvent[] = [];
    for await (const event of createDemoClient({ pace: 0 }).stream(request, signal)) events.push(event);
    return events;
  }
  it('streams text, then the call, then done', async () => {
    const events = await collect(new AbortController().signal);
    assert.deepEqual(
      events.map((event) => event.type),
      ['textStart', 'textDelta', 'textDelta', 'textDelta', 'textDone', 'toolCallStart', 'toolCallDone', 'done'],
    );
    const text = events.map((event) => (event.type === 'textDelta' ? event.delta : '')).join('');
    assert.equal(text, 'Looking for `x`.');
  });
  it('ends with cancelled when aborted', async () => {
    const events = await collect(AbortSignal.abort());
    assert.deepEqual(events.at(-1), {
      type: 'failed',
      error: { code: 'cancelled', message: 'Stopped.', details: null, httpStatus: null, retryAfterMs: null },
    });
  });
});

describe('demo model: commands that take long', () => {
  const call = (callId: string, name: string, input: object): HistoryItem => ({
    type: 'toolCall',
    callId,
    name,
    kind: 'function',
    input: JSON.stringify(input),
  });
  const result = (callId: string, text: string): HistoryItem => ({
    type: 'toolResult',
    callId,
    kind: 'function',
    success: true,
    output: [{ type: 'text', text }],
  });
  const started = [
    user('run: make'),
    call('1', 'exec_command', { cmd: 'make' }),
    result('1', 'Wall time: 30.0 seconds\nProcess running with session ID 7\nOutput:\none\n'),
  ];

  it('waits on', () => {
    assert.deepEqual(demoStep({ items: started, tools }), { text: '', calls: [{ name: 'write_stdin', sessionId: 7 }] });
  });
  it('takes what follows for part of the same command', () => {
    const ended = [
      ...started,
      call('2', 'write_stdin', { session_id: 7 }),
      result('2', 'Process exited with code 2\nOutput:\ntwo\n'),
    ];
    assert.deepEqual(demoStep({ items: ended, tools }), { text: 'It ended with exit code 2.', calls: [] });
  });
});
