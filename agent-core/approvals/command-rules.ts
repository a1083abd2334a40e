/** What is known of commands by their words. (pure) */
import { simpleCommands } from './shell-words.ts';

/**
 * Why a command destroys what cannot be had back, or null. Reads every simple command of the script; what it cannot
 * read it searches for by pattern, so that hiding `rm -rf` in a loop does not help.
 */
export function dangerOf(script: string): string | null {
  const commands = simpleCommands(script);
  if (!commands) {
    return hiddenDangers.find(({ pattern }) => pattern.test(script))?.danger ?? null;
  }
  for (const { words } of commands) {
    const danger = dangerOfWords(words);
    if (danger) return danger;
  }
  return null;
}

/** Found by pattern where the script cannot be read word by word; a harmless match costs one question. */
const hiddenDangers = [
  { pattern: /(^|[\s;&|({`'"/])rm\s+(-\w+\s+)*-\w*[rRf]/, danger: 'It deletes files for good (rm).' },
  {
    pattern: /\bgit\s[^;&|\n]*\breset\s[^;&|\n]*--hard/,
    danger: 'It throws uncommitted work away (git reset --hard).',
  },
  { pattern: /\bgit\s[^;&|\n]*\bclean\s[^;&|\n]*-\w*f/, danger: 'It deletes untracked files (git clean).' },
];

function dangerOfWords(words: string[]): string | null {
  const [first = '', ...rest] = words;
  const name = first.split('/').at(-1);
  const flags = rest.filter((word) => /^-[a-zA-Z]/.test(word)).join('');
  switch (name) {
    case 'sudo':
    case 'doas':
    case 'env':
    case 'nice':
    case 'nohup':
    case 'time':
    case 'xargs':
      return dangerOfWords(rest.slice(rest.findIndex((word) => !word.startsWith('-') && !word.includes('='))));
    case 'bash':
    case 'sh':
    case 'zsh': {
      const at = rest.findIndex((word) => /^-\w*c$/.test(word));
      return at < 0 ? null : dangerOf(rest[at + 1] ?? '');
    }
    case 'rm':
      return /[rRf]/.test(flags) || rest.includes('--recursive') || rest.includes('--force')
        ? 'It deletes files for good (rm).'
        : null;
    case 'git':
      return gitDanger(rest);
    case 'dd':
      return rest.some((word) => word.startsWith('of=')) ? 'It writes raw data (dd).' : null;
    case 'shred':
    case 'mkfs':
    case 'shutdown':
    case 'reboot':
      return `It cannot be undone (${name}).`;
    case 'find':
      return rest.includes('-delete') || rest.includes('-exec') ? 'It may delete or change every file it finds.' : null;
    default:
      return null;
  }
}

function gitDanger(words: string[]): string | null {
  const at = words.findIndex((word, i) => !word.startsWith('-') && words[i - 1] !== '-C' && words[i - 1] !== '-c');
  const verb = words[at];
  const rest = words.slice(at + 1);
  const short = (letter: string) => rest.some((word) => new RegExp(`^-\\w*${letter}`).test(word));
  if (verb === 'reset' && rest.includes('--hard')) return 'It throws uncommitted work away (git reset --hard).';
  if (verb === 'clean' && (short('f') || rest.includes('--force'))) return 'It deletes untracked files (git clean).';
  if (verb === 'push' && (short('f') || rest.some((word) => word.startsWith('--force')))) {
    return 'It rewrites a remote branch (git push --force).';
  }
  return null;
}
