/** Checkpoints on a real core with the real git: what commands change is seen, and what the agent did is taken back. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { hashText } from '../../agent-core/execution/text-format.ts';
import type { CoreProcess } from '../support/core-process.ts';
import { World, type WorldOptions } from './world.ts';

const REVIEWER = { gantry: { review: true } };

/** All files below a folder with their bytes, links and rights. */
function contents(folder: string): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
    const file = path.join(folder, name);
    const info = lstatSync(file);
    hash.update(`${name}\0${info.mode}\0${info.mtimeMs}\0`);
    if (info.isSymbolicLink()) hash.update(readlinkSync(file));
    else if (info.isFile()) hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

describe('checkpoints', function () {
  this.timeout(60_000);
  let world: World;
  let core: CoreProcess;
  let threadId: string;

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  const run = (cmd: string) => ({ call: 'exec_command', args: { cmd } });
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], {
      cwd: world.workspace,
      stdio: 'pipe',
    });
  const text = (name: string) => readFileSync(world.at(name), 'utf8');

  const begin = async (options: WorldOptions, prepare: () => void = () => {}) => {
    world = await World.create(options);
    prepare();
    core = await world.core(REVIEWER);
    const { thread } = await core.request('thread/start', {
      cwd: world.workspace,
      approvalPolicy: 'never',
      sandbox: 'workspace-write',
      gantry: { editApproval: 'editThenReview' },
    });
    threadId = thread.id;
  };

  const checkpoints = async () => (await core.request('checkpoint/list', { threadId })).data;
  const preview = async (id: string) => (await core.request('checkpoint/preview', { threadId, id })).files;
  const restore = (
    id: string,
    more: { scope?: 'code' | 'thread' | 'both'; overwrite?: string[]; paths?: string[] } = {},
  ) => core.request('checkpoint/restore', { threadId, id, scope: 'code', ...more });
  const changed = () =>
    core.messages.flatMap((message) =>
      message.method === 'fileReview/changed' ? [message.params as Record<string, unknown>] : [],
    );
  const lastDiff = () =>
    core.messages.findLast(({ method }) => method === 'turn/diff/updated')?.params as { diff: string } | undefined;

  const SHELL_WORK = [
    'printf "b2\\n" > b.txt',
    'printf "new\\n" > new.txt',
    'rm gone.txt',
    'mkdir -p deep && mv old.txt deep/moved.txt',
    'printf "\\000\\002" > image.bin',
    'chmod +x tool.sh',
    'ln -s b.txt link',
  ].join(' && ');
  const FILES = {
    'a.txt': 'a\n',
    'b.txt': 'b\n',
    'gone.txt': 'gone\n',
    'old.txt': 'a text that moves\n',
    'tool.sh': 'echo\n',
    'image.bin': Buffer.from([0, 1]),
  };

  it('sees what a command made, changed, deleted and moved, and takes all of it back', async () => {
    await begin({ script: [run(SHELL_WORK), { text: 'done' }], files: FILES });
    const turn = await core.turn(threadId, 'Do the work\nplease');
    const itemId = core.items('commandExecution')[0]?.id;
    const told = { threadId, turnId: turn.id, itemId, source: 'command' };
    const row = (name: string, oldText: string | null, now: string | null, isText = true) => ({
      ...told,
      path: world.at(name),
      oldText,
      newHash: now,
      isText,
    });
    const binary = changed().find((one) => one.path === world.at('image.bin'));
    const link = changed().find((one) => one.path === world.at('link'));
    assert.deepEqual(changed(), [
      row('b.txt', 'b\n', hashText('b2\n')),
      row('deep/moved.txt', null, hashText('a text that moves\n')),
      row('gone.txt', 'gone\n', null),
      row('image.bin', null, String(binary?.newHash), false),
      row('link', null, String(link?.newHash), false),
      row('new.txt', null, hashText('new\n')),
      row('old.txt', 'a text that moves\n', null),
      row('tool.sh', 'echo\n', hashText('echo\n')),
    ]);
    assert.deepEqual(
      lastDiff()
        ?.diff.split('\n')
        .filter((line) => line.startsWith('diff ')),
      [
        'diff --git a/b.txt b/b.txt',
        'diff --git a/gone.txt b/gone.txt',
        'diff --git a/new.txt b/new.txt',
        'diff --git a/old.txt b/deep/moved.txt',
      ],
    );

    const [checkpoint] = await checkpoints();
    assert.ok(checkpoint);
    const { id, createdAt, ...rest } = checkpoint;
    assert.deepEqual(rest, { threadId, turnId: turn.id, label: 'Do the work', notCovered: [] });
    assert.ok(createdAt > 1_600_000_000);
    assert.deepEqual(
      (await preview(id)).map(({ path: file, change, conflict }) => [
        path.relative(world.workspace, file),
        change,
        conflict,
      ]),
      [
        ['b.txt', 'update', null],
        ['deep/moved.txt', 'delete', null],
        ['gone.txt', 'add', null],
        ['image.bin', 'update', null],
        ['link', 'delete', null],
        ['new.txt', 'delete', null],
        ['old.txt', 'add', null],
        ['tool.sh', 'update', null],
      ],
    );
    assert.equal((await preview(id))[0]?.diff, '@@ -1 +1 @@\n-b2\n+b\n');
    assert.deepEqual(await core.request('checkpoint/readFile', { threadId, id, path: world.at('b.txt') }), {
      text: 'b\n',
      isText: true,
    });
    assert.deepEqual(await core.request('checkpoint/readFile', { threadId, id, path: world.at('image.bin') }), {
      text: null,
      isText: false,
    });

    const result = await restore(id);
    assert.deepEqual([result.restored.length, result.conflicts], [8, []]);
    assert.deepEqual(readdirSync(world.workspace).sort(), Object.keys(FILES).sort());
    for (const [name, content] of Object.entries(FILES))
      assert.deepEqual(readFileSync(world.at(name)), Buffer.from(content));
    assert.equal(statSync(world.at('tool.sh')).mode & 0o111, 0);
    assert.deepEqual(await preview(id), []);

    // And back: what the restore undid is there again.
    assert.ok(result.undoId);
    const undone = await restore(result.undoId);
    assert.deepEqual([undone.restored.length, undone.conflicts], [8, []]);
    assert.deepEqual(
      [text('b.txt'), text('deep/moved.txt'), existsSync(world.at('gone.txt'))],
      ['b2\n', 'a text that moves\n', false],
    );
    assert.deepEqual([readlinkSync(world.at('link')), statSync(world.at('tool.sh')).mode & 0o111], ['b.txt', 0o111]);
    assert.deepEqual([...readFileSync(world.at('image.bin'))], [0, 2]);
  });

  it('leaves alone what is not as the agent left it, unless the user says otherwise', async () => {
    await begin({
      script: [run('echo 2 > a.txt; echo 2 > b.txt; echo 2 > c.txt'), { text: 'done' }],
      files: { 'a.txt': '1\n', 'b.txt': '1\n' },
    });
    await core.turn(threadId, 'go');
    writeFileSync(world.at('b.txt'), '2\nmine\n');
    writeFileSync(world.at('c.txt'), 'all mine\n');
    const id = (await checkpoints())[0]?.id ?? '';
    const first = await restore(id);
    assert.deepEqual(
      { ...first, undoId: typeof first.undoId },
      {
        restored: [world.at('a.txt')],
        conflicts: [
          { path: world.at('b.txt'), reason: 'changedByUser' },
          { path: world.at('c.txt'), reason: 'changedByUser' },
        ],
        undoId: 'string',
      },
    );
    assert.deepEqual([text('a.txt'), text('b.txt'), text('c.txt')], ['1\n', '2\nmine\n', 'all mine\n']);
    const second = await restore(id, { overwrite: [world.at('b.txt')], paths: [world.at('b.txt')] });
    assert.deepEqual([second.restored, second.conflicts], [[world.at('b.txt')], []]);
    assert.deepEqual([text('b.txt'), text('c.txt')], ['1\n', 'all mine\n']);
    await restore(second.undoId ?? '');
    assert.equal(text('b.txt'), '2\nmine\n');
  });

  it('takes the conversation back, alone or with the files', async () => {
    const script = [
      run('echo one > one.txt'),
      { text: 'first' },
      run('echo two > two.txt'),
      { text: 'second' },
      { text: 'anew', newPrefix: true },
    ];
    await begin({ script });
    await core.turn(threadId, 'first');
    const second = await core.turn(threadId, 'second');
    const [newest, oldest] = await checkpoints();
    assert.equal(newest?.turnId, second.id);
    await restore(newest?.id ?? '', { scope: 'thread' });
    await core.waitFor('thread/reverted');
    assert.ok(existsSync(world.at('two.txt')));
    const read = async () => (await core.request('thread/read', { threadId, includeTurns: true })).thread.turns.length;
    assert.equal(await read(), 1);
    const both = await restore(oldest?.id ?? '', { scope: 'both' });
    assert.deepEqual([both.restored, both.conflicts], [[world.at('one.txt'), world.at('two.txt')], []]);
    assert.deepEqual([readdirSync(world.workspace), await read()], [[], 0]);
  });

  it("tells a user's save before a command from the command's own work", async () => {
    await begin({
      script: [
        run('echo 1 > made.txt'),
        () => {
          writeFileSync(world.at('user.txt'), 'saved\n');
          return run('echo 2 > made.txt');
        },
        { text: 'done' },
      ],
      files: { 'user.txt': 'user\n' },
    });
    await core.turn(threadId, 'go');
    assert.deepEqual(
      changed().map((one) => [path.basename(String(one.path)), one.oldText]),
      [
        ['made.txt', null],
        ['made.txt', '1\n'],
      ],
    );
    const id = (await checkpoints())[0]?.id ?? '';
    assert.deepEqual((await restore(id)).restored, [world.at('made.txt')]);
    assert.equal(text('user.txt'), 'saved\n');
  });

  it("never touches the user's repository, whatever state it is in", async () => {
    const cmd = 'echo changed > tracked.txt; echo x > untracked.txt; echo y > ignored/file; echo z > fresh.txt';
    await begin({ script: [run(cmd), { text: 'done' }] }, () => {
      git('init', '-q');
      world.write('.gitignore', 'ignored/\n');
      world.write('.gitattributes', '*.txt text eol=crlf\n*.dat filter=boom\n');
      for (const name of ['tracked.txt', 'staged.txt', 'unstaged.txt']) world.write(name, 'one\n');
      git('config', 'filter.boom.clean', 'touch boom; cat');
      git('config', 'core.hooksPath', '.');
      git('add', '-A');
      git('commit', '-qm', 'first');
      world.write('staged.txt', 'two\n');
      git('add', 'staged.txt');
      world.write('unstaged.txt', 'two\r\n');
      world.write('untracked.txt', 'two\n');
      world.write('some.dat', 'raw\n');
      world.write('ignored/file', 'two\n');
    });
    const before = contents(world.at('.git'));
    await core.turn(threadId, 'go');
    assert.deepEqual(
      changed().map((one) => path.relative(world.workspace, String(one.path))),
      ['fresh.txt', 'tracked.txt', 'untracked.txt'],
    );
    const id = (await checkpoints())[0]?.id ?? '';
    const read = async (name: string) =>
      (await core.request('checkpoint/readFile', { threadId, id, path: world.at(name) })).text;
    assert.deepEqual(
      await Promise.all(['staged.txt', 'unstaged.txt', 'untracked.txt', 'some.dat', 'ignored/file'].map(read)),
      ['two\n', 'two\n', 'two\n', 'raw\n', null],
    );
    assert.deepEqual(
      (await restore(id)).restored.map((file) => path.basename(file)),
      ['fresh.txt', 'tracked.txt', 'untracked.txt'],
    );
    assert.deepEqual([text('tracked.txt'), text('unstaged.txt'), text('ignored/file')], ['one\n', 'two\r\n', 'y\n']);
    assert.equal(contents(world.at('.git')), before);
    assert.equal(existsSync(world.at('boom')), false);
  });

  it('keeps ignored files when it shall, leaves large ones out and names them', async () => {
    await begin(
      {
        config: '[checkpoints]\ninclude_ignored = true\nmax_file_size = 100',
        script: [run('echo 2 > out/file; echo 2 > large.txt'), { text: 'done' }],
        files: { '.gitignore': 'out/\n', 'out/file': '1\n', 'large.txt': 'x'.repeat(101) },
      },
      () => git('init', '-q'),
    );
    await core.turn(threadId, 'go');
    const [checkpoint] = await checkpoints();
    assert.deepEqual(checkpoint?.notCovered, [world.at('large.txt')]);
    const result = await restore(checkpoint?.id ?? '');
    assert.deepEqual(
      [result.restored, result.conflicts],
      [[world.at('out/file')], [{ path: world.at('large.txt'), reason: 'tooLarge' }]],
    );
    assert.deepEqual([text('out/file'), text('large.txt')], ['1\n', '2\n']);
  });

  it('holds the files of repositories in the repository, and of a folder inside one', async () => {
    await begin({ script: [run('echo 2 > inner/file; echo 2 > file; echo 2 > skipped'), { text: 'done' }] }, () => {
      mkdirSync(world.at('inner'));
      execFileSync('git', ['init', '-q'], { cwd: world.at('inner') });
      world.write('inner/file', '1\n');
      world.write('file', '1\n');
      world.write('skipped', '1\n');
      execFileSync('git', ['init', '-q'], { cwd: world.root });
      writeFileSync(path.join(world.root, '.gitignore'), '/workspace/skipped\n');
    });
    await core.turn(threadId, 'go');
    const id = (await checkpoints())[0]?.id ?? '';
    assert.deepEqual((await restore(id)).restored, [world.at('file'), world.at('inner/file')]);
    assert.deepEqual([text('file'), text('inner/file'), text('skipped')], ['1\n', '1\n', '2\n']);
  });

  it('takes back a folder that a command moved, and a repository that it removed', async () => {
    const script = [run('mv dir moved'), run('rm -rf inner'), { text: 'done' }];
    await begin({ script, files: { 'dir/a': 'a\n', 'inner/file': '1\n' } }, () => {
      execFileSync('git', ['init', '-q'], { cwd: world.at('inner') });
    });
    // Its time is no command's: that its folder is moved does not touch it.
    while (statSync(world.at('dir/a')).ctimeMs > Date.now() - 50) await new Promise(setImmediate);
    await core.turn(threadId, 'go');
    assert.deepEqual(
      changed().map((one) => path.relative(world.workspace, String(one.path))),
      ['dir/a', 'moved/a', 'inner/file'],
    );
    const id = (await checkpoints())[0]?.id ?? '';
    assert.deepEqual(
      (await restore(id)).restored.map((file) => path.relative(world.workspace, file)),
      ['moved/a', 'dir/a', 'inner/file'].sort(),
    );
    assert.deepEqual([text('dir/a'), text('inner/file'), existsSync(world.at('moved/a'))], ['a\n', '1\n', false]);
  });

  it('knows what the core wrote itself, with what a command did to it later', async () => {
    const patch = '*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** Add File: b.txt\n+b\n*** End Patch';
    await begin({
      script: [{ freeform: 'apply_patch', input: patch }, run('echo three >> a.txt'), { text: 'done' }],
      files: { 'a.txt': 'one\n' },
    });
    await core.turn(threadId, 'go');
    assert.equal(text('a.txt'), 'two\nthree\n');
    assert.match(lastDiff()?.diff ?? '', /-one\n\+two\n\+three\n/);
    const id = (await checkpoints())[0]?.id ?? '';
    assert.deepEqual((await restore(id)).restored, [world.at('a.txt'), world.at('b.txt')]);
    assert.deepEqual([text('a.txt'), existsSync(world.at('b.txt'))], ['one\n', false]);
  });

  it('never writes through a link that was put in the way, nor below .git', async () => {
    await begin({ script: [run('mkdir -p dir && echo 2 > dir/file'), { text: 'done' }], files: { 'dir/file': '1\n' } });
    await core.turn(threadId, 'go');
    const outside = path.join(world.root, 'outside');
    mkdirSync(outside);
    writeFileSync(path.join(outside, 'file'), '2\n');
    rmSync(world.at('dir'), { recursive: true });
    symlinkSync(outside, world.at('dir'));
    const id = (await checkpoints())[0]?.id ?? '';
    const overwrite = [world.at('dir/file'), path.join(outside, 'file')];
    assert.deepEqual(await restore(id, { overwrite }), {
      restored: [],
      conflicts: [{ path: world.at('dir/file'), reason: 'outsideWorkspace' }],
      undoId: null,
    });
    assert.equal(readFileSync(path.join(outside, 'file'), 'utf8'), '2\n');
  });

  it('makes no snapshot for what only looks', async () => {
    await begin({ script: [run('ls; cat a.txt'), { text: 'done' }], files: { 'a.txt': 'a\n' } });
    await core.turn(threadId, 'go');
    assert.deepEqual(await checkpoints(), []);
  });

  it('goes on without git, and says so once', async () => {
    world = await World.create({ script: [run('echo 2 > a.txt'), { text: 'one' }, { text: 'two' }] });
    const bin = path.join(world.root, 'bin');
    mkdirSync(bin);
    for (const name of ['bash', 'sh']) symlinkSync(`/bin/${name}`, path.join(bin, name));
    core = await world.core(REVIEWER, { PATH: bin });
    threadId = (
      await core.request('thread/start', { cwd: world.workspace, sandbox: 'workspace-write', approvalPolicy: 'never' })
    ).thread.id;
    assert.equal((await core.turn(threadId, 'go')).status, 'completed');
    await core.turn(threadId, 'again');
    const warnings = core.messages
      .filter(({ method }) => method === 'warning')
      .map(({ params }) => (params as { message: string }).message);
    assert.deepEqual(warnings, [
      'git is not installed here: there are no checkpoints, and changes made by commands are not listed. Install git to have both.',
    ]);
    assert.deepEqual([text('a.txt'), await checkpoints()], ['2\n', []]);
  });

  it('tells a flood of files as a number', async () => {
    await begin({ script: [run('for i in $(seq 501); do echo $i > f$i; done'), { text: 'done' }] });
    await core.turn(threadId, 'go');
    assert.deepEqual(changed(), []);
    const message =
      "The command changed 501 files: too many to list. The turn's checkpoint holds them as they were before.";
    assert.deepEqual(await core.waitFor('warning'), { threadId, message });
    const id = (await checkpoints())[0]?.id ?? '';
    assert.equal((await restore(id)).restored.length, 501);
    assert.deepEqual(readdirSync(world.workspace), []);
  });

  it('finds what a command in the background changed when the turn ends', async () => {
    const background = { call: 'exec_command', args: { cmd: 'echo 2 > a.txt; sleep 986', yield_time_ms: 250 } };
    await begin({ script: [background, { text: 'done' }], files: { 'a.txt': '1\n' } });
    await core.turn(threadId, 'go');
    assert.deepEqual(
      changed().map((one) => [one.path, one.oldText]),
      [[world.at('a.txt'), '1\n']],
    );
  });

  it('keeps rights that a file has beside the one to run', async () => {
    await begin({ script: [run('echo 2 > a.txt'), { text: 'done' }], files: { 'a.txt': '1\n' } }, () =>
      chmodSync(world.at('a.txt'), 0o600),
    );
    await core.turn(threadId, 'go');
    await restore((await checkpoints())[0]?.id ?? '');
    assert.deepEqual([text('a.txt'), statSync(world.at('a.txt')).mode & 0o777], ['1\n', 0o600]);
  });
});
