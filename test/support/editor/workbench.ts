/** Drives the real workbench in a real browser, by what a person sees. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import {
  type Browser,
  type BrowserContextOptions,
  chromium,
  type FrameLocator,
  type Locator,
  type Page,
} from 'playwright-core';
import { ensureChromium } from '../../../.ci/chromium.mjs';
import { type Editor, repository } from './editor.ts';

/** Where failure pictures and reports go; not under version control. */
export const outputFolder = path.join(repository, '.test-output');

/** The themes that everything must look right in, by the id that `workbench.colorTheme` takes. */
export const themes = {
  dark: 'Default Dark Modern',
  light: 'Default Light Modern',
  highContrast: 'Default High Contrast',
} as const;

const EXTENSION = 'gantry.gantry';

/** A headless browser; the caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  const found = await ensureChromium();
  if (found.path === undefined) throw new Error(found.missing);
  return chromium.launch({
    executablePath: found.path,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
    ],
  });
}

/** A page of `browser` that shows `editor`, once the workbench is drawn. */
export async function openWorkbench(
  browser: Browser,
  editor: Editor,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  await page.goto(editor.url);
  // Where no folder is open, the explorer stays closed.
  const drawn = editor.folder === '' ? '.part.statusbar .statusbar-item' : '.explorer-folders-view';
  await page.locator(`.monaco-workbench ${drawn}`).first().waitFor({ timeout: 90_000 });
  return page;
}

/** Inside of Gantry's panel (`nth` when several views of it are open): the page that the extension drew. */
export function panel(page: Page, nth = 0): FrameLocator {
  return page
    .frameLocator(`iframe.webview.ready[src*="extensionId=${EXTENSION}"]`)
    .nth(nth)
    .frameLocator('iframe#active-frame');
}

/** Runs a command by its title in the palette, with category: `Gantry: New Thread`. */
export async function runCommand(page: Page, title: string): Promise<void> {
  await choose(page, 'F1', `>${title}`, title);
}

/** Opens a file of the folder by its name and returns its editor. */
export async function openFile(page: Page, name: string): Promise<Locator> {
  await choose(page, 'ControlOrMeta+P', name, path.basename(name));
  // A proposal's diff of the file has the same resource in a tab of its own.
  await page
    .locator(`.tab.active[data-resource-name="${path.basename(name)}"]:not([aria-label*="proposed change"])`)
    .first()
    .waitFor();
  return page.locator('.editor-instance .monaco-editor').first();
}

/**
 * Opens a quick pick, types, and takes the first row that holds `row`. A view that takes the focus (a panel that opens
 * itself) closes the pick, as it would a person's: so it is opened again, three times at most.
 */
async function choose(page: Page, keys: string, typed: string, row: string): Promise<void> {
  const input = page.locator('.quick-input-widget input').first();
  const rows = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: row });
  for (let attempt = 1; ; attempt++) {
    await page.keyboard.press(keys);
    try {
      await input.fill(typed, { timeout: 5_000 });
      await rows.first().click({ timeout: 10_000 });
      return;
    } catch (error) {
      if (attempt === 3 || (await input.isVisible())) throw error;
    }
  }
}

/** Writes what the page shows into the output folder, and returns the file. */
export async function picture(page: Page, name: string): Promise<string> {
  await mkdir(outputFolder, { recursive: true });
  const file = path.join(outputFolder, `${name.replaceAll(/[^\w.-]+/g, '-').slice(0, 120)}.png`);
  await page.screenshot({ path: file });
  return file;
}
