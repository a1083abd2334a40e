import assert from 'node:assert/strict';
import { answer, calls, callsOnly, createWorld, hashOf, type World } from './fake-ports.ts';
import { brief, completedItem, historyFaults, resultOf, unfinishedItems } from './sequences.ts';

const A = '/work/project/a.txt';
const patch = (callId: string, ...body: string[]) =>
  calls(callId, 'apply_patch', ['*** Begin Patch', ...body, '*** End Patch'].join('\n'), 'freeform');
const update = (callId: string) => patch(callId, '*** Update File: a.txt', '@@', ' one', '-two', '+TWO', ' three');
const files = { [A]: 'one\ntwo\nthree\n', '/work/project/b.txt': 'bee\n' };
const about = (world: World) =>
  brief(world.events)
    .slice(4)
    .filter((line) => /fileChange|diff|tool|status|interrupted/.test(line));
const diffs = (world: World) =>
  world.events.flatMap((event) => (event.method === 'turn/diff/updated' ? [event.params.diff] : []));

const completedChanges = (world: World, id: string) => completedItem(world, id)?.changes;

describe('a patch', () => {
  it('writes, and shows what the reference shows', async () => {
    const world = createWorld({ files, script: [callsOnly(update('c1')), answer('m', 'done')] });
    await world.run('go');
    assert.equal(world.files.get(A), 'one\nTWO\nthree\n');
    assert.deepEqual(completedChanges(world, 'c1'), [
      { path: A, kind: { type: 'update', move_path: null }, diff: '@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n' },
    ]);
    assert.deepEqual(brief(world.events).slice(4), [
      'item/started fileChange c1 inProgress',
      'item/completed fileChange c1 completed',
      'diff diff --git a/a.txt b/a.txt',
      'thread/tokenUsage/updated',
      'diff diff --git a/a.txt b/a.txt',
      'item/started m ""',
      'delta m "done"',
      'item/completed m "done" final_answer',
      'thread/tokenUsage/updated',
      'diff diff --git a/a.txt b/a.txt',
      'status idle',
      'turn/completed completed',
    ]);
    assert.equal(
      diffs(world)[0],
      'diff --git a/a.txt b/a.txt\nindex 4cb29ea38f70d7c61b2a3a25b02e3bdf44905402..ddc897f039f57aa91e16efa6dfde386c4255206f\n--- a/a.txt\n+++ b/a.txt\n@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n',
    );
    assert.equal(resultOf(world, 'c1'), `Success. Updated the following files:\nM ${A}`);
  });

  it('adds, deletes and moves, with the diffs of the reference', async () => {
    const world = createWorld({
      files,
      script: [
        callsOnly(
          patch(
            'c1',
            '*** Add File: new.txt',
            '+n',
            '*** Delete File: b.txt',
            '*** Update File: a.txt',
            '*** Move to: sub/moved.txt',
            '@@',
            '-two',
            '+2',
          ),
        ),
        answer('m', 'done'),
      ],
    });
    await world.run('go');
    const moved = '/work/project/sub/moved.txt';
    assert.deepEqual(completedChanges(world, 'c1'), [
      {
        path: A,
        kind: { type: 'update', move_path: moved },
        diff: `@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n\n\nMoved to: ${moved}`,
      },
      { path: '/work/project/b.txt', kind: { type: 'delete' }, diff: 'bee\n' },
      { path: '/work/project/new.txt', kind: { type: 'add' }, diff: 'n\n' },
    ]);
    assert.deepEqual([...world.files].sort(), [
      ['/work/project/new.txt', 'n\n'],
      [moved, 'one\n2\nthree\n'],
    ]);
    assert.equal(
      diffs(world)[0],
      [
        'diff --git a/a.txt b/sub/moved.txt',
        'index 4cb29ea38f70d7c61b2a3a25b02e3bdf44905402..f04eb265ebd74fba2cddf0a6adf2a6a7f81c87aa',
        '--- a/a.txt',
        '+++ b/sub/moved.txt',
        '@@ -1,3 +1,3 @@',
        ' one',
        '-two',
        '+2',
        ' three',
        'diff --git a/b.txt b/b.txt',
        'deleted file mode 100644',
        'index af9c6fd168ea28cf99aa2c2dd9057a8b720e2262..0000000000000000000000000000000000000000',
        '--- a/b.txt',
        '+++ /dev/null',
        '@@ -1 +0,0 @@',
        '-bee',
        'diff --git a/new.txt b/new.txt',
        'new file mode 100644',
        'index 0000000000000000000000000000000000000000..8ba3a16384aacc37d01564b28401755ce8053f51',
        '--- /dev/null',
        '+++ b/new.txt',
        '@@ -0,0 +1 @@',
        '+n',
        '',
      ].join('\n'),
    );
  });

  it('is found in a shell command, and its diff is empty when it is undone', async () => {
    const undo = patch('c2', '*** Update File: a.txt', '@@', '-TWO', '+two');
    const shell = calls('c1', 'exec_command', {
      cmd: "cd sub && apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: ../a.txt\n@@\n-two\n+TWO\n*** End Patch\nEOF\n",
    });
    const world = createWorld({ files, script: [callsOnly(shell), callsOnly(undo), answer('m', 'done')] });
    await world.run('go');
    assert.deepEqual([world.files.get(A), world.commands.length, diffs(world).at(-1)], ['one\ntwo\nthree\n', 0, '']);
  });

  it('asks first where edits are asked for, and hands the proposal over whole', async () => {
    const world = createWorld({ files, script: [callsOnly(update('c1')), answer('m', 'done')] });
    await world.run('go', { editApproval: 'askFirst' });
    assert.deepEqual(about(world).slice(0, 4), [
      'item/started fileChange c1 inProgress',
      'status active[waitingOnApproval]',
      'status active[]',
      'item/completed fileChange c1 completed',
    ]);
    assert.deepEqual(world.fileApprovals, [
      {
        turnId: 'turn-1',
        itemId: 'c1',
        reason: null,
        grantRoot: null,
        changes: [
          {
            path: A,
            kind: { type: 'update', move_path: null },
            diff: '@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n',
            oldText: files[A],
            newText: 'one\nTWO\nthree\n',
            baseHash: hashOf('one\ntwo\nthree\n'),
          },
        ],
      },
    ]);
  });

  for (const [type, status] of [
    ['decline', 'declined'],
    ['failed', 'failed'],
    ['cancel', 'declined'],
  ] as const) {
    it(`writes nothing on ${type}`, async () => {
      const world = createWorld({
        files,
        script: [callsOnly(update('c1')), answer('m', 'ok')],
        approveFiles: () => ({ type }),
      });
      await world.run('go', { approvalPolicy: 'untrusted' });
      assert.equal(world.files.get(A), files[A]);
      assert.ok(about(world).includes(`item/completed fileChange c1 ${status}`));
      assert.equal(brief(world.events).at(-1), `turn/completed ${type === 'cancel' ? 'interrupted' : 'completed'}`);
      assert.deepEqual(diffs(world), []);
    });
  }

  it('is not asked for again in the session, file by file', async () => {
    const world = createWorld({
      files,
      script: [
        callsOnly(update('c1')),
        callsOnly(patch('c2', '*** Update File: a.txt', '@@', '-TWO', '+2')),
        callsOnly(patch('c3', '*** Add File: n', '+n')),
        answer('m', 'ok'),
      ],
      approveFiles: () => ({ type: 'acceptForSession' }),
    });
    await world.run('go', { approvalPolicy: 'untrusted' });
    assert.deepEqual(
      world.fileApprovals.map((request) => request.itemId),
      ['c1', 'c3'],
    );
  });

  it('is asked for again where the yes of the session did not reach', async () => {
    const world = createWorld({
      files,
      script: [
        callsOnly(update('c1')),
        answer('m', 'ok'),
        callsOnly(patch('c2', '*** Update File: a.txt', '@@', '-TWO', '+2')),
        answer('m2', 'ok'),
      ],
      approveFiles: ({ itemId }) => ({ type: itemId === 'c1' ? 'acceptForSession' : 'decline' }),
    });
    await world.run('go', { editApproval: 'askFirst' });
    await world.run('go', { sandboxPolicy: { type: 'readOnly', networkAccess: false } });
    assert.deepEqual(
      world.fileApprovals.map((request) => request.itemId),
      ['c1', 'c2'],
    );
    assert.equal(world.files.get(A), 'one\nTWO\nthree\n');
  });

  it('writes what was accepted in part, and tells exactly what became of the rest', async () => {
    const base = Array.from({ length: 9 }, (_, i) => `line ${i + 1}`).join('\n');
    const world = createWorld({
      files: { [A]: `${base}\n`, '/work/project/b.txt': 'bee\n' },
      script: [
        callsOnly(
          patch(
            'c1',
            '*** Update File: a.txt',
            '@@',
            '-line 1',
            '+LINE 1',
            '@@',
            '-line 5',
            '+LINE 5',
            '@@',
            '-line 9',
            '+LINE 9',
            '*** Delete File: b.txt',
          ),
        ),
        answer('m', 'ok'),
      ],
      approveFiles: ({ changes }) => ({
        type: 'acceptPartial',
        note: 'not the last',
        files: [
          {
            path: A,
            baseHash: changes[0]?.baseHash ?? null,
            finalText: `${base.replace('line 1', 'LINE 1').replace('line 5', 'Line Five')}\n`,
          },
        ],
      }),
    });
    await world.run('go', { editApproval: 'askFirst' });
    assert.equal(world.files.get(A), `${base.replace('line 1', 'LINE 1').replace('line 5', 'Line Five')}\n`);
    assert.equal(world.files.get('/work/project/b.txt'), 'bee\n');
    const told = resultOf(world, 'c1');
    assert.match(told, /a\.txt: 1 of 3 hunks kept as proposed, 1 dropped, and the user changed the text\./);
    assert.match(told, /-LINE 5\n\+Line Five/);
    assert.match(told, /Dropped \(as they undo your proposal\):\n@@ -9 \+9 @@\n-LINE 9\n\+line 9/);
    assert.match(told, /b\.txt: rejected, not deleted\./);
    assert.match(told, /The user says: not the last/);
    assert.equal((completedChanges(world, 'c1') as unknown[]).length, 1);
  });

  it('ends as declined when nothing of it was kept', async () => {
    const world = createWorld({
      files,
      script: [callsOnly(update('c1')), answer('m', 'ok')],
      approveFiles: () => ({ type: 'acceptPartial', note: null, files: [] }),
    });
    await world.run('go', { editApproval: 'askFirst' });
    assert.ok(about(world).includes('item/completed fileChange c1 declined'));
  });

  it('writes nothing of several files when one of them changed before the answer', async () => {
    const world: World = createWorld({
      files,
      script: [
        callsOnly(patch('c1', '*** Update File: a.txt', '@@', '-two', '+2', '*** Delete File: b.txt')),
        answer('m', 'ok'),
      ],
      approveFiles: () => {
        world.files.set('/work/project/b.txt', 'mine\n');
        return { type: 'accept' };
      },
    });
    await world.run('go', { editApproval: 'askFirst' });
    assert.deepEqual([...world.files.values()], [files[A], 'mine\n']);
    assert.match(
      resultOf(world, 'c1'),
      /failed at \S+b\.txt: .* has changed since\. .*\nNo file was changed\.\nNot tried:\nM \S+a\.txt\n\S+b\.txt is now:\nmine$/,
    );
    assert.ok(about(world).includes('item/completed fileChange c1 failed'));
  });

  it('does not move a file onto itself by another name', async () => {
    const world = createWorld({
      files: { ...files, '/work/project/A.txt': files[A] ?? '' },
      script: [callsOnly(patch('c1', '*** Update File: a.txt', '*** Move to: A.txt', '@@', ' two')), answer('m', 'ok')],
      realPath: async (path) => path.toLowerCase(),
    });
    await world.run('go');
    assert.equal(world.files.get(A), files[A]);
    assert.match(resultOf(world, 'c1'), /A\.txt is the same file/);
  });

  it('tells of a conflict, and which files were written before it', async () => {
    const world = createWorld({
      files,
      script: [
        callsOnly(
          patch(
            'c1',
            '*** Add File: 0.txt',
            '+0',
            '*** Update File: a.txt',
            '@@',
            '-two',
            '+2',
            '*** Add File: z.txt',
            '+z',
          ),
        ),
        answer('m', 'ok'),
      ],
      writeResult: (path) =>
        path === A ? { ok: false, reason: 'conflict', message: `${A} has changed meanwhile.` } : null,
    });
    await world.run('go');
    assert.ok(about(world).includes('item/completed fileChange c1 failed'));
    assert.equal(
      resultOf(world, 'c1'),
      `The patch failed at ${A}: ${A} has changed meanwhile. Read the file again and make a new patch.\nWritten before that:\nA /work/project/0.txt\nNot tried:\nA /work/project/z.txt`,
    );
    assert.match(diffs(world)[0] ?? '', /0\.txt/);
    assert.deepEqual(historyFaults(world.requests), []);
  });

  it('asks for files that a command could not write, and then may', async () => {
    const world = createWorld({ script: [callsOnly(patch('c1', '*** Add File: /etc/x', '+x')), answer('m', 'ok')] });
    await world.run('go');
    assert.match(world.fileApprovals[0]?.reason ?? '', /outside of the writable folders/);
    assert.equal(world.files.get('/etc/x'), 'x\n');
  });

  for (const [what, path, over] of [
    ['outside', '/etc/x', {}],
    ['in .git', '.git/config', {}],
    ['in the home of the agent', 'home/config.toml', {}],
    ['under a read-only sandbox', 'x', { sandboxPolicy: { type: 'readOnly', networkAccess: false } }],
  ] as const) {
    it(`is refused ${what} when nobody may be asked`, async () => {
      const world = createWorld({
        protectedPaths: ['/work/project/home'],
        script: [callsOnly(patch('c1', `*** Add File: ${path}`, '+x')), answer('m', 'ok')],
      });
      await world.run('go', { approvalPolicy: 'never', ...over });
      assert.deepEqual([world.files.size, world.fileApprovals.length], [0, 0]);
      assert.ok(about(world).includes('item/completed tool c1 apply_patch failed'));
      assert.match(resultOf(world, 'c1'), /^Patch rejected: /);
    });
  }

  it('that does not apply says which lines were not found and what is there', async () => {
    const world = createWorld({
      files,
      freeform: false,
      script: [
        callsOnly(
          calls('c1', 'apply_patch', {
            input: '*** Begin Patch\n*** Update File: a.txt\n@@\n-nope three\n+x\n*** End Patch',
          }),
        ),
        answer('m', 'ok'),
      ],
    });
    await world.run('go');
    assert.match(
      resultOf(world, 'c1'),
      /Failed to find expected lines in .*a\.txt:\nnope three\nThe nearest lines in the file, with their numbers:\n1\tone\n2\ttwo\n3\tthree/,
    );
    assert.deepEqual(unfinishedItems(world.events), []);
    assert.equal(world.requests[0]?.tools.find((tool) => tool.name === 'apply_patch')?.kind, 'function');
  });
});
