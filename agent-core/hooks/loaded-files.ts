/** What a script says that it loads. Each language's own words for that, as far as they name a file. */
import path from 'node:path';
import { type ShellWord, shellWords } from './shell-text.ts';

export type Loaded = {
  /** May be paths, seen from wherever the script means. */
  words: ShellWord[];
  /** Places that the language would look at; they need not exist. */
  files: string[];
};

type Language = 'shell' | 'script' | 'python' | 'ruby' | 'other';

const BY_END: readonly [RegExp, Language][] = [
  [/\.(sh|bash|dash|zsh|ksh|fish|bats|env|mk)$/i, 'shell'],
  [/\.[cm]?[jt]sx?$/i, 'script'],
  [/\.pyw?$/i, 'python'],
  [/\.rb$/i, 'ruby'],
  [/\.(json|toml|ya?ml|md|txt)$/i, 'other'],
];
const BY_PROGRAM: readonly [RegExp, Language][] = [
  [/^#!.*\b(node|deno|bun|tsx|ts-node)\b/, 'script'],
  [/^#!.*\bpython/, 'python'],
  [/^#!.*\bruby\b/, 'ruby'],
  [/^#!.*\b(perl|php|lua|awk)\b/, 'other'],
];

function languageOf(file: string, text: string): Language {
  const first = text.slice(0, 200).split('\n', 1)[0] ?? '';
  const named = BY_PROGRAM.find(([program]) => program.test(first)) ?? BY_END.find(([end]) => end.test(file));
  return named?.[1] ?? 'shell';
}

/** Quoted texts that may be paths: a script of any language starts programs by such. */
const quotedPaths = (text: string): ShellWord[] =>
  [...text.matchAll(/["'`]([^"'`\n]{1,400})["'`]/g)]
    .map(([, word = '']) => word)
    .filter((word) => word.includes('/') || /\.\w+$/.test(word))
    .map((word) => ({ text: word, isRun: false }));

/** `cwd`: where the hook runs. */
export function loadedBy(file: string, text: string, cwd: string): Loaded {
  const here = path.dirname(file);
  switch (languageOf(file, text)) {
    case 'shell':
      return { words: shellWords(text.replace(/^\s*#.*$/gm, '')), files: [] };
    case 'script':
      return { words: quotedPaths(text), files: scriptFiles(text, here) };
    case 'python':
      return { words: quotedPaths(text), files: pythonFiles(text, [here, cwd]) };
    case 'ruby':
      return { words: quotedPaths(text), files: rubyFiles(text, here) };
    default:
      return { words: quotedPaths(text), files: [] };
  }
}

const SCRIPT_ENDS = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.jsx', '.tsx', '.json', '.node'];

function scriptFiles(text: string, here: string): string[] {
  const named = [
    ...text.matchAll(/\b(?:from|import|require|resolve|Worker|fork)\s*\(?\s*["'`](\.{1,2}(?:\/[^"'`\n]*)?)["'`]/g),
  ];
  return named.flatMap(([, name = '']) => {
    const place = path.resolve(here, name);
    const bare = place.replace(/\.[cm]?jsx?$/, '');
    const ends = [place, bare].flatMap((one) => SCRIPT_ENDS.map((end) => one + end));
    return [...ends, path.join(place, 'package.json'), ...SCRIPT_ENDS.map((end) => path.join(place, `index${end}`))];
  });
}

function pythonFiles(text: string, bases: readonly string[]): string[] {
  const modules: string[] = [];
  for (const [, list = ''] of text.matchAll(/^[ \t]*import[ \t]+([^\n#;]+)/gm))
    modules.push(...list.split(',').map((one) => one.trim().split(/\s/)[0] ?? ''));
  for (const [, from = '', list = ''] of text.matchAll(
    /^[ \t]*from[ \t]+([.\w]+)[ \t]+import[ \t]+(\([^)]*\)|[^\n#;]+)/gm,
  )) {
    const names = list
      .replace(/[()]/g, '')
      .split(',')
      .map((one) => one.trim().split(/\s/)[0] ?? '');
    const dot = from.endsWith('.') ? '' : '.';
    modules.push(from, ...names.filter((name) => /^\w+$/.test(name)).map((name) => `${from}${dot}${name}`));
  }
  return [...new Set(modules)].flatMap((name) => {
    const dots = /^\.*/.exec(name)?.[0].length ?? 0;
    const parts = name
      .slice(dots)
      .split('.')
      .filter((part) => part !== '');
    const up = Array.from({ length: Math.max(0, dots - 1) }, () => '..');
    return bases.flatMap((base) =>
      // Each package on the way is loaded, too.
      parts.flatMap((_part, at) => {
        const place = path.join(base, ...up, ...parts.slice(0, at + 1));
        return [`${place}.py`, path.join(place, '__init__.py')];
      }),
    );
  });
}

function rubyFiles(text: string, here: string): string[] {
  const named = [...text.matchAll(/\b(?:require_relative|load|require)[ (]+["']([^"'\n]+)["']/g)];
  return named.flatMap(([, name = '']) => [path.resolve(here, name), `${path.resolve(here, name)}.rb`]);
}
