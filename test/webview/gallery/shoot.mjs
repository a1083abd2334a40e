// Takes a picture of each state: node test/webview/gallery/shoot.mjs OUT_DIR [state,…] [theme,…] [width,…]
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Builds the gallery into `dir` and returns the URL of its page. */
export async function buildGallery(dir) {
  await build({
    entryPoints: { gallery: path.join(here, 'gallery.tsx') },
    outdir: dir,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'chrome128',
    jsx: 'automatic',
    loader: { '.ttf': 'dataurl' },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'warning',
    splitting: false,
  });
  writeFileSync(
    path.join(dir, 'index.html'),
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Gantry panel</title><link rel="stylesheet" href="gallery.css"><div id="root"></div><script type="module" src="gallery.js"></script></html>',
  );
  return pathToFileURL(path.join(dir, 'index.html')).href;
}

export function launchBrowser() {
  const executablePath = [
    process.env.GANTRY_CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
  ].find((file) => file && existsSync(file));
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
      '--allow-file-access-from-files',
    ],
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [out = 'gallery', ...lists] = process.argv.slice(2);
  const [states, themes, widths] = lists.map((list) => list.split(','));
  const dir = mkdtempSync(path.join(tmpdir(), 'gantry-gallery-'));
  mkdirSync(out, { recursive: true });
  const browser = await launchBrowser();
  try {
    const url = await buildGallery(dir);
    for (const width of widths ?? ['300', '600']) {
      const page = await browser.newPage({ viewport: { width: Number(width), height: 860 }, deviceScaleFactor: 2 });
      page.on('pageerror', (error) => console.error(error));
      for (const theme of themes ?? ['dark', 'light', 'hc-dark', 'hc-light']) {
        for (const state of states ?? [
          'empty',
          'done',
          'running',
          'ask-command',
          'ask-file',
          'cards',
          'failed',
          'history',
        ]) {
          await page.goto(`${url}?state=${state}&theme=${theme}`);
          await page.getByRole('main').waitFor();
          await page.waitForTimeout(250);
          await page.screenshot({ path: path.join(out, `${state}-${theme}-${width}.png`) });
        }
      }
      await page.close();
    }
  } finally {
    await browser.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
