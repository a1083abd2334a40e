import assert from 'node:assert/strict';
import { meansName, protectedName } from '../../../sandbox/names.ts';

describe('protected names', () => {
  it('are known in every spelling that some file system takes for them', () => {
    const same = [
      '.git',
      '.GIT',
      '.git.',
      '.git  ',
      '.Git . ',
      'GIT~1',
      'git~1',
      '.git::$INDEX_ALLOCATION',
      '.g\u200cit',
    ];
    assert.deepEqual(
      same.filter((part) => !meansName(part, '.git')),
      [],
    );
    const others = ['.gitignore', '.github', 'git', 'git~2', 'x.git', '.gi', '.git x', '', '...', 'gitgit~1'];
    assert.deepEqual(
      others.filter((part) => meansName(part, '.git')),
      [],
    );
    assert.deepEqual([meansName('GANTRY~1', '.gantry'), meansName('gantry', '.gantry')], [true, false]);
  });

  it('count below the outermost writable tree, .git everywhere', () => {
    const names = ['.git', '.gantry', '.codex'];
    const writable = ['/home/u/.codex/worktrees/a', '/home/u/.codex/worktrees/a/sub'];
    const found = [
      '/home/u/.codex/worktrees/a/src/x',
      '/home/u/.codex/worktrees/a',
      '/home/u/.codex/worktrees/a/sub/.codex/config.toml',
      '/home/u/.codex/worktrees/a/sub/.gantry',
      '/repo/.git/worktrees/a',
    ].map((path) => protectedName(path, names, writable));
    assert.deepEqual(found, [null, null, '.codex', '.gantry', '.git']);
  });
});
