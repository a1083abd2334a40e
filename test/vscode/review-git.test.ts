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
import { cleanUp, folder, gantry, nextEvent, type Parts, stateWhere, waitFor } from './support.ts';

const exec = promisify(execFile);
const git = async (...args: string[]): Promise<string> => {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  return (await exec('git', [...who, ...args], { cwd: folder() })).stdout.trim();
};

/** Puts a text of the file into the index, as one who stages some of its changes does. */
async function stageText(text: string): Promise<void> {
  const staging = exec('git', ['hash-object', '-w', '--stdin'], { cwd: folder() });
  staging.child.stdin?.end(text);
  const { stdout } = await staging;
  await git('update-index', '--cacheinfo', `100644,${stdout.trim()},tracked.txt`);
}

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
  const made = uriOf('made.txt');
  const endedNow = () => parts.store.state.ended.map(({ label, why, canBringBack }) => [label, why, canBringBack]);
  const nextNotice = () => nextEvent(parts.reviews.onDidNotice);

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
    await endReviews(parts, 'tracked.txt', 'made.txt');
    await git('checkout', '-q', '-f', 'main');
    await git('reset', '-q', '--hard', start);
    await git('branch', '-q', '-D', 'other').catch(() => {});
    await cleanUp(parts);
  });

  it('ends as kept when the file is staged', async () => {
    await git('add', 'tracked.txt');
    await untilSeen();
    await untilPending(parts, uri, []);
    assert.equal(await diskText('tracked.txt'), TEXT.replace('two', 'TWO'));
    assert.equal(await git('diff', '--cached', '--name-only'), 'tracked.txt');
  });

  it('ends hunk by hunk as they are staged and committed, and leaves the rest', async () => {
    const edited = TEXT.replace('two', 'TWO').replace('four', 'FOUR');
    await agent(parts).edit(uri, () => edited);
    const four: [number, string[], string[]] = [3, ['four'], ['FOUR']];
    await untilPending(parts, uri, [TWO, four]);
    await stageText(TEXT.replace('two', 'TWO'));
    await untilSeen();
    await untilPending(parts, uri, [four]);
    await git('commit', '-q', '-m', 'The first change');
    await untilSeen();
    assert.deepEqual(pendingIn(parts, uri), [four]);
    await git('commit', '-q', '-a', '-m', 'The second change');
    await untilSeen();
    await untilPending(parts, uri, []);
    assert.equal(await diskText('tracked.txt'), edited);
  });

  it('goes on when a branch is made, a commit of other files is checked out or made: git left the file alone', async () => {
    await git('checkout', '-q', '-b', 'other');
    await untilSeen();
    await givenFiles({ 'beside.txt': 'beside\n' });
    await git('add', 'beside.txt');
    await git('commit', '-q', '-m', 'A file beside it');
    await untilSeen();
    await git('checkout', '-q', '--detach', 'HEAD~1');
    await untilSeen();
    await git('reset', '-q', '--soft', 'other');
    await untilSeen();
    assert.deepEqual(pendingIn(parts, uri), [TWO]);
    assert.equal(await diskText('tracked.txt'), TEXT.replace('two', 'TWO'));
  });

  it('is dropped with a notice when a commit with another text of it is checked out over it', async () => {
    const head = await git('rev-parse', 'HEAD');
    await git('commit', '-q', '-a', '-m', 'Kept by a commit');
    await untilSeen();
    await untilPending(parts, uri, []);
    await agent(parts).edit(uri, (text) => text.replace('four', 'FOUR'));
    await untilPending(parts, uri, [[3, ['four'], ['FOUR']]]);
    const notice = nextNotice();
    await git('checkout', '-q', '-f', '--detach', head);
    await untilSeen();
    assert.equal(await notice, 'The review of 1 file ended: another branch or commit was checked out.');
    assert.deepEqual(pendingFiles(parts), []);
    assert.equal(await diskText('tracked.txt'), TEXT);
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
    const notice = nextNotice();
    await git('stash', '-q');
    await untilSeen();
    assert.equal(await notice, 'The review of 1 file ended: its changes were stashed.');
    await untilPending(parts, uri, []);
    assert.equal(await diskText('tracked.txt'), TEXT);
    await git('stash', 'drop', '-q');
    assert.deepEqual(pendingIn(parts, uri), []);
    assert.deepEqual(endedNow(), [['tracked.txt', 'its changes were stashed', true]]);
    parts.controller.handle({ type: 'endedReview', action: 'bringBack', uri: uri.toString() });
    await untilPending(parts, uri, [TWO]);
    assert.deepEqual(endedNow(), []);
    assert.equal(await diskText('tracked.txt'), TEXT.replace('two', 'TWO'));
  });

  it('says that a stash took a file that the agent had made, and brings it back', async () => {
    await agent(parts).write(made, 'made\n');
    await waitFor(() => pendingFiles(parts).length === 2, { what: 'both reviews' });
    const results = () => parts.store.state.reviewed.filter(({ path }) => path === made.fsPath).at(-1)?.result;
    await git('stash', '-q', '-u');
    await untilSeen();
    await stateWhere(parts, 'the word of both', ({ ended }) => ended.length === 2);
    await waitFor(() => endedNow().every(([, why]) => why === 'its changes were stashed'), { what: 'why' });
    assert.deepEqual([pendingFiles(parts), results()], [[], 'ended']);
    await git('stash', 'pop', '-q');
    for (const one of [made, uri])
      parts.controller.handle({ type: 'endedReview', action: 'bringBack', uri: String(one) });
    await untilPending(parts, uri, [TWO]);
    await waitFor(() => pendingFiles(parts).length === 2, { what: 'both reviews again' });
    await parts.surfaces.actions.undoAll();
    await assert.rejects(async () => vscode.workspace.fs.stat(made));
  });
});
