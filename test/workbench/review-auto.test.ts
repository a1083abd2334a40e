import assert from 'node:assert/strict';
import { openFile, panel } from '../support/editor/index.ts';
import { ask, chooseMode, newThread } from './person.ts';
import {
  changeOf,
  cursorAt,
  lens,
  lines,
  openList,
  openPeek,
  patch,
  untilDisk,
  untilWaiting,
  useDesk,
} from './review-support.ts';

describe('changes that are made at once', () => {
  const desk = useDesk({ 'note.txt': lines() });
  const write = () =>
    desk.model.push(patch(changeOf('note.txt', 3, 12, 21), '*** Add File: made.txt\n+made\n+here\n'), {
      text: 'Done.',
    });
  const goOn = () => {
    desk.model.push({ text: 'I see.' });
    return ask(desk.page, 'go on');
  };
  const written = { 'made.txt': 'made\nhere\n', 'note.txt': lines([3, 'LINE 3'], [12, 'LINE 12'], [21, 'LINE 21']) };

  before('in this mode', () => chooseMode(desk.page, 'Auto edit'));
  beforeEach('a new thread, the files as they were', async () => {
    await desk.reset();
    await newThread(desk.page);
  });

  it('are kept, undone and edited with the mouse, by lens, peek and list', async () => {
    const { page } = desk;
    await openFile(page, 'note.txt');
    write();
    await ask(page, 'change it');
    assert.deepEqual(await desk.disk(), written);
    await untilWaiting(page, '2 files, 4 changes');

    await lens(page, '1 of 3', 'Keep').click();
    await untilWaiting(page, '2 files, 3 changes');
    assert.deepEqual(await desk.disk(), written, 'keeping writes nothing');

    const peek = await openPeek(page, 'LINE 12');
    await peek.locator('.peekview-actions .codicon-discard').click();
    await untilWaiting(page, '2 files, 2 changes');
    await page.keyboard.press('Escape');

    await page.locator('.editor-instance .view-line').filter({ hasText: 'LINE 21' }).click();
    await page.keyboard.press('End');
    await page.keyboard.type(' and mine');
    await page.keyboard.press('Control+S');

    const list = await openList(page);
    await list.getByRole('button', { name: 'Keep made.txt' }).click();
    await untilWaiting(page, '1 file, 1 change');
    await untilDisk(desk, { ...written, 'note.txt': lines([3, 'LINE 3'], [21, 'LINE 21 and mine']) });

    await goOn();
    assert.deepEqual(desk.told('review_decisions')?.split('\n'), [
      `${desk.at('note.txt')}: the user kept 1 hunk and undid 1 hunk. 1 hunk still to be decided.`,
      'From what you wrote to what is there now:',
      ...['@@ -10,7 +10,7 @@', ' line 9', ' line 10', ' line 11', '-LINE 12', '+line 12'],
      ...[' line 13', ' line 14', ' line 15'],
      ...['@@ -19,7 +19,7 @@', ' line 18', ' line 19', ' line 20', '-LINE 21', '+LINE 21 and mine'],
      ...[' line 22', ' line 23', ' line 24'],
      `${desk.at('made.txt')}: kept as you wrote it.`,
    ]);
    await list.getByRole('button', { name: 'Keep all' }).click();
    await untilWaiting(page, null);
  });

  it('are kept, undone and edited by keyboard alone, from file to file', async () => {
    const { page } = desk;
    const { keyboard } = page;
    write();
    await keyboard.type('change it');
    await keyboard.press('Enter');
    await untilWaiting(page, '2 files, 4 changes');
    await panel(page).getByRole('status').filter({ hasText: 'Gantry has finished' }).waitFor({ state: 'attached' });

    await keyboard.press('Control+Alt+]');
    await page.locator('.tab.active').filter({ hasText: 'made.txt' }).waitFor();
    await cursorAt(page, 1, 1);
    await keyboard.press('Control+Alt+n');
    await untilWaiting(page, '1 file, 3 changes');
    await keyboard.press('Control+Alt+]');
    await page.locator('.tab.active').filter({ hasText: 'note.txt' }).waitFor();
    await cursorAt(page, 4, 1);
    await keyboard.press('Control+Alt+y');
    await cursorAt(page, 13, 1);
    await keyboard.press('Control+Alt+[');
    await cursorAt(page, 22, 1);
    await keyboard.press('Control+Alt+[');
    await cursorAt(page, 13, 1);
    await keyboard.press('Control+Alt+n');
    await cursorAt(page, 22, 1);
    await keyboard.press('End');
    await keyboard.type(' and mine');
    await keyboard.press('Control+S');
    await keyboard.press('Control+Alt+y');
    await untilWaiting(page, null);
    await untilDisk(desk, { 'note.txt': lines([3, 'LINE 3'], [21, 'LINE 21 and mine']) });

    await goOn();
    assert.deepEqual(desk.told('review_decisions')?.split('\n'), [
      `${desk.at('made.txt')}: the user removed the file that you made.`,
      `${desk.at('note.txt')}: the user kept 2 hunks, undid 1 hunk and changed the text.`,
      'From what you wrote to what is there now:',
      ...['@@ -10,7 +10,7 @@', ' line 9', ' line 10', ' line 11', '-LINE 12', '+line 12'],
      ...[' line 13', ' line 14', ' line 15'],
      ...['@@ -19,7 +19,7 @@', ' line 18', ' line 19', ' line 20', '-LINE 21', '+LINE 21 and mine'],
      ...[' line 22', ' line 23', ' line 24'],
    ]);
  });
});
