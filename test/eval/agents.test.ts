/** What each agent's own words are read as. Gantry and codex are run for real in eval.test.ts. */
import assert from 'node:assert/strict';
import { type AgentName, agentNames, countAnswers, type Launch } from './agent.ts';
import { agents } from './agents/index.ts';

const launch: Launch = {
  setting: {
    provider: 'openai',
    model: 'm-1',
    providerTable: null,
    overrides: {},
    family: null,
    instructions: null,
  },
  folder: 'project',
  home: 'home',
  prompt: 'Fix it.',
  env: { PATH: '/bin' },
};
const measure = (name: AgentName, lines: readonly unknown[]) =>
  agents[name].measure({ stdout: lines.map((line) => `${JSON.stringify(line)}\n`).join(''), launch });

describe('eval: the agents', () => {
  it('takes items that follow on each other for one answer', () => {
    assert.equal(countAnswers([false, true, true, false, true, false]), 2);
  });

  it('knows nothing of an agent that printed nothing', () => {
    for (const name of agentNames) {
      if (name === 'codex') continue;
      const { rounds, answer, failure } = measure(name, []);
      assert.deepEqual([name, rounds, answer, failure], [name, 0, '', null]);
    }
  });

  it('reads claude', () => {
    const use = (id: string, call: string, name: string) => ({
      type: 'assistant',
      message: { id, role: 'assistant', content: [{ type: 'tool_use', id: call, name, input: {} }] },
    });
    const result = (call: string, content: unknown, isError: boolean) => ({
      type: 'user',
      message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: call, content, is_error: isError }] },
    });
    const measured = measure('claude', [
      { type: 'system', subtype: 'init', session_id: 's' },
      { type: 'assistant', message: { id: 'm1', role: 'assistant', content: [{ type: 'text', text: 'I look.' }] } },
      use('m1', 't1', 'Edit'),
      result('t1', '<tool_use_error>String to replace not found in file.</tool_use_error>', true),
      use('m2', 't2', 'Edit'),
      result('t2', '<tool_use_error>InputValidationError: Edit failed</tool_use_error>', true),
      use('m3', 't3', 'Bash'),
      result('t3', [{ type: 'text', text: 'exit 1' }], true),
      {
        type: 'result',
        subtype: 'success',
        is_error: false,
        result: 'Done.',
        total_cost_usd: 0.25,
        usage: { input_tokens: 5, cache_creation_input_tokens: 10, cache_read_input_tokens: 85, output_tokens: 7 },
      },
    ]);
    assert.deepEqual(measured, {
      rounds: 3,
      tokens: { input: 100, cached: 85, output: 7 },
      costUsd: 0.25,
      malformedCalls: 1,
      failedEdits: 1,
      answer: 'Done.',
      failure: null,
    });
    const usage = { input_tokens: 0, output_tokens: 0 };
    const failed = measure('claude', [{ type: 'result', is_error: true, result: 'Please run /login', usage }]);
    assert.equal(failed.failure, 'Please run /login');
  });

  it('reads pi', () => {
    const message = (more: Record<string, unknown>) => ({
      type: 'message_end',
      message: {
        role: 'assistant',
        content: [{ type: 'text', text: 'Done.' }],
        usage: { input: 10, output: 5, cacheRead: 80, cacheWrite: 10, cost: { total: 0.5 } },
        stopReason: 'stop',
        ...more,
      },
    });
    const ended = (toolName: string, text: string) => ({
      type: 'tool_execution_end',
      toolCallId: 'c',
      toolName,
      result: { content: [{ type: 'text', text }] },
      isError: true,
    });
    const measured = measure('pi', [
      { type: 'session', version: 3 },
      { type: 'message_end', message: { role: 'user', content: [{ type: 'text', text: 'Fix it.' }] } },
      message({ stopReason: 'toolUse', content: [{ type: 'toolCall', id: 'c', name: 'edit', arguments: {} }] }),
      ended('edit', 'Could not find the exact text in a.txt.'),
      ended('edit', 'Validation failed for tool "edit": path: must be string'),
      ended('nothing', 'Tool nothing not found'),
      ended('bash', 'Command exited with code 1'),
      message({}),
    ]);
    assert.deepEqual(measured, {
      rounds: 2,
      tokens: { input: 200, cached: 160, output: 10 },
      costUsd: 1,
      malformedCalls: 2,
      failedEdits: 1,
      answer: 'Done.',
      failure: null,
    });
    assert.equal(measure('pi', [message({ stopReason: 'error', errorMessage: '401' })]).failure, '401');
  });

  it('reads opencode', () => {
    const step = {
      type: 'step_finish',
      part: { cost: 0, tokens: { input: 10, output: 4, reasoning: 1, cache: { read: 30, write: 0 } } },
    };
    const tool = (name: string, status: string, error?: string) => ({
      type: 'tool_use',
      part: { tool: name, state: { status, error } },
    });
    const measured = measure('opencode', [
      { type: 'step_start', part: {} },
      tool('edit', 'error'),
      tool('invalid', 'completed'),
      tool('edit', 'error', 'The edit tool was called with invalid arguments: SchemaError'),
      tool('bash', 'error'),
      step,
      { type: 'text', part: { text: 'Done.' } },
      step,
    ]);
    assert.deepEqual(measured, {
      rounds: 2,
      tokens: { input: 80, cached: 60, output: 10 },
      costUsd: null,
      malformedCalls: 2,
      failedEdits: 1,
      answer: 'Done.',
      failure: null,
    });
    const error = { type: 'error', error: { name: 'APIError', data: { message: 'no key' } } };
    assert.equal(measure('opencode', [error]).failure, 'no key');
  });

  it('starts those that print everything without asking anything', () => {
    const argsOf = (name: AgentName) => agents[name].command(launch).args.join(' ');
    assert.deepEqual(
      [argsOf('pi'), argsOf('opencode'), argsOf('claude').replace(/--allowedTools \S+/, '--allowedTools …')],
      [
        '-p --mode json --no-session --provider openai --model m-1 Fix it.',
        'run --format json --model openai/m-1 -- Fix it.',
        '-p --output-format stream-json --verbose --model m-1 --permission-mode acceptEdits --allowedTools … -- Fix it.',
      ],
    );
  });
});
