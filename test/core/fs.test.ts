/** `fs/*` and `fuzzyFileSearch` of the built core, on a real disk. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import type { CoreProcess } from '../support/core-process.ts';
import { World } from './world.ts';

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');

describe('fs', () => {
  let world: World;
  let core: CoreProcess;

  beforeEach(async () => {
    world = await World.create({ withoutModel: true, files: { 'a.txt': 'hello\n', 'sub/deep/b.txt': 'b' } });
    core = await world.core({ experimentalApi: true });
  });

  afterEach(async () => assert.deepEqual(await world.close(), []));

  /** Code and message of a refusal, or what was answered. */
  const ask = async (method: string, params: unknown) => {
    const { error, result } = await core.requestRaw(method, params);
    return error ? `${error.code} ${error.message}` : result;
  };

  it('reads and writes any bytes', async () => {
    const bytes = Buffer.from([0, 255, 10, 13, 128]);
    assert.deepEqual(await ask('fs/writeFile', { path: world.at('new.bin'), dataBase64: base64(bytes) }), {});
    assert.deepEqual(readFileSync(world.at('new.bin')), bytes);
    assert.deepEqual(await ask('fs/readFile', { path: world.at('new.bin') }), { dataBase64: base64(bytes) });
    assert.deepEqual(await ask('fs/writeFile', { path: world.at('new.bin'), dataBase64: '' }), {});
    assert.deepEqual(await ask('fs/readFile', { path: world.at('new.bin') }), { dataBase64: '' });
  });

  it('says what cannot be read or written', async () => {
    execFileSync('mkfifo', [world.at('pipe')]);
    writeFileSync(world.at('big'), '');
    execFileSync('truncate', ['-s', '65M', world.at('big')]);
    const missing = world.at('none');
    assert.deepEqual(
      await ask('fs/readFile', { path: missing }),
      `-32603 No such file or directory (os error 2): open '${missing}'`,
    );
    assert.deepEqual(
      await ask('fs/readFile', { path: world.workspace }),
      `-32600 path \`${world.workspace}\` is not a file`,
    );
    assert.deepEqual(
      await ask('fs/readFile', { path: world.at('pipe') }),
      `-32600 path \`${world.at('pipe')}\` is not a file`,
    );
    assert.deepEqual(
      await ask('fs/readFile', { path: world.at('big') }),
      `-32600 \`${world.at('big')}\` is larger than 64 MiB and cannot be sent in one message`,
    );
    assert.deepEqual(await ask('fs/readFile', { path: 'a.txt' }), '-32600 path must be absolute: a.txt');
    assert.deepEqual(await ask('fs/readFile', { path: '/a\0b' }), '-32600 a path must not contain a NUL character');
    assert.deepEqual(
      await ask('fs/writeFile', { path: world.at('a.txt'), dataBase64: '!!' }),
      '-32600 fs/writeFile requires valid base64 dataBase64',
    );
    assert.match(
      String(await ask('fs/writeFile', { path: world.at('no/such'), dataBase64: '' })),
      /^-32603 No such file or directory \(os error 2\)/,
    );
    assert.match(
      String(await ask('fs/writeFile', { path: world.at('pipe'), dataBase64: 'aGk=' })),
      /^-32603 No such device or address \(os error 6\)/,
    );
    assert.equal(readFileSync(world.at('a.txt'), 'utf8'), 'hello\n');
  });

  it('makes, lists, copies and removes folders', async () => {
    symlinkSync('a.txt', world.at('link'));
    symlinkSync('gone', world.at('dangling'));
    assert.deepEqual(await ask('fs/createDirectory', { path: world.at('d/e') }), {});
    assert.deepEqual(await ask('fs/createDirectory', { path: world.at('d/e') }), {});
    assert.match(
      String(await ask('fs/createDirectory', { path: world.at('d/e'), recursive: false })),
      /^-32603 File exists \(os error 17\)/,
    );
    const { entries } = await core.request('fs/readDirectory', { path: world.workspace });
    assert.deepEqual(
      entries.sort((a, b) => (a.fileName < b.fileName ? -1 : 1)),
      [
        { fileName: 'a.txt', isDirectory: false, isFile: true },
        { fileName: 'd', isDirectory: true, isFile: false },
        { fileName: 'dangling', isDirectory: false, isFile: false },
        { fileName: 'link', isDirectory: false, isFile: true },
        { fileName: 'sub', isDirectory: true, isFile: false },
      ],
    );
    const copyTo = (destination: string, recursive: boolean) =>
      ask('fs/copy', { sourcePath: world.at('sub'), destinationPath: world.at(destination), recursive });
    assert.deepEqual(
      await copyTo('copy', false),
      '-32600 fs/copy requires recursive: true when sourcePath is a directory',
    );
    const intoItself = '-32600 fs/copy cannot copy a directory to itself or one of its descendants';
    assert.deepEqual(await copyTo('sub/deep/in', true), intoItself);
    assert.deepEqual(await copyTo('sub', true), intoItself);
    assert.deepEqual(await copyTo('copy', true), {});
    assert.equal(readFileSync(world.at('copy/deep/b.txt'), 'utf8'), 'b');

    assert.match(
      String(await ask('fs/remove', { path: world.at('copy'), recursive: false })),
      /^-32603 Directory not empty \(os error 39\)/,
    );
    assert.deepEqual(await ask('fs/remove', { path: world.at('copy') }), {});
    assert.deepEqual(await ask('fs/remove', { path: world.at('copy') }), {});
    assert.match(
      String(await ask('fs/remove', { path: world.at('copy'), force: false })),
      /^-32603 No such file or directory \(os error 2\)/,
    );
    assert.deepEqual(await ask('fs/remove', { path: '/' }), '-32600 the root of the file system cannot be removed');
    assert.deepEqual(await ask('fs/remove', { path: world.at('link'), recursive: false }), {});
    assert.deepEqual([existsSync(world.at('copy')), existsSync(world.at('a.txt'))], [false, true]);
  });

  it('tells what a path is', async () => {
    symlinkSync('sub', world.at('link'));
    const { birthtimeMs, mtimeMs } = statSync(world.at('sub'));
    assert.deepEqual(await ask('fs/getMetadata', { path: world.at('link') }), {
      isDirectory: true,
      isFile: false,
      isSymlink: true,
      createdAtMs: Math.floor(birthtimeMs),
      modifiedAtMs: Math.floor(mtimeMs),
    });
  });

  it('watches a folder, a file that is replaced, and a file that is not there yet', async () => {
    const watch = (name: string, watchId: string) => core.request('fs/watch', { path: world.at(name), watchId });
    symlinkSync(world.workspace, `${world.root}/link`);
    assert.deepEqual(await core.request('fs/watch', { path: `${world.root}/link/sub`, watchId: 'folder' }), {
      path: world.at('sub'),
    });
    await watch('a.txt', 'file');
    await watch('later/on/x.txt', 'later');
    assert.deepEqual(
      await ask('fs/watch', { path: world.workspace, watchId: 'file' }),
      '-32600 watchId already exists: file',
    );
    const changed = async (watchId: string, act: () => void) => {
      core.mark();
      act();
      const { changedPaths } = await core.waitFor('fs/changed', (params) => params.watchId === watchId);
      return changedPaths;
    };

    assert.deepEqual(await changed('folder', () => world.write('sub/new.txt', 'n')), [world.at('sub/new.txt')]);
    const replace = () => {
      world.write('a.txt.tmp', 'other');
      renameSync(world.at('a.txt.tmp'), world.at('a.txt'));
    };
    assert.deepEqual(await changed('file', replace), [world.at('a.txt')]);
    assert.deepEqual(await changed('file', replace), [world.at('a.txt')]);
    assert.deepEqual(
      await changed(
        'later',
        () => mkdirSync(world.at('later/on'), { recursive: true }) && world.write('later/on/x.txt', '1'),
      ),
      [world.at('later/on/x.txt')],
    );
    assert.deepEqual(await changed('later', () => world.write('later/on/x.txt', '2')), [world.at('later/on/x.txt')]);

    // After fs/unwatch only the others are told: the next change that is heard of is the folder's.
    assert.deepEqual(await ask('fs/unwatch', { watchId: 'file' }), {});
    core.mark();
    replace();
    world.write('sub/last.txt', 'l');
    assert.deepEqual(await core.waitFor('fs/changed'), { watchId: 'folder', changedPaths: [world.at('sub/last.txt')] });
    assert.deepEqual(await ask('fs/unwatch', { watchId: 'nobody' }), {});
  });
});

describe('fuzzyFileSearch', () => {
  let world: World;
  let core: CoreProcess;

  beforeEach(async () => {
    world = await World.create({
      withoutModel: true,
      files: {
        '.gitignore': 'built/\n',
        'src/agent-loop.ts': '',
        'src/agent-loop.test.ts': '',
        'src/größe/глава.md': '',
        'built/agent-loop.js': '',
        '.git/agent-loop': '',
      },
    });
    core = await world.core({ experimentalApi: true });
  });

  afterEach(async () => assert.deepEqual(await world.close(), []));

  const find = async (query: string, root = world.workspace) =>
    (await core.request('fuzzyFileSearch', { query, roots: [root] })).files;

  it('finds files and folders by some of their letters, the best first, without what git ignores', async () => {
    const files = await find('agl');
    assert.deepEqual(
      files.map(({ score, ...file }) => ({ ...file, isScored: score > 0 })),
      [
        {
          root: world.workspace,
          path: 'src/agent-loop.ts',
          match_type: 'file',
          file_name: 'agent-loop.ts',
          indices: [4, 5, 10],
          isScored: true,
        },
        {
          root: world.workspace,
          path: 'src/agent-loop.test.ts',
          match_type: 'file',
          file_name: 'agent-loop.test.ts',
          indices: [4, 5, 10],
          isScored: true,
        },
      ],
    );
    const pathsOf = async (query: string) => (await find(query)).map(({ path, match_type }) => [path, match_type]);
    assert.deepEqual(await pathsOf('größe'), [
      ['src/größe', 'directory'],
      ['src/größe/глава.md', 'file'],
    ]);
    assert.deepEqual(await pathsOf('ГЛАВА'), [['src/größe/глава.md', 'file']]);
    assert.deepEqual(await pathsOf('src test'), [['src/agent-loop.test.ts', 'file']]);
    assert.deepEqual(await pathsOf(''), []);
    assert.deepEqual(await pathsOf('***'), []);
    assert.deepEqual(await find('a', `${world.root}/none`), []);
  });

  it('keeps a session whose query changes', async () => {
    const sessionId = 's1';
    await core.request('fuzzyFileSearch/sessionStart', { sessionId, roots: [world.workspace] });
    const found = async (query: string) => {
      core.mark();
      await core.request('fuzzyFileSearch/sessionUpdate', { sessionId, query });
      assert.deepEqual(await core.waitFor('fuzzyFileSearch/sessionCompleted'), { sessionId });
      const { files } = await core.waitFor('fuzzyFileSearch/sessionUpdated', (params) => params.query === query);
      return files.map(({ path }) => path);
    };
    await found('agl');
    assert.deepEqual(await found('agl'), ['src/agent-loop.ts', 'src/agent-loop.test.ts']);
    assert.deepEqual(await found('глав'), ['src/größe/глава.md']);
    assert.deepEqual(await found('nothing at all'), []);
    await core.request('fuzzyFileSearch/sessionStop', { sessionId });
    const refusal = async (method: string, params: unknown) => (await core.requestRaw(method, params)).error;
    assert.deepEqual(await refusal('fuzzyFileSearch/sessionUpdate', { sessionId, query: 'a' }), {
      code: -32600,
      message: 'fuzzy file search session not found: s1',
    });
    assert.deepEqual(await refusal('fuzzyFileSearch/sessionStart', { sessionId: '', roots: [] }), {
      code: -32600,
      message: 'sessionId must not be empty',
    });
  });
});
