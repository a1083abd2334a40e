import assert from 'node:assert/strict';
import { CWD } from './gallery/items.ts';
import { STATES } from './gallery/states.ts';
import { button, click, press, renderPanel, screen, within } from './support/panel.tsx';

const box = (name: string | RegExp) => screen.getByRole('checkbox', { name }) as HTMLInputElement;
const path = `${CWD}/src/price.ts`;

describe('the hunks of a proposal', () => {
  it('are listed with a box each, and what became of them', () => {
    renderPanel(STATES['ask-hunks']);
    const boxes = within(screen.getByRole('list', { name: 'Hunks of src/price.ts' })).getAllByRole('checkbox');
    assert.deepEqual(
      boxes.map((one) => [one.getAttribute('aria-label'), (one as HTMLInputElement).checked, one.tabIndex]),
      [
        ['Hunk 1, line 12, 5 added, 2 removed', true, 0],
        ['Hunk 2, line 32, 1 added, 1 removed, left out', false, 0],
        ['Hunk 3, line 40, 1 added, 1 removed, edited by you', true, 0],
      ],
    );
    screen.getByRole('button', { name: /^src\/price\.ts, modified, .*, 2 of 3 hunks$/ });
  });

  it('are taken and left out one by one', () => {
    const panel = renderPanel(STATES['ask-hunks']);
    click(box(/^Hunk 1, line 12/));
    click(box(/^Hunk 2, line 32/));
    const about = { type: 'chooseHunk', approvalId: 'approval-f1', path };
    assert.deepEqual(panel.sent(), [
      { ...about, hunkId: 'h1', take: false },
      { ...about, hunkId: 'h2', take: true },
    ]);
  });

  it('are taken and left out together with their file', () => {
    const panel = renderPanel(STATES['ask-hunks']);
    assert.equal(box('Take src/price.ts').indeterminate, true);
    assert.equal(box('Take CHANGELOG.md').indeterminate, false);
    click(box('Take src/price.ts'));
    click(box('Take CHANGELOG.md'));
    assert.deepEqual(panel.sent(), [
      { type: 'chooseHunk', approvalId: 'approval-f1', path, hunkId: null, take: true },
      { type: 'chooseHunk', approvalId: 'approval-f1', path: `${CWD}/CHANGELOG.md`, hunkId: null, take: false },
    ]);
  });

  it('are counted in what Accept says, and a part is accepted for this time only', () => {
    const panel = renderPanel(STATES['ask-hunks']);
    assert.equal((button('Accept for session') as HTMLButtonElement).disabled, true);
    click(button('Accept 4 of 5'));
    press(panel.composer(), 'Enter', { ctrlKey: true });
    assert.deepEqual(panel.sent(), [
      { type: 'decide', approvalId: 'approval-f1', decision: 'accept' },
      { type: 'decide', approvalId: 'approval-f1', decision: 'accept' },
    ]);
  });

  it('cannot be accepted when none is taken', () => {
    const state = structuredClone(STATES['ask-hunks']);
    for (const file of state?.thread?.approvals[0]?.files ?? [])
      for (const hunk of file.hunks ?? []) hunk.state = 'dropped';
    renderPanel(state);
    assert.equal((button('Accept 0 of 5') as HTMLButtonElement).disabled, true);
    assert.equal((button('Reject') as HTMLButtonElement).disabled, false);
  });

  it('say when their file has changed since', () => {
    renderPanel(STATES['ask-hunks']);
    screen.getByText('The file has changed since it was read; the proposal is on top of that.');
  });

  it('that do not fit any more lead to a decision, and are announced', () => {
    const panel = renderPanel(STATES['ask-hunks']);
    const [asked] = STATES['ask-conflict']?.thread?.approvals ?? [];
    assert.ok(asked);
    panel.patch({ op: 'approval', threadId: 't1', approval: asked });
    assert.equal(panel.announced(), 'The proposal for src/price.ts does not fit the file any more.');
    click(button('Open'));
    click(button('Choose hunk by hunk'));
    assert.deepEqual(panel.sent(), [
      { type: 'openDiff', itemId: 'f1', path },
      { type: 'compareWithNow', approvalId: 'approval-f1', path },
    ]);
  });

  it('are not offered where the agent takes a change as a whole, which the card says', () => {
    renderPanel(STATES['ask-as-one']);
    assert.equal(screen.queryAllByRole('checkbox').length, 0);
    screen.getByText(/^This agent takes or leaves a change as a whole/);
    button('Accept');
  });
});
