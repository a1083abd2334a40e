import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createReplayBuffer } from '../../../../agent-core/server/transports/replay-buffer.ts';

describe('ReplayBuffer', () => {
  it('numbers events from 1 and gives those after one', () => {
    const buffer = createReplayBuffer(100);
    assert.deepEqual(buffer.after(0), []);
    const events = ['a', 'b', 'c'].map((data) => buffer.append(data));
    assert.deepEqual(events, [
      { id: 1, data: 'a' },
      { id: 2, data: 'b' },
      { id: 3, data: 'c' },
    ]);
    assert.deepEqual(buffer.after(1), events.slice(1));
    assert.deepEqual(buffer.after(3), []);
    for (const id of [4, -1, Number.NaN, 1.5]) assert.equal(buffer.after(id), 'unknown');
  });

  it('forgets the oldest that were sent, and none that was not', () => {
    const buffer = createReplayBuffer(10);
    for (let count = 0; count < 10; count++) buffer.append('1234');
    assert.deepEqual([buffer.unsentChars, buffer.lastSent], [40, 0]);
    buffer.sent(5);
    assert.deepEqual([buffer.unsentChars, buffer.lastSent], [20, 5]);
    assert.equal(buffer.after(4), 'tooOld');
    assert.equal(buffer.after(5).length, 5);
    buffer.sent(10);
    assert.equal(buffer.after(7), 'tooOld');
    assert.deepEqual(buffer.after(8), [
      { id: 9, data: '1234' },
      { id: 10, data: '1234' },
    ]);
  });

  it('holds no more than the limit, one event and what was not sent', () => {
    const step = fc.record({ length: fc.nat(30), sends: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const buffer = createReplayBuffer(50);
        const all: { id: number; data: string }[] = [];
        for (const { length, sends } of steps) {
          all.push(buffer.append('x'.repeat(length)));
          if (sends) buffer.sent(all.length);
          const unsent = all.slice(buffer.lastSent);
          assert.equal(
            buffer.unsentChars,
            unsent.reduce((sum, { data }) => sum + data.length, 0),
          );
          assert.deepEqual(buffer.after(buffer.lastSent), unsent);
          const oldest = all.findIndex((_, index) => Array.isArray(buffer.after(index)));
          const kept = all.slice(oldest).reduce((sum, { data }) => sum + data.length, 0);
          assert.ok(kept <= Math.max(50, buffer.unsentChars));
        }
      }),
    );
  });
});
