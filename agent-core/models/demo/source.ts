/** Reads just enough of TypeScript or JavaScript source to find named blocks and what they call. No parser, no guess at meaning. */

/** A named piece of a file. Lines are 1-based and inclusive. */
export type Block = { name: string; kind: string; start: number; end: number };

const DECLARATIONS: readonly { kind: string; find: RegExp }[] = [
  { kind: 'function', find: /^\s*(?:export\s+)?(?:default\s+)?(?:async\s+)?function\s*\*?\s*(\w+)/ },
  { kind: 'class', find: /^\s*(?:export\s+)?(?:default\s+)?(?:abstract\s+)?class\s+(\w+)/ },
  { kind: 'interface', find: /^\s*(?:export\s+)?interface\s+(\w+)/ },
  { kind: 'type', find: /^\s*(?:export\s+)?type\s+(\w+)\b[^=]*=/ },
  {
    kind: 'function',
    find: /^\s*(?:export\s+)?(?:const|let)\s+(\w+)\s*(?::[^=]+)?=\s*(?:async\s*)?(?:\([^)]*\)|\w+)\s*(?::[^=]+)?=>/,
  },
  { kind: 'constant', find: /^(?:export\s+)?const\s+(\w+)\b/ },
  {
    kind: 'method',
    find: /^\s+(?:public |private |protected |static |async |readonly )*(\w+)\s*\([^)]*\)\s*(?::[^{]+)?\{/,
  },
  { kind: 'function', find: /^\s*def\s+(\w+)/ },
];
const NOT_A_METHOD = new Set(['if', 'for', 'while', 'switch', 'catch', 'return', 'function']);

/** Declarations of a file in order; a block ends where its brackets close. */
export function blocks(lines: readonly string[]): Block[] {
  const found: Block[] = [];
  lines.forEach((line, at) => {
    for (const { kind, find } of DECLARATIONS) {
      const name = find.exec(line)?.[1];
      if (!name || (kind === 'method' && NOT_A_METHOD.has(name))) continue;
      found.push({ name, kind, start: at + 1, end: blockEnd(lines, at) });
      return;
    }
  });
  return found;
}

/** Index+1 of the line on which the brackets opened from `at` on are closed again; strings and comments are passed over. */
export function blockEnd(lines: readonly string[], at: number): number {
  let depth = 0;
  let opened = false;
  for (let i = at; i < lines.length; i++) {
    for (const char of stripStrings(lines[i] as string)) {
      if ('([{'.includes(char)) {
        depth++;
        opened = true;
      } else if (')]}'.includes(char)) depth--;
    }
    const ended = stripStrings(lines[i] as string).trimEnd();
    if (depth <= 0 && (opened ? /[})\];,]$/.test(ended) : ended.endsWith(';'))) return i + 1;
    if (depth <= 0 && i > at && lines[i] === '') return i;
  }
  return lines.length;
}

function stripStrings(line: string): string {
  return line.replace(/(['"`])(?:\\.|(?!\1).)*\1/g, '""').replace(/\/\/.*$/, '');
}

/** Every identifier in a stretch of source. */
export function identifiers(lines: readonly string[]): Set<string> {
  return new Set(lines.flatMap((line) => stripStrings(line).match(/[A-Za-z_$][\w$]*/g) ?? []));
}

/** Relative imports, as written. */
export function relativeImports(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const path = /(?:from|import|require\()\s*['"](\.{1,2}\/[^'"]+)['"]/.exec(line)?.[1];
    return path ? [path] : [];
  });
}

/** Joins a relative import to the importing file's folder; both with `/`, relative to the workspace. */
export function resolveImport(fromFile: string, path: string): string {
  const parts = fromFile.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  const joined = parts.join('/');
  return /\.[cm]?[jt]sx?$/.test(joined) ? joined : `${joined}.ts`;
}
