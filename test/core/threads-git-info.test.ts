/** Where a repository begins, on a real disk. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gitRootOf, readGitInfo } from '../../agent-core/server/threads/git-info.ts';

describe('gitRootOf', () => {
  let root: string;
  const put = (name: string, text: string): void => {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'gantry-git-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('passes over a .git without a HEAD: a sandbox puts an empty one where there must be none', () => {
    put('.git/HEAD', 'ref: refs/heads/main\n');
    mkdirSync(path.join(root, 'inner/.git'), { recursive: true });
    assert.equal(gitRootOf(path.join(root, 'inner')), root);
    assert.equal(readGitInfo(path.join(root, 'inner'))?.branch, 'main');
  });

  it('takes the .git file of a worktree for the root that it is', () => {
    put('main/.git/HEAD', 'ref: refs/heads/main\n');
    put('main/.git/worktrees/w/HEAD', 'ref: refs/heads/side\n');
    put('main/.git/worktrees/w/commondir', '../..\n');
    put('w/.git', `gitdir: ${path.join(root, 'main/.git/worktrees/w')}\n`);
    assert.equal(gitRootOf(path.join(root, 'w')), path.join(root, 'w'));
    assert.equal(readGitInfo(path.join(root, 'w'))?.branch, 'side');
    put('gone/.git', `gitdir: ${path.join(root, 'nowhere')}\n`);
    assert.equal(gitRootOf(path.join(root, 'gone')), null);
  });
});
