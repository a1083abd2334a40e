/** Ignore rules that stand above a workspace: git reads only those below the folder that it keeps. (pure) */

/**
 * The rules of a file in a folder above, as they hold in the folder below it that `below` names (such as `packages/app`,
 * '' for the folder itself). Rules about other places are dropped.
 */
export function rebased(rules: string, below: string): string[] {
  const steps = below === '' ? [] : below.split('/');
  return rules.split(/\r?\n/).flatMap((line) => {
    const rule = line.startsWith('#') ? '' : line.replace(/(?<!\\)\s+$/, '');
    if (rule === '') return [];
    const isNot = rule.startsWith('!');
    const pattern = isNot ? rule.slice(1) : rule;
    const isAnchored = pattern.replace(/\/$/, '').includes('/');
    if (!isAnchored || pattern.startsWith('**/')) return [rule];
    const parts = pattern.replace(/^\//, '').split('/');
    const here = inside(parts, steps);
    return here === null ? [] : [`${isNot ? '!' : ''}/${here}`];
  });
}

/** What is left of a pattern below `steps`; null when it is about another place. */
function inside(parts: readonly string[], steps: readonly string[]): string | null {
  let at = 0;
  for (const step of steps) {
    const part = parts[at];
    if (part === '**') return parts.slice(at).join('/');
    if (part === undefined || !matches(part, step)) return null;
    at++;
  }
  const rest = parts.slice(at).join('/');
  return rest === '' ? null : rest;
}

/** Whether a part of a pattern, with `*` and `?`, is about a name. */
function matches(part: string, name: string): boolean {
  const source = part
    .replace(/[.+^${}()|\\[\]]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}
