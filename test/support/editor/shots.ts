/**
 * Pictures of Gantry at work, in three themes: `node shots.ts <folder> [theme] [story]`. The demo model is driven through the
 * sample. `asked`, in two panel widths: empty panel, asked for approval, diff, done. `review`: what was written without asking
 * waits hunk by hunk, in the panel's widths and as the README has it.
 */
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { type Editor, freshFolder, repository, startEditor } from './editor.ts';
import { setPanelWidth } from './layout.ts';
import { launchBrowser, openFile, openWorkbench, panel, runCommand, themes } from './workbench.ts';

const WIDTHS = [300, 600] as const;
const README_PANEL = 420;
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

/** What was written waits: hunks in the editor, the list above the message field, the diff in its card. */
async function review(page: Page, folder: string, theme: string): Promise<void> {
  const view = panel(page);
  const message = view.getByRole('textbox', { name: 'Message Gantry' });
  await message.waitFor();
  await message.fill('Fix the failing test');
  await message.press('Enter');
  await view
    .getByText(/^Worked for/)
    .first()
    .waitFor({ timeout: 90_000 });
  await view.getByRole('button', { name: /changes in 2 files/ }).click();
  await openFile(page, 'basket.ts');
  // The editor in front needs the room; what else changed stands in the list.
  await page.keyboard.press('ControlOrMeta+B');
  await page.locator('.codelens-decoration').filter({ hasText: 'Keep' }).first().waitFor();
  await runCommand(page, 'Gantry: Go to Next Change to Review');
  for (const width of [...WIDTHS, README_PANEL]) {
    await setPanelWidth(page, width);
    await view.getByRole('list', { name: /^Edited 2 files/ }).evaluate((list) => list.scrollIntoView());
    // What the mouse was left on would show its hover.
    await page.mouse.move(120, 18);
    await shoot(page, folder, `${theme}-review-${width}`);
  }
}

const STORIES = {
  asked: { run: story, settings: {}, size: { viewport: { width: 1440, height: 900 } } },
  review: {
    run: review,
    settings: { 'gantry.mode': 'auto', 'window.title': 'shop', 'workbench.startupEditor': 'none' },
    size: { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1.5 },
  },
} as const;

/** The sample in a folder whose name says something. */
async function shop(): Promise<{ at: string; remove(): Promise<void> }> {
  const parent = await mkdtemp(path.join(tmpdir(), 'gantry-shots-'));
  const at = path.join(parent, 'shop');
  await rename(await freshFolder(SAMPLE), at);
  return { at, remove: () => rm(parent, { recursive: true, force: true, maxRetries: 5 }) };
}

async function shootTheme(
  browser: Browser,
  name: keyof typeof themes,
  folder: string,
  { run, settings, size }: (typeof STORIES)[keyof typeof STORIES],
): Promise<void> {
  const sample = await shop();
  const editor: Editor = await startEditor({
    folder: sample.at,
    settings: { 'workbench.colorTheme': themes[name], 'window.autoDetectColorScheme': false, ...settings },
    env: { GANTRY_OPEN_PANEL: '1' },
  });
  try {
    const page = await openWorkbench(browser, editor, {
      ...size,
      // The editor takes a high contrast theme only from a system that asks for one.
      ...(name === 'highContrast' ? { colorScheme: 'dark', forcedColors: 'active' } : {}),
    });
    try {
      await run(page, folder, name);
    } catch (error) {
      await shoot(page, folder, `${name}-stuck`);
      throw error;
    } finally {
      await page.context().close();
    }
  } finally {
    await editor.stop();
    await sample.remove();
  }
}

const folder = path.resolve(process.argv[2] ?? path.join(repository, '.test-output/shots'));
const [wanted, wantedStory] = process.argv.slice(3);
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  for (const name of Object.keys(themes) as (keyof typeof themes)[]) {
    if (wanted && wanted !== name) continue;
    for (const one of Object.keys(STORIES) as (keyof typeof STORIES)[])
      if (!wantedStory || wantedStory === one) await shootTheme(browser, name, folder, STORIES[one]);
  }
} finally {
  await browser.close();
}
console.log(`Pictures are in ${folder}`);
