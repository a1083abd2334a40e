/** The apply_patch language: text to operations. (pure) */

export type Hunk = {
  /** The line after `@@`, under which the hunk lies; null when none was given. */
  context: string | null;
  oldLines: string[];
  newLines: string[];
  /** The old lines are the last of the file. */
  endOfFile: boolean;
};

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

/** Lenient in white space around the marks and in a heredoc left around the whole; strict in everything else. */
export function parsePatch(text: string): ParsedPatch {
  try {
    return { ok: true, operations: parseLines(unwrapHeredoc(text.trim().split(/\r?\n/))) };
  } catch (error) {
    if (error instanceof PatchSyntaxError) return { ok: false, problem: error.message };
    throw error;
  }
}

function unwrapHeredoc(lines: string[]): string[] {
  const wrapped = /^<<-?\s*(['"]?)(\w+)\1$/.exec(lines[0]?.trim() ?? '');
  return wrapped &&
    lines.length >= 4 &&
    lines
      .at(-1)
      ?.trim()
      .endsWith(wrapped[2] ?? '')
    ? lines.slice(1, -1)
    : lines;
}

function parseLines(lines: string[]): PatchOperation[] {
  if (lines[0]?.trim() !== BEGIN)
    throw new PatchSyntaxError(`invalid patch: The first line of the patch must be '${BEGIN}'`);
  if (lines.at(-1)?.trim() !== END)
    throw new PatchSyntaxError(`invalid patch: The last line of the patch must be '${END}'`);
  const operations: PatchOperation[] = [];
  const reader = { lines: lines.slice(0, -1), at: 1 };
  while (reader.at < reader.lines.length) {
    const line = (reader.lines[reader.at] as string).trim();
    if (line === '' || line.startsWith('*** Environment ID:')) reader.at++;
    else operations.push(parseOperation(reader, line));
  }
  return operations;
}

type Reader = { lines: string[]; at: number };

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
    if (line.trim() === '') reader.at++;
    else if (line.startsWith('***')) break;
    else hunks.push(parseHunk(reader, hunks.length === 0));
  }
  return hunks;
}

function parseHunk(reader: Reader, first: boolean): Hunk {
  const hunk: Hunk = { context: null, oldLines: [], newLines: [], endOfFile: false };
  const header = reader.lines[reader.at] as string;
  if (header.trimEnd() === '@@') reader.at++;
  else if (header.startsWith('@@ ')) {
    hunk.context = header.slice(3);
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
    if (line === '' || sign === ' ') {
      hunk.oldLines.push(line.slice(1));
      hunk.newLines.push(line.slice(1));
    } else if (sign === '-') hunk.oldLines.push(line.slice(1));
    else if (sign === '+') hunk.newLines.push(line.slice(1));
    else if (reader.at > start) break;
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
