/** Checks a raw configuration key by key: what is wrong is told and left out, the rest holds. */
import type * as z from 'zod/mini';
import {
  looksLikeSecret,
  OTHER_KEYS,
  OTHER_PROVIDER_KEYS,
  OTHER_SHELL_KEYS,
  SECRET_HELP,
  SECRET_KEYS,
} from './known-keys.ts';
import { isTable, leaves, type Raw, showKey, valueAt, withoutKey } from './raw.ts';
import { type Config, configSchema, fileSchema } from './schema.ts';

export type KeyProblem = { path: string[]; message: string; expected: string | null; severity: 'error' | 'warning' };

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

export function nearest(name: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const away = distance(name.toLowerCase(), candidate);
    if (away < least) {
      best = candidate;
      least = away;
    }
  }
  return best;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  if (typeof value === 'object') return 'a table';
  return typeof value === 'string' ? `the text ${JSON.stringify(value.slice(0, 40))}` : String(value);
}

type AnySchema = z.core.$ZodType & {
  _zod: {
    def: {
      type: string;
      innerType?: AnySchema;
      valueType?: AnySchema;
      shape?: Record<string, AnySchema>;
      catchall?: AnySchema;
    };
  };
};

const NONE: ReadonlySet<string> = new Set();

function otherKeys(path: readonly string[]): ReadonlySet<string> {
  if (path.length === 0 || (path[0] === 'profiles' && path.length === 2)) return OTHER_KEYS;
  if (path.at(-1) === 'shell_environment_policy') return OTHER_SHELL_KEYS;
  return path[0] === 'model_providers' && path.length === 2 ? OTHER_PROVIDER_KEYS : NONE;
}

function unknownKeys(schema: AnySchema, value: unknown, path: string[], found: KeyProblem[]): void {
  const { def } = schema._zod;
  if (def.innerType) unknownKeys(def.innerType, value, path, found);
  if (def.innerType || !isTable(value)) return;
  if (def.type === 'record' && def.valueType) {
    for (const [key, inner] of Object.entries(value)) unknownKeys(def.valueType, inner, [...path, key], found);
    return;
  }
  if (def.type !== 'object' || !def.shape || def.catchall) return;
  const others = otherKeys(path);
  for (const [key, inner] of Object.entries(value)) {
    const here = [...path, key];
    const known = Object.hasOwn(def.shape, key) ? def.shape[key] : undefined;
    if (known) unknownKeys(known, inner, here, found);
    else if (SECRET_KEYS.has(key)) {
      const message = `${showKey(here)}: keys are not read from this file. ${SECRET_HELP}`;
      found.push({ path: here, message, expected: null, severity: 'warning' });
    } else if (!others.has(key) && !key.startsWith('experimental_')) {
      const near = nearest(key, [...Object.keys(def.shape), ...others]);
      const hint = near ? ` Did you mean ${showKey([...path, near])}?` : '';
      found.push({
        path: here,
        message: `${showKey(here)} is not a known key.${hint}`,
        expected: near,
        severity: 'warning',
      });
    }
  }
}

/** A problem for each value that has the form of a key; what it is stays unsaid. */
function secretValues(raw: Raw, found: KeyProblem[]): void {
  for (const { path, value } of leaves(raw)) {
    const texts = Array.isArray(value) ? value : [value];
    if (!texts.some((each) => typeof each === 'string' && looksLikeSecret(each))) continue;
    if (found.some((problem) => showKey(problem.path) === showKey(path))) continue;
    const message = `${showKey(path)} looks like a secret. Keys never stand in this file: ${lowerFirst(SECRET_HELP)}`;
    found.push({ path, message, expected: null, severity: 'warning' });
  }
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

/** Values that exclude each other, and names that stand for nothing. */
function contradictions(raw: Raw, found: KeyProblem[]): Raw {
  let rest = raw;
  const providers = isTable(raw.model_providers) ? raw.model_providers : {};
  for (const [id, provider] of Object.entries(providers)) {
    if (!isTable(provider) || !isTable(provider.auth)) continue;
    const path = ['model_providers', id, 'auth'];
    if (typeof provider.auth.command !== 'string' || provider.env_key === undefined) continue;
    const message = `${showKey(path)} and env_key exclude each other: remove one. env_key is used.`;
    found.push({ path, message, expected: null, severity: 'error' });
    rest = withoutKey(rest, path);
  }
  return rest;
}

/** What is read is also shown to clients, so keys that hold secrets are not read at all. */
function withoutSecrets(raw: Raw, path: readonly string[] = []): Raw {
  const kept: Raw = {};
  for (const [key, value] of Object.entries(raw)) {
    const isOurs = path.length === 0 || (path.length === 2 && /^(model_providers|profiles)$/.test(path[0] ?? ''));
    if (isOurs && SECRET_KEYS.has(key)) continue;
    kept[key] = isTable(value) ? withoutSecrets(value, [...path, key]) : value;
  }
  return kept;
}

export type CheckedFile = {
  /** What may be used of it: nothing wrong, nothing secret; keys that Gantry does not know are kept. */
  raw: Raw;
  problems: KeyProblem[];
};

/** Never fails: a wrong value is told and its key left out. What is given is not changed. */
export function checkFile(given: Raw): CheckedFile {
  const problems: KeyProblem[] = [];
  unknownKeys(fileSchema as unknown as AnySchema, given, [], problems);
  secretValues(given, problems);
  let rest = withoutSecrets(given);
  if (rest.approval_policy === 'on-failure') {
    rest.approval_policy = 'on-request';
    const message = 'approval_policy "on-failure" is no more; "on-request" is used.';
    problems.push({ path: ['approval_policy'], message, expected: '"on-request"', severity: 'warning' });
  }
  for (;;) {
    const parsed = fileSchema.safeParse(rest);
    if (parsed.success) return { raw: contradictions(rest, problems), problems };
    for (const issue of parsed.error.issues) {
      const cut = issue.path.findIndex((part) => typeof part === 'number');
      // A wrong entry takes its whole list with it.
      const keys = (cut === -1 ? issue.path : issue.path.slice(0, cut)).map(String);
      // A table without a key that it needs is of no use.
      const at = valueAt(rest, keys) === undefined ? keys.slice(0, -1) : keys;
      if (at.length === 0 || valueAt(rest, at) === undefined) continue;
      const is = kindOf(valueAt(rest, issue.path));
      rest = withoutKey(rest, at);
      const expected = cut === -1 ? issue.message : `a list whose every entry is ${issue.message}`;
      const what = at === keys ? `but ${cut === -1 ? 'is' : 'has'} ${is}. Its default is used.` : `but is missing.`;
      const message = `${showKey(keys)} must be ${expected}, ${what}`;
      problems.push({ path: keys, message, expected, severity: 'error' });
    }
  }
}

/** The layers together, each of which `checkFile` has passed. */
export function effectiveConfig(raw: Raw): Config {
  const parsed = configSchema.safeParse(raw);
  return parsed.success ? parsed.data : effectiveConfig(checkFile(raw).raw);
}
