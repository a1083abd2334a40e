/** Words of a shell's text that may be files, and which of them it runs. No parser: it would rather see too many. (pure) */

/** Stands for what only the shell knows. */
export const UNKNOWN = '\u0000';

export type ShellWord = {
  text: string;
  /** An interpreter, `source` or `exec` was given it. */
  isRun: boolean;
};

const SUBSTITUTION = /\$\(([^()]*)\)|`([^`]*)`/g;
const VARIABLE = /\$\{[^}]*\}|\$[A-Za-z_0-9@*#?!-]+/g;
const WORDS = /(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])+/g;
const QUOTED = /"([^"]*)"|'([^']*)'/g;
/** What stands before a path in a word (`--config=x`, `2>x`). */
const BETWEEN = /[\s<>=,:]+/;

/** Programs whose first word that is no option is a script. */
const LOADERS =
  /^(source|\.|exec|env|sh|bash|dash|zsh|ksh|fish|busybox|python[\d.]*|pypy3?|node|nodejs|deno|bun|tsx|ts-node|npx|ruby|perl|php|lua|luajit|pwsh|powershell|Rscript|osascript|awk|gawk|sed|jq|make|gmake|nice|nohup|time|timeout|xargs|sudo|command|builtin|eval|if|then|else|elif|while|until|do|!|\{)$/;
/** Loaders whose own first word is what to do (`deno run x.ts`, `timeout 5 x.sh`). */
const VERBS = /^(run|exec|x|\d+[smhd]?|[A-Za-z_]\w*=.*)$/;

export function shellWords(text: string): ShellWord[] {
  const inner: string[] = [];
  let flat = text.replace(/\\\n/g, ' ');
  for (let depth = 0; depth < 8; depth++) {
    const next = flat.replace(SUBSTITUTION, (_all, first?: string, second?: string) => {
      inner.push(first ?? second ?? '');
      return UNKNOWN;
    });
    if (next === flat) break;
    flat = next;
  }
  return [flat, ...inner].flatMap((part) =>
    part
      .replace(VARIABLE, UNKNOWN)
      .split(/[\n;|&()]+/)
      .flatMap(segmentWords),
  );
}

function segmentWords(segment: string): ShellWord[] {
  const tokens = (segment.match(WORDS) ?? []).map((raw) => ({ raw, text: raw.replace(/["'\\]/g, '') }));
  if (tokens[0]?.text.startsWith('#')) return [];
  const found: ShellWord[] = [];
  // The first word is run by the shell itself.
  let isOpen = true;
  let wasOption = false;
  for (const { raw, text } of tokens) {
    const isOption = text.startsWith('-');
    found.push({ text, isRun: !isOption && (isOpen || wasOption) });
    const parts = [
      ...text.split(BETWEEN),
      ...[...raw.matchAll(QUOTED)].flatMap(([, a, b]) => quotedWords(a ?? b ?? '')),
    ];
    found.push(
      ...parts
        .filter((part) => part !== text && part !== '')
        .map((part) => ({ text: part, isRun: isOption && isOpen })),
    );
    if (isOption) {
      wasOption = isOpen;
      continue;
    }
    if (!wasOption) isOpen = isOpen && (LOADERS.test(text) || VERBS.test(text));
    wasOption = false;
  }
  return found;
}

/** A quoted script (`sh -c "…"`), or a path with blanks. */
const quotedWords = (text: string): string[] => [text, ...text.split(/[\s;|&()<>`=,'"]+/)];
