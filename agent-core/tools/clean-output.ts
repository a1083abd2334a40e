/**
 * What a command printed, as a person would see it at the end: lines that were overwritten are told once, colours and
 * cursor movements are gone. For the model; clients get what was printed. (pure)
 */

/** Nothing to do without one of these. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/;
const SEQUENCE =
  /\u001b(?:\[([0-9:;<=>?]*)[ -/]*([@-~])|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\|$)|\[[0-9:;<=>? -/]*$|[ -/]*[0-~]|[ -/]*$)/y;

/** Columns that a line may have: a cursor that is sent beyond does not make the text longer. */
const MOST_COLUMNS = 10_000;

/** Lines that are still on the screen: a cursor cannot go up to what has scrolled away. */
const SCREEN_LINES = 200;

type Screen = { lines: string[][]; row: number; column: number };

/** Text without control characters comes back as it is. A sequence that was cut off at the end is left out. */
export function cleanOutput(text: string): string {
  if (!CONTROL.test(text)) return text;
  const screen: Screen = { lines: [[]], row: 0, column: 0 };
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === 0x1b) {
      SEQUENCE.lastIndex = at;
      const match = SEQUENCE.exec(text);
      if (match?.[2] !== undefined) move(screen, match[2], match[1] ?? '');
      at += match?.[0].length || 1;
      continue;
    }
    const end = code >= 0x20 ? plainEnd(text, at) : at + 1;
    if (code < 0x20) control(screen, code);
    else put(screen, text.slice(at, end));
    at = end;
  }
  return screen.lines.map((line) => line.join('').trimEnd()).join('\n');
}

function plainEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && text.charCodeAt(end) >= 0x20) end += 1;
  return end;
}

const lineOf = (screen: Screen): string[] => {
  while (screen.lines.length <= screen.row) screen.lines.push([]);
  return screen.lines[screen.row] ?? [];
};

function put(screen: Screen, text: string): void {
  const line = lineOf(screen);
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x7f && code <= 0x9f) continue;
    while (line.length < screen.column) line.push(' ');
    line[screen.column] = character;
    screen.column += 1;
  }
}

function control(screen: Screen, code: number): void {
  if (code === 0x0a) {
    screen.row += 1;
    screen.column = 0;
    lineOf(screen);
  } else if (code === 0x0d) screen.column = 0;
  else if (code === 0x08) screen.column = Math.max(0, screen.column - 1);
  else if (code === 0x09) put(screen, '\t');
}

function move(screen: Screen, kind: string, parameters: string): void {
  const given = Number.parseInt(parameters, 10);
  const count = Math.min(Number.isNaN(given) ? 1 : Math.max(1, given), MOST_COLUMNS);
  const highest = Math.max(0, screen.lines.length - SCREEN_LINES);
  const goTo = (row: number, column: number): void => {
    screen.row = Math.min(Math.max(highest, row), screen.lines.length - 1);
    screen.column = Math.min(Math.max(0, column), MOST_COLUMNS);
  };
  switch (kind) {
    case 'A':
    case 'F':
      goTo(screen.row - count, kind === 'F' ? 0 : screen.column);
      break;
    case 'B':
    case 'E':
      goTo(screen.row + count, kind === 'E' ? 0 : screen.column);
      break;
    case 'C':
      goTo(screen.row, screen.column + count);
      break;
    case 'D':
      goTo(screen.row, screen.column - count);
      break;
    case 'G':
      goTo(screen.row, count - 1);
      break;
    case 'K':
      erase(screen, parameters);
      break;
    default: // colours, modes; a cleared screen keeps what was on it, since the model has not seen it yet
  }
}

function erase(screen: Screen, parameters: string): void {
  const line = lineOf(screen);
  if (parameters === '' || parameters === '0') line.length = Math.min(line.length, screen.column);
  else if (parameters === '1') line.fill(' ', 0, Math.min(line.length, screen.column + 1));
  else if (parameters === '2') line.length = 0;
}
