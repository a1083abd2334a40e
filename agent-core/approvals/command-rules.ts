/** What is known of commands by their words. (pure) */
import { type ShellReading, type ShellWord, shownWord } from './shell/reading.ts';
import { simpleCommands } from './shell-words.ts';

/**
 * Why a command destroys what cannot be had back, or null. Reads every simple command of the script; what it cannot
 * read it searches for by pattern, so that hiding `rm -rf` in a loop does not help.
 */
export function dangerOf(script: string): string | null {
  const commands = simpleCommands(script);
  if (!commands) return hiddenDangerOf(script);
  for (const { words, joinedBy } of commands) {
    const danger = dangerOfWords(words);
    if (danger) return danger;
    // What a shell is fed stands in the words of another command.
    if (joinedBy.startsWith('|') && isShell(words)) return hiddenDangerOf(script);
  }
  return null;
}

/** As `dangerOf`, from all that was read of the script. */
export function dangerOfReading({ parts, writes }: ShellReading, script: string): string | null {
  for (const { words } of parts) {
    const danger = dangerOfWords(words.map(shownWord));
    if (danger) return danger;
  }
  const start = writes.find(isStartFile);
  if (start) return `It writes a file that shells or programs read when they start (${shownWord(start)}).`;
  return dangerOf(script);
}

/** Dotfiles of a home, what is run at a start or by others later, and devices. */
const isStartFile = ({ text }: ShellWord): boolean =>
  /(^|\/)\.(bash|zsh|profile|login|xinit|xsession|gitconfig|npmrc|netrc|ssh\/|config\/(autostart|systemd|git)\/)/.test(
    text,
  ) || /^\/etc\/|^\/dev\/(sd|nvme|hd|vd|disk|mem)|\.git\/(hooks\/|config$)/.test(text);

/** By pattern, as it stands and as a shell would see it without its quotes. */
function hiddenDangerOf(script: string): string | null {
  const plain = script
    .replace(/\\\n/g, ' ')
    .replace(/\$\{?IFS\}?/g, ' ')
    .replace(/['"\\]/g, '');
  const texts = [script, plain].flatMap(inPieces);
  return hiddenDangers.find(({ pattern }) => texts.some((text) => pattern.test(text)))?.danger ?? null;
}

const LONGEST_PIECE = 4096;
const OVERLAP = 512;

/** Lines, as no pattern goes over one, and no longer than a pattern may take its time with. */
const inPieces = (text: string): string[] =>
  text.split('\n').flatMap((line) => {
    const count = Math.max(1, Math.ceil(line.length / (LONGEST_PIECE - OVERLAP)));
    return Array.from({ length: count }, (_, at) => {
      const start = at * (LONGEST_PIECE - OVERLAP);
      return line.slice(start, start + LONGEST_PIECE);
    });
  });

const DELETES = 'It deletes files for good (rm).';
const RAW = 'It writes raw data (dd).';
const FORCES = 'It rewrites a remote branch (git push --force).';
const FED = 'It runs what it fetches from the network, unseen.';
const OPENS = 'It lets everyone write to files (chmod 777).';
const KILLS = 'It ends all processes (kill -1).';
const FINDS = 'It may delete or change every file it finds.';

/** Found by pattern where the script cannot be read word by word; a harmless match costs one question. */
const hiddenDangers = [
  { pattern: /(^|[\s;&|({`'"/\\])rm\s+([^;&|\n]*\s)?-(\w*[rRf]|-recursive|-force)/, danger: DELETES },
  {
    pattern: /\bgit\s[^;&|\n]*\breset\s[^;&|\n]*--hard/,
    danger: 'It throws uncommitted work away (git reset --hard).',
  },
  { pattern: /\bgit\s[^;&|\n]*\bclean\s[^;&|\n]*-\w*f/, danger: 'It deletes untracked files (git clean).' },
  { pattern: /\bgit\s[^;&|\n]*\bpush\s([^;&|\n]*\s)?(-\w*f|--force|--mirror|\+)/, danger: FORCES },
  { pattern: /(^|[\s;&|({`'"/\\])dd\s[^;&|\n]*\bof=/, danger: RAW },
  {
    pattern:
      /\bfind\s[^;&|\n]*\s-(delete|(exec|execdir|ok|okdir)\s+(\S*\/)?(rm|unlink|shred|truncate|dd|mv|sh|bash))\b/,
    danger: FINDS,
  },
  {
    pattern:
      /\b(curl|wget)\b[^;\n]*\|&?\s*(sudo\s+(-\S+\s+)*)?(\S*\/)?(env\s+)?((ba|z|da|k)?sh|python3?|node|perl|ruby)\b/,
    danger: FED,
  },
  { pattern: /\b((ba|z|da|k)?sh|eval|source|\.)\s[^;&|\n]*(\$\(|<\(|`)\s*(curl|wget)\b/, danger: FED },
  { pattern: /(^|[\s;&|({`'"/\\])chmod\s+([^;&|\n]*\s)?-\w*R[^;&|\n]*\s(0?777|a\+\w*w|o\+\w*w|\+w)\b/, danger: OPENS },
  { pattern: /(^|[\s;&|({`'"/\\])kill\s+(-\w+\s+)?(--\s+)?-1\b/, danger: KILLS },
  {
    pattern: /(^|[;&|({`\n]|\bsudo)\s*(shred|mkfs[.\w]*|shutdown|reboot|poweroff|halt)(\s|$)/,
    danger: 'It cannot be undone.',
  },
];

/** Programs that run another one, which stands somewhere in their words. */
const RUNNERS: ReadonlySet<string> = new Set(
  `sudo doas env nice nohup time xargs timeout command exec builtin stdbuf ionice setsid busybox chroot unshare watch
  strace parallel caffeinate taskset flock chrt runuser su ssh script`.split(/\s+/),
);
const SHELLS: ReadonlySet<string> = new Set(['bash', 'sh', 'zsh', 'dash', 'ksh', 'ash', 'fish']);

const nameOf = (word: string | undefined) => word?.split('/').at(-1) ?? '';
/** `NAME=value` before a command is its environment. */
const withoutVariables = (words: string[]) => {
  const at = words.findIndex((word) => !/^\w+=/.test(word));
  return at < 0 ? [] : words.slice(at);
};
const isShell = (words: string[]) => withoutVariables(words).some((word) => SHELLS.has(nameOf(word)));

/** More words than a person gives a command. */
const MOST_WORDS = 300;

/**
 * Which of their words is the command depends on their options: so each is taken for it, and none is looked into again,
 * as what it runs is among the words that follow.
 */
function dangerOfRun(words: string[]): string | null {
  if (words.length > MOST_WORDS) return hiddenDangerOf(words.join(' '));
  for (const [at, word] of words.entries()) {
    const danger = dangerOfProgram(nameOf(word), words.slice(at + 1)) ?? (/\s/.test(word) ? dangerOf(word) : null);
    if (danger) return danger;
  }
  return null;
}

/** As `dangerOf`, of one command. */
export function dangerOfWords(given: string[]): string | null {
  const [first, ...rest] = withoutVariables(given);
  const name = nameOf(first);
  if (RUNNERS.has(name)) return dangerOfRun(rest);
  if (SHELLS.has(name)) {
    const at = rest.findIndex((word) => /^-\w*c$/.test(word));
    return at < 0 ? null : dangerOfRun(rest.slice(at + 1));
  }
  return dangerOfProgram(name, rest);
}

/** Of a program that runs no other. */
function dangerOfProgram(name: string, rest: readonly string[]): string | null {
  if (name.startsWith('mkfs')) return `It cannot be undone (${name}).`;
  const flags = rest.filter((word) => /^-[a-zA-Z]/.test(word)).join('');
  switch (name) {
    case 'rm':
      return /[rRf]/.test(flags) || rest.includes('--recursive') || rest.includes('--force') ? DELETES : null;
    case 'git':
      return gitDanger(rest);
    case 'dd':
      return rest.some((word) => word.startsWith('of=')) ? RAW : null;
    case 'chmod':
      return /R/.test(flags) && rest.some((word) => /^(0?777|[ugoa]*[oa]\+\w*w\w*)$/.test(word)) ? OPENS : null;
    case 'kill':
      // A first -1 is the hangup signal, unless it is all there is.
      return rest.at(-1) === '-1' && rest.length > 1 ? KILLS : null;
    case 'shred':
    case 'shutdown':
    case 'reboot':
    case 'poweroff':
    case 'halt':
    case 'wipefs':
    case 'blkdiscard':
      return `It cannot be undone (${name}).`;
    case 'find':
      return rest.some((word) => /^-(delete|exec|execdir|ok|okdir)$/.test(word)) ? FINDS : null;
    default:
      return null;
  }
}

function gitDanger(words: readonly string[]): string | null {
  const at = words.findIndex((word, i) => !word.startsWith('-') && words[i - 1] !== '-C' && words[i - 1] !== '-c');
  const verb = words[at];
  const rest = words.slice(at + 1);
  const short = (letter: string) => rest.some((word) => new RegExp(`^-\\w*${letter}`).test(word));
  if (verb === 'reset' && rest.includes('--hard')) return 'It throws uncommitted work away (git reset --hard).';
  if (verb === 'clean' && (short('f') || rest.includes('--force'))) return 'It deletes untracked files (git clean).';
  if (verb === 'push' && (short('f') || rest.some((word) => /^(--force|--mirror|\+)/.test(word)))) return FORCES;
  return null;
}
