/** Tables as TOML and JSON give them, before anybody checked what is in them. Nothing here changes what it is given. */

export type Raw = Record<string, unknown>;

export function isTable(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Dotted, with quotes where a part needs them. */
export function showKey(path: readonly string[]): string {
  return path.map((part) => (/^[A-Za-z0-9_-]+$/.test(part) ? part : JSON.stringify(part))).join('.');
}

/** What stands at a path; lists are entered by number. Undefined when nothing does. */
export function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let at: unknown = raw;
  for (const key of path) {
    if (Array.isArray(at) && typeof key === 'number') at = at[key];
    else at = isTable(at) && Object.hasOwn(at, key) ? at[String(key)] : undefined;
  }
  return at;
}

/** Tables and lists anew, so that nobody's are changed; dates as they are, since a copy would forget which kind they are. */
function copied<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copied) as T;
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copied(inner)])) as T;
}

/** Keys that an object has from its prototype are none of its own, and `__proto__` is no key at any depth. */
function put(raw: Raw, keys: readonly string[], value: unknown): void {
  if (keys.includes('__proto__')) return;
  let at = raw;
  for (const key of keys.slice(0, -1)) {
    const inner = Object.hasOwn(at, key) ? at[key] : undefined;
    const next: Raw = isTable(inner) ? inner : {};
    at[key] = next;
    at = next;
  }
  const last = keys.at(-1) ?? '';
  const before = Object.hasOwn(at, last) ? at[last] : undefined;
  if (isTable(value)) {
    const table: Raw = isTable(before) ? before : {};
    at[last] = table;
    for (const [key, inner] of Object.entries(value)) put(table, [key], inner);
  } else at[last] = value;
}

/** With a value at a path: a table is merged into the one that is there, anything else takes its place. */
export function withValue(raw: Raw, keys: readonly string[], value: unknown): Raw {
  const next = copied(raw);
  put(next, keys, copied(value));
  return next;
}

/** Without a key; the tables around it stay. */
export function withoutKey(raw: Raw, keys: readonly string[]): Raw {
  const next = copied(raw);
  const table = valueAt(next, keys.slice(0, -1));
  if (isTable(table)) delete table[keys.at(-1) ?? ''];
  return next;
}

/** Later tables over earlier ones, key by key at every depth. */
export function merged(tables: readonly Raw[]): Raw {
  const result: Raw = {};
  for (const table of tables) for (const [key, value] of Object.entries(table)) put(result, [key], copied(value));
  return result;
}

/** Every value that is no table, with its path. An empty table counts as a value. */
export function leaves(raw: unknown, path: readonly string[] = []): { path: string[]; value: unknown }[] {
  if (!isTable(raw)) return [{ path: [...path], value: raw }];
  const entries = Object.entries(raw);
  if (entries.length === 0) return path.length === 0 ? [] : [{ path: [...path], value: raw }];
  return entries.flatMap(([key, value]) => leaves(value, [...path, key]));
}
