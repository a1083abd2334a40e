import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openFile, useEditor, waitFor } from '../support/editor/index.ts';
import { type ModelServer, startModelServer } from '../support/model-server/index.ts';
import { ask, chooseMode, composer, PANEL_OPEN } from './person.ts';

const lines = (...changed: [number, string][]): string => {
  const text = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  for (const [index, line] of changed) text[index] = line;
  return `${text.join('\n')}\n`;
};
const hunk = (index: number) => `@@\n line ${index - 1}\n-line ${index}\n+LINE ${index}\n line ${index + 1}\n`;
const patch = {
  freeform: 'apply_patch',
  input: `*** Begin Patch\n*** Update File: note.txt\n${hunk(3)}${hunk(12)}${hunk(21)}*** End Patch\n`,
};

describe('changes that were made without asking', () => {
  let model: ModelServer;
  let home: string;
  let folder: string;
  const session = useEditor(async () => {
    model = await startModelServer({ script: [patch, { text: 'Done.' }, { text: 'I see.' }] });
    home = await mkdtemp(path.join(tmpdir(), 'gantry-review-home-'));
    folder = await mkdtemp(path.join(tmpdir(), 'gantry-review-folder-'));
    const config = [
      'model = "gpt-5.5"',
      'model_provider = "scripted"',
      '[model_providers.scripted]',
      'name = "Scripted"',
      `base_url = "${model.baseUrl}"`,
      'wire_api = "responses"',
      'env_key = "SCRIPTED_KEY"',
    ];
    await writeFile(path.join(home, 'config.toml'), `${config.join('\n')}\n`);
    await writeFile(path.join(folder, 'note.txt'), lines());
    const settings = { 'files.autoSave': 'off' };
    return { folder, settings, env: { ...PANEL_OPEN, GANTRY_HOME: home, SCRIPTED_KEY: 'scripted-key' } };
  });
  const note = (): Promise<string> => readFile(path.join(folder, 'note.txt'), 'utf8');
  after(async () => {
    await model.close();
    for (const dir of [home, folder]) await rm(dir, { recursive: true, force: true });
  });

  it('are kept with the mouse, undone by key and edited, and the next request says so', async () => {
    const { page } = session;
    await composer(page).waitFor();
    await chooseMode(page, 'Auto edit');
    await ask(page, 'change it');
    assert.equal(await note(), lines([3, 'LINE 3'], [12, 'LINE 12'], [21, 'LINE 21']));
    await page.getByRole('button', { name: /1 file, 3 changes to review/ }).waitFor();

    await openFile(page, 'note.txt');
    const lenses = page.locator('.codelens-decoration a', { hasText: 'Keep' });
    await lenses.first().click();
    await page.getByRole('button', { name: /1 file, 2 changes to review/ }).waitFor();

    await page.locator('.editor-instance .view-line').first().click();
    await page.keyboard.press('Control+Alt+]');
    await page.locator('.statusbar-item').getByText('Ln 13, Col 1').waitFor();
    await page.keyboard.press('Control+Alt+n');
    await page.getByRole('button', { name: /1 file, 1 change to review/ }).waitFor();
    await page.locator('.statusbar-item').getByText('Ln 22, Col 1').waitFor();

    await page.keyboard.press('End');
    await page.keyboard.type(' and mine');
    await page.keyboard.press('Control+S');
    const wanted = lines([3, 'LINE 3'], [21, 'LINE 21 and mine']);
    await waitFor(async () => (await note()) === wanted, { what: 'the saved file' });

    await ask(page, 'go on');
    const told = JSON.stringify(model.requests[2]?.body.input);
    const heard = /<review_decisions>.*?<\/review_decisions>/.exec(told)?.[0] ?? told;
    assert.deepEqual(JSON.parse(`"${heard}"`).split('\n'), [
      '<review_decisions>',
      `${path.join(folder, 'note.txt')}: the user kept 1 hunk and undid 1 hunk. 1 hunk still to be decided.`,
      'From what you wrote to what is there now:',
      ...['@@ -10,7 +10,7 @@', ' line 9', ' line 10', ' line 11', '-LINE 12', '+line 12'],
      ...[' line 13', ' line 14', ' line 15'],
      ...['@@ -19,7 +19,7 @@', ' line 18', ' line 19', ' line 20', '-LINE 21', '+LINE 21 and mine'],
      ...[' line 22', ' line 23', ' line 24'],
      '</review_decisions>',
    ]);
    assert.deepEqual(model.problems, []);
  });
});
