/** From a script to the commands that it can run: what cannot be told for certain is said so. */
import type { Node } from 'web-tree-sitter';
import { simpleCommands } from '../shell-words.ts';
import { checkBuiltin } from './builtins.ts';
import type { ParseShell } from './grammar.ts';
import { type Dialect, fixed, type ShellReading } from './reading.ts';
import { type Caller, type Names, walkShell } from './walk.ts';
import { Unreadable } from './words.ts';
import { innerCommands } from './wrappers.ts';

const LONGEST = 64 * 1024;

/**
 * Never throws. What ran in the end is one of the parts, or `unknown` is not null; parts that were found before then are
 * given too. Without a grammar (`parse` is null) only plain words joined by `;`, `&&`, `||` and `|` are read.
 */
export function readShell(script: string, dialect: Dialect, parse: ParseShell | null): ShellReading {
  const reading: ShellReading = { parts: [], writes: [], besides: null, unknown: null };
  try {
    if (parse) {
      const names: Names = { functions: new Set(), unset: new Set() };
      readInto(script, dialect, { via: null, at: 0, depth: 0, isScript: true }, { reading, names, parse });
      // `unset` takes a function away where there is no such variable: the program of that name runs then.
      if ([...names.unset].some((name) => names.functions.has(name)))
        throw new Unreadable('it may take a function of its own away');
    } else readPlain(script, reading);
  } catch (error) {
    reading.unknown = error instanceof Unreadable ? error.message : 'it could not be read';
  }
  return reading;
}

function readInto(
  script: string,
  dialect: Dialect,
  caller: Caller,
  { reading, names, parse }: { reading: ShellReading; names: Names; parse: ParseShell },
): void {
  checkText(script);
  const tree = parse(script);
  if (!tree) throw new Unreadable('it takes too long to read');
  try {
    if (tree.rootNode.hasError) throw new Unreadable('its syntax is not understood');
    // The root begins at the first word: places are counted from the script's beginning.
    const dashes = checkTokens(tree.rootNode, script);
    const nested = (text: string, inner: Dialect, from: Caller) =>
      readInto(text, inner, from, { reading, names, parse });
    const found = walkShell(tree.rootNode, { script, dialect, reading, names, caller, nested });
    if (found !== dashes) throw new Unreadable('its words cannot be told apart');
  } finally {
    tree.delete();
  }
}

/** Characters and joints that the grammar and a shell may take differently. */
function checkText(script: string): void {
  if (script.length > LONGEST) throw new Unreadable('it is too long');
  if (/[^\P{C}\n\t]|[^\P{Z} ]/u.test(script)) throw new Unreadable('it holds characters that are not seen');
  if (/(?:^|[^ \t])\\\n/.test(script)) throw new Unreadable('a line is broken within a word');
  if (/\\$/.test(script)) throw new Unreadable('a backslash ends it');
}

/** That nothing lies between the tokens but space, and that a comment begins where a shell begins one. */
function checkTokens(root: Node, script: string): number {
  let dashes = 0;
  const cursor = root.walk();
  let at = 0;
  const visit = (): void => {
    if (cursor.nodeType === 'heredoc_body' || !cursor.gotoFirstChild()) {
      const { startIndex, endIndex } = cursor;
      const gap = script.slice(at, Math.max(at, startIndex));
      // The grammar drops a lone dash before a here-document; the walk has to find it again.
      if (cursor.nodeType === '<<' && /^[ \t]+-[ \t]+$/.test(gap)) dashes++;
      else if (!/^(?:\s|\\\n)*$/.test(gap)) throw new Unreadable('its words cannot be told apart');
      if (
        cursor.nodeType === 'comment' &&
        !/(?:^|[\n;&|(]|(?:^|[^\\])[ \t])$/.test(script.slice(Math.max(0, startIndex - 2), startIndex))
      )
        throw new Unreadable('where a comment begins is not clear');
      // `-<<` is taken for `<<`.
      if (!cursor.nodeIsNamed && cursor.nodeText.trim() !== cursor.nodeType.trim())
        throw new Unreadable('its words cannot be told apart');
      if (cursor.nodeIsMissing) throw new Unreadable('its syntax is not understood');
      at = Math.max(at, endIndex);
      return;
    }
    do visit();
    while (cursor.gotoNextSibling());
    cursor.gotoParent();
  };
  try {
    visit();
  } finally {
    cursor.delete();
  }
  if (!/^\s*$/.test(script.slice(at))) throw new Unreadable('its end is not understood');
  return dashes;
}

/** Without the grammar: words only, and nothing that runs another. */
function readPlain(script: string, reading: ShellReading): void {
  const commands = simpleCommands(script);
  if (!commands || /[*?[\]{}~$\\]/.test(script))
    throw new Unreadable('it is more than plain words, and the shell grammar is not at hand');
  for (const { words } of commands) {
    const found = words.map(fixed);
    if (/=/.test(words[0] ?? '')) throw new Unreadable('it sets a variable');
    reading.parts.push({ words: found, via: null, at: 0, isScript: true, isTransparent: false });
    if (innerCommands(found) !== null || checkBuiltin(found) !== null)
      throw new Unreadable('it runs another command, and the shell grammar is not at hand');
  }
}
