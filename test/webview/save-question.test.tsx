import assert from 'node:assert/strict';
import { CWD } from './gallery/items.ts';
import { STATES } from './gallery/states.ts';
import { button, click, focusedName, press, renderPanel, screen, within } from './support/panel.tsx';

const card = () => screen.getByRole('region', { name: /^Save before the command runs/ });

describe('the question to save before a command runs', () => {
  it('names the files and the command, and waits', () => {
    const panel = renderPanel(STATES.save);
    assert.equal(card().getAttribute('aria-label'), 'Save before the command runs: src/price.ts and 1 more file');
    within(card()).getByText('Save these 2 files before the command runs?');
    within(card()).getByText('npm test');
    assert.deepEqual(
      within(card())
        .getAllByRole('listitem')
        .map((item) => item.textContent),
      ['src/price.ts', 'Untitled-1'],
    );
    screen.getByText('Waiting for you');
    click(within(card()).getByRole('button', { name: 'src/price.ts' }));
    assert.deepEqual(panel.sent(), [{ type: 'openFile', path: `${CWD}/src/price.ts`, line: null }]);
  });

  it('is answered with a button, and the focus goes back to the message', () => {
    const panel = renderPanel(STATES.save);
    click(button('Save and run'));
    click(button('Run without saving'));
    assert.deepEqual(panel.sent(), [
      { type: 'answerSave', id: 'save-1', save: true },
      { type: 'answerSave', id: 'save-1', save: false },
    ]);
    assert.equal(focusedName(), 'Message Gantry');
    panel.patch({ op: 'extras', threadId: 't1', values: { saves: [] } });
    assert.equal(screen.queryByRole('region', { name: /^Save before/ }), null);
    assert.equal(screen.queryByText('Waiting for you'), null);
  });

  it('takes the focus with Ctrl+Enter, which decides nothing by itself', () => {
    const panel = renderPanel(STATES.save);
    assert.equal(press(panel.composer(), 'Enter', { ctrlKey: true }), false);
    assert.deepEqual([focusedName(), panel.sent()], ['Save and run', []]);
    press(panel.composer(), 'Backspace', { ctrlKey: true });
    assert.deepEqual(panel.sent(), []);
  });

  it('is announced when it comes, and once', () => {
    const panel = renderPanel(STATES.save);
    const saves = STATES.save?.thread?.extras.saves ?? [];
    const show = (now: typeof saves) => panel.patch({ op: 'extras', threadId: 't1', values: { saves: now } });
    show([]);
    panel.receive({ type: 'announce', text: 'Something else.' });
    show(saves);
    const said = 'Gantry asks: save src/price.ts and 1 more file before the command runs?';
    assert.equal(panel.announced(), said);
    panel.receive({ type: 'announce', text: 'Something else.' });
    show([...saves]);
    assert.equal(panel.announced(), 'Something else.');
  });
});
