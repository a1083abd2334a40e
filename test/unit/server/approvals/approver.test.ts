import assert from 'node:assert/strict';
import type { CommandApproval, FileChangeApproval } from '../../../../agent-core/ports.ts';
import { RpcError, type ServerNotification } from '../../../../agent-core/protocol/index.ts';
import { createApprover } from '../../../../agent-core/server/approvals/approver.ts';
import type { Connection } from '../../../../agent-core/server/wire/connection.ts';

type Asked = {
  method: string;
  params: Record<string, unknown>;
  answer(value: unknown): void;
  refuse(error: Error): void;
};

/** A client that keeps what it is asked and told. */
function client(firstId: number, gantry: boolean) {
  const asked: Asked[] = [];
  const told: ServerNotification[] = [];
  const closed = new AbortController();
  const connection = {
    capabilities: { experimentalApi: false, gantry: gantry ? {} : null, optOut: new Set() },
    peer: { closed: closed.signal },
    notify: (notification: ServerNotification) => told.push(notification),
    request: (method: string, params: Record<string, unknown>, options: { onId(id: number): void }) => {
      options.onId(firstId + asked.length);
      return new Promise((resolve, reject) => {
        asked.push({ method, params, answer: (decision) => resolve({ decision }), refuse: reject });
      });
    },
  };
  return { asked, told, leave: () => closed.abort(), connection: connection as unknown as Connection };
}

const command: CommandApproval = {
  turnId: 'turn',
  itemId: 'item',
  command: ['/bin/bash', '-lc', 'touch x'],
  cwd: '/w',
  commandActions: [],
  reason: null,
  unsandboxed: false,
};
const change: FileChangeApproval = {
  turnId: 'turn',
  itemId: 'item',
  changes: [
    { path: '/w/a', kind: { type: 'delete' }, diff: 'a', oldText: 'a', newText: null, baseHash: 'h' },
    { path: '/w/b', kind: { type: 'add' }, diff: 'b', oldText: null, newText: 'b', baseHash: null },
  ],
  reason: null,
  grantRoot: null,
};

describe('approver', () => {
  const make = (...clients: { connection: Connection }[]) =>
    createApprover({
      threadId: 'thread',
      clock: { now: () => 7 },
      log: () => {},
      connections: () => clients.map(({ connection }) => connection),
    });
  const never = new AbortController().signal;

  it('takes the first answer and tells everybody asked', async () => {
    const [one, two] = [client(0, false), client(40, false)];
    const decision = make(one, two).command(command, never);
    two.asked[0]?.answer('decline');
    assert.equal(await decision, 'decline');
    one.asked[0]?.answer('accept');
    assert.deepEqual(
      [one.told, two.told],
      [0, 40].map((requestId) => [{ method: 'serverRequest/resolved', params: { threadId: 'thread', requestId } }]),
    );
  });

  it('goes on waiting when one of the clients leaves, and asks one that comes', async () => {
    const [one, two] = [client(0, false), client(0, false)];
    const approver = make(one);
    const decision = approver.command(command, never);
    one.leave();
    one.asked[0]?.refuse(new Error('closed'));
    await Promise.resolve();
    approver.subscribed(two.connection);
    two.asked[0]?.answer('accept');
    assert.equal(await decision, 'accept');
  });

  it('asks one that left no more, and asks again when it comes back', async () => {
    const one = client(0, false);
    const approver = make(one);
    const decision = approver.command(command, never);
    approver.unsubscribed(one.connection);
    one.asked[0]?.answer('decline');
    one.asked[0]?.refuse(new Error('aborted'));
    await Promise.resolve();
    approver.subscribed(one.connection);
    one.asked[1]?.answer('accept');
    assert.equal(await decision, 'accept');
    assert.deepEqual(
      one.told,
      [0, 1].map((requestId) => ({ method: 'serverRequest/resolved', params: { threadId: 'thread', requestId } })),
    );
  });

  it('fails on an error, and cancels with the turn', async () => {
    const one = client(0, false);
    const approver = make(one);
    const failing = approver.command(command, never);
    one.asked[0]?.refuse(new RpcError({ code: -32000, message: 'client broke' }));
    assert.equal(await failing, 'failed');
    const abort = new AbortController();
    const cancelled = approver.fileChange(change, abort.signal);
    abort.abort();
    assert.deepEqual(await cancelled, { type: 'cancel' });
    assert.equal(await approver.command(command, abort.signal), 'cancel');
    assert.equal(one.asked.length, 2);
  });

  it('shows texts and takes parts behind the gate only', async () => {
    const files = [
      { path: '/w/a', baseHash: 'h', finalText: null },
      { path: '/w/b', baseHash: null, finalText: null },
    ];
    const [plain, gantry] = [client(0, false), client(0, true)];
    const refused = make(plain).fileChange(change, never);
    assert.equal(plain.asked[0]?.params.gantry, undefined);
    plain.asked[0]?.answer({ acceptPartial: { files } });
    assert.deepEqual(await refused, { type: 'failed' });
    const taken = make(gantry).fileChange(change, never);
    const shown = change.changes.map(({ diff: _, ...rest }) => rest);
    assert.deepEqual(gantry.asked[0]?.params.gantry, { changes: shown });
    gantry.asked[0]?.answer({ acceptPartial: { files, note: 'so' } });
    // That it shall not exist is a yes to the deletion, and a no to the new file.
    const kept = [{ path: '/w/a', baseHash: 'h', finalText: '' }];
    assert.deepEqual(await taken, { type: 'acceptPartial', files: kept, note: 'so' });
  });

  it('takes texts with whatever line ends', async () => {
    const one = client(0, true);
    const taken = make(one).fileChange(change, never);
    const files = [{ path: '/w/b', baseHash: null, finalText: 'one\r\ntwo\r\n' }];
    one.asked[0]?.answer({ acceptPartial: { files } });
    const kept = [{ path: '/w/b', baseHash: null, finalText: 'one\ntwo\n' }];
    assert.deepEqual(await taken, { type: 'acceptPartial', files: kept, note: null });
  });
});
