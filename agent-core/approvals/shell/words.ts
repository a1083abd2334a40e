/** From nodes of the grammar to words, as the shell would make them. */
import type { Node } from 'web-tree-sitter';
import type { Dialect, ShellWord } from './reading.ts';

/** Thrown where a script cannot be read; the message is a clause. Never leaves `readShell`. */
export class Unreadable extends Error {}

export type WordContext = {
  dialect: Dialect;
  /** Reads what a substitution runs. */
  substitution: (node: Node) => void;
};

/** A piece of a word: `null` text is not known. */
type Piece = { text: string | null; splits: boolean; globs: boolean; braces: boolean };

const known = (text: string): Piece => ({ text, splits: false, globs: false, braces: false });
const open = (splits: boolean): Piece => ({ text: null, splits, globs: false, braces: false });

/** Throws `Unreadable`. */
export function readWord(node: Node, context: WordContext): ShellWord {
  const pieces = piecesOf(node, context);
  const source = node.text;
  const braces = pieces.some(({ braces: has }) => has) && /,|\.\./.test(source);
  let lead = '';
  for (const { text, globs, splits } of pieces) {
    if (text === null || globs || splits) {
      lead += globs && text !== null ? (/^[^*?[]*/.exec(text)?.[0] ?? '') : '';
      break;
    }
    lead += text;
  }
  if (braces || pieces.some(({ splits }) => splits)) return { kind: 'many', text: '' };
  if (pieces.some(({ globs }) => globs)) return { kind: 'glob', text: lead };
  if (pieces.some(({ text }) => text === null)) return { kind: 'one', text: lead };
  // The home of whoever runs it: a path.
  if (/^~/.test(source)) return { kind: 'one', text: '~' };
  const assigned = /^[A-Za-z_]\w*\+?=(?:[^'"]*:)?(?=~)/.exec(source)?.[0];
  if (assigned !== undefined) return { kind: 'one', text: assigned.replaceAll('\\', '').replace(/=.*$/s, '=') };
  return { kind: 'fixed', text: lead };
}

function piecesOf(node: Node, context: WordContext): Piece[] {
  switch (node.type) {
    case 'word':
    case 'number':
    case '$':
    case 'test_operator':
    case 'variable_name':
    case 'extglob_pattern':
      return [plain(node.text)];
    case 'raw_string':
      return [known(node.text.slice(1, -1))];
    case 'string':
      return quoted(node, context);
    case 'ansi_c_string':
      return [ansi(node.text, context)];
    case 'simple_expansion':
      // `$ f` is two words.
      if (!/^\$(\w+|[@*#?$!-])$/.test(node.text)) throw new Unreadable('its words cannot be told apart');
      return [open(true)];
    case 'expansion':
      checkExpansion(node.text);
      return [open(true)];
    case 'arithmetic_expansion':
      if (!/^\$\(\([\d\s+\-*/%()<>=!&|^~?:]*\)\)$/.test(node.text)) throw new Unreadable('it computes with variables');
      return [open(false)];
    case 'command_substitution':
      context.substitution(node);
      return [open(true)];
    case 'process_substitution':
      if (context.dialect === 'sh') throw new Unreadable('sh may read <(…) as something else');
      context.substitution(node);
      return [open(false)];
    case 'brace_expression':
      return [open(true)];
    case 'concatenation':
      return concatenated(node, context);
    default:
      throw new Unreadable(`it holds what is not understood (${node.type.replaceAll('_', ' ')})`);
  }
}

function concatenated(node: Node, context: WordContext): Piece[] {
  let at = node.startIndex;
  const pieces: Piece[] = [];
  for (const child of node.children) {
    if (child.startIndex !== at) throw new Unreadable('its words cannot be told apart');
    at = child.endIndex;
    // `a$"b"` is `ab`: the grammar takes the dollar for itself.
    if (child.text.endsWith('$') && at !== node.endIndex) throw new Unreadable('its words cannot be told apart');
    pieces.push(...piecesOf(child, context));
  }
  if (at !== node.endIndex) throw new Unreadable('its words cannot be told apart');
  return pieces;
}

/** Text outside of quotes. */
function plain(source: string): Piece {
  let text = '';
  let globs = false;
  let braces = false;
  for (let at = 0; at < source.length; at++) {
    const char = source[at] as string;
    if (char === '\\') {
      at++;
      const next = source[at];
      if (next === undefined) throw new Unreadable('a backslash ends it');
      if (next !== '\n') text += next;
      // What is escaped is no pattern, but what stands before it may be one: its beginning is not to be told.
      if (next === '*' || next === '?' || next === '[') globs ||= /[*?[]/.test(source.slice(0, at - 1));
      continue;
    }
    if (/[\s|&;<>()`'"]/.test(char)) throw new Unreadable('its words cannot be told apart');
    if (char === '$' && /[\w({['"@*#?$!-]/.test(source[at + 1] ?? ''))
      throw new Unreadable('it holds a hidden expansion');
    if (/[*?[]/.test(char)) globs = true;
    if (char === '{' || char === '}') braces = true;
    text += char;
  }
  return { text: globs && source.includes('\\') ? '' : text, splits: false, globs, braces };
}

/** `"…"`: its text, and what is expanded in it, which stays one word but for `"$@"`. */
function quoted(node: Node, context: WordContext): Piece[] {
  const pieces: Piece[] = [];
  let at = node.startIndex + 1;
  const base = node.startIndex;
  const source = node.text;
  const literal = (to: number): void => {
    if (to <= at) return;
    pieces.push(known(unquoted(source.slice(at - base, to - base))));
    at = to;
  };
  for (const child of node.children) {
    if (child.type === '"' || child.type === 'string_content' || child.type === '$') continue;
    literal(child.startIndex);
    for (const piece of piecesOf(child, context)) {
      const isAll = /^\$[@*]$|^\$\{[@*]/.test(child.text);
      pieces.push({ ...piece, splits: isAll, globs: false });
    }
    at = child.endIndex;
  }
  literal(node.endIndex - 1);
  if (!source.startsWith('"') || !source.endsWith('"')) throw new Unreadable('a quote is not closed');
  return pieces.length > 0 ? pieces : [known('')];
}

function unquoted(source: string): string {
  let text = '';
  for (let at = 0; at < source.length; at++) {
    const char = source[at] as string;
    if (char === '\\' && /[$`"\\\n]/.test(source[at + 1] ?? '')) {
      at++;
      if (source[at] !== '\n') text += source[at];
    } else if (char === '`' || char === '"' || (char === '$' && /[\w({[@*#?$!-]/.test(source[at + 1] ?? ''))) {
      throw new Unreadable('it holds a hidden expansion');
    } else text += char;
  }
  return text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

function ansi(source: string, { dialect }: WordContext): Piece {
  if (dialect === 'sh') throw new Unreadable("sh may read $'…' as something else");
  if (!/^\$'(?:[^'\\]|\\[ntr\\'"])*'$/s.test(source)) throw new Unreadable("it spells letters out in $'…'");
  return known(source.slice(2, -1).replace(/\\(.)/gs, (_, char: string) => ESCAPES[char] ?? char));
}

/** Only those that do nothing but give a value: no assignment, indirection, prompt, subscript or nested one. */
function checkExpansion(source: string): void {
  const isPlain = /^\$\{#?(?:\w+|[@*#?])\}$/.test(source);
  // `<(…)` runs in the word of an expansion too.
  const isDefault = /^\$\{\w+(?::?[-+?]|%%?|##?|\/\/?|\^\^?|,,?)[^$`\\"'{}()<>]*\}$/.test(source);
  if (!isPlain && !isDefault) throw new Unreadable('a variable is expanded in a way that may do more');
}
