/** Reads the literal part of Starlark: calls with keyword arguments of strings, lists and constants. Nothing is run. (pure) */

export type Literal = string | number | boolean | null | Literal[];
export type Call = { name: string; args: Map<string, Literal>; line: number };
export type Fault = { line: number; message: string };

/** `unknown` is the last: what follows could not be told apart. */
type Token = { type: 'name' | 'string' | 'number' | 'mark' | 'unknown'; text: string; line: number };

class Stop extends Error {
  readonly line: number;
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

const TOKEN =
  /([ \t\r]+|\\\n|#[^\n]*)|(\n)|([A-Za-z_]\w*)|(\d+)|("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|([()[\],=])/y;

const UNKNOWN = 'this is not understood: only calls with literal arguments may stand here';

function tokens(source: string, first: number): Token[] {
  const found: Token[] = [];
  let line = first;
  const pattern = new RegExp(TOKEN);
  while (pattern.lastIndex < source.length) {
    const match = pattern.exec(source);
    if (!match) return [...found, { type: 'unknown', text: UNKNOWN, line }];
    const [all, , , name, number, text, mark] = match;
    if (name !== undefined) found.push({ type: 'name', text: name, line });
    else if (number !== undefined) found.push({ type: 'number', text: number, line });
    else if (text !== undefined) found.push({ type: 'string', text: unescaped(text), line });
    else if (mark !== undefined) found.push({ type: 'mark', text: mark, line });
    line += all.split('\n').length - 1;
  }
  return found;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\n': '' };

function unescaped(quoted: string): string {
  const width = /^("""|''')/.test(quoted) ? 3 : 1;
  return quoted.slice(width, -width).replace(/\\([\s\S])/g, (all, char: string) => {
    if (/["'\\]/.test(char)) return char;
    return ESCAPES[char] ?? all;
  });
}

const MOST_FAULTS = 20;
/** A call that begins a line: after a fault reading goes on there. */
const CALL = /^[A-Za-z_]\w*[ \t]*\(/;

/** The calls of a file that can be read, whatever stands between them. */
export function readCalls(source: string): { calls: Call[]; faults: Fault[] } {
  const calls: Call[] = [];
  const faults: Fault[] = [];
  const lines = source.split('\n');
  for (let first = 1; first <= lines.length; ) {
    const { fault, last } = readFrom(lines.slice(first - 1).join('\n'), first, calls);
    if (!fault) break;
    faults.push(fault);
    if (faults.length === MOST_FAULTS) break;
    const next = lines.findIndex((text, at) => at + 1 > Math.max(last, first) && CALL.test(text));
    if (next < 0) break;
    first = next + 1;
  }
  return { calls, faults };
}

/** `last`: the line where the call began that is at fault. */
function readFrom(source: string, first: number, calls: Call[]): { fault: Fault | null; last: number } {
  let last = first - 1;
  let at = 0;
  const list = tokens(source, first);
  try {
    const peek = () => list[at];
    const lineHere = () => (list[at] ?? list.at(-1))?.line ?? 1;
    const isMark = (text: string) => peek()?.type === 'mark' && peek()?.text === text;
    const expect = (text: string): void => {
      if (!isMark(text)) throw new Stop(lineHere(), `${JSON.stringify(text)} is missing here`);
      at++;
    };
    const value = (): Literal => {
      const token = list[at++];
      if (token?.type === 'string') {
        let text = token.text;
        while (peek()?.type === 'string') text += list[at++]?.text;
        return text;
      }
      if (token?.type === 'number') return Number(token.text);
      if (token?.type === 'name' && /^(True|False|None)$/.test(token.text))
        return token.text === 'None' ? null : token.text === 'True';
      if (token?.type === 'mark' && (token.text === '[' || token.text === '(')) {
        const close = token.text === '[' ? ']' : ')';
        const items: Literal[] = [];
        while (!isMark(close)) {
          items.push(value());
          if (!isMark(close)) expect(',');
        }
        at++;
        return items;
      }
      throw new Stop(token?.line ?? lineHere(), 'a text, a list, True, False or None must stand here');
    };
    while (at < list.length) {
      const name = list[at++] as Token;
      last = name.line;
      if (name.type !== 'name') throw new Stop(name.line, 'a call such as prefix_rule(…) must stand here');
      expect('(');
      const args = new Map<string, Literal>();
      while (!isMark(')')) {
        const key = list[at++];
        if (key?.type !== 'name')
          throw new Stop(key?.line ?? lineHere(), 'arguments need a name, such as pattern = […]');
        expect('=');
        if (args.has(key.text)) throw new Stop(key.line, `${key.text} is given twice`);
        args.set(key.text, value());
        if (!isMark(')')) expect(',');
      }
      at++;
      calls.push({ name: name.text, args, line: name.line });
    }
    return { fault: null, last };
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const end = list.at(-1);
    const isUnknown = end?.type === 'unknown' && at >= list.length - 1;
    return {
      fault: isUnknown ? { line: end.line, message: end.text } : { line: error.line, message: error.message },
      last,
    };
  }
}
