/** Carries the indentation of lines that a model wrote over to that of the file. (pure) */

export type Reindent = (line: string) => string | null;

const indentOf = (line: string): string => /^[ \t]*/.exec(line)?.[0] ?? '';

/**
 * From pairs of the same line as written and as the file has it. Null for a line whose place cannot be told from them,
 * and for all lines when the pairs contradict each other.
 */
export function reindentFrom(pairs: readonly (readonly [written: string, inFile: string])[]): Reindent {
  const indents = pairs
    .filter(([written, inFile]) => written.trim() !== '' && inFile.trim() !== '')
    .map(([written, inFile]) => [indentOf(written), indentOf(inFile)] as const);
  const convert = conversion(indents);
  return (line) => {
    if (line.trim() === '') return line;
    const indent = indentOf(line);
    const converted = convert?.(indent) ?? null;
    return converted === null ? null : converted + line.slice(indent.length);
  };
}

function conversion(indents: readonly (readonly [string, string])[]): ((indent: string) => string | null) | null {
  if (indents.every(([written, inFile]) => written === inFile)) return (indent) => indent;
  const known = new Map<string, string>();
  for (const [written, inFile] of indents) {
    if ((known.get(written) ?? inFile) !== inFile) return null;
    known.set(written, inFile);
  }
  const rule = shifted(indents) ?? scaled(indents);
  return (indent) => known.get(indent) ?? rule?.(indent) ?? null;
}

/** The same indentation more, or less, on every line. */
function shifted(indents: readonly (readonly [string, string])[]): ((indent: string) => string | null) | null {
  const [first] = indents;
  if (!first) return null;
  const [written, inFile] = first;
  const more = inFile.endsWith(written) ? inFile.slice(0, inFile.length - written.length) : null;
  if (more !== null && indents.every(([one, other]) => other === more + one)) return (indent) => more + indent;
  const less = written.endsWith(inFile) ? written.slice(0, written.length - inFile.length) : null;
  if (less !== null && indents.every(([one, other]) => one === less + other)) {
    return (indent) => (indent.startsWith(less) ? indent.slice(less.length) : null);
  }
  return null;
}

/** Another width of each step, or tabs for spaces: the same ratio on every line. */
function scaled(indents: readonly (readonly [string, string])[]): ((indent: string) => string | null) | null {
  const steps = indents.filter(([written, inFile]) => written !== '' || inFile !== '');
  const [first] = steps;
  if (!first || first[0] === '' || first[1] === '') return null;
  const [from, to] = [first[0][0] as string, first[1][0] as string];
  const isPure = (text: string, char: string) => [...text].every((one) => one === char);
  const [width, others] = [first[0].length, first[1].length];
  const isSame = steps.every(
    ([written, inFile]) =>
      isPure(written, from) && isPure(inFile, to) && written.length * others === inFile.length * width,
  );
  if (!isSame) return null;
  return (indent) => {
    const length = (indent.length * others) / width;
    return isPure(indent, from) && Number.isInteger(length) ? to.repeat(length) : null;
  };
}
