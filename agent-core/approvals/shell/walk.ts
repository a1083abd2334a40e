/** Walks a shell script's tree and writes down every command that it can run. */
import type { Node } from 'web-tree-sitter';
import { checkBuiltin, checkTest, isBuiltin, KEYWORDS } from './builtins.ts';
import type { Dialect, ShellPart, ShellReading, ShellWord } from './reading.ts';
import { fixed } from './reading.ts';
import { isHarmlessVariable, isRiskyVariable } from './variables.ts';
import { readWord, Unreadable, type WordContext } from './words.ts';
import { innerCommands } from './wrappers.ts';

const READS = 'it reads a file by redirection';
const MOST_PARTS = 400;
const DEEPEST = 6;

/** Who runs a command: see `ShellPart`. `isScript`: it stands in a script at that place, not there itself. */
export type Caller = { via: number | null; at: number; depth: number; isScript: boolean };

/** Of a script with all that stands in its words. */
export type Names = { functions: Set<string>; unset: Set<string> };

export type WalkOptions = {
  /** All of it: places in the tree are places in this text. */
  script: string;
  dialect: Dialect;
  /** Where parts and writes are put down; one for a script and all that stands in its words. */
  reading: ShellReading;
  names: Names;
  caller: Caller;
  /** Reads a script that stands in a word. Throws `Unreadable`. */
  nested: (script: string, dialect: Dialect, caller: Caller) => void;
};

const STATEMENTS: ReadonlySet<string> = new Set(
  `program list pipeline subshell negated_command if_statement elif_clause else_clause while_statement do_group
  variable_assignments command_substitution process_substitution`.split(/\s+/),
);
/** `>&-` takes no target: what the grammar gives it is a word of the command. */
const isClosing = (operator: string): boolean => /^[<>]&-$/.test(operator);
const NO_FILE = /^\/dev\/(null|zero|stdin|stdout|stderr|tty|fd\/\d+)$/;
const isNoFile = ({ kind, text }: ShellWord): boolean => kind === 'fixed' && NO_FILE.test(text);

/**
 * Throws `Unreadable`; what was put down before then stays. Gives the number of words `-` that were found before
 * here-documents, where the grammar drops them.
 */
export function walkShell(root: Node, options: WalkOptions): number {
  let dashes = 0;
  const { dialect, reading, names, caller, nested, script } = options;
  const functions = new Map<string, number>();
  const substitution = (node: Node): void => {
    // `$(< file)` reads.
    if (node.namedChildren.some(({ type }) => type === 'file_redirect')) reading.besides ??= READS;
    walkAll(bodyOf(node));
  };
  const words: WordContext = { dialect, substitution };
  const note = (word: ShellWord): void => {
    if (!isNoFile(word)) reading.writes.push(word);
  };
  const bashOnly = (what: string): void => {
    if (dialect === 'sh') throw new Unreadable(`sh may read ${what} as something else`);
  };

  const walkAll = (nodes: readonly Node[]): void => {
    for (const node of nodes) walk(node);
  };

  const walk = (node: Node): void => {
    const { type } = node;
    if (!node.isNamed || type === 'comment') {
      checkToken(type);
      return;
    }
    if (STATEMENTS.has(type)) {
      if (type === 'subshell' && node.text.startsWith('((')) throw new Unreadable('it computes');
      walkAll(node.children);
      return;
    }
    switch (type) {
      case 'compound_statement':
        if (!node.text.startsWith('{')) throw new Unreadable('it computes');
        walkAll(node.children);
        break;
      case 'redirected_statement':
        redirected(node);
        break;
      case 'command':
        command(node, []);
        break;
      case 'function_definition':
        definition(node);
        break;
      case 'for_statement':
        loop(node);
        break;
      case 'case_statement':
        cases(node);
        break;
      case 'variable_assignment':
        assignment(node);
        break;
      case 'declaration_command':
        declaration(node);
        break;
      case 'unset_command':
        unset(node);
        break;
      case 'test_command':
        test(node);
        break;
      default:
        throw new Unreadable(`it holds what is not understood (${type.replaceAll('_', ' ')})`);
    }
  };

  const checkToken = (type: string): void => {
    if (type === '|&') bashOnly('|&');
  };

  const definition = (node: Node): void => {
    if (node.text.startsWith('function')) bashOnly('function');
    const name = node.childForFieldName('name')?.text ?? '';
    const next = node.nextSibling?.type;
    // Only one that is there for certain, and stays, may stand for the name from here on.
    const isSure = node.parent?.type === 'program' && caller.depth === 0 && next !== '&' && /^[\w-]+$/.test(name);
    for (const child of node.namedChildren.slice(1)) {
      if (child.type === 'file_redirect') redirect(child);
      else walk(child);
    }
    if (!isSure || isBuiltin(name) || KEYWORDS.has(name)) return;
    functions.set(name, node.endIndex);
    names.functions.add(name);
  };

  const loop = (node: Node): void => {
    if (node.text.startsWith('select')) throw new Unreadable('it asks with select');
    setVariable(node.childForFieldName('variable')?.text ?? '');
    for (const value of node.childrenForFieldName('value')) if (value) readWord(value, words);
    walkAll(node.namedChildren.filter(({ type }) => type === 'do_group' || type === 'compound_statement'));
  };

  const cases = (node: Node): void => {
    const value = node.childForFieldName('value');
    if (value) readWord(value, words);
    for (const item of node.namedChildren.filter(({ type }) => type === 'case_item')) {
      const values = item.childrenForFieldName('value');
      for (const pattern of values) if (pattern) readWord(pattern, words);
      const ids = new Set(values.map((pattern) => pattern?.id));
      for (const child of item.children) {
        if (child.type === ';&' || child.type === ';;&') bashOnly(child.type);
        if (child.isNamed && !ids.has(child.id)) walk(child);
      }
    }
    const others = node.namedChildren.filter(({ type, id }) => type !== 'case_item' && id !== value?.id);
    walkAll(others);
  };

  const setVariable = (name: string): void => {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new Unreadable('it sets a variable whose name is not plain');
    if (isRiskyVariable(name)) throw new Unreadable(`it sets ${name}, which can change what runs`);
    if (!isHarmlessVariable(name)) reading.besides ??= `it sets ${name}`;
  };

  const assignment = (node: Node): void => {
    setVariable(node.childForFieldName('name')?.text ?? '');
    const value = node.childForFieldName('value');
    if (!value) return;
    if (value.type === 'array') {
      bashOnly('an array');
      for (const element of value.namedChildren) readWord(element, words);
    } else readWord(value, words);
  };

  const declaration = (node: Node): void => {
    const [keyword, ...rest] = node.children;
    for (const child of rest) {
      if (child.type === 'variable_assignment') assignment(child);
      else if (child.type === 'variable_name') setVariable(child.text);
      else if (child.type !== 'word' || !/^-[xrgp]+$/.test(child.text) || keyword?.type === 'typeset')
        throw new Unreadable(`it declares in a way that may do more (${keyword?.text ?? ''})`);
    }
  };

  const unset = (node: Node): void => {
    for (const child of node.namedChildren) {
      if (child.type === 'variable_name') {
        setVariable(child.text);
        names.unset.add(child.text);
      } else if (child.type !== 'word' || child.text !== '-v')
        throw new Unreadable('it unsets what is not a plain name');
    }
  };

  const test = (node: Node): void => {
    const opening = node.children[0]?.type;
    if (opening !== '[' && opening !== '[[') throw new Unreadable('it computes');
    if (opening === '[[') bashOnly('[[');
    const found: ShellWord[] = [];
    const collect = (inner: Node): void => {
      if (/^(binary|unary|parenthesized|negated)_expression$/.test(inner.type)) {
        for (const child of inner.children) collect(child);
      } else if (inner.type === 'regex' || inner.type === 'extglob_pattern') {
        if (/[$`]|[<>]\(/.test(inner.text)) throw new Unreadable('it holds a hidden expansion');
        found.push({ kind: 'one', text: '' });
      } else if (inner.isNamed) found.push(readWord(inner, words));
      // `<(…)` is no comparison with what stands in brackets.
      else if (/^[<>]$/.test(inner.type) && script[inner.endIndex] === '(')
        throw new Unreadable('it holds a hidden expansion');
      else found.push(fixed(inner.text));
    };
    for (const child of node.children.slice(1, -1)) collect(child);
    checkTest(found, opening);
  };

  const redirect = (node: Node): void => {
    const operator = node.children.find(({ type }) => /^[<>&|]/.test(type))?.type ?? '';
    const before = script[node.startIndex - 1] ?? ' ';
    const descriptor = node.namedChildren.find(({ type: kind }) => kind === 'file_descriptor')?.text ?? '';
    const isJoined = descriptor !== '' && !/[\s;&|(){}]/.test(before);
    // `{name}>file` puts the descriptor into a variable.
    const isNamed = /\{\w+\}$/.test(script.slice(0, node.startIndex));
    if (!/^\d*$/.test(descriptor) || isJoined || isNamed) throw new Unreadable('its words cannot be told apart');
    if (operator.startsWith('&>')) bashOnly(operator);
    if (isClosing(operator)) return;
    const [target] = node.childrenForFieldName('destination');
    if (!target) throw new Unreadable('a redirection leads nowhere');
    const word = readWord(target, words);
    if (operator === '>&' || operator === '<&') {
      if (word.kind === 'fixed' && /^\d+-?$|^-$/.test(word.text)) return;
      bashOnly(operator);
    }
    if (operator !== '<' && operator !== '<&') note(word);
    else if (!isNoFile(word)) reading.besides ??= READS;
  };

  const heredoc = (node: Node): Node[] => {
    const start = node.namedChildren.find(({ type }) => type === 'heredoc_start')?.text ?? '';
    const body = node.namedChildren.find(({ type }) => type === 'heredoc_body');
    const end = node.namedChildren.find(({ type }) => type === 'heredoc_end');
    const delimiter = /^(['"]?)(\w+)\1$/.exec(start);
    const isTabbed = node.children.some(({ type }) => type === '<<-');
    if (!delimiter || !end || end.text !== delimiter[2] || !isAlone(end, script, isTabbed))
      throw new Unreadable('where a here-document ends is not clear');
    checkBody(body?.text ?? '', isTabbed, delimiter);
    const extra: Node[] = [];
    for (const child of node.children) {
      if (!child.isNamed) {
        if (child.type === '|&') checkToken(child.type);
      } else if (/^heredoc_(start|body|end)$/.test(child.type)) continue;
      else if (child.type === 'file_redirect') extra.push(...redirectAndMore(child));
      else if (node.childrenForFieldName('argument').some((argument) => argument?.id === child.id)) extra.push(child);
      else if (child.type !== 'file_descriptor') walk(child);
    }
    return extra;
  };

  /** Reads a redirection, and gives what the grammar takes for more of its targets: they are words of the command. */
  const redirectAndMore = (node: Node): Node[] => {
    if (node.type === 'heredoc_redirect') return heredoc(node);
    if (node.type === 'herestring_redirect') {
      bashOnly('<<<');
      for (const child of node.namedChildren) if (child.type !== 'file_descriptor') readWord(child, words);
      return [];
    }
    redirect(node);
    const isClosed = node.children.some(({ type }) => isClosing(type));
    return node
      .childrenForFieldName('destination')
      .slice(isClosed ? 0 : 1)
      .flatMap((child) => child ?? []);
  };

  const redirected = (node: Node): void => {
    const body = node.childForFieldName('body');
    const redirects = node.childrenForFieldName('redirect').flatMap((child) => child ?? []);
    if (redirects.filter(({ type }) => type === 'heredoc_redirect').length > 1)
      throw new Unreadable('it holds two here-documents at once');
    const extra = redirects.flatMap(redirectAndMore);
    const gap = body && redirects[0] ? script.slice(body.endIndex, redirects[0].startIndex) : '';
    const isDashed =
      body?.type === 'command' && redirects[0]?.type === 'heredoc_redirect' && /^[ \t]+-[ \t]+$/.test(gap);
    if (isDashed) dashes++;
    if (body?.type === 'command') command(body, extra, isDashed ? [fixed('-')] : []);
    else if (extra.length > 0) throw new Unreadable('its words cannot be told apart');
    else if (body) walk(body);
  };

  const command = (node: Node, extra: readonly Node[], dash: readonly ShellWord[] = []): void => {
    const found: ShellWord[] = [];
    let last: Node | null = null;
    let name: Node | null = null;
    const rest: Node[] = [];
    let joined = -1;
    for (const child of node.children) {
      const isRedirect = /_redirect$/.test(child.type);
      if (!isRedirect && child.startIndex === joined) throw new Unreadable('its words cannot be told apart');
      joined = isRedirect ? child.endIndex : -1;
      if (child.type === 'variable_assignment') assignment(child);
      else if (isRedirect) rest.push(...redirectAndMore(child));
      else if (child.type === 'command_name') {
        name = child.firstChild ?? child;
        found.push(readWord(name, words));
        last = child;
      } else {
        if (last) checkGap(last, child);
        last = child;
        found.push(child.isNamed || child.type === '$' ? readWord(child, words) : operatorWord(child));
      }
    }
    found.push(...dash);
    for (const more of [...rest, ...extra]) found.push(readWord(more, words));
    if (found.length === 0) return;
    if (name?.type === 'word' && KEYWORDS.has(name.text))
      throw new Unreadable(`it uses ${name.text} in a way that is not understood`);
    const called = name?.type === 'word' ? functions.get(name.text) : undefined;
    run(found, caller, called !== undefined && called <= node.startIndex);
  };

  const checkGap = (left: Node, right: Node): void => {
    const gap = script.slice(left.endIndex, right.startIndex);
    if (!/^(?:[ \t]|[ \t]\\\n)+$/.test(gap) && !/[<>]/.test(gap))
      throw new Unreadable('its words cannot be told apart');
  };

  /** Puts down a command and what it runs in turn. */
  const run = (found: ShellWord[], { via, at, depth, isScript }: Caller, isCall: boolean): void => {
    const [program] = found;
    if (program?.kind !== 'fixed' || program.text === '') throw new Unreadable('which program it runs is not fixed');
    if (depth > DEEPEST || reading.parts.length >= MOST_PARTS) throw new Unreadable('it is too long or too deep');
    // A keyword that `time` is given is one still.
    if (!isScript && KEYWORDS.has(program.text))
      throw new Unreadable(`it uses ${program.text} in a way that is not understood`);
    const part: ShellPart = { words: found, via, at, isScript, isTransparent: isCall };
    const index = reading.parts.push(part) - 1;
    if (isCall) return;
    const inner = innerCommands(found);
    part.isTransparent = inner?.isTransparent ?? false;
    if (inner?.sets) reading.besides ??= `it sets ${inner.sets}`;
    const caller = (place: number, inScript: boolean): Caller => ({
      via: index,
      at: place,
      depth: depth + 1,
      isScript: inScript,
    });
    for (const next of inner?.commands ?? []) run(next.words, caller(next.at, false), false);
    if (inner?.script) nested(inner.script.text, inner.script.dialect, caller(inner.script.at, true));
    else if (!inner) {
      const script = checkBuiltin(found);
      if (script === null) return;
      part.isTransparent = true;
      nested(script, dialect, caller(found.length - 1, true));
    }
  };

  walk(root);
  return dashes;
}

/** What stands between the brackets of a substitution. */
function bodyOf(node: Node): Node[] {
  const { text } = node;
  if (text.startsWith('`') && text.includes('\\')) throw new Unreadable('it escapes within backquotes');
  if (text.startsWith('$((')) throw new Unreadable('it computes');
  return node.namedChildren
    .map((child) => {
      if (child.type === 'file_redirect' && !child.text.startsWith('<'))
        throw new Unreadable('a substitution only redirects');
      return child;
    })
    .filter(({ type }) => type !== 'file_redirect');
}

function operatorWord({ type, text }: Node): ShellWord {
  if (type === '==' || type === '=~' || type === '=') return fixed(text);
  throw new Unreadable(`it holds what is not understood (${type})`);
}

/** Only alone on its line does the delimiter end a here-document. */
function isAlone(end: Node, script: string, isTabbed: boolean): boolean {
  const before = script.slice(script.lastIndexOf('\n', end.startIndex - 1) + 1, end.startIndex);
  return /^\n?$/.test(script[end.endIndex] ?? '') && (isTabbed ? /^\t*$/ : /^$/).test(before);
}

/** The text of a here-document: that it ends where the grammar thinks, and runs nothing. */
function checkBody(text: string, isIndented: boolean, [, quote, delimiter]: RegExpExecArray): void {
  const lines = text.split('\n').map((line) => (isIndented ? line.replace(/^\t+/, '') : line));
  if (lines.includes(delimiter ?? '')) throw new Unreadable('where a here-document ends is not clear');
  if (quote === '' && /`|\$[({[]|\\\n|\\$/.test(text)) throw new Unreadable('a here-document holds a substitution');
}
