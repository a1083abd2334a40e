/** The shell's own words: which do no harm, which run or change something unseen. (pure) */
import type { ShellWord } from './reading.ts';
import { isRiskyVariable } from './variables.ts';
import { Unreadable } from './words.ts';

const listed = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Words of the grammar: where one stands as a program, the script was not understood. */
export const KEYWORDS: ReadonlySet<string> = listed(
  'if then elif else fi for while until do done case esac in select function { } ! [[ ]] coproc',
);

/** They run or change something that cannot be seen from their words. */
const OPAQUE: ReadonlySet<string> = listed(
  `. source alias unalias enable shopt bind complete compgen compopt fc history let mapfile readarray getopts caller
  suspend logout coproc local declare typeset export readonly unset`,
);
const HARMLESS: ReadonlySet<string> = listed(
  ': true false echo pwd cd chdir exit return break continue shift wait umask times pushd popd dirs type ulimit kill bg fg disown',
);

export const isBuiltin = (name: string): boolean =>
  OPAQUE.has(name) ||
  HARMLESS.has(name) ||
  /^(eval|exec|command|builtin|trap|set|read|printf|test|\[|hash|jobs)$/.test(name);

/** A script that the builtin runs; null: it runs none. Throws `Unreadable` for what cannot be told. */
export function checkBuiltin(words: readonly ShellWord[]): string | null {
  const [program, ...rest] = words;
  const name = program?.text ?? '';
  if (OPAQUE.has(name)) throw new Unreadable(`what ${name} does cannot be seen from its words`);
  const texts = rest.map(({ kind, text }) => (kind === 'fixed' ? text : null));
  switch (name) {
    case 'eval':
      return scriptOf(texts.join(' '), texts, 'eval');
    case 'trap':
      if (texts.length < 2 || texts[0] === '-' || texts[0] === '') return null;
      return scriptOf(texts[0] ?? '', texts, 'trap');
    case 'set':
      if (!texts.every((word, at) => word !== null && isSetOption(word, texts[at - 1] ?? '')))
        throw new Unreadable('set may change how it is read');
      return null;
    case 'read':
      if (!texts.every((word) => word !== null && (/^-[rs]+$/.test(word) || isPlainVariable(word))))
        throw new Unreadable('read may set what changes what runs');
      return null;
    case 'printf':
      if (words[1]?.kind !== 'fixed' || /^-/.test(words[1].text)) throw new Unreadable('printf may set a variable');
      return null;
    case 'hash':
    case 'jobs':
      if (rest.length > 0) throw new Unreadable(`${name} may change what runs`);
      return null;
    case 'test':
      checkTest(rest, '[');
      return null;
    case '[':
      checkTest(rest.slice(0, -1), '[');
      return null;
    default:
      return null;
  }
}

function scriptOf(script: string, texts: readonly (string | null)[], name: string): string {
  if (texts.includes(null)) throw new Unreadable(`what ${name} runs is not fixed`);
  // A dash before it would be read as an option.
  if (script.startsWith('-')) throw new Unreadable(`what ${name} runs is not fixed`);
  return script;
}

const isPlainVariable = (name: string): boolean => /^[A-Za-z_]\w*$/.test(name) && !isRiskyVariable(name);
const isSetOption = (word: string, before: string): boolean =>
  /^[-+][euxCf]*o?$/.test(word) || (/o$/.test(before) && /^(pipefail|errexit|nounset|xtrace|noglob)$/.test(word));

const UNARY = /^-[nzfdesrwxLhpSbcgukOGNt]$/;
const BINARY = /^(=|==|!=|<|>|=~|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/;

/** Subscripts run what stands in them: in a name that is tested, and in a number of `[[`. Throws `Unreadable`. */
export function checkTest(words: readonly ShellWord[], opening: '[' | '[['): void {
  const isFixed = words.every(({ kind }) => kind === 'fixed');
  const texts = words.map(({ kind, text }) => (kind === 'fixed' ? text : null));
  const hasName = texts.some((text) => text === '-v' || text === '-R');
  const refuse = (): never => {
    throw new Unreadable('a test may compute');
  };
  if (hasName) refuse();
  const computes = (at: number) => /^-(eq|ne|lt|le|gt|ge)$/.test(texts[at] ?? '');
  if (opening === '[[') {
    const isNumber = (text: string | null | undefined) => /^-?\d+$/.test(text ?? '');
    if (texts.some((_, at) => computes(at) && !(isNumber(texts[at - 1]) && isNumber(texts[at + 1])))) refuse();
    return;
  }
  if (isFixed) return;
  // What is not known must not be able to be an operator.
  const rest = texts[0] === '!' ? words.slice(1) : words;
  const [first, second, third] = rest;
  const isSingle = rest.every(({ kind }) => kind === 'fixed' || kind === 'one');
  const text = (word: ShellWord | undefined) => (word?.kind === 'fixed' ? word.text : '');
  if (rest.length === 1) return;
  if (rest.length === 2 && UNARY.test(text(first)) && second?.kind !== 'glob') return;
  if (rest.length === 3 && isSingle && BINARY.test(text(second)) && third) return;
  refuse();
}
