import assert from 'node:assert/strict';
import { CWD } from './gallery/items.ts';
import { STATES } from './gallery/states.ts';
import { button, click, focusedName, press, renderPanel, screen, type, within } from './support/panel.tsx';

const region = () => within(screen.getByRole('region', { name: 'Restore' }));
const radio = (name: string) => screen.getByRole('radio', { name }) as HTMLInputElement;

describe('going back to before a message', () => {
  it('begins at the message, where the agent keeps a checkpoint', () => {
    const panel = renderPanel(STATES.restorable);
    click(button(/^Restore to before: The price test fails/));
    assert.deepEqual(panel.sent(), [{ type: 'previewRestore', checkpointId: 'c1' }]);
  });

  it('is not offered where it keeps none', () => {
    renderPanel(STATES.done);
    assert.equal(screen.queryByRole('button', { name: /^Restore to before/ }), null);
  });

  it('can be asked for with /restore', () => {
    const panel = renderPanel(STATES.restorable);
    type(panel.composer(), '/restore');
    press(panel.composer(), 'Escape');
    press(panel.composer(), 'Enter');
    assert.deepEqual(
      panel.sent().filter((message) => message.type === 'slash'),
      [{ type: 'slash', name: 'restore', argument: '' }],
    );
  });

  it('shows every file with what would become of it, and opens its diff', () => {
    const panel = renderPanel(STATES.restore);
    assert.equal(focusedName(), 'Restore to before “The price test fails. Find out why and fix it.”');
    assert.deepEqual(
      within(region().getByRole('list', { name: 'Files that would change' }))
        .getAllByRole('button')
        .map((one) => [one.getAttribute('aria-label'), (one as HTMLButtonElement).disabled]),
      [
        ['Open src/price.ts, is changed back, 3 added, 6 removed', false],
        ['Open CHANGELOG.md, is removed, 0 added, 3 removed', false],
        [
          'Open src/cart/checkout.ts, is changed back, 1 added, 1 removed, conflict: changed since by somebody else',
          false,
        ],
        ['Open media/logo.png, comes back, no text', true],
      ],
    );
    region().getByText('Left as it is: changed since by somebody else');
    click(button(/^Open src\/price\.ts, is changed back/));
    assert.deepEqual(panel.sent(), [{ type: 'openRestoreDiff', path: `${CWD}/src/price.ts` }]);
  });

  it('leaves conflicts alone unless each is decided against', () => {
    const panel = renderPanel(STATES.restore);
    click(button('Restore 3 files'));
    click(screen.getByRole('checkbox', { name: 'Overwrite src/cart/checkout.ts' }));
    click(button('Restore 4 files'));
    assert.deepEqual(panel.sent(), [
      { type: 'restore', scope: 'code', overwrite: [] },
      { type: 'restore', scope: 'code', overwrite: [`${CWD}/src/cart/checkout.ts`] },
    ]);
  });

  it('takes files, conversation or both', () => {
    const panel = renderPanel(STATES.restore);
    click(radio('Conversation'));
    assert.equal(region().queryByRole('list', { name: 'Files that would change' }), null);
    region().getByText('The files stay as they are. Your message comes back to be edited.');
    click(region().getByRole('button', { name: 'Restore' }));
    click(radio('Both'));
    click(button('Restore 3 files'));
    assert.deepEqual(panel.sent(), [
      { type: 'restore', scope: 'thread', overwrite: [] },
      { type: 'restore', scope: 'both', overwrite: [] },
    ]);
  });

  it('waits for the end of a turn', () => {
    const panel = renderPanel(STATES.restore);
    const running = { id: 'u2', status: 'inProgress' as const, error: null, startedAtMs: 1, durationMs: null };
    panel.patch({ op: 'turn', threadId: 't1', turn: running });
    assert.equal((button('Restore 3 files') as HTMLButtonElement).disabled, true);
    region().getByText('Stop the turn first.');
  });

  it('says what was restored and what was not, and can be undone', () => {
    const panel = renderPanel(STATES.restored);
    region().getByText('The conversation and the files are back to before this message: 3 files.');
    region().getByText('src/cart/checkout.ts: changed since by somebody else');
    region().getByText('The files only; the conversation stays.');
    click(button('Undo restore'));
    assert.deepEqual(panel.sent(), [{ type: 'undoRestore' }]);
  });

  it('says why it could not be done', () => {
    const panel = renderPanel(STATES.restore);
    const restore = STATES.restore?.restore;
    assert.ok(restore);
    panel.patch({ op: 'set', values: { restore: { ...restore, problem: 'The disk is full.' } } });
    assert.equal(screen.getByRole('alert').textContent, 'The disk is full.');
  });

  it('is closed by its button and by Esc', () => {
    const panel = renderPanel(STATES.restore);
    press(screen.getByRole('heading', { name: /^Restore to before/ }), 'Escape');
    assert.equal(focusedName(), 'Message Gantry');
    click(button('Close restore'));
    assert.deepEqual(panel.sent(), [{ type: 'closeRestore' }, { type: 'closeRestore' }]);
  });
});
