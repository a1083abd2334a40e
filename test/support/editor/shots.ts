/**
 * Pictures of Gantry at work, in three themes and two panel widths: `node shots.ts <folder>`.
 * One run drives the demo model through the sample: empty panel, asked for approval, diff, done.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type Editor, repository, startEditor } from './editor.ts';
import { setPanelWidth } from './layout.ts';
import { launchBrowser, openFile, openWorkbench, panel, themes } from './workbench.ts';

const WIDTHS = [300, 600] as const;
const SAMPLE = path.join(repository, 'media/sample-workspace');
const MOST_DECISIONS = 8;

/** Lets transitions and late paint end; for pictures only, tests await conditions. */
const settle = (page: Page) => page.waitForTimeout(600);

async function shoot(page: Page, folder: string, name: string): Promise<void> {
  await settle(page);
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
  console.log(`  ${name}.png`);
}

async function shootWidths(page: Page, folder: string, name: string): Promise<void> {
  for (const width of WIDTHS) {
    await setPanelWidth(page, width);
    await shoot(page, folder, `${name}-${width}`);
  }
}

/** The demo from the first word to the last, with a picture at each stop. */
async function story(page: Page, folder: string, theme: string): Promise<void> {
  const view = panel(page);
  const message = view.getByRole('textbox', { name: 'Message Gantry' });
  await message.waitFor();
  await openFile(page, 'receipt.ts');
  await shootWidths(page, folder, `${theme}-1-empty`);
  await message.fill('Fix the failing test');
  await message.press('Enter');
  const decision = view.getByRole('group', { name: 'Decision' }).first();
  const elsewhere = view.getByRole('button', { name: /^Waiting for you/ }).first();
  const done = view.getByText(/^Worked for/).first();
  for (let step = 2; step < 2 + MOST_DECISIONS; step++) {
    await decision.or(elsewhere).or(done).first().waitFor({ timeout: 90_000 });
    if (await done.isVisible()) break;
    if (await elsewhere.isVisible()) await elsewhere.click();
    await shootWidths(page, folder, `${theme}-${step}-asked`);
    await decision.getByRole('button').first().click();
    await decision.waitFor({ state: 'hidden', timeout: 10_000 }).catch(() => undefined);
  }
  await shootWidths(page, folder, `${theme}-9-done`);
}

async function shootTheme(browser: Browser, name: keyof typeof themes, folder: string): Promise<void> {
  const editor: Editor = await startEditor({
    template: SAMPLE,
    settings: { 'workbench.colorTheme': themes[name], 'window.autoDetectColorScheme': false },
    env: { GANTRY_OPEN_PANEL: '1' },
  });
  try {
    const page = await openWorkbench(browser, editor, {
      viewport: { width: 1440, height: 900 },
      // The editor takes a high contrast theme only from a system that asks for one.
      ...(name === 'highContrast' ? { colorScheme: 'dark', forcedColors: 'active' } : {}),
    });
    try {
      await story(page, folder, name);
    } catch (error) {
      await shoot(page, folder, `${name}-stuck`);
      throw error;
    } finally {
      await page.context().close();
    }
  } finally {
    await editor.stop();
  }
}

const folder = path.resolve(process.argv[2] ?? path.join(repository, '.test-output/shots'));
const wanted = process.argv[3];
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  for (const name of Object.keys(themes) as (keyof typeof themes)[]) {
    if (!wanted || wanted === name) await shootTheme(browser, name, folder);
  }
} finally {
  await browser.close();
}
console.log(`Pictures are in ${folder}`);
