import assert from 'node:assert/strict';
import { type Capabilities, LineChecker } from '../../support/line-checker.ts';

const usage = { totalTokens: 1, inputTokens: 1, cachedInputTokens: 0, outputTokens: 0, reasoningOutputTokens: 0 };
const told = (method: string, params: unknown) => ({ method, params, emittedAtMs: 1 });
const delta = { threadId: 't', turnId: 'u', itemId: 'i', delta: 'x' };
const started = (item: unknown) => told('item/started', { threadId: 't', turnId: 'u', startedAtMs: 1, item });
const message = { type: 'agentMessage', id: 'i', text: '', phase: null, memoryCitation: null };

describe('the judge of lines', () => {
  const judge = (capabilities: Capabilities = {}): LineChecker => {
    const checker = new LineChecker();
    checker.sent({ id: 0, method: 'initialize', params: { capabilities } });
    return checker;
  };

  it('lets pass what the reference may send', () => {
    const checker = judge();
    checker.sent({ id: 1, method: 'thread/loaded/list', params: {} });
    const lines = [
      told('item/agentMessage/delta', delta),
      started(message),
      told('thread/tokenUsage/updated', {
        threadId: 't',
        turnId: 'u',
        tokenUsage: { total: usage, last: usage, modelContextWindow: null },
      }),
      { id: 1, result: { data: [] } },
      { id: 1, error: { code: -32600, message: 'no' } },
    ];
    assert.deepEqual(
      lines.map((line) => checker.problem(line)),
      lines.map(() => null),
    );
  });

  it('catches each kind of wrong line', () => {
    const checker = judge({ optOutNotificationMethods: ['turn/started'] });
    checker.sent({ id: 1, method: 'thread/loaded/list', params: {} });
    const wrong: [RegExp, Parameters<LineChecker['problem']>[0]][] = [
      [/must have required property 'delta'/, told('item/agentMessage/delta', { ...delta, delta: undefined })],
      [/must be string/, told('item/agentMessage/delta', { ...delta, delta: 5 })],
      [/must NOT have unevaluated properties/, told('item/agentMessage/delta', { ...delta, ours: true })],
      [/must match exactly one schema/, started({ ...message, type: 'ourOwnItem' })],
      [/must/, started({ ...message, gantry: {} })],
      [/not in the published schema/, told('gantry/status/changed', {})],
      [/not in the published schema/, { id: 5, method: 'host/fs/read', params: {} }],
      [/no emittedAtMs/, { method: 'item/agentMessage/delta', params: delta }],
      [/opted out/, told('turn/started', {})],
      [/must have required property 'data'/, { id: 1, result: {} }],
      [/answers nothing/, { id: 2, result: {} }],
      [/neither a method nor an id/, { result: {} }],
      [/a broken error/, { id: 1, error: { code: 1.5, message: '' } }],
    ];
    for (const [problem, line] of wrong) assert.match(checker.problem(JSON.parse(JSON.stringify(line))) ?? '', problem);
  });

  it('knows what is only for those who asked for it', () => {
    const gated = { id: 1, result: { data: [], nextCursor: null } };
    const answers = [{}, { experimentalApi: true }].map((capabilities) => {
      const checker = judge(capabilities);
      checker.sent({ id: 1, method: 'thread/backgroundTerminals/list', params: {} });
      return checker.problem(gated);
    });
    assert.match(answers[0] ?? '', /not in the published schema/);
    assert.equal(answers[1], null);
    assert.equal(judge({ gantry: {} }).problem(told('item/agentMessage/delta', delta)), null);
  });
});
