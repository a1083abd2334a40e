import assert from 'node:assert/strict';
import { CoreSupervisor } from '../../extension/core/core-supervisor.ts';
import {
  cleanUp,
  folder,
  gantry,
  nextEvent,
  openProposals,
  type Parts,
  patch,
  startModel,
  stateWhere,
  updateFile,
  waitFor,
} from './support.ts';

describe('another window', () => {
  let parts: Parts;
  let other: CoreSupervisor;
  let stop: (() => Promise<void>) | undefined;
  before(async () => {
    parts = await gantry();
  });
  afterEach(async () => {
    await other.dispose();
    await cleanUp(parts);
    await stop?.();
  });

  /** A second core on the same home, as a second window has one. */
  function openWindow(): CoreSupervisor {
    const quiet = () => {};
    const args = [parts.extension.asAbsolutePath('dist/gantry.js'), 'app-server'];
    const supervisor = new CoreSupervisor({
      command: () => ({ command: process.execPath, args, cwd: folder(), env: process.env, setting: null }),
      identity: { version: '1.0.0', capabilities: {} },
      handlers: {},
      prepare: async () => {},
      log: { trace: quiet, info: quiet, warn: quiet, error: quiet },
    });
    supervisor.start();
    return supervisor;
  }

  it('that has a thread open keeps it; a copy goes on here', async () => {
    const model = await startModel(parts, { script: [{ text: 'There.' }, { text: 'Here.' }] });
    stop = model.stop;
    other = openWindow();
    const { thread } = await other.request('thread/start', { cwd: folder() });
    const done = nextEvent(other.onNotification, ({ method }) => method === 'turn/completed');
    await other.request('turn/start', { threadId: thread.id, input: [{ type: 'text', text: 'one' }] });
    await done;
    await assert.rejects(parts.threads.resume(thread.id), /is open in another Gantry/);
    assert.equal(parts.threads.threadId, null, 'what was shown stays');
    await parts.threads.openCopy(thread.id);
    assert.notEqual(parts.threads.threadId, thread.id);
    await parts.controller.send('two', []);
    const state = await stateWhere(parts, 'the answer', ({ thread: shown }) => {
      return shown?.turns.length === 2 && shown.turns[1]?.status === 'completed';
    });
    const said = state.thread?.items.flatMap(({ item }) => (item.type === 'agentMessage' ? [item.text] : []));
    assert.deepEqual(said, ['There.', 'Here.']);
    const { thread: theirs } = await other.request('thread/read', { threadId: thread.id, includeTurns: true });
    assert.equal(theirs.turns.length, 1, 'theirs is as it was');
  });
});

describe('messages while the core starts', () => {
  let parts: Parts;
  before(async () => {
    parts = await gantry();
  });
  afterEach(() => cleanUp(parts));

  it('wait for it, go into one thread, and in their order', async () => {
    const { server, stop } = await startModel(parts, { script: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] });
    parts.threads.newThread();
    const ready = nextEvent(parts.core.onReady);
    const restarting = parts.core.restart();
    const sent = ['one', 'two', 'three'].map((text) => parts.controller.send(text, []));
    await Promise.all([restarting, ready, ...sent]);
    const { thread } = await stateWhere(
      parts,
      'the end',
      (state) =>
        state.thread?.turns.at(-1)?.status === 'completed' &&
        state.thread.items.filter(({ item }) => item.type === 'userMessage').length === 3,
    );
    const said = thread?.items.flatMap(({ item }) => (item.type === 'userMessage' ? item.content : []));
    assert.deepEqual(
      said?.map((part) => (part.type === 'text' ? part.text : part.type)),
      ['one', 'two', 'three'],
    );
    assert.deepEqual(server.problems, []);
    await stop();
  });

  it('do not overtake the thread that comes back', async () => {
    const { stop } = await startModel(parts, { script: [{ text: 'a' }, { text: 'b' }] });
    await parts.controller.send('one', []);
    await stateWhere(parts, 'the first turn', ({ thread }) => thread?.turns[0]?.status === 'completed');
    const { threadId } = parts.threads;
    const ready = nextEvent(parts.core.onReady);
    process.kill(parts.core.pid as number, 'SIGKILL');
    await stateWhere(parts, 'the loss', ({ core }) => core.status === 'restarting');
    const sent = parts.controller.send('two', []);
    await Promise.all([ready, sent]);
    const { thread } = await stateWhere(parts, 'the second turn', (state) => {
      return state.thread?.turns.length === 2 && state.thread.turns[1]?.status === 'completed';
    });
    assert.equal(thread?.id, threadId);
    await stop();
  });
});

describe('an approval that waits when the core dies', () => {
  let parts: Parts;
  before(async () => {
    parts = await gantry();
  });
  afterEach(() => cleanUp(parts));

  it('is gone from panel, tabs and status bar, and a late decision does nothing', async () => {
    const { stop } = await startModel(parts, {
      script: [{ freeform: 'apply_patch', input: patch(updateFile('a.txt', 'two', 'TWO')) }],
    });
    await parts.controller.send('change it', []);
    await waitFor(() => openProposals().length === 1, { what: 'the diff' });
    const approvalId = parts.approvals.all[0]?.view.id ?? '';
    const ready = nextEvent(parts.core.onReady);
    process.kill(parts.core.pid as number, 'SIGKILL');
    const lost = await stateWhere(parts, 'the loss', ({ core }) => core.status === 'restarting');
    assert.deepEqual([parts.approvals.all, parts.review.pendingFiles, lost.thread?.approvals], [[], [], []]);
    await waitFor(() => openProposals().length === 0, { what: 'the closing of our tabs' });
    parts.controller.handle({ type: 'decide', approvalId, decision: 'accept' });
    await ready;
    const { thread } = await stateWhere(parts, 'the thread', ({ core }) => core.status === 'ready');
    assert.deepEqual(thread?.approvals, []);
    await stop();
  });
});
