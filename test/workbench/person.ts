/** What a person does with Gantry, and what they see of it. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Locator, Page } from 'playwright-core';
import { KNOWN_PROVIDERS } from '../../agent-core/models/providers.ts';
import { panel, repository, waitFor } from '../support/editor/index.ts';

const exec = promisify(execFile);

export const SAMPLE = path.join(repository, 'media/sample-workspace');

/** Tall enough for a whole turn: the panel draws only the cards on screen. */
export const TALL = { viewport: { width: 1500, height: 2000 } };

/** A session whose panel is open at once, and that no key and no Ollama of this machine reaches. */
export const PANEL_OPEN: Record<string, string> = {
  GANTRY_OPEN_PANEL: '1',
  ...Object.fromEntries(KNOWN_PROVIDERS.flatMap(({ keyVariables }) => keyVariables).map((name) => [name, ''])),
  OLLAMA_HOST: '127.0.0.1:9',
};

export const composer = (page: Page): Locator => panel(page).getByRole('textbox', { name: 'Message Gantry' });

/** The cards that are on screen, by the name that a screen reader says: `Command`, `Gantry`, `File change` … */
export const cards = (page: Page, name: string): Locator => panel(page).getByRole('article', { name, exact: true });

/** The last card of that name, which `text` narrows down. */
export const card = (page: Page, name: string, text?: string | RegExp): Locator =>
  cards(page, name)
    .filter(text === undefined ? {} : { hasText: text })
    .last();

/** The last row of the thread, which is on screen while nobody scrolls up. */
const lastRow = (page: Page): Locator => panel(page).getByRole('feed').getByRole('article').last();

async function rowCount(page: Page): Promise<number> {
  if ((await panel(page).getByRole('feed').count()) === 0) return 0;
  return Number(await lastRow(page).getAttribute('aria-setsize'));
}

/** Sends; the returned function waits for the end of the turn, and returns what its last line says. */
export async function send(page: Page, text: string): Promise<() => Promise<string>> {
  const before = await rowCount(page);
  await composer(page).fill(text);
  await composer(page).press('Enter');
  return () => turnEnd(page, before);
}

/** Waits until the thread ends with the end of a turn, below its first `before` rows. */
export function turnEnd(page: Page, before: number): Promise<string> {
  const ended = async (): Promise<string | undefined> => {
    const row = lastRow(page);
    const quick = { timeout: 1_000 };
    if ((await row.getAttribute('aria-label', quick)) !== 'End of turn') return undefined;
    return Number(await row.getAttribute('aria-posinset', quick)) > before ? row.innerText(quick) : undefined;
  };
  return waitFor(ended, { what: 'the end of the turn', timeoutMs: 50_000 });
}

/** Sends and waits for the turn's end. */
export async function ask(page: Page, text: string): Promise<string> {
  return (await send(page, text))();
}

/** Starts over with an empty thread. */
export async function newThread(page: Page): Promise<void> {
  await panel(page).getByRole('button', { name: 'New thread', exact: true }).click();
  await panel(page).getByRole('heading', { name: 'What should we build?' }).waitFor();
}

export const decision = (page: Page, label: string): Locator =>
  panel(page).getByRole('group', { name: 'Decision' }).getByRole('button', { name: label, exact: true });

/** Picks a mode in the panel by its name, `Auto edit`. */
export async function chooseMode(page: Page, label: string): Promise<void> {
  await panel(page)
    .getByRole('button', { name: /^Mode: / })
    .click();
  await panel(page).getByRole('option', { name: label }).click();
  await panel(page)
    .getByRole('button', { name: `Mode: ${label}` })
    .waitFor();
}

/** The diff editor in front, with its tab's title. */
export async function diffInFront(page: Page, title: string): Promise<Locator> {
  await page.locator('.tab.active').filter({ hasText: title }).first().waitFor();
  const diff = page.locator('.editor-instance .monaco-diff-editor').first();
  await diff.locator('.editor.modified .view-line').first().waitFor();
  return diff;
}

/** All texts of the folder that Git knows or sees, by path. */
export async function texts(folder: string): Promise<Record<string, string>> {
  const { stdout } = await exec('git', ['ls-files', '-co', '--exclude-standard'], { cwd: folder });
  const names = stdout.split('\n').filter(Boolean).sort();
  const entries = names.map(async (name) => [name, await readFile(path.join(folder, name), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Takes the folder back to its first commit. */
export async function restore(folder: string): Promise<void> {
  await exec('git', ['checkout', '-q', '.'], { cwd: folder });
  await exec('git', ['clean', '-fdq'], { cwd: folder });
}
