import assert from 'node:assert/strict';
import { uri, World } from './world.ts';

describe('a review that ended without a decision', () => {
  const ended = ({ store }: World) =>
    store.ended.all.map(({ uri: { path }, why, canBringBack }) => [path, why, canBringBack]);

  it('says so, and brings back a file that the agent had made and somebody deleted', async () => {
    const world = new World();
    world.agent('/new', 'made\n');
    world.files.delete('/new');
    await world.store.diskChanged(uri('/new'));
    assert.deepEqual([world.store.files, ended(world)], [[], [['/new', 'the file was deleted', true]]]);
    assert.deepEqual(await world.store.ended.bringBack(uri('/new')), { type: 'done' });
    assert.deepEqual([world.files.get('/new'), ended(world)], ['made\n', []]);
    assert.deepEqual(world.shape(), [['/new', 'add', [['made']]]]);
    assert.deepEqual(await world.store.undoFile(uri('/new')), { type: 'done' });
    assert.equal(world.files.has('/new'), false);
  });

  it('brings back what git took away, and tells the agent; not over what was written since', async () => {
    const world = new World();
    world.files.set('/a', 'one\ntwo\n');
    world.agent('/a', 'one\nTWO\n');
    const stash = async () => {
      world.files.set('/a', 'one\ntwo\n');
      await world.store.diskChanged(uri('/a'));
      world.store.forgetAll([uri('/a')], 'its changes were stashed');
    };
    await stash();
    assert.deepEqual(ended(world), [['/a', 'its changes were stashed', true]]);
    world.files.set('/a', 'mine\n');
    assert.equal((await world.store.ended.bringBack(uri('/a'))).type, 'refused');
    assert.equal(world.files.get('/a'), 'mine\n');
    world.files.set('/a', 'one\ntwo\n');
    world.told.length = 0;
    assert.deepEqual(await world.store.ended.bringBack(uri('/a')), { type: 'done' });
    assert.deepEqual([world.files.get('/a'), world.shape()], ['one\nTWO\n', [['/a', 'update', [['TWO']]]]]);
    assert.match(String(world.reports.at(-1)?.diff), /-two\n\+TWO/);
    await stash();
    // As `git stash pop` leaves it.
    world.files.set('/a', 'one\nTWO\n');
    assert.deepEqual(await world.store.ended.bringBack(uri('/a')), { type: 'done' });
    assert.deepEqual(world.shape(), [['/a', 'update', [['TWO']]]]);
    await stash();
    world.refuses = 'It is read-only.';
    assert.deepEqual(await world.store.ended.bringBack(uri('/a')), { type: 'refused', why: 'It is read-only.' });
    assert.deepEqual([world.store.files, ended(world).length], [[], 1]);
    world.store.ended.dismiss();
    assert.deepEqual(ended(world), []);
    assert.deepEqual(await world.store.ended.bringBack(uri('/a')), { type: 'gone' });
  });

  it('is none while the editor moves the file, whatever the disk tells first', async () => {
    const world = new World();
    world.files.set('/a', 'one\n');
    world.agent('/a', 'ONE\n');
    world.moving.add('/a');
    world.files.set('/b', 'ONE\n');
    world.files.delete('/a');
    await world.store.diskChanged(uri('/a'));
    world.moving.clear();
    world.store.renamed([{ from: uri('/a'), to: uri('/b') }]);
    assert.deepEqual([world.shape(), ended(world)], [[['/b', 'update', [['ONE']]]], []]);
  });

  it('is none when the agent took the file away itself, or writes it anew', async () => {
    const world = new World();
    world.agent('/new', 'made\n');
    world.files.delete('/new');
    await world.store.diskChanged(uri('/new'));
    await world.store.commandChanged({
      ...{ threadId: 't', turnId: 'u', itemId: 'c', path: '/new', source: 'command', isText: true },
      ...{ oldText: 'made\n', newHash: null },
    });
    assert.deepEqual([world.store.files, ended(world)], [[], []]);
    world.agent('/new', 'again\n');
    world.files.delete('/new');
    await world.store.diskChanged(uri('/new'));
    world.agent('/new', 'and again\n');
    assert.deepEqual([world.shape(), ended(world)], [[['/new', 'add', [['and again']]]], []]);
  });

  it('is told when the file went while the window was closed', async () => {
    const world = new World();
    world.files.set('/a', 'one\n');
    world.agent('/a', 'ONE\n');
    const saved = world.store.save();
    world.files.delete('/a');
    const next = world.open();
    await next.restore(saved);
    assert.deepEqual(
      next.ended.all.map(({ why }) => why),
      ['the file was deleted'],
    );
    assert.deepEqual(await next.ended.bringBack(uri('/a')), { type: 'done' });
    assert.deepEqual([world.files.get('/a'), next.files.length], ['ONE\n', 1]);
  });
});
