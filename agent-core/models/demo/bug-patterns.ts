/**
 * The published table of mistakes that the demo model knows. It is no AI: where a line matches none of these it says so.
 * A pattern must be a mistake wherever it stands, or `inContext` must tell; it works on one line and never on names.
 */
export type BugPattern = {
  id: string;
  /** What is wrong and why, for the person who reads the proposal. */
  why: string;
  find: RegExp;
  replace: (match: RegExpExecArray) => string;
};

export const BUG_PATTERNS: readonly BugPattern[] = [
  {
    id: 'loop-past-end',
    why: 'the loop runs one step past the end of the list',
    find: /\b(\w+)\s*<=\s*([\w.]+)\.length\b(?!\s*-)/,
    replace: (m) => `${m[1]} < ${m[2]}.length`,
  },
  {
    id: 'zero-is-not-missing',
    why: '`||` also replaces 0, which is a value; `??` replaces only what is missing',
    find: /=\s*([\w.]+)\s*\|\|\s*([A-Z][A-Z0-9_]*|\d+)\s*;/,
    replace: (m) => `= ${m[1]} ?? ${m[2]};`,
  },
  {
    id: 'floor-of-product',
    why: 'the product of two decimals may come out a hair too small (19.99 * 100 is 1998.99…), so it has to be rounded, not cut',
    find: /Math\.(?:floor|trunc)\(([\w.]+ \* \d+)\)/,
    replace: (m) => `Math.round(${m[1]})`,
  },
  {
    id: 'numbers-sorted-as-text',
    why: '`sort()` without a comparison sorts numbers as text (10 before 9)',
    find: /\b(\w*(?:[nN]umbers|[pP]rices|[aA]mounts|[cC]ounts|[sS]cores|[tT]otals))\.sort\(\)/,
    replace: (m) => `${m[1]}.sort((a, b) => a - b)`,
  },
  {
    id: 'reduce-of-nothing',
    why: '`reduce` without a first value fails on an empty list',
    find: /\.reduce\(\((\w+), (\w+)\) => (\w+) \+ ([\w.]+)\)/,
    replace: (m) => `.reduce((${m[1]}, ${m[2]}) => ${m[3]} + ${m[4]}, 0)`,
  },
  {
    id: 'octal-guess',
    why: '`parseInt` without a base guesses one from the text',
    find: /\bparseInt\((\w[\w.]*)\)/,
    replace: (m) => `parseInt(${m[1]}, 10)`,
  },
  {
    id: 'nan-equals-nothing',
    why: 'NaN is not equal to itself; `Number.isNaN` tells',
    find: /\b([\w.]+) === NaN\b/,
    replace: (m) => `Number.isNaN(${m[1]})`,
  },
];

export type Finding = { line: number; before: string; after: string; pattern: BugPattern };

/** The known mistakes in `lines` (first line is number `firstLine`), at most one a line. */
export function findBugs(lines: readonly string[], firstLine: number): Finding[] {
  return lines.flatMap((before, at) => {
    if (/^\s*(\/\/|\*|\/\*)/.test(before)) return [];
    for (const pattern of BUG_PATTERNS) {
      const match = pattern.find.exec(before);
      if (!match) continue;
      const after = before.slice(0, match.index) + pattern.replace(match) + before.slice(match.index + match[0].length);
      return [{ line: firstLine + at, before, after, pattern }];
    }
    return [];
  });
}
