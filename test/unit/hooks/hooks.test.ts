import assert from 'node:assert/strict';
import { type HookEvent, titleOf } from '../../../agent-core/hooks/hook.ts';
import { wordOf } from '../../../agent-core/hooks/hook-output.ts';
import { matcherProblem, matches } from '../../../agent-core/hooks/matcher.ts';
import { hookedCall, withHookInput } from '../../../agent-core/loop/hook-calls.ts';

const exit = (stdout: string, code = 0, stderr = '') => ({ code, stdout, stderr, failure: null });
const plain = {
  status: 'completed',
  entries: [],
  blocked: null,
  stopped: null,
  contexts: [],
  input: undefined,
  permission: null,
};
const word = (event: HookEvent, value: unknown) => wordOf(event, exit(JSON.stringify(value)));

describe('hooks', () => {
  it('match by name, by either name, by pattern, or all', () => {
    const rows: [string | null, string[], boolean][] = [
      [null, ['Bash'], true],
      ['', ['Bash'], true],
      ['*', ['Bash'], true],
      ['Bash', ['Bash'], true],
      ['Bash', ['BashOutput'], false],
      ['Edit|Write', ['apply_patch', 'Edit', 'Write'], true],
      ['^Ba', ['Bash'], true],
      ['mcp__.*__write.*', ['mcp__files__write_file'], true],
      ['mcp__.*__write.*', ['mcp__files__read_file'], false],
      ['[', ['['], false],
      ['manual', [], true],
    ];
    assert.deepEqual(
      rows.map(([pattern, names]) => matches(pattern, names)),
      rows.map(([, , is]) => is),
    );
    assert.deepEqual(
      [matcherProblem('a|b'), matcherProblem('['), matcherProblem('a.*')].map((one) => one === null),
      [true, false, true],
    );
  });

  it('speak by code, by text and by JSON', () => {
    const error = (text: string) => ({ ...plain, status: 'failed', entries: [{ kind: 'error', text }] });
    assert.deepEqual(wordOf('preToolUse', exit('')), plain);
    assert.deepEqual(wordOf('preToolUse', exit('chatter')), plain);
    assert.deepEqual(wordOf('sessionStart', exit('Mind this.')), {
      ...plain,
      contexts: ['Mind this.'],
      entries: [{ kind: 'context', text: 'Mind this.' }],
    });
    assert.deepEqual(wordOf('preToolUse', exit('', 2, ' no \n')), {
      ...plain,
      status: 'blocked',
      blocked: 'no',
      entries: [{ kind: 'feedback', text: 'no' }],
    });
    const silent = 'A PreToolUse hook said no, and gave no reason.';
    const no = { ...plain, status: 'blocked', blocked: silent, entries: [{ kind: 'feedback', text: silent }] };
    assert.deepEqual([wordOf('preToolUse', exit('', 2)), word('preToolUse', { decision: 'block' })], [no, no]);
    assert.deepEqual(
      wordOf('stop', exit('', 2)),
      error('It ended with code 2, which blocks, but gave no reason on stderr.'),
    );
    assert.deepEqual(wordOf('postCompact', exit('', 2, 'x')), error('It ended with code 2. x'));
    assert.deepEqual(word('stop', { continue: false, stopReason: 'enough', systemMessage: 'hm' }), {
      ...plain,
      status: 'stopped',
      stopped: 'enough',
      entries: [
        { kind: 'warning', text: 'hm' },
        { kind: 'stop', text: 'enough' },
      ],
    });
    assert.deepEqual(word('stop', { decision: 'block' }), error('It blocks without a reason; say why in "reason".'));
    assert.deepEqual(
      word('preToolUse', { hookSpecificOutput: { permissionDecision: 'allow', updatedInput: { command: 'x' } } }),
      {
        ...plain,
        input: { command: 'x' },
      },
    );
    assert.equal(word('preToolUse', { hookSpecificOutput: { updatedInput: {} } }).status, 'failed');
    assert.deepEqual(
      word('permissionRequest', { hookSpecificOutput: { decision: { behavior: 'allow' } } }).permission,
      { behavior: 'allow' },
    );
    assert.deepEqual(wordOf('permissionRequest', exit('', 2, 'no')).permission, { behavior: 'deny', message: 'no' });
    assert.equal(word('stop', { decision: 'perhaps' }).status, 'failed');
    const asks = word('preToolUse', { hookSpecificOutput: { permissionDecision: 'ask' } });
    assert.deepEqual([asks.status, asks.blocked], ['failed', asks.entries[0]?.text]);
    assert.match(asks.blocked ?? '', /"ask" is not known here/);
    assert.match(wordOf('stop', exit('{"a')).entries[0]?.text ?? '', /begins like JSON/);
  });

  it('that have no answer stop what they guard where that is wanted, and leave a permission to the user', () => {
    const failure = 'It is another.';
    const words = (['preToolUse', 'userPromptSubmit', 'preCompact', 'permissionRequest', 'stop'] as const).map(
      (event) => {
        const { status, blocked, permission } = wordOf(event, { ...exit(''), failure, closes: true });
        return [event, status, blocked, permission];
      },
    );
    assert.deepEqual(words, [
      ['preToolUse', 'failed', failure, null],
      ['userPromptSubmit', 'failed', failure, null],
      ['preCompact', 'failed', failure, null],
      ['permissionRequest', 'failed', null, null],
      ['stop', 'failed', null, null],
    ]);
    assert.deepEqual(wordOf('preToolUse', { ...exit('', 7), closes: true }).blocked, 'It ended with code 7.');
    assert.deepEqual(wordOf('preToolUse', { ...exit(''), closes: true }), plain);
  });

  it('cut what is too much for the model', () => {
    const { contexts } = wordOf('sessionStart', exit('x'.repeat(10_400)));
    assert.match(contexts[0] ?? '', /^x{10000}\n\[… 400 more characters were cut\]$/);
  });

  it('know tools by the field’s names, and change what they are given', () => {
    const call = (name: string, input: string, kind: 'function' | 'freeform' = 'function') => ({ name, input, kind });
    assert.deepEqual(hookedCall(call('exec_command', '{"cmd":"ls","workdir":"/"}')), {
      toolName: 'Bash',
      names: ['Bash', 'exec_command'],
      toolInput: { command: 'ls' },
    });
    assert.deepEqual(hookedCall(call('apply_patch', '*** Begin', 'freeform')), {
      toolName: 'apply_patch',
      names: ['apply_patch', 'Edit', 'Write'],
      toolInput: { command: '*** Begin' },
    });
    assert.deepEqual(hookedCall(call('mcp__a__b', '{"x":1}')), {
      toolName: 'mcp__a__b',
      names: ['mcp__a__b'],
      toolInput: { x: 1 },
    });
    assert.deepEqual(
      withHookInput(call('exec_command', '{"cmd":"ls","workdir":"/"}'), { command: 'pwd' })?.input,
      '{"cmd":"pwd","workdir":"/"}',
    );
    assert.deepEqual(withHookInput(call('apply_patch', 'a', 'freeform'), { command: 'b' })?.input, 'b');
    assert.deepEqual(withHookInput(call('mcp__a__b', '{"x":1}'), { x: 2 })?.input, '{"x":2}');
    assert.deepEqual([withHookInput(call('bash', '{}'), 'x'), withHookInput(call('mcp__a__b', '{}'), 5)], [null, null]);
    assert.equal(titleOf('userPromptSubmit'), 'UserPromptSubmit');
  });
});
