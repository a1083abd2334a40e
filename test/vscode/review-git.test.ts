import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as vscode from 'vscode';
import {
  agent,
  diskText,
  documentOf,
  endReviews,
  givenFiles,
  pendingFiles,
  pendingIn,
  untilPending,
  uriOf,
  withoutAutoSave,
} from './review-support.ts';
import { cleanUp, folder, gantry, type Parts, waitFor } from './support.ts';

const exec = promisify(execFile);
const git = async (...args: string[]): Promise<string> => {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  return (await exec('git', [...who, ...args], { cwd: folder() })).stdout.trim();
};

const TEXT = 'one\ntwo\nthree\nfour\n';
const TWO: [number, string[], string[]] = [1, ['two'], ['TWO']];

type GitRepository = { state: { HEAD?: { commit?: string } }; status(): Promise<void> };

/** Waits until the editor's own Git has seen what was done beside it. */
async function untilSeen(): Promise<void> {
  const extension = vscode.extensions.getExtension<{ getAPI(version: 1): { repositories: GitRepository[] } }>(
    'vscode.git',
  );
  assert.ok(extension);
  const api = (await extension.activate()).getAPI(1);
  const [repository] = await waitFor(() => (api.repositories.length > 0 ? api.repositories : null), { what: 'Git' });
  assert.ok(repository);
  await repository.status();
  const head = await git('rev-parse', 'HEAD');
  await waitFor(() => repository.state.HEAD?.commit === head, { what: 'the new commit' });
}

describe('the review of a file in a Git repository', () => {
  let parts: Parts;
  let reset: () => Promise<void>;
  let start: string;
  const uri = uriOf('tracked.txt');

  before(async () => {
    parts = await gantry();
    reset = await withoutAutoSave();
    start = await git('rev-parse', 'HEAD');
  });
  after(() => reset());
  beforeEach(async () => {
    await givenFiles({ 'tracked.txt': TEXT });
    await git('add', 'tracked.txt');
    await git('commit', '-q', '-m', 'A file to review');
    await untilSeen();
    await documentOf(uri);
    await agent(parts).edit(uri, (text) => text.replace('two', 'TWO'));
    await untilPending(parts, uri, [TWO]);
  });
  afterEach(async () => {
    await endReviews(parts, 'tracked.txt');
    await git('checkout', '-q', '-f', 'main');
    await git('reset', '-q', '--hard', start);
    await cleanUp(parts);
  });

  it('ends as kept when the file is staged', async () => {
    await git('add', 'tracked.txt');
    await untilSeen();
    await untilPending(parts, uri, []);
    assert.equal(await diskText('tracked.txt'), TEXT.replace('two', 'TWO'));
    assert.equal(await git('diff', '--cached', '--name-only'), 'tracked.txt');
  });

  it('ends as undone when the changes are discarded', async () => {
    await git('checkout', '-q', '--', 'tracked.txt');
    await untilPending(parts, uri, []);
    assert.equal(await diskText('tracked.txt'), TEXT);
  });

  it('is dropped when another commit is checked out over it, and nothing is rewritten', async () => {
    await git('checkout', '-q', '-f', '--detach', start);
    await untilSeen();
    await waitFor(() => pendingFiles(parts).length === 0, { what: 'the end of the review' });
    await assert.rejects(async () => vscode.workspace.fs.stat(uri));
  });

  it('is dropped when the changes are stashed, and does not come back by itself', async () => {
    await git('stash', '-q');
    await untilPending(parts, uri, []);
    assert.equal(await diskText('tracked.txt'), TEXT);
    await git('stash', 'drop', '-q');
    assert.deepEqual(pendingIn(parts, uri), []);
  });
});
