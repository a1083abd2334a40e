/** What the model hears of the editor: texts that are not saved, commands that missed them, what the user decided. */
import assert from 'node:assert/strict';
import type { Answer, CoreProcess } from '../support/core-process.ts';
import { gate, type Script } from '../support/model-server/index.ts';
import { ScriptedEditor, uriOf } from '../support/scripted-editor.ts';
import { World, type WorldOptions } from './world.ts';

const TEXT = 'one\ntwo\nthree\n';
const patch = (...lines: string[]) => ({
  freeform: 'apply_patch',
  input: ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n'),
});
const EDIT = patch('*** Update File: a.txt', '@@', '-two', '+TWO');
const CAT = { call: 'exec_command', args: { cmd: 'cat a.txt' } };
const HEAD =
  "Not saved in the user's editor. Your file tools see these texts; commands (cat, grep, tests) see the disk.";

describe('what the model hears of the editor', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;
  let editor: ScriptedEditor;
  let threadId: string;
  let file: string;

  const begin = async (
    script: Script,
    capabilities: NonNullable<Parameters<World['core']>[0]> = { gantry: { fs: true, review: true } },
    options: WorldOptions = {},
  ): Promise<void> => {
    world = await World.create({ files: { 'a.txt': TEXT }, ...options, script });
    file = world.at('a.txt');
    core = await world.core(capabilities);
    editor = new ScriptedEditor();
    core.onRequest = (request): Answer => editor.answer(request) ?? undefined;
    const gantry = { editApproval: 'editThenReview' as const };
    const params = { cwd: world.workspace, approvalPolicy: 'never', sandbox: 'workspace-write', gantry } as const;
    threadId = (await core.request('thread/start', params)).thread.id;
  };
  type Item = { type: string; role?: string; content?: { text?: string }[]; output?: unknown };
  const inputOf = (index: number) => world.model.requests.at(index)?.body.input as Item[];
  /** The notes of a kind in a request, oldest first, without their tags. */
  const notes = (tag: string, index = -1): string[] =>
    inputOf(index)
      .flatMap(({ content }) => (Array.isArray(content) ? content.map(({ text }) => text ?? '') : []))
      .filter((text) => text.startsWith(`<${tag}>`))
      .map((text) => text.slice(tag.length + 3, -tag.length - 4));
  const outputs = (): string[] =>
    inputOf(-1)
      .filter(({ type }) => type.endsWith('_output'))
      .map(({ output }) => String(output));
  const decide = (decision: Record<string, unknown>) =>
    core.request('fileReview/decided', { threadId, turnId: 't', path: file, ...decision } as never);

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('is told of a text that is not saved, once, of its next change, and once that it was saved', async () => {
    await begin([CAT, { text: '1' }, { text: '2' }, { text: '3' }, { text: '4' }, { text: '5' }]);
    editor.unsaved.set(file, TEXT.replace('two', '2'));
    await core.turn(threadId, 'go');
    const first = `${HEAD}\n${file}, from the disk to the editor:\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three`;
    assert.deepEqual(notes('unsaved_files', 0), [first]);
    assert.deepEqual(notes('unsaved_files', 1), [first]);
    assert.match(
      outputs()[0] ?? '',
      new RegExp(`^Ran on the disk, which is older than the user's editor for: ${file}\n`),
    );
    const itemId = core.items('commandExecution')[0]?.id ?? '';
    const [stale] = core.notifications('gantry/command/stale');
    assert.deepEqual({ ...stale, turnId: '' }, { threadId, turnId: '', itemId, paths: [file] });
    // It was not the agent who changed it: nobody is asked to save.
    assert.deepEqual(editor.calls, []);

    await core.turn(threadId, 'nothing new');
    assert.deepEqual(notes('unsaved_files'), [first]);
    editor.unsaved.set(file, TEXT.replace('two', '22'));
    await core.turn(threadId, 'typed on');
    const second = `${HEAD}\n${file}, since you were last told:\n@@ -1,3 +1,3 @@\n one\n-2\n+22\n three`;
    assert.deepEqual(notes('unsaved_files'), [first, second]);
    editor.save(file);
    await core.turn(threadId, 'saved');
    const third = `${HEAD}\n${file} is saved now, as you know it.`;
    assert.deepEqual(notes('unsaved_files'), [first, second, third]);
    await core.turn(threadId, 'nothing new');
    assert.deepEqual(notes('unsaved_files'), [first, second, third]);
    // A text that the core has is not sent again.
    assert.deepEqual(editor.looks, [0, 1, 1, 1, 1, 1, 0]);
  });

  it('is told what is there when changes were thrown away', async () => {
    await begin([{ text: '1' }, { text: '2' }]);
    editor.unsaved.set(file, TEXT.replace('two', '2'));
    await core.turn(threadId, 'go');
    editor.unsaved.clear();
    await core.turn(threadId, 'on');
    const diff = '@@ -1,3 +1,3 @@\n one\n-2\n+two\n three';
    const said = `${file} has no unsaved changes any more. From what you were told to what is there now:\n${diff}`;
    assert.equal(notes('unsaved_files').at(-1), `${HEAD}\n${said}`);
  });

  it('hears nothing of files beyond the workspace and of secrets, and little of much', async () => {
    await begin([{ text: '1' }]);
    editor.unsaved.set(`${world.root}/other.txt`, 'x');
    editor.unsaved.set(`${world.home}/.ssh/id_rsa`, 'x');
    editor.unsaved.set(file, 'x\n'.repeat(50_000));
    await core.turn(threadId, 'go');
    const said = `${file}, from the disk to the editor:\n(50000 lines added, 3 removed: too much to show here. Read the file.)`;
    assert.deepEqual(notes('unsaved_files'), [`${HEAD}\n${said}`]);
  });

  it('does not wait for an editor that does not answer', async () => {
    await begin([CAT, { text: '1' }]);
    editor.before = () => 'silent';
    assert.equal((await core.turn(threadId, 'go')).status, 'completed');
    // While it owes an answer it is not asked again.
    assert.deepEqual([editor.looks, notes('unsaved_files')], [[0], []]);
  });

  it('is told again after a resume only what is new', async () => {
    await begin([{ text: '1' }, { text: '2' }]);
    editor.unsaved.set(file, TEXT.replace('two', '2'));
    await core.turn(threadId, 'go');
    await core.stop();
    core = await world.core({ gantry: { fs: true } });
    core.onRequest = (request): Answer => editor.answer(request) ?? undefined;
    await core.request('thread/resume', { threadId });
    await core.turn(threadId, 'on');
    assert.equal(notes('unsaved_files').length, 1);
  });

  it('asks the user to save what the agent edited, before a command runs', async () => {
    await begin([EDIT, CAT, { text: '1' }]);
    editor.unsaved.set(file, `${TEXT}mine\n`);
    const turn = await core.turn(threadId, 'go');
    const [save] = editor.asked.filter(({ method }) => method === 'host/fs/save');
    const itemId = core.items('commandExecution')[0]?.id;
    assert.deepEqual(save?.params, { threadId, turnId: turn.id, itemId, uris: [uriOf(file)], command: 'cat a.txt' });
    assert.match(outputs()[1] ?? '', /^Wall time: .*\nProcess exited with code 0\nOutput:\none\nTWO\nthree\nmine\n?$/);
    assert.deepEqual(core.notifications('gantry/command/stale'), []);
    const statuses = core.notifications('thread/status/changed').map(({ status }) => JSON.stringify(status));
    assert.ok(statuses.some((status) => status.includes('waitingOnUserInput')));
  });

  it('runs the command all the same when the user does not save, says so, and asks once', async () => {
    await begin([EDIT, CAT, CAT, { text: '1' }]);
    editor.saves = false;
    editor.unsaved.set(file, `${TEXT}mine\n`);
    await core.turn(threadId, 'go');
    assert.equal(editor.calls.filter((call) => call.startsWith('host/fs/save')).length, 1);
    const stale = core.notifications('gantry/command/stale').map(({ paths }) => paths);
    assert.deepEqual(stale, [[file], [file]]);
    assert.match(outputs()[2] ?? '', new RegExp(`^Ran on the disk, .*: ${file}\n[\\s\\S]*\none\ntwo\nthree`));
  });

  it('stops waiting for the user to save when the turn is interrupted', async () => {
    await begin([EDIT, CAT]);
    editor.unsaved.set(file, TEXT);
    editor.before = ({ method }) => (method === 'host/fs/save' ? 'silent' : undefined);
    const { turn } = await core.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
    await core.waitForMessage(({ method }) => method === 'host/fs/save');
    await core.request('turn/interrupt', { threadId, turnId: turn.id });
    assert.equal((await core.waitFor('turn/completed')).turn.status, 'interrupted');
  });

  it('hears what the user decided in the same turn, exactly once, and as it stands', async () => {
    const held = gate();
    await begin([EDIT, [{ text: ['wait', held] }, CAT], { text: '1' }, { text: '2' }]);
    const { turn } = await core.request('turn/start', { threadId, input: [{ type: 'text', text: 'go' }] });
    await held.reached;
    await decide({ decision: 'undone', hunkCount: 1, pendingCount: 0 });
    world.write('a.txt', TEXT);
    held.open();
    await core.waitFor('turn/completed', (ended) => ended.turn.id === turn.id);
    assert.deepEqual(
      [notes('review_decisions', 1), notes('review_decisions', 2)],
      [[], [`${file}: the user undid all that you changed.`]],
    );
    await core.turn(threadId, 'on');
    assert.equal(notes('review_decisions').length, 1);
  });

  it('hears several decisions about one file as one', async () => {
    await begin([
      patch('*** Update File: a.txt', '@@', '-one', '+ONE', ' two', '-three', '+THREE'),
      { text: '1' },
      { text: '2' },
    ]);
    await core.turn(threadId, 'go');
    await decide({ decision: 'kept', hunkCount: 1, pendingCount: 1 });
    await decide({ decision: 'undone', hunkCount: 1, pendingCount: 1, diff: 'an older diff' });
    await decide({ decision: 'edited', pendingCount: 0, note: 'as we always write it' });
    world.write('a.txt', 'ONE\ntwo\n3\n');
    await core.turn(threadId, 'on');
    assert.deepEqual(notes('review_decisions'), [
      `${file}: the user kept 1 hunk, undid 1 hunk and changed the text.\n` +
        'From what you wrote to what is there now:\n@@ -1,3 +1,3 @@\n ONE\n two\n-THREE\n+3\n' +
        'The user says: as we always write it',
    ]);
  });

  it('hears of a change once where an undo left the file unsaved', async () => {
    await begin([EDIT, { text: '1' }, { text: '2' }, { text: '3' }]);
    await core.turn(threadId, 'go');
    await decide({ decision: 'undone', hunkCount: 1 });
    editor.unsaved.set(file, TEXT);
    await core.turn(threadId, 'on');
    assert.deepEqual(notes('review_decisions'), [`${file}: the user undid all that you changed.`]);
    assert.deepEqual(notes('unsaved_files'), [`${HEAD}\n${file} is not saved: commands see an older text.`]);
    await core.turn(threadId, 'and on');
    assert.deepEqual([notes('review_decisions').length, notes('unsaved_files').length], [1, 1]);
  });

  it('keeps what nobody was told for the next life of the thread', async () => {
    await begin([EDIT, { text: '1' }, { text: '2' }], { gantry: { review: true } });
    await core.turn(threadId, 'go');
    await decide({ decision: 'kept', hunkCount: 1 });
    await core.stop();
    core = await world.core({ gantry: { review: true } });
    await core.request('thread/resume', { threadId });
    await core.turn(threadId, 'on');
    assert.deepEqual(notes('review_decisions'), [`${file}: kept as you wrote it.`]);
  });

  it('refuses a decision about no file', async () => {
    await begin([]);
    const params = { threadId, turnId: 't', path: 'a.txt', decision: 'kept' };
    assert.match((await core.refusal('fileReview/decided', params)).message, /a\.txt is not an absolute path/);
  });
});
