/** What a user has read of a thread, for clients that show it. */
import assert from 'node:assert/strict';
import { World } from './world.ts';

const NEVER = { approvalPolicy: 'never', sandbox: 'danger-full-access' } as const;
const READ = { type: 'read' } as const;

describe('what was read of a thread', function () {
  this.timeout(30_000);
  let world: World;

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('is from its first unread answer on until the user marks it, over a restart, and goes with the thread', async () => {
    world = await World.create({ script: [{ text: 'one' }, { text: 'two' }, { text: 'three' }] });
    let core = await world.core({ experimentalApi: true });
    const { thread } = await core.request('thread/start', { cwd: world.workspace, ...NEVER });
    const threadId = thread.id;
    assert.equal((await core.request('thread/read', { threadId })).readState, null);
    const first = await core.turn(threadId, 'one');
    await core.turn(threadId, 'two');
    const unread = (await core.request('thread/read', { threadId })).readState;
    assert.deepEqual(unread?.firstUnread, { type: 'turn', turnId: first.id });

    await core.stop();
    core = await world.core({ experimentalApi: true });
    assert.deepEqual((await core.request('thread/list', {})).readStates, { [threadId]: unread });
    const expectedRevision = unread.revision;
    const { readState } = await core.request('thread/readState/update', {
      threadId,
      expectedRevision,
      operation: READ,
    });
    assert.deepEqual(readState, { firstUnread: null, revision: readState.revision });
    const refusal = await core.refusal('thread/readState/update', { threadId, expectedRevision, operation: READ });
    assert.deepEqual(refusal.data, { reason: 'readStateConflict', readState });

    await core.request('thread/resume', { threadId });
    core.mark();
    const third = await core.turn(threadId, 'three');
    const told = await core.waitFor('thread/readState/changed');
    assert.deepEqual(told.readState.firstUnread, { type: 'turn', turnId: third.id });
    const { thread: fork } = await core.request('thread/fork', { threadId, ...NEVER });
    const forked = (await core.request('thread/read', { threadId: fork.id })).readState;
    assert.deepEqual(forked, { firstUnread: null, revision: `initial:${fork.id}` });
    await core.request('thread/delete', { threadId });
    const gone = await core.refusal('thread/readState/update', { threadId, expectedRevision, operation: READ });
    assert.equal(gone.message, `thread not loaded: ${threadId}`);
  });

  it('is told only to clients that asked for what is experimental', async () => {
    world = await World.create({ script: [{ text: 'one' }] });
    const core = await world.core();
    const { thread } = await core.request('thread/start', { cwd: world.workspace, ...NEVER });
    await core.turn(thread.id, 'one');
    assert.deepEqual(core.notifications('thread/readState/changed'), []);
  });
});
