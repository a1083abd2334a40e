import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { freshFolder, panel, repository, runCommand, useEditor } from '../support/editor/index.ts';
import { ask, card, composer, PANEL_OPEN, SAMPLE, TALL } from './person.ts';
import { coreOf, parentOf } from './processes.ts';

const notices = (page: Page) => panel(page).getByRole('region', { name: 'Notices' });
const modeButton = (page: Page, label: string) => panel(page).getByRole('button', { name: `Mode: ${label}` });

describe('a folder that is not trusted', () => {
  const session = useEditor({ template: SAMPLE, env: PANEL_OPEN, askTrust: true }, TALL);

  before(() => composer(session.page).waitFor());

  it('is read and not changed, and the panel says so', async () => {
    const { page, editor } = session;
    await notices(page).getByText('This workspace is not trusted').waitFor();
    await modeButton(page, 'Read only').waitFor();
    await ask(page, 'run: echo hello > made.txt');
    await card(page, 'Command', 'made.txt').waitFor();
    assert.equal(existsSync(path.join(editor.folder, 'made.txt')), false);
  });

  it('is worked in from the next message on once it is trusted', async () => {
    const { page, editor } = session;
    await notices(page).getByRole('button', { name: 'Manage Trust' }).click();
    await page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
    await modeButton(page, 'Ask first').waitFor();
    await notices(page).getByText('This workspace is not trusted').waitFor({ state: 'detached' });
    await ask(page, 'run: echo hello > made.txt');
    assert.equal(await readFile(path.join(editor.folder, 'made.txt'), 'utf8'), 'hello\n');
  });
});

describe('a window without a folder', () => {
  let folder: string;
  const session = useEditor({ folder: null, env: PANEL_OPEN }, TALL);

  before(async () => {
    folder = await freshFolder(SAMPLE);
    await composer(session.page).waitFor();
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('says what is missing and gives back what was typed', async () => {
    const { page } = session;
    await notices(page).getByText('No folder is open').waitFor();
    await composer(page).fill('run: echo hello');
    await composer(page).press('Enter');
    await panel(page).getByText('then send again').first().waitFor();
    assert.equal(await composer(page).inputValue(), 'run: echo hello');
  });

  it('leads to a folder, where the text is waiting', async () => {
    const { page } = session;
    await notices(page).getByRole('button', { name: 'Open Folder' }).click();
    const input = page.locator('.quick-input-widget input').first();
    await input.fill(`${folder}/`);
    await page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
    await page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: 'package.json' }).waitFor();
    await composer(page).and(panel(page).locator(':text("run: echo hello")')).waitFor();
    await composer(page).press('Enter');
    await card(page, 'Command', 'echo hello').waitFor();
  });
});

describe('a window with several folders', () => {
  const roots: string[] = [];
  let outside: string;
  const session = useEditor(async () => {
    roots.push(await freshFolder(SAMPLE), await freshFolder());
    outside = await mkdtemp(path.join(tmpdir(), 'gantry-outside-'));
    const file = path.join(outside, 'both.code-workspace');
    await writeFile(file, JSON.stringify({ folders: roots.map((root) => ({ path: root })) }));
    return { folder: file, env: PANEL_OPEN };
  }, TALL);

  before(() => composer(session.page).waitFor());
  after(() => Promise.all([...roots, outside].map((dir) => rm(dir, { recursive: true, force: true }))));

  it('is worked in as a whole, and nowhere else', async () => {
    const { page } = session;
    for (const [index, root] of roots.entries()) {
      await ask(page, `run: echo ${index} > ${root}/made.txt`);
      assert.equal(await readFile(path.join(root, 'made.txt'), 'utf8'), `${index}\n`);
    }
    await ask(page, `run: echo no > ${outside}/made.txt`);
    assert.equal(existsSync(path.join(outside, 'made.txt')), false);
  });

  it('has the changes of all of them to review, also after its extensions crashed', async () => {
    const { page, editor } = session;
    const waiting = page.getByRole('button', { name: '2 files, 2 changes to review. Click' });
    await waiting.waitFor();
    const core = coreOf(editor.home);
    assert.ok(core);
    process.kill(parentOf(core), 'SIGKILL');
    await waiting.waitFor({ state: 'hidden' });
    await page.reload();
    await waiting.waitFor();
    assert.deepEqual(await Promise.all(roots.map((root) => readFile(path.join(root, 'made.txt'), 'utf8'))), [
      '0\n',
      '1\n',
    ]);
    await runCommand(page, 'Gantry: Go to Next Change');
    await page.locator('.tab.active').filter({ hasText: 'made.txt' }).waitFor();
    await runCommand(page, 'Gantry: Undo All Changes');
    await page.getByRole('button', { name: /to review\. Click/ }).waitFor({ state: 'hidden' });
    assert.deepEqual(
      roots.filter((root) => existsSync(path.join(root, 'made.txt'))),
      [],
    );
  });
});

describe('two windows on one folder', () => {
  const session = useEditor({ template: SAMPLE, env: PANEL_OPEN }, TALL);

  it('do not write one thread: the second says so and goes on with a copy', async () => {
    const { page } = session;
    await composer(page).waitFor();
    await ask(page, 'run: echo first window');
    // What the window remembers is stored when it goes.
    await page.reload();
    await card(page, 'Command', 'echo first window').waitFor();
    const second = await page.context().newPage();
    await second.goto(session.editor.url);
    await composer(second).waitFor();
    // A page that nobody looks at shows its messages in the notification centre only, and counts them at its bell.
    await second.locator('[id="status.notifications"] [aria-label]:not([aria-label^="No "])').waitFor();
    await runCommand(second, 'Notifications: Show Notifications');
    const message = second
      .locator('.notifications-center .notification-list-item')
      .filter({ hasText: 'open in another window' });
    await message.getByRole('button', { name: 'Open a Copy' }).click();
    await card(second, 'Command', 'echo first window').waitFor();
    await ask(second, 'run: echo second window');
    await card(second, 'Command', 'echo second window').waitFor();
    assert.equal(await card(page, 'Command', 'echo second window').count(), 0);
    await second.close();
  }).timeout(120_000);
});

describe('a model of the editor behind its consent', () => {
  const session = useEditor(
    {
      template: SAMPLE,
      env: PANEL_OPEN,
      alsoLoad: [path.join(repository, 'test/vscode/fixtures/lm-provider')],
    },
    TALL,
  );
  const dialog = (page: Page) =>
    page.getByRole('dialog').filter({ hasText: /wants to access the language models provided by Scripted Models/ });

  it('is asked for once it is used; a no is final, a yes answers', async () => {
    const { page } = session;
    await composer(page).waitFor();
    await panel(page)
      .getByRole('button', { name: /^Model: / })
      .click();
    await panel(page)
      .getByRole('option', { name: /Test guarded/ })
      .click();
    await panel(page)
      .getByRole('button', { name: /^Model: Test guarded/ })
      .waitFor();
    assert.equal(await dialog(page).count(), 0, 'picking alone asks nothing');
    await composer(page).fill('Hello');
    await composer(page).press('Enter');
    await dialog(page).getByRole('button', { name: 'Cancel' }).click();
    await panel(page).getByText('The use of Test guarded was not allowed').first().waitFor();
    assert.equal(await dialog(page).count(), 0, 'it does not ask again by itself');
    await composer(page).fill('Hello again');
    await composer(page).press('Enter');
    await dialog(page).getByRole('button', { name: 'Allow' }).click();
    await card(page, 'Gantry', 'Nothing is scripted.').waitFor();
  });
});
