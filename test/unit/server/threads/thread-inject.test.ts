import assert from 'node:assert/strict';
import { historyItems } from '../../../../agent-core/server/threads/thread-inject.ts';

describe('historyItems', () => {
  const call = { type: 'function_call', call_id: 'c', name: 'n', arguments: '{}' };
  const result = { type: 'function_call_output', call_id: 'c', output: 'done' };
  const message = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'hi' }] };

  it('takes what a model has said and done', () => {
    const thought = {
      type: 'reasoning',
      id: 'r',
      summary: [{ type: 'summary_text', text: 's' }],
      encrypted_content: 'e',
    };
    const image = { type: 'input_image', image_url: 'data:image/png;base64,AA' };
    assert.deepEqual(historyItems([message, { role: 'user', content: [image] }, thought, call, result], 'p'), [
      { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'hi' }] },
      { type: 'message', role: 'user', content: [{ type: 'image', url: image.image_url }] },
      { type: 'reasoning', id: 'r', summary: ['s'], provider: 'p', opaque: thought },
      { type: 'toolCall', callId: 'c', name: 'n', kind: 'function', input: '{}' },
      { type: 'toolResult', callId: 'c', kind: 'function', output: [{ type: 'text', text: 'done' }], success: true },
    ]);
  });

  it('names the first item that it cannot take', () => {
    for (const [items, at] of [
      [
        [message, { type: 'web_search_call', id: 'w' }],
        /^items\[1\] is no response item that can be added \(web_search_call\)/,
      ],
      [[message, 5], /^items\[1\] is no response item/],
      [[message, call], /^items\[1\] is the call c without its result/],
      [[result], /^items\[0\] is the result of call c, which is not among/],
      [[call, call, result], /^items\[1\] repeats the call c/],
    ] as const) {
      assert.throws(() => historyItems(items, 'p'), { name: 'AgentError', message: at });
    }
  });
});
