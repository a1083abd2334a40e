import assert from 'node:assert/strict';
import { keepTaken } from '../../../../extension/review/store/hunks-in.ts';
import { SavedReviews } from '../../../../extension/review/store/saved-reviews.ts';
import { hash, memory, origin, uri, World } from './world.ts';

describe('ReviewStore', () => {
  it('keeps one hunk and undoes the other, and tells what was decided', async () => {
    const world = new World();
    world.files.set('/a', 'a\nb\nc\nd\ne');
    world.agent('/a', 'a\nB\nc\nD\ne');
    assert.deepEqual(world.shape(), [['/a', 'update', [['B'], ['D']]]]);
    const [first, second] = world.store.files[0]!.hunks;
    assert.equal(world.store.hunkAt(uri('/a'), 3)?.id, second!.id);
    assert.deepEqual(await world.store.keepHunk(uri('/a'), first!.id), { type: 'done' });
    assert.deepEqual(await world.store.undoHunk(uri('/a'), second!.id), { type: 'done' });
    assert.equal(world.files.get('/a'), 'a\nB\nc\nd\ne');
    assert.deepEqual(world.store.files, []);
    assert.deepEqual(await world.store.keepHunk(uri('/a'), first!.id), { type: 'gone' });
    assert.deepEqual(world.told, [
      ['kept', 't', 1, 1],
      ['undone', 't', 1, 0],
    ]);
    assert.match(world.reports[1]!.diff!, /-D\n\+d/);
  });

  it('takes nothing for the agent’s that the user accepted before or did', async () => {
    const world = new World();
    world.files.set('/a', 'a\nb\nc');
    world.agent('/a', 'A\nb\nc', origin('t', 'i', true));
    assert.deepEqual(world.store.files, []);
    world.agent('/a', 'A\nb\nC');
    world.type('/a', 0, 'mine\n');
    assert.deepEqual(world.shape(), [['/a', 'update', [['C']]]]);
    assert.deepEqual(await world.store.undoFile(uri('/a')), { type: 'done' });
    assert.equal(world.files.get('/a'), 'mine\nA\nb\nc');
    assert.deepEqual(world.told, [
      ['edited', 't', undefined, 0],
      ['undone', 't', 1, 0],
    ]);
  });

  it('undoes the making, deleting and moving of files', async () => {
    const world = new World();
    world.files.set('/old', 'text\n').set('/from', 'one\n');
    world.agent('/new', 'hello\n');
    world.agent('/old', null);
    const by = origin('t', 'i');
    world.files.delete('/from');
    world.files.set('/to', 'one\n');
    world.store.agentWrote({
      ...{ uri: uri('/from'), newUri: uri('/to'), kind: 'rename', before: 'one\n', after: 'one\n', origin: by },
    });
    assert.deepEqual(world.shape(), [
      ['/new', 'add', [['hello']]],
      ['/old', 'delete', [[]]],
      ['/to', 'rename', []],
    ]);
    assert.deepEqual(await world.store.undoAll(), { type: 'done' });
    assert.deepEqual([...world.files].sort(), [
      ['/from', 'one\n'],
      ['/old', 'text\n'],
    ]);
    assert.deepEqual(world.store.files, []);
  });

  it('leaves a new file that the user wrote in, with the user’s text', async () => {
    const world = new World();
    world.agent('/new', 'one\ntwo\n');
    world.type('/new', 1, 'mine\n');
    assert.deepEqual(await world.store.undoFile(uri('/new')), { type: 'done' });
    assert.equal(world.files.get('/new'), 'mine\n');
  });

  it('changes nothing when the writer refuses', async () => {
    const world = new World();
    world.files.set('/a', 'a');
    world.agent('/a', 'b');
    world.refuses = 'The file is read-only.';
    assert.deepEqual(await world.store.undoFile(uri('/a')), { type: 'refused', why: 'The file is read-only.' });
    assert.deepEqual(world.shape(), [['/a', 'update', [['b']]]]);
    assert.deepEqual(world.reports, []);
  });

  it('gives what a command changed to the agent, also when the disk told of it first', async () => {
    const world = new World();
    const change = (oldText: string | null, text: string | null) => ({
      ...{ threadId: 'c', turnId: 'u', itemId: null, path: '/a', source: 'command' as const, isText: true },
      ...{ oldText, newHash: text === null ? null : hash(text) },
    });
    world.files.set('/a', 'a\nB\nc\nd');
    await world.store.commandChanged(change('a\nb\nc\nd', 'a\nB\nc\nd'));
    world.files.set('/a', 'a\nB\nc\nD');
    await world.store.diskChanged(uri('/a'));
    assert.deepEqual(world.shape(), [['/a', 'update', [['B']]]]);
    await world.store.commandChanged(change('a\nB\nc\nd', 'a\nB\nc\nD'));
    assert.deepEqual(world.shape(), [['/a', 'update', [['B'], ['D']]]]);
    world.files.set('/bin', '?');
    await world.store.commandChanged({ ...change(null, '?'), path: '/bin', isText: false });
    assert.match(world.store.find(uri('/bin'))!.whyNoUndo!, /binary/);
    assert.equal((await world.store.undoFile(uri('/bin'))).type, 'refused');
    assert.deepEqual(await world.store.keepFile(uri('/bin')), { type: 'done' });
  });

  it('takes a discard for an undo, and another program’s edits for the user’s', async () => {
    const world = new World();
    world.files.set('/a', 'a\nb\nc');
    world.agent('/a', 'a\nB\nc');
    world.files.set('/a', 'top\na\nB\nc');
    await world.store.diskChanged(uri('/a'));
    assert.deepEqual(world.store.files[0]!.baseline, 'top\na\nb\nc');
    world.files.set('/a', 'top\na\nb\nc');
    await world.store.diskChanged(uri('/a'));
    assert.deepEqual(world.store.files, []);
    assert.deepEqual(world.told, [['undone', 't', 1, 0]]);
  });

  it('takes changes that are told after later ones were written for the agent’s, all of them', async () => {
    const world = new World();
    const [one, two, three] = ['a\nb\nc\nd', 'a\nB\nc\nd', 'a\nBB\nc\nD'];
    const told = (oldText: string, newText: string) =>
      world.store.commandChanged({
        ...{ threadId: 't', turnId: 'u', itemId: null, path: '/a', source: 'command', isText: true },
        ...{ oldText, newHash: hash(newText) },
      });
    world.files.set('/a', three);
    await told(one, two);
    world.files.set('/a', two);
    await world.store.diskChanged(uri('/a'));
    world.files.set('/a', three);
    await world.store.diskChanged(uri('/a'));
    await told(two, three);
    assert.equal(world.store.files[0]?.baseline, one);
    assert.deepEqual(world.shape(), [['/a', 'update', [['BB'], ['D']]]]);
  });

  it('takes a file that is made again for a new one, whatever became of the first', async () => {
    const world = new World();
    for (const decide of ['undoFile', 'keepFile'] as const) {
      world.files.delete('/n');
      world.agent('/n', 'n');
      assert.deepEqual(world.shape(), [['/n', 'add', [['n']]]]);
      assert.deepEqual(await world.store[decide](uri('/n')), { type: 'done' });
    }
    world.agent('/n', null);
    await world.store.keepFile(uri('/n'));
    world.agent('/n', 'n');
    assert.deepEqual(await world.store.undoFile(uri('/n')), { type: 'done' });
    assert.deepEqual([...world.files], []);
  });

  it('takes a file that is empty for a moment while it is written for what it is', async () => {
    const world = new World();
    world.files.set('/a', 'a\nb\nc');
    world.agent('/a', 'a\nB\nc');
    for (const text of ['', 'top\na\nB\nc', '', 'top\na\nB\nc']) {
      world.files.set('/a', text);
      await world.store.diskChanged(uri('/a'));
    }
    assert.deepEqual(world.store.files[0]!.baseline, 'top\na\nb\nc');
    assert.deepEqual(world.shape(), [['/a', 'update', [['B']]]]);
    for (const text of ['', 'top\na\nb\nc']) {
      world.files.set('/a', text);
      await world.store.diskChanged(uri('/a'));
    }
    assert.deepEqual(world.store.files, []);
  });

  it('folds what a formatter does on save into the hunks and tells it', () => {
    const world = new World();
    world.files.set('/a', 'a\nb\nc');
    world.agent('/a', 'a\nB\nc');
    world.store.willSave(uri('/a'));
    world.type('/a', 1, '  ');
    world.store.saved(uri('/a'));
    assert.deepEqual(world.shape(), [['/a', 'update', [['  B']]]]);
    assert.match(world.reports[0]!.note!, /formatter/);
  });

  it('tells decisions to the thread that wrote last, and decides by thread', async () => {
    const world = new World();
    world.files.set('/a', 'a').set('/b', 'b');
    world.agent('/a', 'A', origin('one', 'i1'));
    world.agent('/a', 'A\nmore', origin('two', 'i2'));
    world.agent('/b', 'B', origin('one', 'i3'));
    await world.store.keepAll('two');
    assert.deepEqual(world.shape(), [['/b', 'update', [['B']]]]);
    await world.store.keepAll();
    assert.deepEqual(world.told, [
      ['kept', 'two', 1, 0],
      ['kept', 'one', 1, 0],
    ]);
  });

  it('goes with files and folders, and ends with a word', async () => {
    const world = new World();
    world.files.set('/d/a', 'a').set('/d/b', 'b');
    world.agent('/d/a', 'A');
    world.agent('/d/b', 'B');
    world.store.renamed([{ from: uri('/d'), to: uri('/e') }]);
    assert.deepEqual(
      world.shape().map(([path]) => path),
      ['/e/a', '/e/b'],
    );
    world.store.forgetAll([uri('/e/a'), uri('/e/b'), uri('/e/c')], 'another branch was checked out');
    assert.deepEqual(world.store.files, []);
    assert.deepEqual(world.notices, ['The review of 2 files ended: another branch was checked out.']);
  });

  it('keeps the hunks that the user staged or committed, by their text', async () => {
    const old = 'one\ntwo\nthree\nfour\nfive';
    const [first, second] = ['one\nTWO\nthree\nfour\nfive', 'one\nTWO\nthree\nFOUR\nfive\nsix'];
    const world = new World();
    world.files.set('/a', old);
    world.agent('/a', second);
    const taken = (before: string | null, now: string | null) => keepTaken(world.store, uri('/a'), { before, now });
    await taken(first, first);
    await taken(second, old);
    assert.equal(world.store.find(uri('/a'))?.hunks.length, 3);
    await taken(old, first);
    assert.deepEqual(world.shape(), [['/a', 'update', [['FOUR'], ['six']]]]);
    await taken(first, second);
    assert.deepEqual(world.store.files, []);
  });

  it('goes on after a restart, on what the files hold then, and writes none of them', async () => {
    const world = new World();
    const folder = memory();
    const saved = new SavedReviews(folder, (message) => void world.notices.push(message));
    world.files.set('/a', 'a\nb\nc\nd');
    world.agent('/a', 'a\nB\nc\nD');
    world.agent('/gone', 'text');
    await saved.save(world.store.save());
    world.files.set('/a', 'mine\na\nB\nc\nD');
    world.files.delete('/gone');
    world.refuses = 'Nothing may be written.';
    const next = world.open();
    await next.restore(await new SavedReviews(folder, assert.fail).load());
    assert.deepEqual(world.shape(next), [['/a', 'update', [['B'], ['D']]]]);
    assert.equal(next.files[0]!.baseline, 'mine\na\nb\nc\nd');
    await saved.save([]);
    assert.deepEqual([...folder.files.keys()], ['reviews.json']);
  });

  it('drops a saved state that is damaged, with a word', async () => {
    const folder = memory();
    const told: string[] = [];
    folder.files.set('reviews.json', '{"version":1,"files":[{]');
    assert.deepEqual(await new SavedReviews(folder, (message) => void told.push(message)).load(), []);
    assert.equal(told.length, 1);
    assert.deepEqual([...folder.files.keys()], []);
    const world = new World();
    world.agent('/a', 'text');
    await new SavedReviews(folder, assert.fail).save(world.store.save());
    folder.files.set(hash('text'), 'tex');
    assert.deepEqual(await new SavedReviews(folder, (message) => void told.push(message)).load(), []);
    assert.match(told[1]!, /damaged/);
  });

  it('ends the review of a link that is gone', () => {
    const world = new World();
    world.files.set('/link', 'one\n');
    world.links.set('/link', 'file:///real');
    world.agent('/link', 'two\n');
    world.links.clear();
    assert.equal(world.store.find(uri('/link'))?.hunks.length, 1);
    world.store.forget(uri('/link'), 'it is gone');
    assert.deepEqual(world.store.files, []);
  });
});
