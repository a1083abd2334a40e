/** What a command does, in a client's terms: reads, lists, searches, or unknown. No I/O. */
import { isAbsolute, join, resolve } from 'node:path';
import type { Finding } from '../approvals/rules/judge.ts';
import { quoteWord } from '../approvals/shell-words.ts';
import type { CommandAction } from '../protocol/index.ts';

/** One action for each command that says something; a script with any other command in it is one unknown action. */
export function commandActions(
  script: string,
  { parts, unknown, writesFiles }: ReadParts,
  cwd: string,
): CommandAction[] {
  const wholly: CommandAction[] = [{ type: 'unknown', command: script }];
  if (unknown !== null || writesFiles) return wholly;
  const actions: CommandAction[] = [];
  let at: string | null = cwd;
  for (const { words: read } of parts) {
    const words = read.map(({ text }) => text);
    if (isSilent(words) || isFilter(words)) continue;
    if (words[0] === 'cd') {
      at = at === null || words[1] === undefined || read[1]?.kind !== 'fixed' ? null : resolve(at, words[1]);
      continue;
    }
    const isKnown = at !== null && read.every(({ kind }) => kind === 'fixed');
    const action = isKnown ? actionOf(words, at ?? cwd) : null;
    if (!action) return wholly;
    actions.push(action);
  }
  return actions.length > 0 ? actions : wholly;
}

/** What was read of the script. */
export type ReadParts = Pick<Finding, 'parts' | 'unknown' | 'writesFiles'>;

const isSilent = ([name]: string[]) => name === 'echo' || name === 'true' || name === 'pwd';
/** Only shapes what another command printed. */
const isFilter = (words: string[]) =>
  /^(head|tail|wc|sort|uniq|cut|tr|nl)$/.test(words[0] ?? '') && operands(words).length === 0;

function actionOf(words: string[], cwd: string): CommandAction | null {
  const command = words.map(quoteWord).join(' ');
  const named = operands(words);
  switch (words[0]) {
    case 'cat':
    case 'nl':
    case 'bat':
    case 'less':
    case 'head':
    case 'tail':
      return named.length === 1 ? read(command, named[0] as string, cwd) : null;
    case 'sed':
      return words[1] === '-n' && /^\d+(,\d+)?p$/.test(words[2] ?? '') && words.length === 4
        ? read(command, words[3] as string, cwd)
        : null;
    case 'ls':
    case 'tree':
      return { type: 'listFiles', command, path: named[0] === undefined ? null : lastPart(named[0]) };
    case 'find':
      return find(command, words);
    case 'fd':
      return { type: 'listFiles', command, path: named[1] === undefined ? null : lastPart(named[1]) };
    case 'rg':
      if (words.includes('--files'))
        return { type: 'listFiles', command, path: named[0] === undefined ? null : lastPart(named[0]) };
      return search(command, named);
    case 'grep':
    case 'egrep':
    case 'ag':
      return search(command, named);
    case 'git':
      if (words[1] === 'grep') return search(command, operands(words.slice(1)));
      return words[1] === 'ls-files' ? { type: 'listFiles', command, path: null } : null;
    default:
      return null;
  }
}

/** Options that take the next word as their value, in the commands above. */
const VALUED = new Set([
  '-n',
  '-c',
  '-A',
  '-B',
  '-C',
  '-e',
  '-g',
  '-t',
  '-m',
  '-L',
  '--glob',
  '--type',
  '-I',
  '-d',
  '--max-depth',
]);

function operands(words: string[]): string[] {
  const found: string[] = [];
  const filters = words[0] === 'grep' || words[0] === 'egrep';
  for (let i = 1; i < words.length; i++) {
    const word = words[i] as string;
    if (word === '-e' && words[i + 1] !== undefined) found.push(words[++i] as string);
    else if (VALUED.has(word) && !(filters && /^-[ncLI]$/.test(word)) && !(words[0] === 'rg' && word === '-n')) i++;
    else if (!word.startsWith('-') || word === '-') found.push(word);
  }
  return found;
}

function read(command: string, file: string, cwd: string): CommandAction {
  return { type: 'read', command, name: lastPart(file), path: isAbsolute(file) ? file : join(cwd, file) };
}

function search(command: string, [query, path]: string[]): CommandAction | null {
  if (query === undefined) return null;
  return { type: 'search', command, query, path: path === undefined ? null : lastPart(path) };
}

function find(command: string, words: string[]): CommandAction | null {
  if (words.some((word) => /^-(delete|exec|execdir|ok|fprint)/.test(word))) return null;
  const path = words[1] !== undefined && !words[1].startsWith('-') ? lastPart(words[1]) : null;
  const named = words.findIndex((word) => word === '-name' || word === '-iname' || word === '-path');
  const query = named < 0 ? undefined : words[named + 1];
  return query === undefined ? { type: 'listFiles', command, path } : { type: 'search', command, query, path };
}

const lastPart = (path: string) => path.replace(/\/+$/, '').split('/').at(-1) || path;
