/** Commands that only look, by their words. (pure) */
import type { ShellWord } from '../shell/reading.ts';

const listed = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Whatever follows them, they write no file and run nothing. */
const ALWAYS = listed(
  `cat head tail wc ls echo printf grep egrep fgrep pwd true false : cd test [ stat basename dirname realpath readlink cut tr
  paste rev nl tac cmp comm diff du df uname whoami id groups arch nproc which type seq expr sleep md5sum sha1sum sha256sum
  sha512sum cksum od hexdump fold fmt expand unexpand ps uptime free column jq strings exit return break continue shift
  wait set read`,
);

/** For each, words that make it write or run something. Abbreviated long options count. */
const UNLESS: Readonly<Record<string, readonly string[]>> = {
  rg: ['--pre', '--hostname-bin', '--search-zip', '-z'],
  find: ['-exec', '-execdir', '-ok', '-okdir', '-delete', '-fls', '-fprint', '-fprint0', '-fprintf'],
  fd: ['-x', '-X', '--exec', '--exec-batch', '-l', '--list-details'],
  sort: ['-o', '--output', '-T', '--temporary-directory', '--compress-program', '--files0-from'],
  tree: ['-o', '--output', '-R'],
  // Of what is compressed, it starts the program that unpacks it.
  file: ['-C', '--compile', '-z', '-Z', '--uncompress', '--uncompress-noreport'],
  date: ['-s', '--set'],
  base64: ['-o', '--output'],
};
/** They write to a second operand. */
const ONE_OPERAND = listed('uniq xxd');
/** Not those of which the project says which program it is: `yarn --version` runs what `.yarnrc` names. */
const VERSIONED = listed('node npm npx python python3 pip git tsc gcc clang make java deno');

const GIT_LOOKS = listed(
  'status log diff show blame annotate shortlog ls-files ls-tree rev-parse describe rev-list merge-base name-rev grep whatchanged diff-tree diff-index count-objects show-ref for-each-ref',
);
const GIT_UNLESS: readonly string[] = [
  '--output',
  '--ext-diff',
  '--textconv',
  '--open-files-in-pager',
  '--exec',
  '--filters',
  '--upload-pack',
  '--config-env',
  '--git-dir',
  '--work-tree',
  '--paginate',
];

/** Where another folder's repository is looked at, its own configuration may run a program. */
export const asksRepository = (words: readonly ShellWord[]): boolean => /(^|\/)git$/.test(words[0]?.text ?? '');
export const movesElsewhere = (words: readonly ShellWord[]): boolean =>
  /^(cd|chdir|pushd|popd)$/.test(words[0]?.text ?? '') || words.some(({ text }) => /^(-C|--chdir)/.test(text));

/** False also when it cannot be told. */
export function isReadOnly(words: readonly ShellWord[]): boolean {
  const name = /^(?:\/(?:usr\/)?bin\/)?([^/]+)$/.exec(words[0]?.text ?? '')?.[1];
  const rest = words.slice(1);
  if (name === undefined) return false;
  if (ALWAYS.has(name)) return true;
  if (!rest.every(isNoHiddenOption)) return false;
  const texts = rest.map(({ text }) => text);
  if (VERSIONED.has(name) && texts.length === 1 && /^(--version|-v|-V)$/.test(texts[0] ?? '')) return true;
  if (ONE_OPERAND.has(name))
    return (
      texts.filter((text) => !/^-./.test(text)).length <= 1 &&
      !texts.includes('--') &&
      rest.every(({ kind }) => kind !== 'glob') &&
      !texts.some((text) => /^-\w*r/.test(text))
    );
  // A date of its own would be set.
  if (name === 'date' && !texts.every((text, at) => /^[-+]/.test(text) || /^(-d|-r|--date)$/.test(texts[at - 1] ?? '')))
    return false;
  if (name === 'sed') return isPrintingSed(texts);
  if (name === 'git') return isLookingGit(texts);
  const unless = Object.hasOwn(UNLESS, name) ? UNLESS[name] : undefined;
  return unless !== undefined && !texts.some((text) => isOneOf(text, unless));
}

/** A word that is not known may not turn into an option. */
const isNoHiddenOption = (word: ShellWord): boolean => word.kind === 'fixed' || /^[^-]/.test(word.text);

function isOneOf(text: string, options: readonly string[]): boolean {
  const head = text.split('=')[0] ?? '';
  return options.some((option) => {
    if (option.startsWith('--'))
      return head.length > 2 && head.startsWith('--') && (option.startsWith(head) || text.startsWith(option));
    if (/^-\w$/.test(option)) return /^-[^-]/.test(text) && text.includes(option.slice(1));
    return text === option;
  });
}

const isPrintingSed = (texts: readonly string[]): boolean =>
  texts[0] === '-n' &&
  /^\d+(,(\d+|\$))?p$/.test(texts[1] ?? '') &&
  texts.slice(2).every((text) => !text.startsWith('-'));

function isLookingGit(texts: readonly string[]): boolean {
  const [verb = '', ...rest] = texts[0] === '--no-pager' ? texts.slice(1) : texts;
  if (rest.some((text) => isOneOf(text, GIT_UNLESS))) return false;
  if (GIT_LOOKS.has(verb)) return !(verb === 'grep' && rest.some((text) => /^-\w*O/.test(text)));
  if (verb === 'branch' || verb === 'tag') {
    const options =
      /^(-a|-r|-v|-vv|-l|--list|--all|--remotes|--show-current|--no-color|--merged|--no-merged|--contains)$/;
    const lists = /^(-l|--list)$/.test(rest[0] ?? '');
    return lists
      ? rest.every((text) => options.test(text) || !text.startsWith('-'))
      : rest.every((text) => options.test(text));
  }
  if (verb === 'remote') return rest.length === 0 || (rest.length === 1 && rest[0] === '-v');
  if (verb === 'stash') return rest[0] === 'list';
  if (verb === 'config') return /^(--get|--list|-l)$/.test(rest[0] ?? '');
  return false;
}
