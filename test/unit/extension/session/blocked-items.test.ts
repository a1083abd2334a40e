import assert from 'node:assert/strict';
import { BlockedItems } from '../../../../extension/session/blocked-items.ts';

const place = { threadId: 't', turnId: 'u' };
const permission = { type: 'host' as const, host: 'example.org' };
const blocked = {
  what: 'host' as const,
  target: 'example.org',
  certainty: 'exact' as const,
  message: 'It was kept from example.org.',
  offers: [{ label: 'Allow example.org', permission }],
};

describe('BlockedItems', () => {
  it('gives the permission that an offer is of, and nothing for any other place', () => {
    const items = new BlockedItems();
    items.note({ ...place, itemId: 'c1', blocked: [blocked] });
    assert.deepEqual(items.offered('t', 'c1', 0, 0), permission);
    for (const [thread, item, at, offer] of [
      ['t', 'c1', 0, 1],
      ['t', 'c1', 1, 0],
      ['t', 'c2', 0, 0],
      ['other', 'c1', 0, 0],
    ] as const)
      assert.equal(items.offered(thread, item, at, offer), undefined);
  });

  it('shows an offer as taken wherever it stands in the thread, and nowhere else', () => {
    const items = new BlockedItems();
    const heard: string[] = [];
    items.onChanged(({ threadId }) => heard.push(threadId));
    items.note({ ...place, itemId: 'c1', blocked: [blocked] });
    items.note({ ...place, itemId: 'c2', blocked: [blocked] });
    items.note({ ...place, threadId: 'other', itemId: 'c3', blocked: [blocked] });
    items.noteGranted('t', { host: 'example.org', type: 'host' }, 'Commands may reach it.');
    const view = (granted: string | null) => [
      { message: blocked.message, certainty: 'exact', offers: [{ label: 'Allow example.org', granted }] },
    ];
    assert.deepEqual(items.ofThread('t'), { c1: view('Commands may reach it.'), c2: view('Commands may reach it.') });
    assert.deepEqual(items.ofThread('other'), { c3: view(null) });
    assert.deepEqual(heard, ['t', 't', 'other', 't']);
  });
});
