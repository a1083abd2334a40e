import assert from 'node:assert/strict';
import type { GantryItemBlockedNotification } from '../../../../agent-core/protocol/index.ts';
import { BlockedItems } from '../../../../extension/session/blocked-items.ts';
import { MAX_KEPT, Remembered } from '../../../../extension/session/remembered.ts';

/** As the editor keeps it: JSON that outlives the window. */
function memory() {
  const kept = new Map<string, string>();
  let writes = 0;
  return {
    kept,
    writes: () => writes,
    get: (key: string): unknown => {
      const json = kept.get(key);
      return json === undefined ? undefined : JSON.parse(json);
    },
    update: (key: string, value: unknown) => {
      writes += 1;
      if (value === undefined) kept.delete(key);
      else kept.set(key, JSON.stringify(value));
      return Promise.resolve();
    },
  };
}

const result = (n: number) => ({ itemId: `i${n}`, path: `/w/${n}.ts`, result: 'kept' as const });
const note = (threadId: string, itemId: string): GantryItemBlockedNotification => ({
  ...{ threadId, turnId: 'u', itemId },
  blocked: [
    {
      what: 'host',
      target: 'example.org',
      certainty: 'exact',
      message: 'It was kept from example.org.',
      offers: [{ label: 'Allow example.org', permission: { type: 'host', host: 'example.org' } }],
    },
  ],
});
const undone = (path: string, diff: string) => ({
  ...{ threadId: 't', turnId: 'u', itemId: 'i', path, decision: 'undone' as const, hunkCount: 1, diff },
});

describe('what is remembered over a reload', () => {
  it('comes back as it was, and is written only when it is another', () => {
    const editor = memory();
    const first = new Remembered(editor);
    first.setReviewed([result(1), { ...result(2), result: 'ended' }]);
    first.setBlocked([note('t', 'c1')]);
    first.setTold([{ threadId: 't', decided: [undone('/w/a.ts', '@@ -1 +1 @@\n-b\n+a\n')] }]);
    const writes = editor.writes();
    first.setReviewed([result(1), { ...result(2), result: 'ended' }]);
    assert.equal(editor.writes(), writes);
    const next = new Remembered(editor);
    assert.deepEqual(
      [next.reviewed, next.blocked, next.told],
      [
        [result(1), { ...result(2), result: 'ended' }],
        [note('t', 'c1')],
        [{ threadId: 't', decided: [undone('/w/a.ts', '@@ -1 +1 @@\n-b\n+a\n')] }],
      ],
    );
    next.setTold([]);
    assert.deepEqual([new Remembered(editor).told, editor.kept.has('gantry.told')], [[], false]);
  });

  it('has its bounds, and the newest stays', () => {
    const editor = memory();
    const kept = new Remembered(editor);
    kept.setReviewed(Array.from({ length: 1000 }, (_, n) => result(n)));
    kept.setBlocked(Array.from({ length: 1000 }, (_, n) => note('t', `c${n}`)));
    kept.setTold([{ threadId: 't', decided: [undone('/w/a.ts', 'x'.repeat(100_000))] }]);
    assert.deepEqual(
      [kept.reviewed.length, kept.reviewed.at(-1), kept.blocked.length, kept.blocked.at(-1)?.itemId],
      [MAX_KEPT.reviewed, result(999), MAX_KEPT.blocked, 'c999'],
    );
    assert.equal(kept.told[0]?.decided[0]?.diff, null);
  });

  it('is not read where it is something else', () => {
    const editor = memory();
    void editor.update('gantry.reviewed', [{ itemId: 1 }, result(3), 'x']);
    void editor.update('gantry.blocked', { blocked: true });
    assert.deepEqual([new Remembered(editor).reviewed, new Remembered(editor).blocked], [[result(3)], []]);
  });
});

describe('BlockedItems of an earlier window', () => {
  it('are shown again, and what was granted then can be taken anew', () => {
    const editor = memory();
    const before = new BlockedItems(new Remembered(editor));
    before.note(note('t', 'c1'));
    before.note(note('other', 'c2'));
    before.note(note('t', 'c1'));
    before.noteGranted('t', { type: 'host', host: 'example.org' }, 'Commands may reach it.');
    const after = new BlockedItems(new Remembered(editor));
    const view = {
      ...{ message: 'It was kept from example.org.', certainty: 'exact' },
      offers: [{ label: 'Allow example.org', granted: null }],
    };
    assert.deepEqual([after.ofThread('t'), after.ofThread('other')], [{ c1: [view] }, { c2: [view] }]);
    assert.deepEqual(after.offered('t', 'c1', 0, 0), { type: 'host', host: 'example.org' });
  });
});
