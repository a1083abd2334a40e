/** Other agents' files: bounded, and never trusted to be what they should be. */
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { jsonrepair } from 'jsonrepair';
import { readTextFile } from '../context/read-text-file.ts';

const MOST_BYTES = 4 * 1024 * 1024;

export type Table = Record<string, unknown>;

export const isTable = (value: unknown): value is Table =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const tableIn = (value: unknown, key: string): Table => {
  const inner = isTable(value) && Object.hasOwn(value, key) ? value[key] : null;
  return isTable(inner) ? inner : {};
};

export const textIn = (value: unknown, key: string): string | null => {
  const inner = isTable(value) && Object.hasOwn(value, key) ? value[key] : null;
  return typeof inner === 'string' ? inner : null;
};

export const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/** Null where there is none, or it is too large to be one. */
export async function readText(file: string): Promise<string | null> {
  const text = await readTextFile(file, MOST_BYTES + 1);
  return text === null || Buffer.byteLength(text) > MOST_BYTES || text.trim() === ''
    ? null
    : text.replace(/^\uFEFF/, '');
}

/** JSON, also with comments and commas at the end; null where there is no table in the file. */
export async function readJson(file: string): Promise<Table | null> {
  const text = await readText(file);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(file.endsWith('.jsonc') ? jsonrepair(text) : text);
    return isTable(value) ? value : null;
  } catch {
    try {
      const value: unknown = JSON.parse(jsonrepair(text));
      return isTable(value) ? value : null;
    } catch {
      return null;
    }
  }
}

/** Names in a folder, sorted; empty where there is none. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.')).sort();
}

export async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => null)) !== null;
}

/** Folders in `folder` that hold a SKILL.md. */
export async function skillFolders(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await namesIn(folder)) {
    if (await exists(path.join(folder, name, 'SKILL.md'))) found.push(path.join(folder, name));
  }
  return found;
}
