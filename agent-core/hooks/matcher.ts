/** Which calls a hook is for. (pure) */

/** Letters, digits and `_` mean the name itself, `|` between names means either. */
const EXACT = /^[A-Za-z0-9_|]*$/;

/** Why the pattern is none; null when it is one. */
export function matcherProblem(pattern: string): string | null {
  if (isAll(pattern) || EXACT.test(pattern)) return null;
  try {
    new RegExp(pattern);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Whether a hook with this matcher is for a call that goes by any of these names. An event without names is for all. */
export function matches(pattern: string | null, names: readonly string[]): boolean {
  if (pattern === null || isAll(pattern) || names.length === 0) return true;
  if (EXACT.test(pattern)) return pattern.split('|').some((one) => names.includes(one));
  if (matcherProblem(pattern) !== null) return false;
  const expression = new RegExp(pattern);
  return names.some((name) => expression.test(name));
}

const isAll = (pattern: string): boolean => pattern === '' || pattern === '*';
