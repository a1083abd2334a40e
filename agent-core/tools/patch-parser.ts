/** The apply_patch language: text to operations. (pure) */

export type HunkLine = { sign: ' ' | '-' | '+'; text: string };

export type Hunk = {
  /** The line after `@@`, under which the hunk lies; null when none was given. */
  context: string | null;
  /** In their order: what stays, what goes and what comes. */
  lines: HunkLine[];
  /** The old lines are the last of the file. */
  endOfFile: boolean;
};

/** What the file has. */
export const oldLinesOf = (lines: readonly HunkLine[]): string[] =>
  lines.filter(({ sign }) => sign !== '+').map(({ text }) => text);

export type PatchOperation =
  | { type: 'add'; path: string; text: string }
  | { type: 'delete'; path: string }
  | { type: 'update'; path: string; movePath: string | null; hunks: Hunk[] };

export type ParsedPatch = { ok: true; operations: PatchOperation[] } | { ok: false; problem: string };

const BEGIN = '*** Begin Patch';
const END = '*** End Patch';
const ADD = '*** Add File: ';
const DELETE = '*** Delete File: ';
const UPDATE = '*** Update File: ';
const MOVE = '*** Move to: ';
const END_OF_FILE = '*** End of File';

/** Lark grammar for providers that can hold a model to it. */
export const PATCH_GRAMMAR = `start: "*** Begin Patch" NL operation+ "*** End Patch" NL?
operation: add | delete | update
add: "*** Add File: " PATH NL ("+" REST NL)*
delete: "*** Delete File: " PATH NL
update: "*** Update File: " PATH NL ("*** Move to: " PATH NL)? hunk+
hunk: ("@@" | "@@ " REST) NL line+ ("*** End of File" NL)?
line: ("+" | "-" | " ") REST NL
PATH: /[^\\n]+/
REST: /[^\\n]*/
%import common.LF -> NL
`;

class PatchSyntaxError extends Error {}

/** `exact`: by the letter of the language. Else what models get wrong around and between the marks is forgiven too. */
export type ParseOptions = { exact?: boolean };

/** Lenient in white space around the marks and in a heredoc left around the whole; strict in everything else. */
export function parsePatch(text: string, { exact = false }: ParseOptions = {}): ParsedPatch {
  try {
    const lines = unwrapHeredoc(trimmed(text).split(/\r?\n/), exact);
    return { ok: true, operations: parseLines(exact ? lines : withoutRest(lines), exact) };
  } catch (error) {
    if (error instanceof PatchSyntaxError) return { ok: false, problem: error.message };
    throw error;
  }
}

/** As the reference has it: a byte order mark is no white space. */
const trimmed = (text: string) => text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, '');

function unwrapHeredoc(lines: string[], exact: boolean): string[] {
  const form = exact ? /^<<(['"]?)(EOF)\1$/ : /^<<-?\s*(['"]?)(\w+)\1$/;
  const wrapped = form.exec(exact ? (lines[0] ?? '') : (lines[0]?.trim() ?? ''));
  const end = wrapped?.[2] ?? '';
  return wrapped && lines.length >= 4 && lines.at(-1)?.trimEnd().endsWith(end) ? lines.slice(1, -1) : lines;
}

/** Without a code fence or words around the patch. Where an end is missing, the patch may be cut, and is left as it is. */
function withoutRest(lines: string[]): string[] {
  const begin = lines.findIndex((line) => line.trim() === BEGIN);
  const end = lines.findLastIndex((line) => line.trim() === END);
  if (end < 0 || begin > end) return lines;
  if (begin >= 0) return lines.slice(begin, end + 1);
  const first = lines.findIndex((line) => [ADD, DELETE, UPDATE].some((mark) => line.startsWith(mark)));
  return first < 0 || lines.slice(0, first).some((line) => /^[+\-@ ]/.test(line))
    ? lines
    : [BEGIN, ...lines.slice(first, end + 1)];
}

function parseLines(lines: string[], exact: boolean): PatchOperation[] {
  if (lines[0]?.trim() !== BEGIN)
    throw new PatchSyntaxError(`invalid patch: The first line of the patch must be '${BEGIN}'`);
  if (lines.at(-1)?.trim() !== END)
    throw new PatchSyntaxError(`invalid patch: The last line of the patch must be '${END}'`);
  const operations: PatchOperation[] = [];
  const end = exact ? lines.findIndex((line) => line.trim() === END) : lines.length - 1;
  if (lines.slice(end).some((line) => line.trim() !== '' && line.trim() !== END))
    throw new PatchSyntaxError(`invalid patch: The last line of the patch must be '${END}'`);
  const reader = { lines: lines.slice(0, end), at: 1, exact };
  while (reader.at < reader.lines.length) {
    const line = (reader.lines[reader.at] as string).trim();
    if ((line === '' && !exact) || line.startsWith('*** Environment ID:')) reader.at++;
    else operations.push(parseOperation(reader, line));
  }
  return operations;
}

type Reader = { lines: string[]; at: number; exact: boolean };

function parseOperation(reader: Reader, header: string): PatchOperation {
  const number = reader.at + 1;
  reader.at++;
  if (header.startsWith(ADD)) {
    const path = pathOf(header, ADD, number);
    let text = '';
    while (reader.lines[reader.at]?.startsWith('+')) text += `${reader.lines[reader.at++]?.slice(1)}\n`;
    return { type: 'add', path, text };
  }
  if (header.startsWith(DELETE)) return { type: 'delete', path: pathOf(header, DELETE, number) };
  if (header.startsWith(UPDATE)) {
    const path = pathOf(header, UPDATE, number);
    let movePath: string | null = null;
    const next = reader.lines[reader.at]?.trim() ?? '';
    if (next.startsWith(MOVE)) {
      reader.at++;
      movePath = pathOf(next, MOVE, reader.at);
    }
    const hunks = parseHunks(reader);
    if (hunks.length === 0) throw invalid(number, `Update file hunk for path '${path}' is empty`);
    return { type: 'update', path, movePath, hunks };
  }
  throw invalid(
    number,
    `'${header}' is not a valid hunk header. Valid hunk headers: '${ADD}{path}', '${DELETE}{path}', '${UPDATE}{path}'`,
  );
}

const invalid = (number: number, what: string) => new PatchSyntaxError(`invalid hunk at line ${number}, ${what}`);

function pathOf(line: string, mark: string, number: number): string {
  const path = line.slice(mark.length).trim();
  if (path === '') throw invalid(number, `a path is missing after '${mark.trim()}'`);
  return path;
}

function parseHunks(reader: Reader): Hunk[] {
  const hunks: Hunk[] = [];
  while (reader.at < reader.lines.length) {
    const line = reader.lines[reader.at] as string;
    // Before the first hunk, the language has an empty line for one of context.
    if (line.trim() === '' && (hunks.length > 0 || !reader.exact)) reader.at++;
    else if (line.startsWith('***')) break;
    else hunks.push(parseHunk(reader, hunks.length === 0));
  }
  return hunks;
}

function parseHunk(reader: Reader, first: boolean): Hunk {
  const hunk: Hunk = { context: null, lines: [], endOfFile: false };
  const header = reader.lines[reader.at] as string;
  if (header.trimEnd() === '@@') reader.at++;
  else if (header.startsWith('@@ ')) {
    // The header of another kind of diff counts lines, which models get wrong; what follows it is the line above.
    const counted = reader.exact ? null : /^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@(?: (.*))?$/.exec(header);
    hunk.context = counted ? counted[1] || null : header.slice(3).trimEnd();
    reader.at++;
  } else if (!first) {
    throw invalid(reader.at + 1, `Expected update hunk to start with a @@ context marker, got: '${header}'`);
  }
  const start = reader.at;
  for (; reader.at < reader.lines.length; reader.at++) {
    const line = reader.lines[reader.at] as string;
    if (line.trimEnd() === END_OF_FILE && reader.at > start) {
      hunk.endOfFile = true;
      reader.at++;
      break;
    }
    const sign = line[0];
    if (line === '') hunk.lines.push({ sign: ' ', text: '' });
    else if (sign === ' ' || sign === '-' || sign === '+') hunk.lines.push({ sign, text: line.slice(1) });
    else if (!reader.exact && !/^(@@|\*\*\*)/.test(line)) {
      // A line of context whose mark was left out: it has to be found like every other.
      hunk.lines.push({ sign: ' ', text: line });
    } else if (reader.at > start) break;
    else {
      throw invalid(
        reader.at + 1,
        `Unexpected line found in update hunk: '${line}'. Every line should start with ' ' (context line), '+' (added line), or '-' (removed line)`,
      );
    }
  }
  if (reader.at === start) throw invalid(start + 1, 'Update hunk does not contain any lines');
  return hunk;
}
