import assert from 'node:assert/strict';
import type { ReviewFile } from '../../webview/bridge/review.ts';
import { CWD } from './gallery/items.ts';
import { STATES } from './gallery/states.ts';
import { button, click, renderPanel, screen, within } from './support/panel.tsx';

const list = () => screen.getByRole('region', { name: 'Changes to review' });
const uri = `file://${CWD}/src/price.ts`;

describe('the list of what waits to be kept or undone', () => {
  it('is one line until it is opened, and decides all at once', () => {
    const panel = renderPanel(STATES.pending);
    button('7 changes in 4 files');
    for (const name of ['Keep all', 'Undo all', 'Open all']) click(within(list()).getByRole('button', { name }));
    assert.deepEqual(
      panel.sent(),
      (['keep', 'undo', 'open'] as const).map((action) => ({ type: 'review', action, uri: null })),
    );
    assert.equal(within(list()).queryByRole('list'), null);
  });

  it('lists the files with what can be done to each', () => {
    const panel = renderPanel(STATES.pending);
    click(button('7 changes in 4 files'));
    assert.deepEqual(
      within(within(list()).getByRole('list'))
        .getAllByRole('button')
        .map((one) => [one.getAttribute('aria-label'), one.tabIndex, (one as HTMLButtonElement).disabled]),
      [
        ['Open src/price.ts, modified, 3 hunks, 6 added, 3 removed', 0, false],
        ['Keep src/price.ts', 0, false],
        ['Undo src/price.ts', 0, false],
        ['Open CHANGELOG.md, new file, 1 hunk, 3 added, 0 removed', 0, false],
        ['Keep CHANGELOG.md', 0, false],
        ['Undo CHANGELOG.md', 0, false],
        ['Open src/cart/checkout.ts, moved, 2 hunks, 2 added, 2 removed', 0, false],
        ['Keep src/cart/checkout.ts', 0, false],
        ['Undo src/cart/checkout.ts', 0, false],
        ['Open package-lock.json, modified, 1 hunk, 4120 added, 3980 removed', 0, false],
        ['Keep package-lock.json', 0, false],
        ['Undo package-lock.json', 0, true],
      ],
    );
    within(list()).getByText('moved from src/checkout.ts');
    within(list()).getByText(
      'too large for single hunks · cannot be undone: a command changed it, and its text before is not known',
    );
    click(button('Keep src/price.ts'));
    click(button('Undo src/price.ts'));
    click(button(/^Open src\/price\.ts, modified/));
    assert.deepEqual(
      panel.sent(),
      (['keep', 'undo', 'open'] as const).map((action) => ({ type: 'review', action, uri })),
    );
  });

  it('is not there when nothing waits', () => {
    const panel = renderPanel(STATES.pending);
    panel.patch({ op: 'set', values: { reviews: [] } });
    assert.equal(screen.queryByRole('region', { name: 'Changes to review' }), null);
  });

  it('is announced as it grows, not as it shrinks', () => {
    const panel = renderPanel(STATES.done);
    const reviews = STATES.pending?.reviews ?? [];
    const price = reviews[0] as ReviewFile;
    panel.patch({ op: 'set', values: { reviews: [price] } });
    assert.equal(panel.announced(), 'Edit made: 3 hunks to review in src/price.ts.');
    panel.patch({ op: 'set', values: { reviews } });
    assert.equal(panel.announced(), 'Edit made: 4 hunks to review in 3 files.');
    panel.receive({ type: 'announce', text: 'Kept 3 changes.' });
    panel.patch({ op: 'set', values: { reviews: reviews.slice(1) } });
    assert.equal(panel.announced(), 'Kept 3 changes.');
  });
});

describe('reviews that ended without a decision', () => {
  const strip = () => screen.getByRole('region', { name: 'Reviews that ended' });

  it('say what took them away, and lead back', () => {
    const panel = renderPanel(STATES.ended);
    within(strip()).getByText('The review of 2 files ended without your decision');
    assert.deepEqual(
      within(strip())
        .getAllByRole('listitem')
        .map((item) => [item.textContent, within(item).queryAllByRole('button').length]),
      [
        ['discount.ts src/cart: its changes were stashedBring back', 1],
        ['NOTES.md: the deleted file is there again', 0],
      ],
    );
    click(button('Bring back the changes of src/cart/discount.ts'));
    click(within(strip()).getByRole('button', { name: 'Dismiss' }));
    assert.deepEqual(panel.sent(), [
      { type: 'endedReview', action: 'bringBack', uri: `file://${CWD}/src/cart/discount.ts` },
      { type: 'endedReview', action: 'dismiss', uri: null },
    ]);
    panel.patch({ op: 'set', values: { ended: [] } });
    assert.equal(screen.queryByRole('region', { name: 'Reviews that ended' }), null);
  });

  it('stand in the card as well', () => {
    const panel = renderPanel(STATES.pending);
    const path = `${CWD}/src/price.ts`;
    const reviewed = (['undone', 'ended'] as const).map((result) => ({ itemId: 'f1', path, result }));
    panel.patch({ op: 'set', values: { reviews: [], reviewed } });
    screen.getByText('not reviewed');
  });
});

describe('the card of an edit that was made', () => {
  it('shows what waits in its files, and decides it', () => {
    const panel = renderPanel(STATES.pending);
    const card = screen.getByRole('list', { name: 'Edited 2 files' });
    within(card).getByText('3 hunks to review');
    click(within(card).getByRole('button', { name: 'Keep changes of src/price.ts' }));
    click(within(card).getByRole('button', { name: 'Undo changes of src/price.ts' }));
    assert.deepEqual(panel.sent(), [
      { type: 'review', action: 'keep', uri },
      { type: 'review', action: 'undo', uri },
    ]);
  });

  it('says what was decided', () => {
    const panel = renderPanel(STATES.pending);
    const path = `${CWD}/src/price.ts`;
    panel.patch({
      op: 'set',
      values: {
        reviews: [],
        reviewed: [
          { itemId: 'f1', path, result: 'undone' },
          { itemId: 'f1', path, result: 'both' },
        ],
      },
    });
    button(/^src\/price\.ts, modified, .*, kept in part$/);
    assert.equal(screen.queryByText(/to review$/), null);
  });
});
