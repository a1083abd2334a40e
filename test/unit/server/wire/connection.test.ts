import assert from 'node:assert/strict';
import { Connection } from '../../../../agent-core/server/wire/connection.ts';

/** A connection without any handler; `say` sends it a message, `sent` is what it wrote. */
function setUp(send: (line: string) => undefined | boolean = () => undefined) {
  const sent: unknown[] = [];
  const logged: string[] = [];
  const connection = new Connection({
    sink: {
      send(line) {
        sent.push(JSON.parse(line));
        return send(line);
      },
    },
    handlers: {},
    version: '1.2.3',
    home: '/home',
    log: (level, message) => logged.push(`${level} ${message}`),
    onInitialized: () => {},
    onHostDelta: () => {},
  });
  const say = (message: object) => connection.peer.receiveLine(JSON.stringify(message));
  return { connection, sent, logged, say };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const initialize = { id: 0, method: 'initialize', params: { clientInfo: { name: 'me', version: '1' } } };

describe('Connection', () => {
  it('names what is missing, instead of answering with nothing', async () => {
    const { connection, sent, say } = setUp();
    assert.equal(connection.isInitialized, false);
    say(initialize);
    assert.equal(connection.isInitialized, true);
    say({ id: 1, method: 'thread/loaded/list', params: {} });
    await settle();
    assert.deepEqual(sent.slice(1), [
      {
        id: 1,
        error: { code: -32600, message: 'thread/loaded/list is not built into this version of Gantry yet.' },
      },
    ]);
  });

  it('says in the log whom it let go of, and why', async () => {
    const { connection, logged, say } = setUp(() => false);
    say(initialize);
    await settle();
    const summary = 'x'.repeat(65 * 1024 * 1024);
    for (let count = 0; count < 2; count++) connection.notify({ method: 'configWarning', params: { summary } });
    assert.deepEqual(logged, ['warn me: The connection was closed because the other side does not read.']);
    assert.equal(connection.peer.closed.aborted, true);
  });
});
