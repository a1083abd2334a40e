import assert from 'node:assert/strict';
import { panel, useEditor, waitFor } from '../support/editor/index.ts';
import { card, decision, newThread, PANEL_OPEN, restore, SAMPLE, TALL, texts } from './person.ts';

/** What a person can act on must have a name; Playwright writes it behind the role, in quotes. */
const NAMELESS = /^\s*- (button|textbox|searchbox|combobox|link|option|listbox|menuitem|tab|checkbox)(?! ["/])/;

describe('by keyboard and ear', () => {
  const session = useEditor({ template: SAMPLE, env: PANEL_OPEN }, TALL);
  const view = () => panel(session.page);
  let original: Record<string, string>;

  /** Waits for what a screen reader is told. */
  const heard = (text: string | RegExp) =>
    view().getByRole('status').filter({ hasText: text }).waitFor({ timeout: 50_000, state: 'attached' });
  const focused = (selector: string) => view().locator(`${selector}:focus`).waitFor();
  const press = (keys: string) => session.page.keyboard.press(keys);

  async function assertNamed(): Promise<void> {
    const lines = (await view().locator('body').ariaSnapshot()).split('\n');
    assert.ok(
      lines.some((line) => line.includes('- button "')),
      'the panel has buttons',
    );
    assert.deepEqual(
      lines.filter((line) => NAMELESS.test(line)),
      [],
    );
  }
  async function type(text: string): Promise<void> {
    await focused('textarea');
    await session.page.keyboard.type(text);
    await press('Enter');
  }

  before('the sample as it is', async () => {
    original = await texts(session.editor.folder);
    await view().getByRole('textbox', { name: 'Message Gantry' }).waitFor();
  });
  beforeEach('a new thread, the sample as it was', async () => {
    await restore(session.editor.folder);
    await newThread(session.page);
  });

  it('fixes the failing test without a mouse, and says what it waits for and when it has finished', async () => {
    await press('Control+Shift+E');
    await session.page.locator('.explorer-folders-view :focus').waitFor();
    await press('Control+Alt+G');
    await type('Fix the failing test');
    await heard('Gantry is working.');
    await heard('Approval needed: change src/basket.ts and 1 more file.');
    await decision(session.page, 'Accept').waitFor();
    await assertNamed();
    assert.deepEqual(await texts(session.editor.folder), original);
    await press('Control+Enter');
    await heard('Gantry has finished after');
    await focused('textarea');
    await card(session.page, 'Gantry', 'All tests pass now').waitFor();
    const after = await texts(session.editor.folder);
    assert.deepEqual(
      Object.keys(after).filter((file) => after[file] !== original[file]),
      ['src/basket.ts', 'src/money.ts'],
    );
    await assertNamed();
  });

  it('rejects without a mouse', async () => {
    await type('rename whole to euros');
    await heard('Approval needed: change src/money.ts.');
    await press('Control+Backspace');
    await heard('Gantry has finished');
    await card(session.page, 'File change', 'You rejected this change; nothing was written.').waitFor();
    assert.deepEqual(await texts(session.editor.folder), original);
  });

  it('does not take a key for an answer while a person types', async () => {
    await type('rename whole to euros');
    await heard('Approval needed: change src/money.ts.');
    await session.page.keyboard.type('or rather');
    await press('Control+Backspace');
    await decision(session.page, 'Accept').waitFor();
    await waitFor(async () => (await view().locator('textarea').inputValue()) === 'or ', { what: 'the word to go' });
    assert.deepEqual(await texts(session.editor.folder), original);
    await view().locator('textarea').fill('');
    await press('Control+Backspace');
    await heard('Gantry has finished');
  });

  it('chooses a mode and a thread with arrows and Enter', async () => {
    await type('run: echo one');
    await heard('Gantry has finished');
    for (let i = 0; i < 10 && (await view().locator('.mode .picker-button:focus').count()) === 0; i++)
      await press('Tab');
    await focused('.mode .picker-button');
    await press('ArrowDown');
    await view().getByRole('listbox', { name: 'Mode' }).waitFor();
    await assertNamed();
    await press('ArrowDown');
    await press('Enter');
    await view().getByRole('button', { name: 'Mode: Auto edit' }).waitFor();

    await view().getByRole('button', { name: 'History', exact: true }).focus();
    await press('Enter');
    await focused('input[type="search"]');
    await view()
      .getByRole('button', { name: /run: echo one/ })
      .first()
      .waitFor();
    await assertNamed();
    await press('ArrowDown');
    await press('ArrowDown');
    await press('Enter');
    await card(session.page, 'You', 'rename whole to euros').waitFor();
  });

  it('names everything that can be acted on, in every part of the panel', async () => {
    await assertNamed();
    await view()
      .getByRole('button', { name: /^Model: / })
      .click();
    await view().getByRole('listbox', { name: 'Model' }).waitFor();
    await assertNamed();
    await press('Escape');
    await view()
      .getByRole('button', { name: /^Sandbox/ })
      .click();
    await view().getByRole('note').waitFor();
    await assertNamed();
    await press('Escape');
  });
});
