import assert from 'node:assert/strict';
import { AgentError, type LineSink, RpcError } from '../../../../agent-core/protocol/index.ts';
import { settle, setUp } from './math-peer.ts';

describe('Peer: requests from the other side', () => {
  it('are answered under their own id, a string or an integer', async () => {
    const { sent, say } = setUp();
    say({ jsonrpc: '2.0', id: 'a-1', method: 'math/add', params: { terms: [1, 2] }, extra: true });
    say({ id: 7, method: 'math/add', params: { terms: [] } });
    await settle();
    assert.deepEqual(sent, [
      { id: 'a-1', result: { sum: 3 } },
      { id: 7, result: { sum: 0 } },
    ]);
  });

  it('get -32601 for a method that is not known or has no handler', async () => {
    const { sent, say } = setUp();
    for (const method of ['nope/nope', 'toString', '__proto__', 'math/later']) say({ id: method, method, params: {} });
    await settle();
    assert.deepEqual(
      sent,
      ['nope/nope', 'toString', '__proto__', 'math/later'].map((method) => ({
        id: method,
        error: { code: -32601, message: `Method not found: ${method}` },
      })),
    );
  });

  it('get -32602 with a path for params that do not fit', async () => {
    const { sent, say } = setUp();
    say({ id: 1, method: 'math/add', params: { terms: [1, 'two'] } });
    say({ id: 2, method: 'math/add' });
    await settle();
    assert.deepEqual(sent, [
      {
        id: 1,
        error: {
          code: -32602,
          message: 'Invalid params: math/add: terms[1]: expected number, got "two"',
          data: { issues: [{ path: 'terms[1]', message: 'expected number, got "two"' }] },
        },
      },
      {
        id: 2,
        error: {
          code: -32602,
          message: 'Invalid params: math/add: missing, expected object',
          data: { issues: [{ path: '', message: 'missing, expected object' }] },
        },
      },
    ]);
  });

  it('get the code of an AgentError, and -32603 for a defect, which is logged and not told', async () => {
    const defect = new TypeError('a secret detail');
    const { sent, log, say } = setUp({
      requests: {
        'math/add': () => {
          throw new AgentError('threadNotFound', 'thread not found: x', { data: { threadId: 'x' } });
        },
        'math/hang': () => Promise.reject(defect),
      },
    });
    say({ id: 1, method: 'math/add', params: { terms: [] } });
    say({ id: 2, method: 'math/hang', params: {} });
    await settle();
    assert.deepEqual(sent, [
      { id: 1, error: { code: -32600, message: 'thread not found: x', data: { threadId: 'x' } } },
      { id: 2, error: { code: -32603, message: 'Internal error in math/hang; the log says more.' } },
    ]);
    assert.deepEqual(log, [{ type: 'handlerFailed', method: 'math/hang', error: defect }]);
  });

  it('are refused by admit before their params are looked at, but after the method', async () => {
    const { sent, say } = setUp({
      admit: () => {
        throw new AgentError('notInitialized', 'Not initialized');
      },
    });
    say({ id: 1, method: 'math/add', params: 'nonsense' });
    say({ id: 2, method: 'nope' });
    await settle();
    assert.deepEqual(sent, [
      { id: 1, error: { code: -32600, message: 'Not initialized' } },
      { id: 2, error: { code: -32601, message: 'Method not found: nope' } },
    ]);
  });

  it('get -32001 beyond maxPending, and are taken again when one is answered', async () => {
    const answers: (() => void)[] = [];
    const { sent, say } = setUp({
      maxPending: 2,
      requests: { 'math/later': () => new Promise((resolve) => answers.push(() => resolve({}))) },
    });
    for (const id of [1, 2, 3]) say({ id, method: 'math/later', params: {} });
    await settle();
    assert.deepEqual(sent, [{ id: 3, error: { code: -32001, message: 'Server overloaded; retry later.' } }]);
    answers[0]?.();
    await settle();
    say({ id: 4, method: 'math/later', params: {} });
    await settle();
    answers[2]?.();
    await settle();
    assert.deepEqual(sent.slice(1), [
      { id: 1, result: {} },
      { id: 4, result: {} },
    ]);
  });

  it('are each answered exactly once in a flood', async () => {
    const { sent, say } = setUp({ maxPending: 10 });
    for (let id = 0; id < 10_000; id += 1) say({ id, method: 'math/add', params: { terms: [id] } });
    await settle();
    const ids = sent.map((message) => (message as { id: number }).id).sort((a, b) => a - b);
    assert.deepEqual(
      ids,
      Array.from({ length: 10_000 }, (_, id) => id),
    );
  });

  it('are answered with an error when their result cannot be written', async () => {
    const loop: { sum: number; self?: unknown } = { sum: 1 };
    loop.self = loop;
    const { sent, log, say } = setUp({ requests: { 'math/add': () => loop } });
    say({ id: 1, method: 'math/add', params: { terms: [] } });
    await settle();
    assert.deepEqual(sent, [
      { id: 1, error: { code: -32603, message: 'Internal error in math/add; the log says more.' } },
    ]);
    assert.equal(log.length, 1);
  });

  it('send what they leave for after the answer behind it', async () => {
    const { peer, sent, say } = setUp({
      requests: {
        'math/add': (_, { afterReply }) => {
          afterReply(() => peer.notify('math/done', { count: 2 }));
          peer.notify('math/done', { count: 1 });
          return { sum: 0 };
        },
      },
    });
    say({ id: 1, method: 'math/add', params: { terms: [] } });
    await settle();
    assert.deepEqual(sent, [
      { method: 'math/done', params: { count: 1 }, emittedAtMs: 1000 },
      { id: 1, result: { sum: 0 } },
      { method: 'math/done', params: { count: 2 }, emittedAtMs: 1000 },
    ]);
  });
});

describe('Peer: lines that are no message', () => {
  const cases: [line: string, id: unknown, code: number, message: string][] = [
    ['{"id":1,', null, -32700, 'Parse error: the line is not JSON'],
    ['17', null, -32600, 'Invalid request: a message must be an object'],
    ['null', null, -32600, 'Invalid request: a message must be an object'],
    ['[{"method":"math/add"},1]', null, -32600, 'Invalid request: batches are not supported, send one message a line'],
    [
      `{"id":4,"method":"math/add","params":${'['.repeat(300)}${']'.repeat(300)}}`,
      4,
      -32600,
      'Invalid request: it is nested deeper than 256 levels',
    ],
    ['{"id":1,"method":5}', 1, -32600, 'Invalid request: method must be a string'],
    ['{"id":1.5,"method":"math/add"}', null, -32600, 'Invalid request: id must be a string or an integer'],
    ['{"id":null,"method":"math/add"}', null, -32600, 'Invalid request: id must be a string or an integer'],
    ['{"id":3}', 3, -32600, 'Invalid request: neither a method nor a result nor an error'],
  ];
  for (const [line, id, code, message] of cases) {
    it(`answers ${line} with ${code}`, () => {
      const { sent, sayLine } = setUp();
      sayLine(line);
      assert.deepEqual(sent, [{ id, error: { code, message } }]);
    });
  }

  it('answers every request of a batch', () => {
    const { sent, sayLine } = setUp();
    sayLine('[{"id":1,"method":"math/add"},{"method":"user/typed"},{"id":"b","method":"no/method"},[{"id":3}]]');
    const error = { code: -32600, message: 'Invalid request: batches are not supported, send one message a line' };
    assert.deepEqual(sent, [
      { id: 1, error },
      { id: 'b', error },
    ]);
  });

  it('refuses a line over the limit, under its id where that can be seen, and goes on', async () => {
    const { sent, say, sayLine, peer } = setUp({ maxLineBytes: 100 });
    sayLine('x'.repeat(1000));
    say({ method: 'math/add', id: 'long', params: { terms: [], more: 'x'.repeat(100) } });
    peer.receiveFrame(new TextEncoder().encode(`{"method":"math/add","params":"${'x'.repeat(100)}","id":12}`));
    say({ id: 1, method: 'math/add', params: { terms: [] } });
    await settle();
    const error = { code: -32600, message: 'Invalid request: a line is longer than 100 bytes' };
    assert.deepEqual(sent, [
      { id: null, error },
      { id: 'long', error },
      { id: 12, error },
      { id: 1, result: { sum: 0 } },
    ]);
  });

  it('gives up waiting for an answer that is over the limit', async () => {
    const { sent, say, peer } = setUp({ maxLineBytes: 100 });
    const asked = peer.request('user/ask', { question: '?' });
    say({ id: 0, result: { answer: 'yes', more: 'x'.repeat(100) } });
    await assert.rejects(asked, {
      code: 'invalidResponse',
      message: 'The answer to user/ask does not fit: a line is longer than 100 bytes',
    });
    assert.equal(sent.length, 1);
  });

  it('answers no error with an error', () => {
    const { sent, log, say } = setUp();
    say({ id: null, error: { code: -32700, message: 'Parse error' } });
    say({ id: 99, error: { code: 1, message: 'late' } });
    say({ id: 99, result: {} });
    assert.deepEqual(sent, []);
    assert.deepEqual(log, [
      { type: 'badMessage', method: null, message: 'Parse error' },
      { type: 'badMessage', method: null, message: 'late' },
    ]);
  });
});

describe('Peer: requests of our own', () => {
  it('have integer ids from 0 and give the parsed result', async () => {
    const { peer, sent, say } = setUp();
    const ids: number[] = [];
    const first = peer.request('user/ask', { question: 'a?' }, { onId: (id) => ids.push(id) });
    const second = peer.request('user/ask', { question: 'b?' }, { onId: (id) => ids.push(id) });
    assert.deepEqual(sent, [
      { method: 'user/ask', id: 0, params: { question: 'a?' } },
      { method: 'user/ask', id: 1, params: { question: 'b?' } },
    ]);
    assert.deepEqual(ids, [0, 1]);
    say({ id: 1, result: { answer: 'no', more: 1 } });
    say({ id: 0, result: { answer: 'yes' } });
    assert.deepEqual([await first, await second], [{ answer: 'yes' }, { answer: 'no' }]);
  });

  it('take the first answer and ignore a second', async () => {
    const { peer, say, log } = setUp();
    const asked = peer.request('user/ask', { question: '?' });
    say({ id: 0, result: { answer: 'yes' } });
    say({ id: 0, result: { answer: 'no' } });
    assert.deepEqual(await asked, { answer: 'yes' });
    assert.deepEqual(log, []);
  });

  it('reject with what the other side said', async () => {
    const { peer, say } = setUp();
    const asked = peer.request('user/ask', { question: '?' });
    say({ id: 0, error: { code: -32000, message: 'not now', data: [1] } });
    await assert.rejects(asked, (error) => {
      assert.ok(error instanceof RpcError);
      assert.deepEqual([error.code, error.message, error.data], [-32000, 'not now', [1]]);
      return true;
    });
  });

  it('reject an answer that does not fit', async () => {
    const { peer, say } = setUp();
    const asked = peer.request('user/ask', { question: '?' });
    say({ id: 0, result: { answer: 'maybe' } });
    await assert.rejects(asked, {
      code: 'invalidResponse',
      message: 'The answer to user/ask does not fit: answer: "maybe" is none of the forms that are allowed here',
    });
  });

  it('can be given up, and their late answer is ignored', async () => {
    const { peer, sent, say } = setUp();
    const controller = new AbortController();
    const asked = peer.request('user/ask', { question: '?' }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(asked, { code: 'aborted' });
    say({ id: 0, result: { answer: 'yes' } });
    assert.equal(sent.length, 1);
    await assert.rejects(peer.request('user/ask', { question: '?' }, { signal: controller.signal }), {
      code: 'aborted',
    });
    assert.equal(sent.length, 1);
  });
});

describe('Peer: notifications', () => {
  it('reach their handler parsed and in order; those that do not fit or are not known are logged', () => {
    const heard: string[] = [];
    const { log, sent, say } = setUp({ notifications: { 'user/typed': ({ text }) => heard.push(text) } });
    say({ method: 'user/typed', params: { text: 'a', more: true }, emittedAtMs: 1 });
    say({ method: 'user/typed', params: { text: 1 } });
    say({ method: 'user/danced', params: {} });
    say({ method: 'user/typed', params: { text: 'b' } });
    assert.deepEqual(heard, ['a', 'b']);
    assert.deepEqual(sent, []);
    assert.deepEqual(log, [
      { type: 'badMessage', method: 'user/typed', message: 'text: expected string, got 1' },
      { type: 'unknownNotification', method: 'user/danced' },
    ]);
  });

  it('whose handler throws are logged', () => {
    const defect = new Error('oops');
    const { log, say } = setUp({
      notifications: {
        'user/typed': () => {
          throw defect;
        },
      },
    });
    say({ method: 'user/typed', params: { text: '' } });
    assert.deepEqual(log, [{ type: 'handlerFailed', method: 'user/typed', error: defect }]);
  });

  it('carry no time when the peer is a client', () => {
    const { peer, sent } = setUp({ role: 'client' });
    peer.notify('math/done', { count: 1 });
    assert.deepEqual(sent, [{ method: 'math/done', params: { count: 1 } }]);
  });
});

describe('Peer: closing', () => {
  it('rejects every open request, tells handlers, and neither sends nor reads any more', async () => {
    let seen: AbortSignal | undefined;
    const { peer, sent, say } = setUp({
      requests: {
        'math/hang': (_, { signal }) => {
          seen = signal;
          return new Promise((resolve) => signal.addEventListener('abort', () => resolve({}), { once: true }));
        },
      },
    });
    const asked = peer.request('user/ask', { question: '?' });
    say({ id: 1, method: 'math/hang', params: {} });
    await settle();
    peer.close();
    await assert.rejects(asked, { code: 'closed' });
    await assert.rejects(peer.request('user/ask', { question: '?' }), { code: 'closed' });
    peer.notify('math/done', { count: 1 });
    say({ id: 2, method: 'math/hang', params: {} });
    await settle();
    assert.equal(seen?.aborted, true);
    assert.equal(sent.length, 1);
  });

  it('happens when the sink fails', async () => {
    const cause = new Error('EPIPE');
    const sinks: LineSink[] = [
      {
        send: () => {
          throw cause;
        },
      },
      { send: () => Promise.reject(cause) },
    ];
    for (const sink of sinks) {
      const { peer } = setUp({ sink });
      await assert.rejects(peer.request('user/ask', { question: '?' }), { code: 'closed', cause });
    }
  });
});
