import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { HistoryItem } from '../../../agent-core/models/model-client.ts';
import { repairHistory } from '../../../agent-core/threads/history-repair.ts';

const call = (callId: string): HistoryItem => ({ type: 'toolCall', callId, name: 'x', kind: 'function', input: '{}' });
const result = (callId: string): HistoryItem => ({
  type: 'toolResult',
  callId,
  kind: 'function',
  output: [{ type: 'text', text: 'done' }],
  success: true,
});
const said = (role: 'user' | 'assistant'): HistoryItem => ({
  type: 'message',
  role,
  content: [{ type: 'text', text: role }],
});
const shape = (items: HistoryItem[]) =>
  items.map((item) => ('callId' in item ? `${item.type} ${item.callId}` : item.type));

describe('repairHistory', () => {
  it('answers a lost call before the next message, and drops results of nothing', () => {
    const items = [said('user'), call('a'), call('b'), result('a'), result('zz'), said('user'), result('b'), call('c')];
    assert.deepEqual(shape(repairHistory(items)), [
      'message',
      'toolCall a',
      'toolCall b',
      'toolResult a',
      'toolResult b',
      'message',
      'toolCall c',
      'toolResult c',
    ]);
  });

  it('leaves a whole conversation alone', () => {
    const items = [said('user'), call('a'), result('a'), said('assistant'), said('user')];
    assert.deepEqual(repairHistory(items), items);
  });

  it('always pairs, and only adds results', () => {
    const ids = fc.constantFrom('a', 'b', 'c');
    const item = fc.oneof(ids.map(call), ids.map(result), fc.constantFrom(said('user'), said('assistant')));
    fc.assert(
      fc.property(fc.array(item, { maxLength: 30 }), (items) => {
        const open = new Set<string>();
        for (const one of repairHistory(items)) {
          if (one.type === 'toolCall') {
            assert.ok(!open.has(one.callId));
            open.add(one.callId);
          } else if (one.type === 'toolResult') assert.ok(open.delete(one.callId));
          else if (one.type === 'message' && one.role === 'user') assert.equal(open.size, 0);
        }
        assert.equal(open.size, 0);
      }),
    );
  });
});
