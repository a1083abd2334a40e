/**
 * Reads a function tool's arguments. What the model sent may be anything: what is meant without doubt is taken, for the
 * rest the error tells the model what is expected. (pure, but for loading the repairer when it is first needed)
 */
import type * as z from 'zod';
import { imported } from '../late.ts';
import { endOfArguments, keepsText, withEscapedControls } from './broken-json.ts';

export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: string };

type Json = { ok: true; value: unknown; isRepaired: boolean } | { ok: false; problem: string };

/**
 * Names that models know an argument by from elsewhere, beside our own in another spelling (`filePath` for `file_path`).
 * In small letters, without what is between words.
 */
const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  cmd: ['command', 'script', 'code'],
  command: ['cmd', 'script', 'code'],
  workdir: ['cwd', 'directory', 'workingdirectory', 'dir', 'dirpath'],
  path: ['filepath', 'absolutepath', 'file', 'filename', 'targetfile', 'dirpath', 'directory', 'dir', 'folder'],
  oldtext: ['oldstring', 'oldstr', 'old', 'search', 'find'],
  newtext: ['newstring', 'newstr', 'new', 'replace', 'replacement'],
  oldstr: ['oldstring', 'oldtext'],
  newstr: ['newstring', 'newtext'],
  filetext: ['content', 'contents', 'text'],
  inserttext: ['newstr', 'newstring', 'text', 'content'],
  content: ['contents', 'filetext', 'text'],
  pattern: ['query', 'regex', 'search'],
  glob: ['include', 'includepattern', 'filepattern'],
  startline: ['start', 'linestart', 'startlineonebased', 'offset'],
  endline: ['end', 'lineend', 'endlineonebasedinclusive'],
  input: ['patch', 'diff', 'patchtext'],
  sessionid: ['bashid', 'processid', 'id'],
  chars: ['input', 'text', 'stdin'],
  yieldtimems: ['timeoutms', 'timeout'],
  maxoutputtokens: ['maxtokens'],
  replaceall: ['all'],
};

/** What does not fit is refused as a whole; nothing was done then. Rejects only when a file of ours is gone. */
export async function parseArguments<T>(schema: z.ZodType<T>, tool: string, input: string): Promise<Parsed<T>> {
  const json = await readJson(tool, input);
  if (!json.ok) return json;
  const keys = keysOf(schema);
  const named = keys ? underOurNames(json.value, keys) : json.value;
  if (json.isRepaired && keys && hasOthers(named, keys)) {
    return { ok: false, problem: `The arguments of ${tool} are not valid JSON. Send one JSON object.` };
  }
  let parsed = schema.safeParse(named);
  if (!parsed.success) parsed = schema.safeParse(coerced(named, parsed.error.issues));
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`);
  return {
    ok: false,
    problem: `The arguments of ${tool} do not fit: ${issues.join('; ')}. Nothing was done; call it again.`,
  };
}

async function readJson(tool: string, input: string): Promise<Json> {
  const text = input.trim();
  if (text === '') return { ok: true, value: {}, isRepaired: false };
  try {
    return { ok: true, value: unwrapped(JSON.parse(text)), isRepaired: false };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const problem = `The arguments of ${tool} are not valid JSON (${why}). Send one JSON object.`;
    const body = endOfArguments(text);
    if (body === null) {
      return {
        ok: false,
        problem: `The arguments of ${tool} end in the middle, after ${input.length} characters. Nothing was done, as the rest is unknown. Call it again with all of them, in several smaller steps if they are long.`,
      };
    }
    try {
      return { ok: true, value: JSON.parse(withEscapedControls(body)), isRepaired: true };
    } catch {
      // There is more to repair.
    }
    const { jsonrepair } = await imported(import('jsonrepair'));
    try {
      const repaired: unknown = JSON.parse(jsonrepair(body));
      const isObject = typeof repaired === 'object' && repaired !== null && !Array.isArray(repaired);
      if (isObject && keepsText(body, repaired)) return { ok: true, value: repaired, isRepaired: true };
    } catch {
      // It cannot be told what was meant.
    }
    return { ok: false, problem };
  }
}

/** Some models send the object as a text that holds it. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return value;
  return JSON.parse(value);
}

function keysOf(schema: z.ZodType): readonly string[] | null {
  return 'shape' in schema && typeof schema.shape === 'object' && schema.shape !== null
    ? Object.keys(schema.shape)
    : null;
}

const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const plain = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Under our own names; a name that is ours already stays. */
function underOurNames(value: unknown, keys: readonly string[]): unknown {
  if (!isTable(value)) return value;
  const given = { ...value };
  for (const key of keys) {
    if (given[key] !== undefined) continue;
    const names = [plain(key), ...(SYNONYMS[plain(key)] ?? [])];
    const [other, ...more] = Object.keys(given).filter((one) => !keys.includes(one) && names.includes(plain(one)));
    if (other === undefined || more.length > 0) continue;
    given[key] = given[other];
    delete given[other];
  }
  return given;
}

const hasOthers = (value: unknown, keys: readonly string[]): boolean =>
  isTable(value) && Object.keys(value).some((key) => !keys.includes(key));

/** Values of another type that can mean only one thing. */
function coerced(value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const copy = structuredClone(value);
  for (const issue of issues) {
    if (issue.code !== 'invalid_type') continue;
    let holder: unknown = copy;
    for (const step of issue.path.slice(0, -1))
      holder = isTable(holder) || Array.isArray(holder) ? Reflect.get(holder, step) : null;
    const key = issue.path.at(-1);
    if (key === undefined || !(isTable(holder) || Array.isArray(holder))) continue;
    Reflect.set(holder, key, asType(Reflect.get(holder, key), issue.expected));
  }
  return copy;
}

function asType(value: unknown, expected: string): unknown {
  if ((expected === 'number' || expected === 'int') && typeof value === 'string')
    return /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;
  if (expected === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  if (expected === 'string' && (Number.isSafeInteger(value) || typeof value === 'boolean')) return String(value);
  if ((expected === 'array' || expected === 'object') && typeof value === 'string' && /^\s*[[{]/.test(value)) {
    try {
      return JSON.parse(value);
    } catch {
      return value;
    }
  }
  return value;
}
