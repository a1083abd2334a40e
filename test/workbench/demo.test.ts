import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, mkdir, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { openFile, outputFolder, panel, useEditor, waitFor } from '../support/editor/index.ts';
import {
  ask,
  card,
  cards,
  composer,
  decision,
  diffInFront,
  newThread,
  PANEL_OPEN,
  restore,
  SAMPLE,
  send,
  TALL,
  texts,
} from './person.ts';

const exec = promisify(execFile);

/** The sample with `edits` made: `[file, before, after]`, each exactly once. */
function edited(original: Record<string, string>, ...edits: [string, string, string][]): Record<string, string> {
  const after = { ...original };
  for (const [file, from, to] of edits) {
    assert.equal(after[file]?.split(from).length, 2, `${from} stands once in ${file}`);
    after[file] = after[file]?.replace(from, () => to) ?? '';
  }
  return after;
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

describe('without a key, in the sample', () => {
  const session = useEditor({ template: SAMPLE, env: PANEL_OPEN }, TALL);
  let original: Record<string, string>;

  before('the sample as it is', async () => {
    original = await texts(session.editor.folder);
    await composer(session.page).waitFor();
  });
  beforeEach('a new thread, the sample as it was', async () => {
    await restore(session.editor.folder);
    await newThread(session.page);
  });

  it('says that the model is a demo and no AI, and how to get a real one', async () => {
    const notices = panel(session.page).getByRole('region', { name: 'Notices' });
    await notices.getByText(/Demo model: not an AI/).waitFor();
    await notices.getByRole('button', { name: 'Set API Key' }).waitFor();
  });

  it('fixes the failing test after a click on Accept, and nothing is written before', async () => {
    const { page, editor } = session;
    const ended = await send(page, 'Fix the failing test');
    await card(page, 'Command', 'npm test').filter({ hasText: 'exit 1' }).waitFor({ timeout: 60_000 });
    await card(page, 'File change', 'Wants to edit 2 files').waitFor({ timeout: 60_000 });
    const diff = await diffInFront(page, 'basket.ts');
    await diff.getByText('i < items.length').first().waitFor();
    assert.deepEqual(await texts(editor.folder), original, 'a proposal is not in the file');

    await decision(page, 'Accept').click();
    await card(page, 'Gantry', 'All tests pass now').waitFor({ timeout: 60_000 });
    await ended();
    assert.deepEqual(
      await texts(editor.folder),
      edited(
        original,
        ['src/basket.ts', 'i <= items.length', 'i < items.length'],
        ['src/basket.ts', 'discount || MEMBER_DISCOUNT', 'discount ?? MEMBER_DISCOUNT'],
        ['src/money.ts', 'Math.floor(euros * 100)', 'Math.round(euros * 100)'],
      ),
    );
    await card(page, 'File change', 'Edited 2 files').waitFor();
    await waitFor(async () => (await page.locator('.tab').filter({ hasText: 'proposed change' }).count()) === 0, {
      what: 'the diffs to close',
    });
  });

  it('lets a command write nowhere outside the folder', async () => {
    const { page, editor } = session;
    // Next to the folder, which is in the temporary folder: there a command sees a private one. And far from it.
    const beside = path.join(path.dirname(editor.folder), `${path.basename(editor.folder)}-escape.txt`);
    await mkdir(outputFolder, { recursive: true });
    const far = path.join(outputFolder, path.basename(beside));
    for (const file of [beside, far]) {
      await exec('sh', ['-c', `echo x > ${file}`], { cwd: editor.folder });
      assert.equal(await exists(file), true, 'without the sandbox it can be written');
      await rm(file);
    }

    await ask(page, `run: echo x > ../${path.basename(beside)}`);
    assert.equal(await exists(beside), false);
    await ask(page, `run: echo x > ${far}`);
    await card(page, 'Command', far)
      .getByText(/^exit [1-9]/)
      .waitFor();
    assert.equal(await exists(far), false);

    await ask(page, 'run: echo inside > inside.txt');
    assert.deepEqual(await texts(editor.folder), { ...original, 'inside.txt': 'inside\n' });
  });

  it('lets a command reach no network, not even this machine', async () => {
    const { page } = session;
    let connections = 0;
    const server = net.createServer((socket) => {
      connections++;
      socket.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as net.AddressInfo;
      const script = `bash -c 'exec 3<>/dev/tcp/127.0.0.1/${port} && echo connected'`;
      assert.equal((await exec('sh', ['-c', script])).stdout, 'connected\n', 'without the sandbox it gets through');
      await waitFor(() => connections === 1);

      await ask(page, `run: ${script}`);
      await card(page, 'Command', '/dev/tcp')
        .getByText(/^exit [1-9]/)
        .waitFor();
      assert.equal(connections, 1);
    } finally {
      server.close();
    }
  });

  it('leaves the files as they were when the change is rejected in the editor title, and tells the agent', async () => {
    const { page, editor } = session;
    const ended = await send(page, 'rename MEMBER_DISCOUNT to CARD_DISCOUNT');
    const reject = page.locator('.editor-actions').getByRole('button', { name: /Reject Proposed Change/ });
    await diffInFront(page, 'basket.ts');
    await reject.click();
    await diffInFront(page, 'receipt.test.ts');
    await reject.click();
    await ended();
    await card(page, 'File change', 'You rejected this change; nothing was written.').waitFor();
    await card(page, 'Gantry', 'The change was not made').waitFor();
    assert.deepEqual(await texts(editor.folder), original);
  });

  it('writes what is accepted by keyboard', async () => {
    const { page, editor } = session;
    const ended = await send(page, 'rename whole to euros');
    await decision(page, 'Accept').waitFor();
    await page.keyboard.press('Control+Alt+]');
    await diffInFront(page, 'money.ts');
    await page.locator('.monaco-diff-editor .editor.modified .view-line').first().waitFor();
    await page.keyboard.press('Control+Alt+Y');
    await ended();
    const renamed = original['src/money.ts']?.replaceAll('whole', 'euros') ?? '';
    assert.deepEqual(await texts(editor.folder), { ...original, 'src/money.ts': renamed });
  });

  it('writes what is accepted by the CodeLens on the file', async () => {
    const { page, editor } = session;
    await openFile(page, 'money.ts');
    const ended = await send(page, 'rename sign to minus');
    await diffInFront(page, 'money.ts (proposed change)');
    await page.getByRole('tab', { name: 'money.ts', exact: true }).click();
    await page
      .locator('.codelens-decoration a', { hasText: /Accept all/ })
      .first()
      .click();
    await ended();
    const renamed = original['src/money.ts']?.replaceAll('sign', 'minus') ?? '';
    assert.deepEqual(await texts(editor.folder), { ...original, 'src/money.ts': renamed });
  });

  it('writes the proposal as the person edited it, to the letter', async () => {
    const { page, editor } = session;
    const ended = await send(page, 'rename rest to cent');
    const diff = await diffInFront(page, 'money.ts');
    await diff.locator('.editor.modified .view-line').filter({ hasText: 'Amounts are kept' }).click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('const lookedOver = 1;\n');
    await decision(page, 'Accept').click();
    await ended();
    const renamed = original['src/money.ts']?.replaceAll('rest', 'cent') ?? '';
    assert.deepEqual(await texts(editor.folder), { ...original, 'src/money.ts': `const lookedOver = 1;\n${renamed}` });
  });

  it('takes one file and leaves the other', async () => {
    const { page, editor } = session;
    const ended = await send(page, 'rename MEMBER_DISCOUNT to CARD_DISCOUNT');
    const title = page.locator('.editor-actions');
    await diffInFront(page, 'basket.ts');
    await title.getByRole('button', { name: /Accept Proposed Change/ }).click();
    await diffInFront(page, 'receipt.test.ts');
    await title.getByRole('button', { name: /Reject Proposed Change/ }).click();
    await ended();
    const renamed = original['src/basket.ts']?.replaceAll('MEMBER_DISCOUNT', 'CARD_DISCOUNT') ?? '';
    assert.deepEqual(await texts(editor.folder), { ...original, 'src/basket.ts': renamed });
    assert.equal(await cards(page, 'File change').count(), 1);
  });
});
