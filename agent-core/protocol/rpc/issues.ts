import type * as z from 'zod/mini';

type Issue = z.core.$ZodIssue;

/** One thing that is wrong with a value: where (`input[0].text`, empty for the whole) and what. */
export interface ReadableIssue {
  path: string;
  message: string;
}

/** What a person who wrote `value` needs to know, from zod's issues; most specific first where there are variants. */
export function readableIssues(issues: readonly Issue[], value: unknown): ReadableIssue[] {
  return issues.map((issue) => readable(issue, [], value));
}

/** The same as one line. */
export function describeIssues(issues: readonly Issue[], value: unknown): string {
  return readableIssues(issues, value)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ');
}

function readable(issue: Issue, parentPath: readonly PropertyKey[], value: unknown): ReadableIssue {
  const path = [...parentPath, ...issue.path];
  if (issue.code === 'invalid_union') {
    const nested = nearestVariant(issue.errors);
    if (nested !== undefined) return readable(nested, path, value);
  }
  return { path: formatPath(path), message: messageOf(issue, at(value, path)) };
}

/** The variant that got furthest into the value is the one that was meant, when there is just one such. */
function nearestVariant(variants: readonly (readonly Issue[])[]): Issue | undefined {
  const depths = variants.map((issues) => Math.max(0, ...issues.map((issue) => issue.path.length)));
  const deepest = Math.max(0, ...depths);
  const candidates = variants.filter((_, index) => depths[index] === deepest);
  return deepest > 0 && candidates.length === 1 ? candidates[0]?.[0] : undefined;
}

function messageOf(issue: Issue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      // What may hold anything but must be there.
      if (issue.expected === 'nonoptional') return 'missing';
      return found === undefined
        ? `missing, expected ${issue.expected}`
        : `expected ${issue.expected}, got ${name(found)}`;
    case 'invalid_value':
      return `expected ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}, got ${name(found)}`;
    case 'invalid_union':
      return found === undefined ? 'missing' : `${name(found)} is none of the forms that are allowed here`;
    case 'too_small':
      return `too small, at least ${issue.minimum}`;
    case 'too_big':
      return `too big, at most ${issue.maximum}`;
    case 'custom':
      return issue.message;
    default:
      return issue.message === 'Invalid input' ? `invalid (${issue.code})` : issue.message;
  }
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<PropertyKey, unknown>)[key];
  }
  return current;
}

function name(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string') return value.length <= 40 ? JSON.stringify(value) : 'string';
  return typeof value === 'object' ? 'object' : String(value);
}

function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}
