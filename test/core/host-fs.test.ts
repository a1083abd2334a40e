/** Files through the editor: what the model reads and writes there, and what becomes of it when the editor errs. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { Answer, CoreProcess } from '../support/core-process.ts';
import type { Script } from '../support/model-server/index.ts';
import { hashOf, refusal, ScriptedEditor, uriOf } from '../support/scripted-editor.ts';
import { World, type WorldOptions } from './world.ts';

const TEXT = 'one\ntwo\nthree\nfour\nfive\n';
const FILES = { 'a.txt': TEXT };
const patch = (...lines: string[]) => ({
  freeform: 'apply_patch',
  input: ['*** Begin Patch', ...lines, '*** End Patch', ''].join('\n'),
});
const EDIT = patch('*** Update File: a.txt', '@@', '-two', '+TWO');

describe('files through the editor', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;
  let editor: ScriptedEditor;
  let threadId: string;

  const begin = async (
    script: Script,
    options: WorldOptions & { capabilities?: Parameters<World['core']>[0]; params?: Record<string, unknown> } = {},
  ): Promise<void> => {
    const { capabilities = { gantry: { fs: true } }, params, ...rest } = options;
    world = await World.create({ files: FILES, ...rest, script });
    core = await world.core(capabilities);
    editor = new ScriptedEditor();
    core.onRequest = (request): Answer => editor.answer(request) ?? undefined;
    const gantry = { editApproval: 'editThenReview' };
    const thread = { cwd: world.workspace, approvalPolicy: 'never', sandbox: 'workspace-write', gantry, ...params };
    threadId = (await core.request('thread/start', thread as never)).thread.id;
  };
  const disk = (name: string) => readFileSync(world.at(name), 'utf8');
  /** What the model was told as the result of its last call. */
  const result = (): string => {
    const input = world.model.requests.at(-1)?.body.input as { type: string; output?: unknown }[];
    return String(input.findLast(({ type }) => type.endsWith('_output'))?.output);
  };

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('edits the text that is not saved, and leaves the disk alone', async () => {
    await begin([EDIT, { text: 'done' }]);
    editor.unsaved.set(world.at('a.txt'), `${TEXT}mine\n`);
    const turn = await core.turn(threadId, 'go');
    assert.equal(editor.unsaved.get(world.at('a.txt')), 'one\nTWO\nthree\nfour\nfive\nmine\n');
    assert.equal(disk('a.txt'), TEXT);
    const [item] = core.items('fileChange');
    assert.deepEqual(
      editor.asked.map(({ method, params }) => ({ method, params })),
      [
        { method: 'host/fs/read', params: { uri: uriOf(world.at('a.txt')) } },
        {
          method: 'host/fs/write',
          params: {
            uri: uriOf(world.at('a.txt')),
            text: 'one\nTWO\nthree\nfour\nfive\nmine\n',
            baseHash: hashOf(`${TEXT}mine\n`),
            origin: { threadId, turnId: turn.id, itemId: item?.id, decided: false },
          },
        },
      ],
    );
    assert.equal(item?.status, 'completed');
  });

  it('makes, removes and moves files by requests of their own', async () => {
    const edits = [
      '*** Add File: new/b.txt',
      '+b',
      '*** Delete File: c.txt',
      '*** Update File: a.txt',
      '*** Move to: d.txt',
      '@@',
      '-two',
      '+TWO',
    ];
    await begin([patch(...edits), { text: 'done' }], { files: { ...FILES, 'c.txt': 'c\n' } });
    await core.turn(threadId, 'go');
    assert.deepEqual(
      editor.calls.filter((call) => !call.startsWith('host/fs/read')),
      ['host/fs/rename a.txt', 'host/fs/write d.txt', 'host/fs/delete c.txt', 'host/fs/create b.txt'],
    );
    const now = ['new/b.txt', 'd.txt'].map(disk);
    assert.deepEqual(
      [now, existsSync(world.at('c.txt')), existsSync(world.at('a.txt'))],
      [['b\n', 'one\nTWO\nthree\nfour\nfive\n'], false, false],
    );
  });

  it('does not mix what moves with what is in its way by now', async () => {
    const move = ['*** Update File: a.txt', '*** Move to: d.txt', '@@', '-two', '+TWO'];
    await begin([patch(...move), { text: 'done' }]);
    editor.before = ({ method }) => {
      const there = { conflict: true, reason: 'targetExists', text: TEXT, hash: hashOf(TEXT) };
      return method === 'host/fs/rename' ? { result: there } : undefined;
    };
    await core.turn(threadId, 'go');
    assert.match(result(), /failed at .*a\.txt: .*d\.txt exists by now\. Nothing was written\. Read the file again/);
    assert.deepEqual([disk('a.txt'), existsSync(world.at('d.txt'))], [TEXT, false]);
  });

  it('tells the editor what the user accepted before', async () => {
    await begin([EDIT, { text: 'done' }], {
      params: { gantry: { editApproval: 'askFirst' }, approvalPolicy: 'on-request' },
    });
    core.onRequest = (request) => editor.answer(request) ?? { result: { decision: 'accept' } };
    await core.turn(threadId, 'go');
    const write = editor.asked.find(({ method }) => method === 'host/fs/write');
    assert.equal(write?.method === 'host/fs/write' && write.params.origin?.decided, true);
  });

  it('merges with what the user typed elsewhere meanwhile', async () => {
    await begin([EDIT, { text: 'done' }]);
    editor.unsaved.set(world.at('a.txt'), TEXT);
    editor.before = ({ method }) => {
      if (method === 'host/fs/write' && editor.calls.length === 2) {
        editor.unsaved.set(world.at('a.txt'), TEXT.replace('five', 'FIVE'));
      }
      return undefined;
    };
    await core.turn(threadId, 'go');
    assert.equal(editor.unsaved.get(world.at('a.txt')), 'one\nTWO\nthree\nfour\nFIVE\n');
    assert.match(result(), /had changed since you saw it; your patch was merged .*\n@@[\s\S]*-five\n\+FIVE/);
    assert.match(JSON.stringify(core.items('fileChange')[0]?.changes), /-two\\n\+TWO/);
  });

  it('writes nothing over what the user typed in the same place, and shows the model what is there', async () => {
    await begin([EDIT, { text: 'done' }]);
    editor.before = ({ method }) => {
      if (method === 'host/fs/write') editor.unsaved.set(world.at('a.txt'), TEXT.replace('two', 'zwei'));
      return undefined;
    };
    await core.turn(threadId, 'go');
    assert.equal(editor.unsaved.get(world.at('a.txt')), TEXT.replace('two', 'zwei'));
    assert.match(
      result(),
      /failed at .*a\.txt has changed since\. Make a new patch .*\nNo file was changed\.\n.*a\.txt is now:\none\nzwei\n/,
    );
    assert.equal(core.items('fileChange')[0]?.status, 'failed');
  });

  for (const reason of ['forbidden', 'readOnly', 'binary', 'tooLarge', 'io', 'isDirectory']) {
    it(`says what the editor says: ${reason}`, async () => {
      await begin([EDIT, { text: 'done' }]);
      editor.before = ({ method }) => (method === 'host/fs/write' ? refusal(reason, `No, ${reason}.`) : undefined);
      await core.turn(threadId, 'go');
      assert.match(result(), new RegExp(`failed at .*: No, ${reason}\\.\nNo file was changed\\.`));
      assert.equal(disk('a.txt'), TEXT);
    });
  }

  const absences: [string, Answer][] = [
    ['it has no such file system', refusal('noScheme', 'no')],
    ['it does not know the method', { error: { code: -32601, message: 'Method not found' } }],
  ];
  for (const [why, answer] of absences) {
    it(`goes to the disk when ${why}`, async () => {
      await begin([EDIT, { text: 'done' }]);
      editor.before = () => answer;
      await core.turn(threadId, 'go');
      assert.equal(disk('a.txt'), 'one\nTWO\nthree\nfour\nfive\n');
    });
  }

  it('takes no nonsense for an answer, and does not go on as if it were one', async () => {
    await begin([EDIT, EDIT, { text: 'done' }]);
    let count = 0;
    editor.before = ({ method }) => {
      if (method === 'host/fs/dirty') return { result: { data: 'many' } };
      count += 1;
      if (count === 1) return { result: { text: 5 } };
      return method === 'host/fs/write' ? { result: { done: true } } : undefined;
    };
    await core.turn(threadId, 'go');
    assert.match(result(), /The editor's answer could not be understood/);
    assert.equal(disk('a.txt'), TEXT);
  });

  it('asks the editor nothing that the policy refuses', async () => {
    const script = ['../out.txt', '.git/config', 'link/x.txt', '.vscode/tasks.json'].map((name) =>
      patch(`*** Add File: ${name}`, '+x'),
    );
    await begin([...script, { text: 'done' }]);
    mkdirSync(path.join(world.root, 'outside'));
    symlinkSync(path.join(world.root, 'outside'), world.at('link'));
    await core.turn(threadId, 'go');
    assert.deepEqual(
      editor.calls.filter((call) => !call.startsWith('host/fs/read')),
      [],
    );
    assert.deepEqual(
      ['../out.txt', 'link/x.txt'].map((name) => existsSync(world.at(name))),
      [false, false],
    );
  });

  it('lists and searches what is not saved', async () => {
    await begin(
      [
        { call: 'search_text', args: { pattern: 'mine|two' } },
        { call: 'search_text', args: { pattern: 'mine', glob: '*.md' } },
        { call: 'list_files', args: {} },
        { call: 'read_file', args: { path: 'a.txt', start_line: 5 } },
        { text: 'done' },
      ],
      { files: { ...FILES, 'b.txt': 'two too\n' }, params: { model: 'qwen3-coder' } },
    );
    editor.unsaved.set(world.at('a.txt'), TEXT.replace('two', '2').concat('mine\n'));
    editor.unsaved.set(world.at('new.txt'), 'mine too\n');
    await core.turn(threadId, 'go');
    const input = world.model.requests.at(-1)?.body.input as { type: string; output?: unknown }[];
    const outputs = input.filter(({ type }) => type.endsWith('_output')).map(({ output }) => output);
    assert.deepEqual(outputs, [
      'a.txt:6:mine\nnew.txt:1:mine too\nb.txt:1:two too',
      `Nothing matches mine in ${world.workspace}. What git ignores is not searched.`,
      'a.txt\nb.txt\nnew.txt',
      '5\tfive\n6\tmine',
    ]);
  });

  describe('a proposal', () => {
    const params = { gantry: { editApproval: 'askFirst' }, approvalPolicy: 'on-request' };

    it('that is no patch is not called one', async () => {
      const make = { call: 'write_file', args: { path: 'n.txt', content: 'x\n' } };
      await begin([make, { text: 'done' }], { params: { ...params, model: 'qwen3-coder' } });
      core.onRequest = (request) => editor.answer(request) ?? { result: { decision: 'decline' } };
      await core.turn(threadId, 'go');
      assert.equal(result(), 'The user rejected the edit. No file was changed.');
    });

    it('is decided on top of what the user typed while it waited', async () => {
      await begin([EDIT, { text: 'done' }], { params });
      const typed = TEXT.replace('five', 'FIVE');
      core.onRequest = (request) => {
        const host = editor.answer(request);
        if (host !== null) return host;
        editor.unsaved.set(world.at('a.txt'), typed);
        const file = { path: world.at('a.txt'), baseHash: hashOf(typed), finalText: typed.replace('two', 'Two') };
        return { result: { decision: { acceptPartial: { files: [file], note: null } } } };
      };
      await core.turn(threadId, 'go');
      assert.equal(editor.unsaved.get(world.at('a.txt')), 'one\nTwo\nthree\nfour\nFIVE\n');
      assert.match(
        result(),
        /^The user accepted the patch in part\.[\s\S]*-TWO\n\+Two[\s\S]*the user decided on that\.\)$/,
      );
    });

    it('that was accepted goes on top of what the user typed elsewhere while it waited', async () => {
      await begin([EDIT, { text: 'done' }], { params });
      core.onRequest = (request) => {
        const host = editor.answer(request);
        if (host !== null) return host;
        editor.unsaved.set(world.at('a.txt'), TEXT.replace('five', 'FIVE'));
        return { result: { decision: 'accept' } };
      };
      await core.turn(threadId, 'go');
      assert.equal(editor.unsaved.get(world.at('a.txt')), 'one\nTWO\nthree\nfour\nFIVE\n');
    });
  });

  describe('a whole text over one that the user changed since the model read it', () => {
    const READ = { call: 'read_file', args: { path: 'a.txt' } };
    const whole = (content: string) => ({ call: 'write_file', args: { path: 'a.txt', content } });
    const params = { model: 'qwen3-coder' };

    it('keeps what the user did', async () => {
      const typed = () => {
        world.write('a.txt', TEXT.replace('five', 'FIVE'));
        return whole(TEXT.replace('one', 'ONE'));
      };
      await begin([READ, typed, { text: 'done' }], { params });
      await core.turn(threadId, 'go');
      assert.equal(disk('a.txt'), 'ONE\ntwo\nthree\nfour\nFIVE\n');
      assert.match(
        result(),
        /^Success\.[\s\S]*had changed since you saw it; that was kept\. .*\none\ntwo\nthree\nfour\nFIVE$/,
      );
    });

    it('is not written where both changed the same', async () => {
      const typed = () => {
        world.write('a.txt', TEXT.replace('one', 'eins'));
        return whole(TEXT.replace('one', 'ONE'));
      };
      await begin([READ, typed, whole(TEXT.replace('one', 'uno')), { text: 'done' }], { params });
      await core.turn(threadId, 'go');
      const refused = (world.model.requests[2]?.body.input as { output?: unknown }[] | undefined)?.at(-1)?.output;
      assert.match(
        String(refused),
        /changed since you saw it, where you change it\. .*is now:\neins\ntwo[\s\S]*Nothing was changed\./,
      );
      // Now the model has seen it.
      assert.equal(disk('a.txt'), TEXT.replace('one', 'uno'));
    });
  });

  it('tells a client that reviews without buffers what a tool wrote, but not what was accepted before', async () => {
    await begin([EDIT, { text: 'done' }, patch('*** Delete File: a.txt'), { text: 'done' }], {
      capabilities: { gantry: { review: true } },
    });
    const { id: turnId } = await core.turn(threadId, 'go');
    const itemId = core.items('fileChange')[0]?.id ?? null;
    const changed = 'one\nTWO\nthree\nfour\nfive\n';
    const row = { threadId, turnId, itemId, path: world.at('a.txt'), source: 'tool', isText: true };
    assert.deepEqual(core.notifications('fileReview/changed'), [{ ...row, oldText: TEXT, newHash: hashOf(changed) }]);
    core.onRequest = () => ({ result: { decision: 'accept' } });
    await core.turn(threadId, 'and', { gantry: { editApproval: 'askFirst' }, approvalPolicy: 'on-request' });
    assert.equal(existsSync(world.at('a.txt')), false);
    assert.equal(core.notifications('fileReview/changed').length, 1);
  });
});
