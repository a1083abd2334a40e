/**
 * Changes single keys in the text of a TOML file. Everything else, comments and layout with it, stays byte by byte; and
 * what the text then says is compared with what it should say before anybody gets to see it.
 */
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'smol-toml';
import { isTable, leaves, type Raw, showKey, valueAt, withoutKey } from './raw.ts';
import { type Span, type Statement, scanToml } from './toml-scan.ts';

export type TomlEdit = {
  path: readonly string[];
  /** Undefined removes the key. A table takes the place of the one that is there. */
  value: unknown;
};

export type TomlEdited = { ok: true; text: string } | { ok: false; problem: string };

type Pair = Extract<Statement, { type: 'pair' }>;

const startsWith = (path: readonly string[], prefix: readonly string[]): boolean =>
  prefix.length <= path.length && prefix.every((part, index) => part === path[index]);
const isSame = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && startsWith(a, b);

function textOf(value: string): string {
  // JSON's escapes are TOML's, but for DEL, which JSON leaves as it is.
  return JSON.stringify(value).replace(/\u007f/g, '\\u007f');
}

/** A value on one line. Throws for what TOML cannot hold. */
export function tomlValue(value: unknown): string {
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) throw new Error('a text holds half a character');
    return textOf(value);
  }
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return 'nan';
    if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
    if (Object.is(value, -0)) return '-0.0';
    const plain = String(value);
    // An integer that a double cannot hold exactly is none of TOML's integers.
    return Number.isInteger(value) && !Number.isSafeInteger(value) && !plain.includes('e') ? `${plain}.0` : plain;
  }
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`;
  if (isTable(value)) {
    const entries = Object.entries(value).map(([key, inner]) => `${showKey([key])} = ${tomlValue(inner)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  throw new Error(`${value === null ? 'null' : typeof value} is no value of TOML`);
}

/** A document that is changed bit by bit; positions are of the text as it is now. */
class Draft {
  text: string;
  readonly #newline: string;

  constructor(text: string) {
    this.text = text;
    this.#newline = text.includes('\r\n') ? '\r\n' : '\n';
  }

  get statements(): Statement[] {
    return scanToml(this.text);
  }

  replace({ start, end }: Span, by: string): void {
    this.text = this.text.slice(0, start) + by + this.text.slice(end);
  }

  /** Whole lines, at the start of a line. */
  insert(at: number, lines: readonly string[]): void {
    const before = this.text.slice(0, at);
    const isOpen = before !== '' && before !== '\uFEFF' && !before.endsWith('\n');
    const added = lines.map((line) => line + this.#newline).join('');
    this.text = before + (isOpen ? this.#newline : '') + added + this.text.slice(at);
  }

  append(lines: readonly string[]): void {
    const isBare = /^\uFEFF?\s*$/.test(this.text);
    this.insert(this.text.length, isBare ? lines : ['', ...lines]);
  }
}

/** The one-line value that a path leads into or to. */
const around = (draft: Draft, path: readonly string[]): Pair | undefined =>
  draft.statements.find((each): each is Pair => each.type === 'pair' && !each.isInList && startsWith(path, each.path));

function remove(draft: Draft, path: readonly string[]): void {
  const inside = around(draft, path);
  if (inside && inside.path.length < path.length) {
    const whole = valueIn(draft, inside);
    const rest = path.slice(inside.path.length);
    if (isTable(whole) && valueAt(whole, rest) !== undefined)
      draft.replace(inside.value, tomlValue(withoutKey(whole, rest)));
    return;
  }
  // From the last to the first: what stands under a header is still under it, and positions hold.
  for (const each of draft.statements.toReversed()) if (startsWith(each.path, path)) draft.replace(each, '');
}

const valueIn = (draft: Draft, { value }: Pair): unknown => parse(`v = ${draft.text.slice(value.start, value.end)}`).v;

/** After the last statement of the table that begins with `header`; comments below it belong to what follows. */
function endOfTable(statements: readonly Statement[], header: number): number {
  let last = header;
  while (statements[last + 1]?.type === 'pair') last++;
  return statements[last]?.end ?? 0;
}

/** Where the first key of a document without any may stand: below the comment that opens the file. */
function topOf(text: string): number {
  const comment = /^\uFEFF?(?:[ \t]*#[^\n]*(?:\n|$))+(?=\s*(?:\n|$))/.exec(text);
  return comment ? comment[0].length : text.startsWith('\uFEFF') ? 1 : 0;
}

/** The last of the dotted keys that made a table on the way to `path`: only dotted keys beside them can go on with it. */
function dottedBeside(statements: readonly Statement[], path: readonly string[]): Pair | null {
  let found: Pair | null = null;
  let most = 0;
  for (const each of statements) {
    if (each.type !== 'pair' || each.isInList) continue;
    let shared = 0;
    while (shared < path.length - 1 && shared < each.path.length - 1 && each.path[shared] === path[shared]) shared++;
    if (shared > each.depth && shared >= most) [found, most] = [each, shared];
  }
  return found;
}

/** Where a new pair goes and with what around it; a null place is the end of the document. */
function placeOf(draft: Draft, path: readonly string[], value: unknown): { at: number | null; lines: string[] } {
  const statements = draft.statements;
  const written = (depth: number): string => `${showKey(path.slice(depth))} = ${tomlValue(value)}`;
  const dotted = dottedBeside(statements, path);
  if (dotted) return { at: dotted.end, lines: [written(dotted.depth)] };
  const parent = path.slice(0, -1);
  if (parent.length === 0) {
    const pairs = statements.findIndex((each) => each.type !== 'pair');
    const last = pairs < 0 ? statements.at(-1) : statements[pairs - 1];
    if (last) return { at: last.end, lines: [written(0)] };
    if (statements.length === 0) return { at: draft.text.length, lines: [written(0)] };
    return { at: topOf(draft.text), lines: [written(0), ''] };
  }
  const header = statements.findIndex((each) => each.type === 'table' && isSame(each.path, parent));
  if (header >= 0) return { at: endOfTable(statements, header), lines: [written(parent.length)] };
  return { at: null, lines: [`[${showKey(parent)}]`, written(parent.length)] };
}

function insertPair(draft: Draft, path: readonly string[], value: unknown): void {
  const { at, lines } = placeOf(draft, path, value);
  if (at === null) draft.append(lines);
  else draft.insert(at, lines);
}

function set(draft: Draft, path: readonly string[], value: unknown): void {
  const inside = around(draft, path);
  if (inside) {
    const rest = path.slice(inside.path.length);
    const before = valueIn(draft, inside);
    const next = rest.length === 0 ? value : withExactly(isTable(before) ? before : {}, rest, value);
    if (!isDeepStrictEqual(before, next)) draft.replace(inside.value, tomlValue(next));
    return;
  }
  const isList = draft.statements.some((each) => each.type === 'entry' && isSame(each.path, path));
  if (!isTable(value) || isList) {
    remove(draft, path);
    insertPair(draft, path, value);
    return;
  }
  // Key by key, so that what is the same stays where and as it is.
  const before = valueAt(parse(draft.text), path);
  for (const { path: key } of isTable(before) ? leaves(before, path) : []) {
    if (key.length > path.length && valueAt(value, key.slice(path.length)) === undefined) remove(draft, key);
  }
  const isThere = draft.statements.some((each) => startsWith(each.path, path));
  const entries = leaves(value, path);
  if (entries.some((entry) => entry.path.length === path.length)) {
    if (!isThere) insertPair(draft, path, {});
    return;
  }
  for (const entry of entries) {
    if (isDeepStrictEqual(plain(valueAt(parse(draft.text), entry.path)), entry.value)) continue;
    set(draft, entry.path, entry.value);
  }
}

/** As `withValue`, but a table takes the place of the one before. */
export function withExactly(raw: Raw, path: readonly string[], value: unknown): Raw {
  const [head = '', ...rest] = path;
  const inner = Object.hasOwn(raw, head) ? raw[head] : undefined;
  return { ...raw, [head]: rest.length === 0 ? value : withExactly(isTable(inner) ? inner : {}, rest, value) };
}

/** Tables without anything in them are there or not: TOML's ways of writing them do not all tell. */
function pruned(value: unknown): unknown {
  if (!isTable(value)) return value;
  const entries = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const kept = pruned(inner);
    return isTable(kept) && Object.keys(kept).length === 0 ? [] : [[key, kept]];
  });
  return Object.fromEntries(entries);
}

/**
 * The text with one key changed. Fails, and says why, for a text that is no TOML, a value that TOML cannot hold, and a
 * key inside an entry of a list of tables.
 */
export function editToml(text: string, { path, value }: TomlEdit): TomlEdited {
  const key = showKey(path);
  let before: Raw;
  try {
    before = parse(text);
  } catch (error) {
    return { ok: false, problem: `the file is no TOML: ${String(error).split('\n')[0]}. Correct it by hand first.` };
  }
  for (let depth = 1; depth < path.length; depth++) {
    const at = valueAt(before, path.slice(0, depth));
    if (Array.isArray(at)) {
      return { ok: false, problem: `${showKey(path.slice(0, depth))} is a list: write the whole list.` };
    }
  }
  const draft = new Draft(text);
  try {
    if (value === undefined) remove(draft, path);
    else set(draft, path, value);
    const wanted = value === undefined ? withoutKey(before, path) : withExactly(before, path, value);
    if (isDeepStrictEqual(pruned(plain(parse(draft.text))), pruned(plain(wanted))))
      return { ok: true, text: draft.text };
  } catch (error) {
    return { ok: false, problem: `${key} cannot be written: ${error instanceof Error ? error.message : error}.` };
  }
  return { ok: false, problem: `${key} cannot be changed without disturbing the rest of the file. Edit it by hand.` };
}

/** Plain objects, whatever the parser makes its tables of. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (!isTable(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
