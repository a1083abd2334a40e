import assert from 'node:assert/strict';
import { AgentError } from '../../../../agent-core/protocol/index.ts';
import { settle, setUp } from './math-peer.ts';

describe('Peer: a sink that is full', () => {
  it('gets the rest in order once it has room', async () => {
    const lines: number[] = [];
    let room = 1;
    const { peer, sayLine } = setUp({
      sink: {
        send(line) {
          lines.push(JSON.parse(line).params.count);
          room -= 1;
          return room > 0;
        },
      },
    });
    for (const count of [1, 2, 3, 4]) peer.notify('math/done', { count });
    assert.deepEqual(lines, [1]);
    assert.equal(sayLine('{"method":"user/typed"}'), false);
    let drained = false;
    const waiting = peer.whenDrained().then(() => {
      drained = true;
    });
    room = 2;
    peer.drained();
    await settle();
    assert.deepEqual([lines, drained], [[1, 2, 3], false]);
    room = 10;
    peer.drained();
    await waiting;
    assert.deepEqual(lines, [1, 2, 3, 4]);
    assert.equal(sayLine('{"method":"user/typed"}'), true);
  });

  it('may answer with promises', async () => {
    const lines: string[] = [];
    const { peer } = setUp({
      sink: {
        async send(line) {
          lines.push(line);
        },
      },
    });
    for (const count of [1, 2, 3]) peer.notify('math/done', { count });
    assert.equal(lines.length, 1);
    while (lines.length < 3) await peer.whenDrained();
    await peer.whenDrained();
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).params.count),
      [1, 2, 3],
    );
  });

  it('ends the connection when there is more to send and too much waits already, and says so', async () => {
    const { peer, log } = setUp({ sink: { send: () => false }, maxWaitingChars: 500 });
    const asked = peer.request('user/ask', { question: '?' });
    peer.request('user/ask', { question: '?'.repeat(10_000) }).catch(() => {});
    assert.equal(peer.closed.aborted, false);
    peer.notify('math/done', { count: 1 });
    const message = 'The connection was closed because the other side does not read.';
    await assert.rejects(asked, { code: 'closed', message });
    assert.equal(peer.closed.aborted, true);
    assert.deepEqual(log, [{ type: 'gaveUp', message }]);
  });
});

describe('Peer: many requests in one chunk', () => {
  it('are worked out no faster than their answers go out', async () => {
    let begun = 0;
    let room = 0;
    const { peer, sayLine } = setUp({
      sink: {
        send() {
          room -= 1;
          return room > 0;
        },
      },
      requests: {
        'math/add': async () => {
          begun += 1;
          return { sum: begun };
        },
      },
    });
    const line = (id: number) => JSON.stringify({ id, method: 'math/add', params: { terms: [] } });
    sayLine(Array.from({ length: 100 }, (_, id) => line(id)).join('\n'));
    assert.deepEqual([begun, peer.openRequests], [1, 100]);
    const seen: [number, number][] = [];
    for (const free of [1, 10, 1000]) {
      await settle();
      seen.push([begun, peer.openRequests]);
      room = free;
      peer.drained();
    }
    await settle();
    seen.push([begun, peer.openRequests]);
    assert.deepEqual(seen, [
      [1, 99],
      [2, 98],
      [12, 88],
      [100, 0],
    ]);
  });

  it('do not wait for one that takes long', async () => {
    const { sent, sayLine } = setUp();
    const hang = JSON.stringify({ id: 1, method: 'math/hang', params: {} });
    sayLine(`${hang}\n${JSON.stringify({ id: 2, method: 'math/add', params: { terms: [2] } })}`);
    await settle();
    assert.deepEqual(sent, [{ id: 2, result: { sum: 2 } }]);
  });
});

describe('Peer: an answer that goes first', () => {
  it('is sent before what was said meanwhile, whether it is a result or an error', async () => {
    for (const fails of [false, true]) {
      const { peer, sent, say } = setUp({
        requests: {
          async 'math/later'(_params, { answerFirst, afterReply }) {
            peer.notify('math/done', { count: 1 });
            answerFirst();
            peer.notify('math/done', { count: 2 });
            afterReply(() => peer.notify('math/done', { count: 3 }));
            await settle();
            if (fails) throw new AgentError('invalidRequest', 'no');
            return {};
          },
        },
      });
      say({ id: 1, method: 'math/later', params: {} });
      await settle();
      await settle();
      peer.notify('math/done', { count: 4 });
      const told = (count: number) => ({ method: 'math/done', params: { count }, emittedAtMs: 1000 });
      assert.deepEqual(sent, [
        told(1),
        fails ? { id: 1, error: { code: -32600, message: 'no' } } : { id: 1, result: {} },
        told(2),
        ...(fails ? [] : [told(3)]),
        told(4),
      ]);
    }
  });
});
