/** What of checkpoints needs no disk. */
import assert from 'node:assert/strict';
import { madeByCommand, movesAmong } from '../../../agent-core/checkpoints/attribution.ts';
import { blobId, type Entry } from '../../../agent-core/checkpoints/entry.ts';
import { doubted, type IndexEntry, readIndex, writeIndex } from '../../../agent-core/checkpoints/git-index.ts';
import { rebased } from '../../../agent-core/checkpoints/ignore-rules.ts';
import { leftSince } from '../../../agent-core/checkpoints/plan.ts';
import { pruned, type RecordedLine } from '../../../agent-core/checkpoints/records.ts';
import { outermost, whyNotKept } from '../../../agent-core/checkpoints/refusal.ts';
import type { Change } from '../../../agent-core/checkpoints/store.ts';

const entry = (text: string): Entry => ({ mode: '100644', id: blobId(Buffer.from(text)) });
const change = (path: string, before: string | null, after: string | null): Change => ({
  path,
  root: '/w',
  before: before === null ? null : entry(before),
  after: after === null ? null : entry(after),
});

describe('checkpoints', () => {
  it('names bytes as git does', () => {
    assert.equal(blobId(Buffer.from('hello\n')), 'ce013625030ba8dba906f756967f9e9ca394464a');
  });

  it('carries ignore rules down to a folder', () => {
    const rules = [
      '# words',
      '',
      '*.log',
      'build/',
      '/dist',
      'packages/app/tmp',
      '/packages/*/out/',
      '!/packages/app/keep.log',
    ];
    assert.deepEqual(
      rebased([...rules, '**/cache', 'docs/**', 'packages/**', '/packages/app/', 'x  '].join('\r\n'), 'packages/app'),
      ['*.log', 'build/', '/tmp', '/out/', '!/keep.log', '**/cache', '/**', 'x'],
    );
    assert.deepEqual(rebased('/dist\na/b', ''), ['/dist', '/a/b']);
  });

  const file = (path: string, over: Partial<IndexEntry> = {}): IndexEntry => {
    const stat = Buffer.alloc(40);
    stat.writeUInt32BE(7, 8);
    stat.writeUInt32BE(0o100644, 24);
    stat.writeUInt32BE(12, 36);
    return { stat, mode: 0o100644, size: 12, mtimeNs: 7_000_000_000n, id: 'ab'.repeat(20), path, ...over };
  };

  it('reads the index that it wrote, sorted by bytes', () => {
    const names = ['b', 'a/ü', 'a', `long/${'x'.repeat(5000)}`];
    const read = readIndex(writeIndex(names.map((name) => file(name))));
    assert.deepEqual(
      read,
      ['a', 'a/ü', 'b', `long/${'x'.repeat(5000)}`].map((name) => file(name)),
    );
    assert.deepEqual(
      readIndex(writeIndex([doubted(file('a'))]))?.map(({ size }) => size),
      [0],
    );
  });

  it('takes no index that it does not understand', () => {
    const whole = writeIndex([file('a'), file('b')]);
    const cases = [Buffer.alloc(0), Buffer.from('DIRC'), whole.subarray(0, 90), Buffer.from(whole).fill(9, 4, 8)];
    assert.deepEqual(cases.map(readIndex), [null, null, null, null]);
    const split = Buffer.concat([whole.subarray(0, -20), Buffer.from('link\0\0\0\0'), whole.subarray(-20)]);
    assert.equal(readIndex(split), null);
  });

  it('blames a command for what changed since it began, and not for what the core wrote', () => {
    const changes = [
      change('/w/saved', 'a', 'b'),
      change('/w/made', 'a', 'c'),
      change('/w/own', 'a', 'd'),
      change('/w/twice', 'a', 'e'),
    ];
    const own = new Map([
      ['/w/own', entry('d')],
      ['/w/twice', entry('x')],
    ]);
    const made = madeByCommand(
      changes,
      { startMs: 1000, endMs: null },
      (path) => (path === '/w/saved' ? 900 : 1000),
      (path) => own.get(path),
    );
    assert.deepEqual(
      made.map(({ path }) => path),
      ['/w/made', '/w/twice'],
    );
  });

  it("leaves to the user what they saved after a command had ended, and to the command a folder's files that it moved", () => {
    const times = new Map([
      ['/w/made', 1990],
      ['/w/saved', 2001],
      ['/w/gone', 2500],
      ['/w/from/old', 1500],
      ['/w/to/old', 10],
      ['/w/copied', 10],
    ]);
    const changes = [
      change('/w/made', 'a', 'b'),
      change('/w/saved', 'a', 'b'),
      change('/w/gone', 'c', null),
      change('/w/from/old', 'd', null),
      change('/w/to/old', null, 'd'),
      change('/w/copied', null, 'a'),
    ];
    const made = (endMs: number | null) =>
      madeByCommand(
        changes,
        { startMs: 1000, endMs },
        (path) => times.get(path) ?? null,
        () => undefined,
      ).map(({ path }) => path);
    assert.deepEqual(made(2000), ['/w/made', '/w/gone', '/w/from/old', '/w/to/old']);
    assert.deepEqual(made(null), ['/w/made', '/w/saved', '/w/gone', '/w/from/old', '/w/to/old']);
  });

  it('finds moves by their bytes, each once', () => {
    const changes = [
      change('/w/a', 'x', null),
      change('/w/b', null, 'x'),
      change('/w/c', null, 'x'),
      change('/w/d', 'y', 'x'),
    ];
    assert.deepEqual(movesAmong(changes), [{ from: '/w/a', to: '/w/b' }]);
  });

  const checkpoint = (id: string): RecordedLine => ({
    type: 'checkpoint',
    id,
    turnId: id,
    at: 1,
    label: null,
    parts: [],
    notCovered: [],
  });
  const left = (path: string, before: string | null, after: string | null): RecordedLine => ({
    type: 'left',
    files: [{ path, before: before === null ? null : entry(before), after: after === null ? null : entry(after) }],
  });

  it('knows what the agent left since a checkpoint, and where somebody else was in between', () => {
    const lines = [
      checkpoint('1'),
      left('/a', 'x', 'y'),
      left('/b', null, 'p'),
      checkpoint('2'),
      left('/a', 'y', 'z'),
      left('/b', 'mine', null),
    ];
    assert.deepEqual(
      [...leftSince(lines, '1')],
      [
        ['/a', { after: entry('z'), first: entry('x'), isMixed: false }],
        ['/b', { after: null, first: null, isMixed: true }],
      ],
    );
    assert.deepEqual(
      [...leftSince(lines, '2')],
      [
        ['/a', { after: entry('z'), first: entry('y'), isMixed: false }],
        ['/b', { after: null, first: entry('mine'), isMixed: false }],
      ],
    );
    assert.deepEqual([...leftSince(lines, '3')], []);
  });

  it('drops what only old checkpoints needed', () => {
    const lines = [checkpoint('1'), left('/a', 'x', 'y'), checkpoint('2'), left('/b', 'x', 'y'), checkpoint('3')];
    assert.deepEqual(
      pruned(lines, ({ id }) => id !== '1'),
      lines.slice(2),
    );
    assert.deepEqual(
      pruned(lines, ({ id }) => id === '1'),
      [lines[0], lines[1], lines[3]],
    );
    assert.deepEqual(
      pruned(lines, () => false),
      [],
    );
  });

  it('refuses a disk, a home folder and what holds one', () => {
    const cases = ['/', '/home/u', '/home', '/home/u/project', '/srv'];
    assert.deepEqual(
      cases.map((root) => whyNotKept(root, '/home/u')),
      ['/ is a whole disk', '/home/u is your home folder', '/home holds your home folder', null, null],
    );
    assert.deepEqual(outermost(['/a/b', '/a', '/ab', '/a', '/c/d']), ['/a', '/ab', '/c/d']);
  });
});
