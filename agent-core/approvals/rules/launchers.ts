/** Programs that run another one which stands somewhere in their words, after options that are not known here. (pure) */
import { fixed, type ShellWord } from '../shell/reading.ts';
import { simpleCommands } from '../shell-words.ts';

const listed = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** The program may be their first word. */
const DIRECT: ReadonlySet<string> = listed(
  `npx bunx uvx pipx cross-env cross-env-shell dotenv dotenvx valgrind gdb lldb rr perf ssh mosh concurrently nodemon watchexec
  nox tox logsave runcon chpst envdir run-parts aws-vault chamber nix-shell direnv`,
);
/** Their first word is one of their own; the program may be the second. */
const WITH_VERB: ReadonlySet<string> = listed(
  `npm pnpm yarn bun uv poetry pdm hatch pipenv conda mamba bundle docker podman nerdctl kubectl nix mise asdf op doppler devbox
  vagrant flatpak wsl ip turbo nx lerna`,
);
const GIT_RUNS: ReadonlySet<string> = listed('submodule bisect rebase');

/** A program stands nearer to the beginning than this. */
const MOST = 50;

/** What it could run: only good for asking, as much of it is no command. */
export function laterCommands(words: readonly ShellWord[]): ShellWord[][] {
  const name = words[0]?.text.split('/').at(-1) ?? '';
  const isGit = name === 'git' && GIT_RUNS.has(words[1]?.text ?? '');
  const first = DIRECT.has(name) ? 1 : WITH_VERB.has(name) || isGit ? 2 : words.length;
  return words.slice(first, first + MOST).flatMap((word, at) => {
    const rest = words.slice(first + at, first + at + MOST);
    if (word.kind !== 'fixed') return [];
    if (!/\s/.test(word.text)) return [rest];
    return (simpleCommands(word.text) ?? []).map((command) => command.words.map(fixed));
  });
}
