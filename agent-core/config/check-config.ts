/** Checks a raw configuration key by key: what is wrong is told and left out, the rest holds. */
import type * as z from 'zod/mini';
import { type Config, configSchema, OTHER_KEYS, OTHER_PROVIDER_KEYS, SECRET_KEYS } from './schema.ts';

type Raw = Record<string, unknown>;
export type KeyProblem = { path: string[]; message: string; expected: string | null; severity: 'error' | 'warning' };

export function isTable(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Dotted, with quotes where a part needs them. */
export function showKey(path: readonly string[]): string {
  return path.map((part) => (/^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part))).join('.');
}

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

function drop(raw: Raw, keys: readonly string[]): void {
  const table = valueAt(raw, keys.slice(0, -1));
  if (isTable(table)) delete table[keys.at(-1) ?? ''];
}

function valueAt(raw: Raw, path: readonly PropertyKey[]): unknown {
  let at: unknown = raw;
  for (const key of path) {
    if (Array.isArray(at) && typeof key === 'number') at = at[key];
    else at = isTable(at) ? at[String(key)] : undefined;
  }
  return at;
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

function unknownKeys(schema: AnySchema, value: unknown, path: string[], found: KeyProblem[]): void {
  const { def } = schema._zod;
  if (def.innerType) unknownKeys(def.innerType, value, path, found);
  if (def.innerType || !isTable(value)) return;
  if (def.type === 'record' && def.valueType) {
    for (const [key, inner] of Object.entries(value)) unknownKeys(def.valueType, inner, [...path, key], found);
    return;
  }
  if (def.type !== 'object' || !def.shape || def.catchall) return;
  const others =
    path.length === 0 ? OTHER_KEYS : path[0] === 'model_providers' ? OTHER_PROVIDER_KEYS : new Set<string>();
  for (const [key, inner] of Object.entries(value)) {
    const here = [...path, key];
    const known = def.shape[key];
    if (known) unknownKeys(known, inner, here, found);
    else if (SECRET_KEYS.has(key)) {
      const message = `${showKey(here)}: keys are not read from this file. Name an environment variable with env_key, or use the command "Gantry: Set API Key".`;
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

/** Never fails: a wrong value is told and its key left out. `raw` is not changed. */
export function checkConfig(raw: Raw): { config: Config; problems: KeyProblem[] } {
  const problems: KeyProblem[] = [];
  unknownKeys(configSchema as unknown as AnySchema, raw, [], problems);
  const rest: Raw = structuredClone(raw);
  if (rest.approval_policy === 'on-failure') {
    rest.approval_policy = 'on-request';
    const message = 'approval_policy "on-failure" is no more; "on-request" is used.';
    problems.push({ path: ['approval_policy'], message, expected: '"on-request"', severity: 'warning' });
  }
  for (;;) {
    const parsed = configSchema.safeParse(rest);
    if (parsed.success) return { config: parsed.data, problems };
    for (const issue of parsed.error.issues) {
      const cut = issue.path.findIndex((part) => typeof part === 'number');
      // A wrong entry takes its whole list with it.
      const keys = (cut === -1 ? issue.path : issue.path.slice(0, cut)).map(String);
      if (valueAt(rest, keys) === undefined) continue;
      const is = kindOf(valueAt(rest, issue.path));
      drop(rest, keys);
      const expected = cut === -1 ? issue.message : `a list whose every entry is ${issue.message}`;
      const message = `${showKey(keys)} must be ${expected}, but ${cut === -1 ? 'is' : 'has'} ${is}. Its default is used.`;
      problems.push({ path: keys, message, expected, severity: 'error' });
    }
  }
}
