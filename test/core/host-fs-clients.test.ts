/** Several clients of one thread: whose buffers count, who hears of a decision, and an editor that goes away. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { CoreRequest } from '../support/core-process.ts';
import { ListeningCore } from '../support/listening-core.ts';
import { ScriptedEditor } from '../support/scripted-editor.ts';
import { clientInfo, connectWebSocket, type WireClient } from '../support/wire-client.ts';
import { World } from './world.ts';

const TEXT = 'one\ntwo\nthree\n';
const EDIT = {
  freeform: 'apply_patch',
  input: '*** Begin Patch\n*** Update File: a.txt\n@@\n-two\n+TWO\n*** End Patch\n',
};

describe('several clients and the files of a thread', function () {
  this.timeout(30_000);
  let world: World;
  let core: ListeningCore;
  let editor: ScriptedEditor;
  const clients: WireClient[] = [];

  const connect = async (gantry: Record<string, boolean> | null): Promise<WireClient> => {
    const client = await connectWebSocket(core.url);
    clients.push(client);
    await client.request('initialize', { clientInfo, capabilities: gantry ? { gantry } : {} });
    return client;
  };

  /** Answers as an editor does; at the first request of the kind `leavesAt` it goes away, once it may. */
  const serve = async (client: WireClient, leavesAt: string | null, mayLeave = Promise.resolve()): Promise<void> => {
    const served = new Set<unknown>();
    for (;;) {
      const request = await client
        .waitFor(({ id, method }) => id !== undefined && method !== undefined && !served.has(id))
        .catch(() => null);
      if (request === null) return;
      served.add(request.id);
      if (request.method === leavesAt) return mayLeave.then(() => client.close());
      const answer = editor.answer(request as CoreRequest);
      if (answer) client.send(JSON.stringify({ id: request.id, ...answer }));
    }
  };

  const begin = async (client: WireClient): Promise<string> => {
    const gantry = { editApproval: 'editThenReview' as const };
    const params = { cwd: world.workspace, approvalPolicy: 'never', sandbox: 'workspace-write', gantry } as const;
    return (await client.request('thread/start', params)).thread.id;
  };
  const go = (client: WireClient, threadId: string) =>
    client.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });

  beforeEach(async () => {
    world = await World.create({ files: { 'a.txt': TEXT }, script: [EDIT, { text: 'done' }, { text: 'done' }] });
    core = await ListeningCore.start({
      home: world.home,
      cwd: world.workspace,
      args: ['--listen', 'ws://127.0.0.1:0'],
    });
    editor = new ScriptedEditor();
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await core.kill();
    assert.deepEqual(await world.close(), []);
  });

  for (const leavesAt of ['host/fs/dirty', 'host/fs/read', 'host/fs/write']) {
    it(`goes on with the disk when the editor leaves at ${leavesAt}`, async () => {
      const [gone, other] = [await connect({ fs: true }), await connect({})];
      const threadId = await begin(gone);
      let follow = (): void => {};
      const followed = new Promise<void>((resolve) => {
        follow = resolve;
      });
      const serving = serve(gone, leavesAt, followed);
      // Only a thread that has begun has a file that others can follow.
      await go(gone, threadId);
      await other.request('thread/resume', { threadId });
      follow();
      await other.notification('turn/completed');
      await serving;
      assert.equal(readFileSync(world.at('a.txt'), 'utf8'), 'one\nTWO\nthree\n');
    });
  }

  it('uses the buffers of a client that follows when the one that drives has none', async () => {
    const [driver, host] = [await connect(null), await connect({ fs: true })];
    const threadId = await begin(driver);
    void serve(host, null);
    await driver.request('turn/start', { threadId, input: [{ type: 'text', text: 'first' }] });
    await host.request('thread/resume', { threadId });
    await driver.notification('turn/completed');
    await go(driver, threadId);
    await driver.waitFor(() => editor.looks.length > 0);
  });

  it('tells the others that follow the thread, and offer a review, how far it is', async () => {
    const [one, two, plain] = [await connect({ review: true }), await connect({ review: true }), await connect(null)];
    const threadId = await begin(one);
    const { turn } = await go(one, threadId);
    await one.notification('turn/completed');
    for (const client of [two, plain]) await client.request('thread/resume', { threadId });
    const path = world.at('a.txt');
    const decided = { threadId, turnId: turn.id, path };
    await one.request('fileReview/decided', { ...decided, decision: 'kept', hunkCount: 2, pendingCount: 1 });
    await one.request('fileReview/decided', { ...decided, decision: 'undone', hunkCount: 1, pendingCount: 0 });
    await two.waitFor(
      ({ method, params }) => method === 'fileReview/updated' && (params as { pending: number }).pending === 0,
    );
    const heard = (client: WireClient) =>
      client.messages.flatMap(({ method, params }) => (method === 'fileReview/updated' ? [params] : []));
    await plain.request('thread/loaded/list', {});
    assert.deepEqual(heard(two), [
      { ...decided, pending: 1, kept: 2, undone: 0 },
      { ...decided, pending: 0, kept: 2, undone: 1 },
    ]);
    assert.deepEqual([heard(one), heard(plain)], [[], []]);
  });
});
