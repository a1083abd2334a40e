/** Writes the user's config.toml: all edits or none, in one step, with everything else in the file as it was. */
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'smol-toml';
import { checkFile } from './check-config.ts';
import { looksLikeSecret, SECRET_HELP, SECRET_KEYS } from './known-keys.ts';
import { versionOf } from './layers.ts';
import { isTable, leaves, merged, type Raw, showKey, valueAt } from './raw.ts';
import { isAllowedMode, isAllowedPolicy, type Requirements } from './requirements.ts';
import { editToml } from './toml-edit.ts';

/** As the reference names them on the wire. */
export type ConfigWriteErrorCode =
  | 'configLayerReadonly'
  | 'configVersionConflict'
  | 'configValidationError'
  | 'configPathNotFound'
  | 'configSchemaUnknownKey'
  | 'userLayerNotFound';

export type ConfigWriteEdit = {
  /** Dotted, with quotes around parts that hold dots. */
  keyPath: string;
  /** Null removes the key. */
  value: unknown;
  /** `upsert` merges a table into the one that is there. */
  mergeStrategy: 'replace' | 'upsert';
};

export type ConfigWriteOutcome =
  | { ok: true; version: string; paths: string[][]; isNew: boolean }
  | { ok: false; code: ConfigWriteErrorCode; message: string };

const failed = (code: ConfigWriteErrorCode, message: string): ConfigWriteOutcome => ({ ok: false, code, message });
const invalid = (message: string): ConfigWriteOutcome => failed('configValidationError', message);

/** The escapes of JSON and TOML; any other stands for the character after it. */
function unquoted(text: string): string {
  try {
    return String(JSON.parse(`"${text}"`));
  } catch {
    return text.replace(/\\(.)/gs, '$1');
  }
}

/** As on the command line, but lenient about what a bare part may hold; null when there is none between two dots. */
export function keyPathOf(text: string): string[] | null {
  const parts: string[] = [];
  let rest = text.trim();
  for (;;) {
    const match = /^(?:"((?:[^"\\]|\\.)*)"|([^."]+))(\.|$)/s.exec(rest);
    if (!match) return null;
    parts.push(match[2] ?? unquoted(match[1] ?? ''));
    rest = rest.slice(match[0].length);
    if (rest === '' && match[3] === '') return parts;
  }
}

/** What must not be written, in a sentence; null when all may be. */
function objection(edit: { path: string[]; value: unknown }, requirements: Requirements): string | null {
  const { path: key, value } = edit;
  if (key.includes('__proto__')) return `"${showKey(key)}" is not a key.`;
  if (value === undefined) return null;
  for (const leaf of leaves(value, key)) {
    const name = leaf.path.at(-1) ?? '';
    const isKey = leaf.path.length !== 2 && SECRET_KEYS.has(name) && /^(model_providers|profiles)$/.test(key[0] ?? '');
    const texts = Array.isArray(leaf.value) ? leaf.value : [leaf.value];
    const isSecret = texts.some((each) => typeof each === 'string' && looksLikeSecret(each));
    if (isKey || isSecret) return `${showKey(leaf.path)}: keys never stand in config.toml. ${SECRET_HELP}`;
  }
  const rejected = rejectedBy(requirements, key, value);
  return rejected ? `${rejected} is not allowed by requirements.toml.` : null;
}

function rejectedBy(requirements: Requirements, key: readonly string[], value: unknown): string | null {
  if (key.length !== 1) return null;
  const shown = `${key[0]} = ${JSON.stringify(value)}`;
  if (key[0] === 'sandbox_mode' && !isAllowedMode(requirements, value as never)) return shown;
  if (key[0] === 'approval_policy' && !isAllowedPolicy(requirements, value as never)) return shown;
  return null;
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Where a link leads, so that the link stays one. */
function targetOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function replaceFile(file: string, text: string): void {
  const target = targetOf(file);
  const mode = statSync(target, { throwIfNoEntry: false })?.mode;
  mkdirSync(path.dirname(target), { recursive: true, mode: 0o700 });
  const beside = `${target}.${randomUUID()}.tmp`;
  try {
    writeFileSync(beside, text, { mode: 0o600, flush: true });
    if (mode !== undefined) chmodSync(beside, mode & 0o777);
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** The first line of a file that Gantry makes: by it editors know where its schema is. */
export const SCHEMA_FILE = 'config.schema.json';
const FIRST_LINE = `#:schema ./${SCHEMA_FILE}\n\n`;

export type ConfigWrite = {
  file: string;
  edits: readonly ConfigWriteEdit[];
  /** What the file must still be; null: whatever it is. */
  expectedVersion: string | null;
  requirements: Requirements;
};

/** Throws only when the disk refuses. */
export function writeConfig({ file, edits, expectedVersion, requirements }: ConfigWrite): ConfigWriteOutcome {
  const found = readIfThere(file);
  let text = found ?? '';
  let before: Raw;
  try {
    before = parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return invalid(`${file} is no TOML: ${String(error).split('\n')[0]}. Correct it by hand first.`);
  }
  if (expectedVersion !== null && expectedVersion !== versionOf(before)) {
    const message = 'Configuration was modified since last read. Fetch latest version and retry.';
    return failed('configVersionConflict', message);
  }
  if (found === null) text = FIRST_LINE;
  const paths: string[][] = [];
  for (const { keyPath, value, mergeStrategy } of edits) {
    if (keyPath.trim() === '') return invalid('keyPath must not be empty');
    const key = keyPathOf(keyPath);
    if (!key)
      return invalid(`keyPath ${JSON.stringify(keyPath)} is no key, such as model or model_providers.mine.name.`);
    const asked = value === null ? undefined : value;
    const wrong = objection({ path: key, value: asked }, requirements);
    if (wrong) return invalid(wrong);
    const present = valueAt(parse(text.replace(/^\uFEFF/, '')), key);
    const isMerge = mergeStrategy === 'upsert' && isTable(asked) && isTable(present);
    const edited = editToml(text, { path: key, value: isMerge ? merged([present, asked]) : asked });
    if (!edited.ok) return invalid(edited.problem);
    text = edited.text;
    paths.push(key);
  }
  const after = parse(text.replace(/^\uFEFF/, ''));
  // What was wrong before stays the user's affair; what is written now must be right.
  const mistakes = checkFile(after).problems.filter(
    ({ path: key, severity }) =>
      severity === 'error' &&
      paths.some((each) => each.every((part, index) => key[index] === part || index >= key.length)),
  );
  if (mistakes[0]) return invalid(`Invalid configuration: ${mistakes[0].message.replace(' Its default is used.', '')}`);
  if (text !== (found ?? FIRST_LINE)) {
    if (readIfThere(file) !== found) {
      return failed(
        'configVersionConflict',
        'Configuration was modified since last read. Fetch latest version and retry.',
      );
    }
    replaceFile(file, text);
  }
  return { ok: true, version: versionOf(after), paths, isNew: found === null && text !== FIRST_LINE };
}
