import assert from 'node:assert/strict';
import { createHostLmClient, type HostLm } from '../../../agent-core/models/host-lm.ts';
import type { HistoryItem } from '../../../agent-core/models/model-client.ts';
import {
  type HostLmDelta,
  type HostLmStartParams,
  type HostLmStopReason,
  RpcError,
} from '../../../agent-core/protocol/index.ts';
import { answerOf, collect, endOf, requestOf, say, withPlainIds } from './call.ts';

function hostOf(deltas: readonly HostLmDelta[], stopReason: HostLmStopReason, seen: HostLmStartParams[] = []): HostLm {
  return {
    start: async (params, onDelta) => {
      seen.push(params);
      for (const delta of deltas) onDelta(delta);
      return { stopReason };
    },
  };
}

describe('models of the editor', () => {
  it('tells every event in order', async () => {
    const host = hostOf(
      [
        { type: 'text', text: 'a' },
        { type: 'text', text: 'b' },
        { type: 'toolCall', callId: 'c1', name: 'exec_command', input: { cmd: 'ls' } },
        { type: 'toolCall', callId: 'c2', name: 'apply_patch', input: { input: 'p' } },
      ],
      'toolCalls',
    );
    assert.deepEqual(withPlainIds(await collect(createHostLmClient(host), requestOf([say('user', 'hi')]))), [
      { type: 'textStart', itemId: 'msg-1' },
      { type: 'textDelta', itemId: 'msg-1', delta: 'a' },
      { type: 'textDelta', itemId: 'msg-1', delta: 'b' },
      {
        type: 'textDone',
        item: { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'ab' }], id: 'msg-1' },
      },
      { type: 'toolCallStart', callId: 'c1', name: 'exec_command' },
      { type: 'toolCallDelta', callId: 'c1', delta: '{"cmd":"ls"}' },
      {
        type: 'toolCallDone',
        item: { type: 'toolCall', callId: 'c1', name: 'exec_command', kind: 'function', input: '{"cmd":"ls"}' },
      },
      { type: 'toolCallStart', callId: 'c2', name: 'apply_patch' },
      { type: 'toolCallDelta', callId: 'c2', delta: 'p' },
      {
        type: 'toolCallDone',
        item: { type: 'toolCall', callId: 'c2', name: 'apply_patch', kind: 'freeform', input: 'p' },
      },
      { type: 'done', stopReason: 'toolCalls', usage: null },
    ]);
  });

  it('gives the editor the whole conversation', async () => {
    const seen: HostLmStartParams[] = [];
    const call: HistoryItem = { type: 'toolCall', callId: 'c1', name: 'apply_patch', kind: 'freeform', input: 'p' };
    const picture: HistoryItem = {
      type: 'message',
      role: 'user',
      content: [{ type: 'image', url: 'data:image/png;base64,AA==' }],
    };
    const items = [
      say('developer', 'A'),
      say('user', 'hi'),
      picture,
      say('assistant', 'so'),
      ...answerOf([{ type: 'toolCallDone', item: call }]),
    ];
    await collect(createHostLmClient(hostOf([{ type: 'text', text: 'x' }], 'endTurn', seen)), requestOf(items));
    assert.deepEqual(seen[0]?.messages, [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'A' },
          { type: 'text', text: 'hi' },
          { type: 'image', mimeType: 'image/png', dataBase64: 'AA==' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'so' },
          { type: 'toolCall', callId: 'c1', name: 'apply_patch', input: { input: 'p' } },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'toolResult', callId: 'c1', content: [{ type: 'text', text: 'ok' }], isError: false }],
      },
    ]);
    assert.deepEqual(
      seen[0]?.tools.map((tool) => tool.name),
      ['exec_command', 'apply_patch'],
    );
  });

  const text: HostLmDelta[] = [{ type: 'text', text: 'x' }];
  const ends: [HostLmDelta[], HostLmStopReason, string][] = [
    [text, 'endTurn', 'done stop'],
    [text, 'maxTokens', 'done length'],
    [text, 'refused', 'failed contentFilter'],
    [text, 'cancelled', 'failed cancelled'],
    [[], 'endTurn', 'failed badResponse'],
  ];
  for (const [deltas, reason, end] of ends) {
    it(`${deltas.length} deltas and ${reason}: ${end}`, async () => {
      assert.equal(
        endOf(await collect(createHostLmClient(hostOf(deltas, reason)), requestOf([say('user', 'hi')]))),
        end,
      );
    });
  }

  it('tells what the editor said when it fails', async () => {
    const host: HostLm = { start: () => Promise.reject(new Error('The user said no.')) };
    const [event] = await collect(createHostLmClient(host), requestOf([say('user', 'hi')]));
    assert.ok(event?.type === 'failed');
    assert.match(event.error.message, /The user said no\./);
  });

  it('is not asked again after a refusal, which an invalid request is', async () => {
    const refused = new RpcError({ code: -32600, message: 'The use of M was not allowed.', data: undefined });
    const host: HostLm = { start: () => Promise.reject(refused) };
    const [event] = await collect(createHostLmClient(host), requestOf([say('user', 'hi')]));
    assert.ok(event?.type === 'failed');
    assert.deepEqual([event.error.code, event.error.message], ['badRequest', 'The use of M was not allowed.']);
  });

  it('ends at once when aborted, and tells the editor', async () => {
    const abort = new AbortController();
    let told = false;
    const host: HostLm = {
      start: (_params, onDelta, signal) => {
        signal.addEventListener('abort', () => {
          told = true;
        });
        onDelta({ type: 'text', text: 'x' });
        return new Promise(() => {});
      },
    };
    const seen: string[] = [];
    for await (const event of createHostLmClient(host).stream(requestOf([say('user', 'hi')]), abort.signal)) {
      seen.push(event.type === 'failed' ? event.error.code : event.type);
      if (event.type === 'textDelta') abort.abort();
    }
    assert.deepEqual([seen, told], [['textStart', 'textDelta', 'cancelled'], true]);
  });
});
