import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { openFile, panel, runCommand, useEditor, waitFor } from '../support/editor/index.ts';
import { ask, card, cards, composer, newThread, PANEL_OPEN, SAMPLE, send, TALL, turnEnd } from './person.ts';
import { coreOf, running } from './processes.ts';

/** Selects the function in lines 5 to 8 of src/receipt.ts and chooses `entry` from the context menu there. */
async function fromContextMenu(page: Page, entry: string): Promise<void> {
  const editor = await openFile(page, 'receipt.ts');
  const line = editor.locator('.view-line').filter({ hasText: 'export function heading' });
  await line.click();
  await page.keyboard.press('Home');
  for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+End');
  await page
    .locator('.statusbar')
    .getByText(/\d+ selected/)
    .waitFor();
  await line.click({ button: 'right', position: { x: 40, y: 8 } });
  const item = page.locator('.monaco-menu').getByText(entry, { exact: true });
  // In its first tenth of a second the menu takes no click, so that the click that opened it chooses nothing.
  await waitFor(
    async () => {
      if ((await item.count()) > 0) await item.click({ timeout: 1_000 });
      return (await item.count()) === 0;
    },
    { what: 'the menu to close', everyMs: 200 },
  );
}

describe('a thread', () => {
  const session = useEditor({ template: SAMPLE, env: PANEL_OPEN }, TALL);

  before('the panel is there', async () => {
    await composer(session.page).waitFor();
  });

  describe('about a selection', () => {
    beforeEach(() => newThread(session.page));

    it('takes the selection along from the context menu, with file and lines, and waits for the words', async () => {
      const { page } = session;
      await fromContextMenu(page, 'Ask Gantry About Selection');
      const chips = panel(page).getByRole('list', { name: 'Attachments' });
      await chips.getByText('receipt.ts:5-8').waitFor();
      await panel(page).locator('textarea[aria-label="Message Gantry"]:focus').waitFor();

      await page.keyboard.type('describe it');
      await page.keyboard.press('Enter');
      const asked = card(page, 'You', 'describe it');
      await asked.getByRole('list', { name: 'Attached' }).getByRole('button', { name: 'receipt.ts:5-8' }).waitFor();
      await card(page, 'Gantry', 'src/receipt.ts, lines 5 to 8: 4 lines, 1 declaration').waitFor();
      await turnEnd(page, 0);
      assert.equal(await chips.count(), 0, 'the chip has gone with the message');
    });

    it('explains the selection at once', async () => {
      const { page } = session;
      await fromContextMenu(page, 'Explain with Gantry');
      await card(page, 'You', 'Explain the selected code').getByRole('button', { name: 'receipt.ts:5-8' }).waitFor();
      await card(page, 'Gantry', /function heading \(src\/receipt\.ts:5\).*1 return/).waitFor();
      await turnEnd(page, 0);
    });
  });

  describe('with a command that takes long', () => {
    const seconds = `98765.${process.pid}`;
    const command = `echo up; sleep ${seconds} & (sleep ${seconds}; echo never)`;
    beforeEach(() => newThread(session.page));

    async function startIt(): Promise<() => Promise<string>> {
      const { page } = session;
      const ended = await send(page, `run: ${command}`);
      await card(page, 'Command', 'up').getByRole('button', { name: 'Stop command' }).waitFor();
      await waitFor(() => running('sleep', seconds).length === 2, { what: 'both processes' });
      return ended;
    }
    async function allGone(): Promise<void> {
      await waitFor(() => running('sleep', seconds).length === 0, { what: 'the end of all processes' });
      assert.equal(await panel(session.page).getByRole('button', { name: 'Stop command' }).count(), 0);
      await card(session.page, 'Command', 'stopped').waitFor();
    }

    it('stops at Esc, and nothing that it started is left', async () => {
      const ended = await startIt();
      await composer(session.page).press('Escape');
      assert.match(await ended(), /^Stopped/);
      await allGone();
    });

    it("stops at the card's Stop, and the turn goes on", async () => {
      const { page } = session;
      const ended = await startIt();
      await panel(page).getByRole('button', { name: 'Stop command' }).click();
      assert.match(await ended(), /^Worked for/);
      await card(page, 'Gantry', /You stopped it\./).waitFor();
      await allGone();
    });

    it('stops when the window is reloaded, and the thread says so', async () => {
      const { page } = session;
      await startIt();
      await page.reload();
      await card(page, 'End of turn', 'Stopped').waitFor({ timeout: 60_000 });
      await allGone();
    });
  });

  describe('when the window or the agent goes away', () => {
    const first = 'find MEMBER_DISCOUNT';

    /** What each card says, without times, which differ. */
    const shown = async (): Promise<string[]> => {
      const all = await panel(session.page).getByRole('article').allInnerTexts();
      return all.map((text) => text.replaceAll(/\d+(\.\d+)? (s|ms)\b/g, 'N s'));
    };

    it('is there again after a reload, with all its cards', async () => {
      const { page } = session;
      await newThread(page);
      await ask(page, first);
      await ask(page, 'run: echo second');
      const before = await shown();
      assert.equal(await cards(page, 'You').count(), 2);
      await page.reload();
      await cards(page, 'You').nth(1).waitFor({ timeout: 60_000 });
      await waitFor(async () => JSON.stringify(await shown()) === JSON.stringify(before), {
        what: `the cards ${JSON.stringify(before)}`,
      });
      await ask(page, 'run: echo third');
      await card(page, 'Gantry', 'It ended well').waitFor();
    });

    it('is in the history, and goes on from there', async () => {
      const { page } = session;
      await newThread(page);
      await ask(page, 'run: echo in another thread');
      await panel(page).getByRole('button', { name: 'History', exact: true }).click();
      const threads = panel(page).getByRole('list', { name: 'Threads' });
      await threads.getByRole('button', { name: /run: echo in another thread.*current/ }).waitFor();
      await threads.getByRole('button', { name: new RegExp(`^${first}`) }).click();
      await card(page, 'You', first).waitFor();
      assert.equal(await cards(page, 'You').count(), 3);
      await ask(page, 'run: echo fourth');
      assert.equal(await cards(page, 'You').count(), 4);
    });

    it('goes on after the agent was killed', async () => {
      const { page, editor } = session;
      const before = await shown();
      const pid = coreOf(editor.home);
      assert.ok(pid);
      process.kill(pid, 'SIGKILL');
      const notices = panel(page).getByRole('region', { name: 'Notices' });
      await notices.getByText('The agent ended (signal SIGKILL) and is being restarted.').waitFor();
      await notices.getByText('being restarted').waitFor({ state: 'detached' });
      assert.deepEqual(await shown(), before);
      await ask(page, 'run: echo after the end');
      assert.notEqual(coreOf(editor.home), pid);
      assert.equal(await cards(page, 'You').count(), 5);
    });

    it('ends the turn that ran when the agent was killed, and the next message starts another', async () => {
      const { page, editor } = session;
      await newThread(page);
      const seconds = `87654.${process.pid}`;
      const ended = await send(page, `run: echo up; sleep ${seconds}`);
      await card(page, 'Command', 'up').getByRole('button', { name: 'Stop command' }).waitFor();
      process.kill(coreOf(editor.home) ?? 0, 'SIGKILL');
      await ended();
      await waitFor(() => running('sleep', seconds).length === 0, { what: 'the end of the command' });
      await ask(page, 'run: echo again');
      await card(page, 'Gantry', 'It ended well').waitFor();
    });

    it('starts anew by command', async () => {
      await runCommand(session.page, 'Gantry: New Thread');
      await panel(session.page).getByRole('heading', { name: 'What should we build?' }).waitFor();
    });
  });
});
