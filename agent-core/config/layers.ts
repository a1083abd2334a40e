/** One layer of configuration: where it comes from, what it says, and what is wrong with it. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import path from 'node:path';
import type { ConfigLayerSource, ConfigProblem as WireProblem } from '../protocol/index.ts';
import { checkFile, type KeyProblem } from './check-config.ts';
import { readPlainFile } from './plain-file.ts';
import type { Raw } from './raw.ts';
import { locateKey, parseToml } from './toml-text.ts';

/** The wire's form, with how bad it is: a warning changes nothing, an error lost the value of a key. */
export type ConfigProblem = WireProblem & { severity: 'error' | 'warning' };

export type Layer = {
  name: ConfigLayerSource;
  /** What counts of it: keys that are wrong or not allowed are gone. */
  raw: Raw;
  /** Of the whole file as it was read, so that a writer can tell whether it is still the same. */
  version: string;
  /** Null: it counts. Else why not. */
  disabledReason: string | null;
};

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}

/** The same for the same values, in whatever order and with whatever comments they stand in the file. */
export const versionOf = (raw: Raw): string =>
  `sha256:${createHash('sha256')
    .update(JSON.stringify(canonical(raw)))
    .digest('hex')}`;

export type ConfigFile = {
  file: string;
  text: string;
  exists: boolean;
  /** As parsed, before any check. */
  whole: Raw;
  version: string;
  raw: Raw;
  problems: ConfigProblem[];
};

/** Problems by key as problems by place. */
export function placed(file: string, text: string, problems: readonly KeyProblem[]): ConfigProblem[] {
  return problems.map(({ path: key, message, expected, severity }) => {
    const at = locateKey(text, key);
    const where = at ? `${path.basename(file)} line ${at.line}: ` : '';
    return { file, line: at?.line ?? null, column: at?.column ?? null, message: where + message, expected, severity };
  });
}

function readText(file: string): { text: string | null; problems: ConfigProblem[] } {
  const { text, problem } = readPlainFile(file);
  if (problem === null) return { text, problems: [] };
  const name = path.basename(file);
  const message = `${name} cannot be read (${problem}). Make it a file that you may read. Defaults are used.`;
  return { text: null, problems: [{ file, line: null, column: null, message, expected: null, severity: 'error' }] };
}

function understand(file: string, text: string, exists: boolean, problems: ConfigProblem[]): ConfigFile {
  const parsed = parseToml(text);
  const name = path.basename(file);
  for (const { line, column, message } of parsed.problems) {
    const what = `${name} line ${line}, column ${column}: ${message}. This line is passed over; correct it.`;
    problems.push({ file, line, column, message: what, expected: 'TOML, such as key = "value"', severity: 'error' });
  }
  const checked = checkFile(parsed.value);
  problems.push(...placed(file, text, checked.problems));
  return { file, text, exists, whole: parsed.value, version: versionOf(parsed.value), raw: checked.raw, problems };
}

/** Reads a file with each call, and understands it again only when its text is another. Never throws. */
export type ConfigReader = (file: string) => ConfigFile;

export function createConfigReader(): ConfigReader {
  const known = new Map<string, ConfigFile>();
  return (file) => {
    const { text, problems } = readText(file);
    const before = known.get(file);
    const exists = text !== null;
    if (before && problems.length === 0 && before.exists === exists && before.text === (text ?? '')) return before;
    const read = understand(file, text ?? '', exists, problems);
    if (problems.length === 0 || exists) known.set(file, read);
    return read;
  };
}

/** The folder above `cwd` that holds one of `markers`, or null. */
export function projectRoot(cwd: string, markers: readonly string[]): string | null {
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    if (markers.some((name) => statSync(path.join(folder, name), { throwIfNoEntry: false }))) return folder;
    if (path.dirname(folder) === folder) return null;
  }
}

/** `.codex` and `.gantry` of each folder from the root of the project down to `cwd`, the last with the last word. */
export function projectFolders(cwd: string, root: string | null, not: ReadonlySet<string>): string[] {
  const folders = [cwd];
  for (let folder = cwd; root !== null && folder !== root; ) {
    folder = path.dirname(folder);
    folders.unshift(folder);
  }
  return folders
    .flatMap((folder) => [path.join(folder, '.codex'), path.join(folder, '.gantry')])
    .filter((folder) => !not.has(folder));
}
