import assert from 'node:assert/strict';
import { createTwoFilesPatch } from 'diff';
import type * as vscode from 'vscode';
import type { FileReviewDecidedParams, ServerNotification } from '../../../../../agent-core/protocol/index.ts';
import { ForeignReviews } from '../../../../../extension/review/foreign/foreign-reviews.ts';
import { toldLater } from '../../../../../extension/review/foreign/told-later.ts';
import { blobOf } from '../../../../../extension/review/foreign/turn-diff.ts';
import { ReviewStore } from '../../../../../extension/review/store/review-store.ts';

function uri(path: string): vscode.Uri {
  const made = {
    ...{ scheme: 'file', path, fsPath: path },
    with: (change: { path: string }) => uri(change.path),
    toString: () => `file://${path}`,
  };
  return made as unknown as vscode.Uri;
}

type Change = { path: string; diff: string; kind: { type: 'add' | 'delete' | 'update'; move_path?: string | null } };

const hunksOf = (before: string, after: string) =>
  createTwoFilesPatch('x', 'x', before, after, '', '', { context: 1 }).replace(/^[\s\S]*?(?=@@)/, '');
const update = (path: string, before: string, after: string): Change => ({
  ...{ path, diff: hunksOf(before, after) },
  kind: { type: 'update' },
});

/** Files on a disk, an agent that tells of its items, and the reviews. */
class World {
  readonly disk = new Map<string, string>();
  readonly unsaved = new Map<string, string>();
  readonly deleted = new Map<string, string>();
  readonly warnings: string[] = [];
  readonly notices: string[] = [];
  readonly store: ReviewStore;
  readonly reviews: ForeignReviews;

  constructor(files: Record<string, string>) {
    for (const [path, text] of Object.entries(files)) this.disk.set(path, text);
    const unused = () => Promise.reject(new Error('not used here'));
    this.store = new ReviewStore({
      ...{ keyOf: String, uriOf: uri, parseUri: (text) => uri(text.slice('file://'.length)) },
      read: async ({ path }) => ({
        text: this.unsaved.get(path) ?? this.disk.get(path) ?? null,
        isDirty: this.unsaved.has(path),
      }),
      report: () => {},
      notice: (message) => void this.notices.push(message),
      writer: { apply: unused, write: unused, delete: unused, restore: unused, create: unused, rename: unused },
    });
    this.reviews = new ForeignReviews({
      ...{ store: this.store, uriOf: uri, keyOf: String },
      look: async (path) => this.disk.get(path) ?? null,
      disk: async (path) => ({ text: this.disk.get(path) ?? null, raw: this.disk.get(path) ?? null }),
      keepDeleted: (path, bytes) => void this.deleted.set(path, Buffer.from(bytes).toString('utf8')),
      foldersOf: () => ['/w/sub'],
      log: { warn: (message) => void this.warnings.push(message) },
    });
  }

  write(files: Record<string, string | null>): void {
    for (const [path, text] of Object.entries(files)) {
      if (text === null) this.disk.delete(path);
      else this.disk.set(path, text);
    }
  }

  hear(method: string, params: object): Promise<void> {
    const all = { threadId: 't', turnId: 'u', ...params };
    return this.reviews.hear({ method, params: all } as unknown as ServerNotification);
  }

  started(id: string, ...changes: Change[]): Promise<void> {
    return this.hear('item/started', { item: { type: 'fileChange', id, changes, status: 'inProgress' } });
  }

  done(id: string, changes: Change[], status = 'completed'): Promise<void> {
    return this.hear('item/completed', { item: { type: 'fileChange', id, changes, status } });
  }

  /** The diff of the turn, with what is on the disk now. */
  diff(...files: [path: string, before: string | null][]): Promise<void> {
    const parts = files.map(([path, before]) => {
      const after = this.disk.get(`/w/${path}`) ?? null;
      const blob = (text: string | null) => (text === null ? '0'.repeat(40) : blobOf(text));
      const side = (text: string | null, at: string) => (text === null ? '/dev/null' : `${at}/${path}`);
      const head = `diff --git a/${path} b/${path}\nindex ${blob(before)}..${blob(after)}`;
      return `${head}\n--- ${side(before, 'a')}\n+++ ${side(after, 'b')}\n${hunksOf(before ?? '', after ?? '')}`;
    });
    return this.hear('turn/diff/updated', { diff: parts.join('') });
  }

  end(): Promise<void> {
    return this.hear('turn/completed', { turn: { id: 'u' } });
  }

  get pending() {
    return this.store.files.map(({ uri: { path }, kind, baseline, hunks, itemIds, whyNoUndo }) => [
      ...[path, kind, baseline],
      hunks.map(({ baseLines, lines }) => `${baseLines.join()}>${lines.join()}`).join(' '),
      itemIds.join(),
      ...(whyNoUndo === null ? [] : [whyNoUndo]),
    ]);
  }
}

const abc = 'a\nb\nc\nd\ne\nf\ng\nh\n';

describe('reviews of another agent’s work', () => {
  it('begin once it has written: changed, made, deleted and moved files', async () => {
    const world = new World({ '/w/a': abc, '/w/b': 'bee\r\n', '/w/m': abc });
    const after = abc.replace('b\n', 'B\n').replace('g\n', '');
    const changes: Change[] = [
      update('/w/a', abc, after),
      { path: '/w/b', diff: 'bee\r\n', kind: { type: 'delete' } },
      { path: '/w/n', diff: 'n\n', kind: { type: 'add' } },
      { ...update('/w/m', abc, after), kind: { type: 'update', move_path: '/w/to' } },
    ];
    await world.started('i', ...changes);
    assert.deepEqual(world.pending, []);
    world.write({ '/w/a': after, '/w/b': null, '/w/n': 'n\n', '/w/m': null, '/w/to': after });
    await world.done('i', changes);
    assert.deepEqual(world.pending, [
      ['/w/a', 'update', abc, 'b>B g>', 'i'],
      ['/w/b', 'delete', 'bee\n', 'bee>', 'i'],
      ['/w/n', 'add', '', '>n', 'i'],
      ['/w/to', 'rename', abc, 'b>B g>', 'i'],
    ]);
    assert.deepEqual([...world.deleted], [['/w/b', 'bee\r\n']]);
    await world.end();
    assert.equal(world.pending.length, 4);
  });

  it('are one of several items, also when the second has written before the first is told', async () => {
    const apart = new World({ '/w/a': abc });
    const [one, two] = [abc.replace('b\n', 'B\n'), abc.replace('b\n', 'B\n').replace('g\n', 'G\n')];
    await apart.started('i', update('/w/a', abc, one));
    apart.write({ '/w/a': two });
    await apart.done('i', [update('/w/a', abc, one)]);
    await apart.done('j', [update('/w/a', one, two)]);
    assert.deepEqual(apart.pending, [['/w/a', 'update', abc, 'b>B g>G', 'i,j']]);

    const same = new World({ '/w/a': abc });
    const again = abc.replace('b\n', 'BB\n');
    await same.started('i', update('/w/a', abc, one));
    same.write({ '/w/a': again });
    await same.done('i', [update('/w/a', abc, one)]);
    await same.done('j', [update('/w/a', one, again)]);
    assert.deepEqual(same.pending, [['/w/a', 'update', abc, 'b>BB', 'i,j']]);
  });

  it('are none of what was declined, and only of what a failed change did', async () => {
    const world = new World({ '/w/a': abc, '/w/b': abc });
    const after = abc.replace('b\n', 'B\n');
    const changes = [update('/w/a', abc, after), update('/w/b', abc, after)];
    await world.started('i', ...changes);
    await world.done('i', changes, 'declined');
    await world.started('j', ...changes);
    world.write({ '/w/a': after });
    await world.done('j', changes, 'failed');
    assert.deepEqual(world.pending, [['/w/a', 'update', abc, 'b>B', 'j']]);
  });

  it('wait for the turn’s diff where the window looked too late to know what a new file covered', async () => {
    const world = new World({ '/w/n': 'n\n', '/w/o': 'o\n' });
    const changes: Change[] = ['n', 'o'].map((name) => ({
      ...{ path: `/w/${name}`, diff: `${name}\n` },
      kind: { type: 'add' as const },
    }));
    await world.started('i', ...changes);
    await world.done('i', changes);
    assert.deepEqual(world.pending, []);
    await world.diff(['n', null], ['o', 'old\n']);
    assert.deepEqual(world.pending, [
      ['/w/n', 'add', '', '>n', 'i'],
      ['/w/o', 'update', 'old\n', 'old>o', 'i'],
    ]);
    const silent = new World({ '/w/n': 'n\n' });
    await silent.done('i', changes.slice(0, 1));
    await silent.end();
    const [[path, kind, , , , why] = []] = silent.pending;
    assert.deepEqual([path, kind], ['/w/n', 'update']);
    assert.match(String(why), /not known/);
  });

  it('say why where the diff cannot be taken out again', async () => {
    const world = new World({ '/w/a': 'all else\n' });
    await world.done('i', [update('/w/a', abc, abc.replace('b\n', 'B\n'))]);
    const [[path, , , , , why] = []] = world.pending;
    assert.deepEqual([path, await world.store.undoFile(uri('/w/a'))], ['/w/a', { type: 'refused', why }]);
    assert.match(String(why), /has changed since/);
  });

  it('take from the turn’s diff what no item told of, byte for byte or not at all', async () => {
    const world = new World({ '/w/a': 'new\r\n', '/w/b': 'b\n', '/w/c': 'c\n' });
    await world.done('i', [update('/w/b', 'bb\n', 'b\n')]);
    await world.diff(['a', 'old\r\n'], ['b', 'bb\n'], ['c', 'cc\n'], ['d', 'gone\n']);
    world.write({ '/w/c': 'moved on\n' });
    await world.end();
    assert.deepEqual(
      world.pending.map(([path, kind]) => [path, kind]),
      [
        ['/w/b', 'update'],
        ['/w/a', 'update'],
        ['/w/d', 'delete'],
      ],
    );
    assert.deepEqual(world.warnings.length, 1);
    assert.deepEqual([...world.deleted], [['/w/d', 'gone\n']]);
    const alone = new World({});
    await alone.diff(['d', 'gone\n']);
    await alone.end();
    assert.deepEqual([alone.pending, alone.warnings.length], [[], 1]);
  });

  it('of a file with unsaved text begin when that is gone, and end when it is saved over the change', async () => {
    const after = abc.replace('b\n', 'B\n');
    for (const saves of [false, true]) {
      const world = new World({ '/w/a': abc });
      world.unsaved.set('/w/a', `mine\n${abc}`);
      await world.started('i', update('/w/a', abc, after));
      world.write({ '/w/a': after });
      await world.done('i', [update('/w/a', abc, after)]);
      const [[, , , , , why] = []] = world.pending;
      assert.match(String(why), /unsaved/);
      world.unsaved.delete('/w/a');
      if (saves) world.write({ '/w/a': `mine\n${abc}` });
      const changed = new Promise<void>((resolve) => {
        const subscription = world.store.onDidChange(() => {
          subscription.dispose();
          resolve();
        });
      });
      world.store.cleaned(uri('/w/a'));
      await changed;
      assert.deepEqual(world.pending, saves ? [] : [['/w/a', 'update', abc, 'b>B', 'i']]);
      assert.equal(world.notices.length, saves ? 1 : 0);
    }
  });
});

describe('what an agent is told with the next message', () => {
  const decided = (path: string, decision: FileReviewDecidedParams['decision'], diff?: string) => ({
    ...{ threadId: 't', turnId: 'u', path, decision },
    ...(diff === undefined ? {} : { diff }),
  });
  const label = (path: string) => path.slice('/w/'.length);

  it('is what was undone and changed, never what was kept', () => {
    assert.equal(toldLater([], decided('/w/a', 'kept'), label), null);
    const first = toldLater([], decided('/w/a', 'undone', 'Index: a\n@@ -1 +1 @@\n-B\n+b\n'), label);
    const second = toldLater(first?.decided ?? [], decided('/w/b', 'edited', 'x'.repeat(9_000)), label);
    assert.deepEqual(
      [first?.label, second?.label],
      ['What you undid in 1 file', 'What you undid or changed in 2 files'],
    );
    assert.equal(
      second?.text,
      [
        'The user reviewed the files that you changed. They are now as the user left them:',
        '- a: taken back by the user\n@@ -1 +1 @@\n-B\n+b',
        '- b: changed by the user; read the file',
        'Do not make these changes again unless the user asks for them.',
      ].join('\n'),
    );
  });
});
