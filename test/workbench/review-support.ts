/** What the suites about reviews share: a folder, a scripted model, and what a person sees of what waits. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { freshFolder, openFile, panel, useEditor, waitFor } from '../support/editor/index.ts';
import { type ModelServer, type Reply, startModelServer } from '../support/model-server/index.ts';
import { composer, PANEL_OPEN, TALL } from './person.ts';

/** Thirty lines, `line 0` to `line 29`, but for those that are given. */
export function lines(...changed: [number, string | string[]][]): string {
  const text: (string | string[])[] = Array.from({ length: 30 }, (_, index) => `line ${index}`);
  for (const [index, line] of changed) text[index] = line;
  return text
    .flat()
    .map((line) => `${line}\n`)
    .join('');
}

const hunk = (index: number) => `@@\n line ${index - 1}\n-line ${index}\n+LINE ${index}\n line ${index + 1}\n`;

/** In a patch: these lines of that file in capitals. */
export const changeOf = (file: string, ...indices: number[]): string =>
  `*** Update File: ${file}\n${indices.map(hunk).join('')}`;

export const patch = (...operations: string[]): Reply => ({
  freeform: 'apply_patch',
  input: `*** Begin Patch\n${operations.join('')}*** End Patch\n`,
});

export const command = (cmd: string): Reply => ({ call: 'exec_command', args: { cmd } });

export type Desk = {
  readonly page: Page;
  readonly folder: string;
  /** The editor's own. */
  readonly home: string;
  readonly model: ModelServer;
  /** The absolute path. */
  at(name: string): string;
  /** Puts the files back as they were at first. */
  reset(): Promise<void>;
  /** All files of the folder, as the disk has them. */
  disk(): Promise<Record<string, string>>;
  /** What stands between the tags in the newest request of the model, by the newest message that has them. */
  told(tag: string): string | undefined;
  /** The outputs of tools in the newest request, oldest first. */
  outputs(): string[];
};

/** Gives the surrounding `describe` block an editor with these files and a scripted model; a new thread is open. */
export function useDesk(files: Record<string, string>, settings: Record<string, unknown> = {}): Desk {
  let model: ModelServer;
  let folder = '';
  const dirs: string[] = [];
  const made = async (name: string): Promise<string> => {
    const dir = await mkdtemp(path.join(tmpdir(), `gantry-review-${name}-`));
    dirs.push(dir);
    return dir;
  };
  const session = useEditor(async () => {
    model = await startModelServer({ script: [] });
    const home = await made('home');
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
    // Not committed, so that the marks in the gutter are Gantry's alone.
    folder = await freshFolder();
    dirs.push(folder);
    await put(folder, files);
    return {
      folder,
      settings: { 'files.autoSave': 'off', ...settings },
      env: { ...PANEL_OPEN, GANTRY_HOME: home, SCRIPTED_KEY: 'scripted-key' },
    };
  }, TALL);
  before('the panel is there', async () => {
    await composer(session.page).waitFor();
  });
  after('remove the files', async () => {
    await model.close();
    for (const dir of dirs) await rm(dir, { recursive: true, force: true });
    assert.deepEqual(model.problems, []);
  });
  type Item = { type?: string; content?: unknown; output?: unknown };
  const newest = () => (model.requests.at(-1)?.body.input ?? []) as Item[];
  return {
    get page() {
      return session.page;
    },
    get home() {
      return session.editor.home;
    },
    get folder() {
      return folder;
    },
    get model() {
      return model;
    },
    at: (name) => path.join(folder, name),
    reset: async () => {
      for (const name of Object.keys(await textsIn(folder))) if (!(name in files)) await rm(path.join(folder, name));
      await put(folder, files);
    },
    disk: () => textsIn(folder),
    told: (tag) =>
      newest()
        .flatMap(({ content }) => (Array.isArray(content) ? content.map(({ text }) => String(text)) : []))
        .findLast((text) => text.startsWith(`<${tag}>`))
        ?.replace(new RegExp(`^<${tag}>\n|\n</${tag}>$`, 'g'), ''),
    outputs: () =>
      newest()
        .filter(({ type }) => type?.endsWith('_output'))
        .map(({ output }) => String(output)),
  };
}

async function put(folder: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), text);
  }
}

async function textsIn(folder: string): Promise<Record<string, string>> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((name) => !name.startsWith('.git'))
    .sort();
  return Object.fromEntries(
    await Promise.all(files.map(async (name) => [name, await readFile(path.join(folder, name), 'utf8')] as const)),
  );
}

/** Waits until the files on the disk are these; the assertion says how they differ. */
export async function untilDisk(desk: Desk, wanted: Record<string, string>): Promise<void> {
  const same = async () => {
    assert.deepEqual(await desk.disk(), wanted);
    return true;
  };
  await waitFor(same, { what: 'the files', timeoutMs: 10_000 }).catch(() => {});
  await same();
}

/** Waits until the status bar says `1 file, 3 changes to review`, given `1 file, 3 changes`; null: until it says nothing of it. */
export async function untilWaiting(page: Page, what: string | null): Promise<void> {
  const item = page.getByRole('button', { name: /to review\. Click to go to the next one/ });
  if (what === null) await item.waitFor({ state: 'hidden' });
  else await page.getByRole('button', { name: `${what} to review. Click` }).waitFor();
}

/** A button above the hunk that stands there as `2 of 3`. */
export const lens = (page: Page, place: string, title: string): Locator =>
  page.locator('.codelens-decoration').filter({ hasText: place }).locator('a', { hasText: title });

/** The cursor's line and column, from 1, as the status bar has it. */
export const cursorAt = (page: Page, line: number, column: number): Promise<void> =>
  page.locator('.statusbar-item').getByText(`Ln ${line}, Col ${column}`, { exact: true }).waitFor();

/** The list above the message field, opened. */
export async function openList(page: Page): Promise<Locator> {
  const list = panel(page).getByRole('region', { name: 'Changes to review' });
  const toggle = list.getByRole('button', { expanded: false });
  await list.waitFor();
  if ((await toggle.count()) > 0) await toggle.click();
  return list;
}

/** Opens the file and puts the cursor at the end of the line, from 1. */
export async function goToEnd(page: Page, name: string, line: number): Promise<void> {
  await openFile(page, name);
  await page.keyboard.press('Control+G');
  await page.locator('.quick-input-widget input').first().fill(`:${line}`);
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
}

/** Clicks the mark beside the line with this text; what opens there shows the change with its buttons. */
export async function openPeek(page: Page, text: string): Promise<Locator> {
  const line = page.locator('.editor-instance .view-line').filter({ hasText: text }).first();
  const glyphs = page.locator('.editor-instance .margin-view-overlays .dirty-diff-glyph');
  const beside = await waitFor(
    async () => {
      const box = await line.boundingBox();
      const boxes = await Promise.all((await glyphs.all()).map((glyph) => glyph.boundingBox()));
      return boxes.find((at) => at && box && Math.abs(at.y + at.height / 2 - box.y - box.height / 2) < 4);
    },
    { what: `the mark beside ${text}` },
  );
  await page.mouse.click(beside.x + 2, beside.y + beside.height / 2);
  const peek = page.locator('.peekview-widget');
  await peek.waitFor();
  return peek;
}
