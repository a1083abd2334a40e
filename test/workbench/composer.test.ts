import assert from 'node:assert/strict';
import { panel, runCommand, useEditor, waitFor } from '../support/editor/index.ts';
import { ask, card, composer, newThread, PANEL_OPEN, SAMPLE, TALL } from './person.ts';

describe('the message field', () => {
  const session = useEditor({ template: SAMPLE, env: PANEL_OPEN }, TALL);
  const view = () => panel(session.page);
  const press = (keys: string) => session.page.keyboard.press(keys);
  const keys = (text: string) => session.page.keyboard.type(text);

  before('the panel is there', async () => {
    await composer(session.page).waitFor();
  });
  beforeEach(() => newThread(session.page));

  it('gets every key from the moment that its page has the focus', async () => {
    await press('Control+Shift+E');
    await session.page.locator('.explorer-folders-view :focus').waitFor();
    await press('Control+Alt+G');
    // What is typed before goes to the editor's own frame around the page, which no extension hears.
    const inPanel = () =>
      view()
        .locator('body')
        .evaluate(() => document.hasFocus());
    await waitFor(inPanel, { what: 'the focus in the panel' });
    await keys('every key');
    assert.equal(await composer(session.page).inputValue(), 'every key');
    await composer(session.page).fill('');
  });

  it('lists commands after a slash; /context shows what fills the context', async () => {
    await ask(session.page, 'run: echo one');
    await composer(session.page).focus();
    await keys('/con');
    const option = view().getByRole('listbox', { name: 'Commands' }).getByRole('option');
    await option.filter({ hasText: '/context' }).waitFor();
    await press('Enter');
    const popup = view().getByRole('region', { name: 'Context' });
    await popup.getByText('Messages', { exact: true }).waitFor();
    await popup.getByText('Instructions', { exact: true }).waitFor();
    await press('Escape');
    await popup.waitFor({ state: 'detached' });
  });

  it('shows the last prompt in an editor', async () => {
    await ask(session.page, 'run: echo two');
    await runCommand(session.page, 'Gantry: Show Last Prompt');
    await session.page.locator('.tab.active').filter({ hasText: 'Last Prompt' }).waitFor();
    await session.page.locator('.view-line').filter({ hasText: '# Last prompt: demo (demo)' }).first().waitFor();
    await press('Control+w');
  });

  it('takes a file after @ and a command after !', async () => {
    await composer(session.page).focus();
    await keys('look at @recei');
    await view()
      .getByRole('listbox', { name: 'Files' })
      .getByRole('option', { name: /receipt/, selected: true })
      .waitFor();
    await press('Enter');
    await waitFor(async () => /^look at @\S*receipt\S*\.ts $/.test(await composer(session.page).inputValue()), {
      what: 'the file in the text',
    });
    await composer(session.page).fill('!echo from me');
    await press('Enter');
    const own = card(session.page, 'Command', 'from me');
    await own.waitFor();
    await own.getByRole('button', { name: /^Command echo from me, succeeded/ }).waitFor();
  });
});
