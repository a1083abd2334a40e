/** Lists and searches the files of the workspace with ripgrep: what git ignores is left out, and so is all beyond the roots. */
import { relative, resolve, sep } from 'node:path';
import { listFiles } from '../search/list-files.ts';
import { findRipgrep } from '../search/ripgrep.ts';
import { type Found, MOST_CHARS, runRipgrep, searchDisk } from './run-ripgrep.ts';
import { buffersBelow, newBuffers, searchableBuffers, withoutBuffers } from './search-buffers.ts';
import type { ToolContext, ToolOutcome } from './tool.ts';
import { done, failed, rejected } from './tool.ts';

const MOST_FILES = 500;
/** Of a folder with more, the list is not sorted as a whole. */
const MOST_SCANNED = 20_000;
const MOST_PER_FILE = 50;
const LINE_WIDTH = 300;

/**
 * The real place of `given`. Beyond the workspace only commands look, in their sandbox: a link in a repository must not
 * lead this process to what may hold secrets.
 */
async function placeOf(given: string, { settings, realPath }: ToolContext): Promise<string | null> {
  const path = await realPath(resolve(settings.cwd, given));
  const roots = await Promise.all([settings.cwd, ...settings.roots].map((root) => realPath(root)));
  return roots.some((root) => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)) ? path : null;
}

const beyond = (given: string): ToolOutcome =>
  rejected(`${given} is not in the workspace. Look there with a command (ls, rg).`);

export async function listWorkspace(given: string, glob: string | null, context: ToolContext): Promise<ToolOutcome> {
  const root = await placeOf(given, context);
  if (root === null) return beyond(given);
  const found: string[] = [];
  const { signal } = context;
  await listFiles({
    root,
    env: process.env,
    signal,
    limit: MOST_SCANNED,
    onFiles: (files) => void found.push(...files),
  });
  if (signal.aborted) return { type: 'cancelled', text: 'The user interrupted.' };
  const whyNot = context.runner.whyNotReadable(context.settings);
  const isNamed = glob === null ? () => true : matcher(glob);
  const fits = (file: string): boolean => isNamed(file) && whyNot(resolve(root, file)) === null;
  const known = new Set(found);
  const unlisted = (await buffersBelow(root, context)).filter(({ name }) => !known.has(name));
  found.push(...(await newBuffers(unlisted, context)).map(({ name }) => name));
  const files = found.filter(fits).sort();
  if (files.length === 0) {
    return failed(
      `No file${glob === null ? '' : ` fits ${glob}`} in ${root}; what git ignores is not listed. Is the folder right?`,
    );
  }
  const shown = files.slice(0, MOST_FILES).map((file) => shownPath(root, file, context));
  const more =
    files.length > shown.length ? `\n(${files.length - shown.length} more files; name a folder or a pattern)` : '';
  return done(shown.join('\n') + more);
}

/** `*.ts` fits in any folder, `src/*.ts` from the top. */
function matcher(glob: string): (file: string) => boolean {
  const pattern = glob
    .replace(/^\.?\//, '')
    .replace(/(\*\*\/)+/g, '**/')
    .replace(/\*{3,}/g, '**');
  const source = pattern
    .replace(/[.+^$()|[\]\\]/g, '\\$&')
    .replace(/\*\*\/|\*\*|\*|\?|\{([^{}]*)\}|[{}]/g, (part, choices: string | undefined) => {
      if (choices !== undefined)
        return `(${choices
          .split(',')
          .map((one) => one.replaceAll('*', '[^/]*'))
          .join('|')})`;
      if (part === '**/') return '(.*/)?';
      return { '**': '.*', '*': '[^/]*', '?': '[^/]' }[part] ?? `\\${part}`;
    });
  const whole = new RegExp(`^${pattern.includes('/') ? '' : '(.*/)?'}${source}$`);
  return (file) => whole.test(file);
}

const shownPath = (root: string, file: string, { settings }: ToolContext): string => {
  const path = relative(settings.cwd, resolve(root, file)).replaceAll(sep, '/');
  return path.startsWith('..') ? resolve(root, file) : path;
};

export type Search = { pattern: string; path: string; glob: string | null; ignoreCase: boolean };

export async function searchWorkspace(search: Search, context: ToolContext): Promise<ToolOutcome> {
  const root = await placeOf(search.path, context);
  if (root === null) return beyond(search.path);
  const program = findRipgrep(process.env.PATH);
  if (program === null) return rejected('ripgrep is not there on this machine: search with a command (grep -rn).');
  const flags = [
    '--line-number',
    '--no-heading',
    '--color=never',
    '--no-config',
    '--null',
    '--hidden',
    '--glob=!.git',
    '--sort=path',
  ];
  flags.push('--no-require-git', '--with-filename', `--max-count=${MOST_PER_FILE}`);
  if (search.ignoreCase) flags.push('--ignore-case');
  const unsaved = await buffersBelow(root, context);
  const fits = search.glob === null ? () => true : matcher(search.glob);
  const buffers = await searchableBuffers(root, unsaved, fits, context);
  const isOnlyBuffer = unsaved.some(({ name }) => name === '');
  const onDisk = [...flags, ...(search.glob === null ? [] : [`--glob=${search.glob}`]), ...withoutBuffers(unsaved)];
  const run = async (more: string[]): Promise<Found> => {
    const pattern = [...more, '-e', search.pattern, '--'];
    const parts: Found[] = [];
    for (const { name, text } of buffers) {
      const found = await runRipgrep(program, [...flags, ...pattern, '-'], context, text);
      parts.push({ ...found, text: found.text.replaceAll(/^<stdin>\0/gm, () => `${resolve(root, name)}\0`) });
    }
    if (!isOnlyBuffer) parts.push(await searchDisk(program, [...onDisk, ...pattern, root], context));
    return joined(parts);
  };
  let result = await run([]);
  // What is no regular expression is meant as it stands.
  if (result.code === 2 && result.problem.includes('regex parse error')) result = await run(['--fixed-strings']);
  if (context.signal.aborted) return { type: 'cancelled', text: 'The user interrupted.' };
  const matches = allowedLines(result.text, context);
  if (matches === '') {
    if (result.code === 1 || result.text !== '') return failed(nothing(search.pattern, root));
    return failed(`The search failed: ${result.problem.trim().slice(0, 500) || `ripgrep ended with ${result.code}`}`);
  }
  const lines = matches.trimEnd().split('\n');
  const base = shownPath(root, '', context);
  const shown = lines.map((line) => {
    const rest = line.startsWith(root) ? line.slice(root.length) : line;
    const short = base === '' ? rest.replace(/^[/\\]/, '') : base + rest;
    return short.length > LINE_WIDTH ? `${short.slice(0, LINE_WIDTH)}…` : short;
  });
  return done(
    shown.join('\n') + (result.isCut ? '\n(More matches are not shown: search for something narrower.)' : ''),
  );
}

/**
 * What was found in files that commands may read, as `file:line:text`. Links are not followed, so that a name is a real path.
 * Where ripgrep runs in the sandbox it has seen no other.
 */
function allowedLines(text: string, { runner, settings }: ToolContext): string {
  const whyNot = runner.whyNotReadable(settings);
  return [...text.matchAll(/([^\0]*)\0([^\n]*)(?:\n|$)/g)]
    .map(([, before = '', rest = '']) => ({ file: before.replace(OF_BINARY, ''), rest }))
    .flatMap(({ file, rest }) => (whyNot(file) === null ? `${file}:${rest}\n` : []))
    .join('');
}

/** What ripgrep says of the file before, where a name is expected. */
const OF_BINARY = /^(?:[^\n]*: (?:WARNING: stopped searching binary file|binary file matches)[^\n]*\n)+/;

const nothing = (pattern: string, root: string): string =>
  `Nothing matches ${pattern} in ${root}. What git ignores is not searched.`;

/** As if it were one search: a problem counts where nothing was found. */
function joined(parts: readonly Found[]): Found {
  const text = parts.map((part) => part.text).join('');
  const isLong = text.length > MOST_CHARS;
  return {
    code: parts.some(({ code }) => code === 0) ? 0 : worst(parts),
    text: isLong ? text.slice(0, text.lastIndexOf('\n', MOST_CHARS) + 1) : text,
    problem: parts.map(({ problem }) => problem).find((problem) => problem !== '') ?? '',
    isCut: isLong || parts.some(({ isCut }) => isCut),
  };
}

const worst = (parts: readonly Found[]): number | null => {
  const failed = parts.find(({ code }) => code !== 1);
  return failed ? failed.code : 1;
};
