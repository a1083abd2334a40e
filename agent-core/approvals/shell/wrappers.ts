/** Programs that run another one, which stands in their words. (pure) */
import { type Dialect, dialectOf, fixed, type ShellWord } from './reading.ts';
import { isHarmlessVariable, isRiskyVariable } from './variables.ts';
import { Unreadable } from './words.ts';

export type Inner = {
  /** `at`: where in the words each begins. */
  commands: { words: ShellWord[]; at: number }[];
  script?: { text: string; dialect: Dialect; at: number };
  /** It only runs these. */
  isTransparent: boolean;
  /** A variable that it sets for them, and that could steer them. */
  sets?: string;
};

type Wrapper = {
  /** Options that stand alone. */
  flags: RegExp;
  /** Options that take the next word. */
  valued?: RegExp;
  /** Words before the program that are no options. */
  operands?: number;
  /** `NAME=value` may stand before the program. */
  sets?: boolean;
  /** It gives rights that the caller has not. */
  privileged?: boolean;
};

const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  env: { flags: /^(-i|-|--ignore-environment|-u\w+|--unset=\w+)$/, valued: /^-(u|C)$/, sets: true },
  nohup: { flags: /^--$/ },
  // The shell's own word: what follows may be an assignment.
  time: { flags: /^-[pv]$/, sets: true },
  nice: { flags: /^(-n?-?\d+|--adjustment=-?\d+)$/, valued: /^-n$/ },
  ionice: { flags: /^(-t|-[cn]\d)$/, valued: /^-[cn]$/ },
  timeout: {
    flags: /^(-v|--foreground|--preserve-status|--verbose|--signal=\w+|--kill-after=[\d.]+[smhd]?)$/,
    valued: /^-[sk]$/,
    operands: 1,
  },
  stdbuf: { flags: /^-[ioe][L\d]\w*$/, valued: /^-[ioe]$/ },
  setsid: { flags: /^-[cfw]+$/ },
  command: { flags: /^(-p|--)$/ },
  builtin: { flags: /^--$/ },
  exec: { flags: /^--$/ },
  sudo: { flags: /^-[nEHSkb]+$/, valued: /^-[ugp]$/, sets: true, privileged: true },
  doas: { flags: /^-n$/, valued: /^-u$/, privileged: true },
};

/** They run another program too, in ways that are not read here. */
const UNREAD: ReadonlySet<string> = new Set(
  `zsh ksh mksh ash fish csh tcsh busybox toybox su runuser script chroot unshare nsenter watch strace ltrace parallel
  caffeinate taskset flock chrt start-stop-daemon setpriv systemd-run firejail bwrap dtach screen tmux expect unbuffer
  rlwrap faketime fakeroot proot prlimit choom capsh sg newgrp setarch linux32 linux64 i386 x86_64 uname26 pkexec run0
  gtimeout genv gxargs ggrep gfind rbash posh yash xonsh nu elvish pwsh powershell entr ssh-agent dbus-run-session
  dbus-launch xvfb-run catchsegv trickle torsocks proxychains proxychains4 eatmydata cgexec numactl hyperfine
  coreutils uutils busybox.static`.split(/\s+/),
);

const XARGS: Wrapper = {
  flags: /^(-[0rtpx]+|-[nPLs]\d+|-d.+|--null|--no-run-if-empty|--verbose|--max-(args|procs|lines)=\d+|--delimiter=.+)$/,
  valued: /^-[nPLsdEa]$/,
};

/** Null: it runs no other. Throws `Unreadable` where it runs one that cannot be told. */
export function innerCommands(words: readonly ShellWord[]): Inner | null {
  const program = words[0]?.text ?? '';
  const name = program.split('/').at(-1) ?? '';
  // The loader runs what it is given.
  if (UNREAD.has(name) || /^(ld-linux|ld-musl|ld\.so|qemu-)/.test(name))
    throw new Unreadable(`${name} runs what is not read here`);
  // Another program of this name may do anything besides.
  const isSystem = !program.includes('/') || /^\/(usr\/)?bin\/[^/]+$/.test(program);
  const clear = (inner: Inner): Inner => (isSystem ? inner : { ...inner, isTransparent: false });
  if (/^(bash|sh|dash)$/.test(name)) return shell(words, dialectOf(program), name);
  if (name === 'xargs') return clear(xargs(words));
  if (name === 'find') return clear(find(words));
  if (name === 'command' && /^-[vV]+$/.test(words[1]?.text ?? '')) return { commands: [], isTransparent: false };
  const wrapper = Object.hasOwn(WRAPPERS, name) ? WRAPPERS[name] : undefined;
  if (!wrapper) return null;
  const { at, sets } = innerOf(words, wrapper, name);
  const inner = words.slice(at);
  return clear({
    commands: inner.length > 0 ? [{ words: inner, at }] : [],
    isTransparent: !wrapper.privileged && inner.length > 0,
    ...(sets === null ? {} : { sets }),
  });
}

/** Where the program stands; after the last word when there is none. */
function innerOf(
  words: readonly ShellWord[],
  { flags, valued, operands = 0, sets }: Wrapper,
  name: string,
): { at: number; sets: string | null } {
  let left = operands;
  let steers: string | null = null;
  for (let at = 1; at < words.length; at++) {
    const word = words[at] as ShellWord;
    if (word.kind !== 'fixed') throw new Unreadable(`which program ${name} runs is not fixed`);
    const { text } = word;
    const variable = /^(\w+)=/s.exec(text)?.[1];
    if (left === operands && flags.test(text)) continue;
    if (left === operands && valued?.test(text)) {
      at++;
      const value = words[at];
      if (value?.kind !== 'fixed') throw new Unreadable(`which program ${name} runs is not fixed`);
    } else if (text.startsWith('-')) throw new Unreadable(`${name} ${text} is not known here`);
    else if (left > 0) left--;
    else if (sets && text.includes('=')) {
      if (variable === undefined || isRiskyVariable(variable))
        throw new Unreadable(`it sets ${variable ?? text}, which can change what runs`);
      if (!isHarmlessVariable(variable)) steers ??= variable;
    } else return { at, sets: steers };
  }
  return { at: words.length, sets: steers };
}

function shell(words: readonly ShellWord[], dialect: Dialect | null, name: string): Inner {
  for (let at = 1; at < words.length; at++) {
    const word = words[at] as ShellWord;
    if (word.kind !== 'fixed') throw new Unreadable(`what ${name} runs is not fixed`);
    const { text } = word;
    if (/^-[leux]*c[leux]*$/.test(text)) {
      const script = words[at + 1];
      if (script?.kind !== 'fixed' || dialect === null || /^[-+]/.test(script.text))
        throw new Unreadable(`what ${name} runs is not fixed`);
      return { commands: [], script: { text: script.text, dialect, at: at + 1 }, isTransparent: true };
    }
    if (/^(-[leux]+|--norc|--noprofile|--login|--posix)$/.test(text)) continue;
    if (/^[-+]/.test(text)) throw new Unreadable(`${name} ${text} is not known here`);
    // What is fed to it, by another name.
    if (/(^|\.\.)\/+(\.\/+)*(dev|proc)\//.test(text)) throw new Unreadable(`${name} reads what it runs from its input`);
    // A file of commands: a program like any other. Without a slash PATH is searched for it.
    const isProgram = /^\w[\w-]*$/.test(text);
    return { commands: isProgram ? [{ words: words.slice(at), at }] : [], isTransparent: false };
  }
  throw new Unreadable(`${name} reads what it runs from its input`);
}

function xargs(words: readonly ShellWord[]): Inner {
  let replaced: string | null = null;
  const kept: ShellWord[] = [];
  let at = 0;
  // -I is read apart, since the word that it names stands for what is read.
  for (; at < words.length; at++) {
    const word = words[at] as ShellWord;
    const attached = /^-I(.+)$|^--replace=(.+)$/.exec(word.text);
    if (at > 0 && word.kind === 'fixed' && word.text === '-I' && words[at + 1]?.kind === 'fixed') {
      replaced = words[++at]?.text ?? '';
    } else if (at > 0 && word.kind === 'fixed' && attached) replaced = attached[1] ?? attached[2] ?? '';
    else if (at > 0 && word.kind === 'fixed' && XARGS.valued?.test(word.text))
      kept.push(word, ...words.slice(++at, at + 1));
    else if (at > 0 && !(word.kind === 'fixed' && XARGS.flags.test(word.text))) break;
    else kept.push(word);
  }
  const rest = [...kept, ...words.slice(at)];
  const inner = rest.slice(innerOf(rest, XARGS, 'xargs').at);
  const place = words.length - inner.length;
  // The later of the two counts, and which that is depends on the program.
  if (replaced !== null && kept.some(({ text }) => /^-[nL]|^--max-(args|lines)/.test(text)))
    throw new Unreadable('xargs is told to replace and to append');
  const command = inner.length > 0 ? inner : [fixed('echo')];
  const seen =
    replaced === null
      ? [...command, { kind: 'many', text: '' } as const]
      : command.map((word) =>
          word.kind === 'fixed' && !word.text.includes(replaced) ? word : unknownIn(word, replaced),
        );
  return { commands: [{ words: seen, at: place }], isTransparent: true };
}

/** Of what is not known, the mark may be a part. */
const unknownIn = ({ kind, text }: ShellWord, mark: string): ShellWord =>
  kind === 'fixed' ? { kind: 'one', text: text.slice(0, text.indexOf(mark)) } : { kind, text: '' };

const FIND_RUNS = /^-(exec|execdir|ok|okdir)$/;
const FIND_ACTS = /^-(delete|fprint.*|fls)$/;

function find(words: readonly ShellWord[]): Inner {
  const commands: Inner['commands'] = [];
  for (let at = 1; at < words.length; at++) {
    const word = words[at] as ShellWord;
    // It could be -exec.
    if (word.kind !== 'fixed' && !/^[^-!(]/.test(word.text)) throw new Unreadable('what find does is not fixed');
    if (word.kind !== 'fixed' || !FIND_RUNS.test(word.text)) continue;
    const command: ShellWord[] = [];
    const place = at + 1;
    for (at++; at < words.length; at++) {
      const part = words[at] as ShellWord;
      if (part.kind !== 'fixed') throw new Unreadable('what find runs is not fixed');
      if (part.text === ';') break;
      if (part.text === '+' && command.at(-1)?.text === '') break;
      command.push(part.text.includes('{}') ? unknownIn(part, '{}') : part);
    }
    if (command.length === 0) throw new Unreadable('find runs nothing');
    // With + as many files as fit follow.
    if (words[at]?.text === '+') command.push({ kind: 'many', text: '' });
    commands.push({ words: command, at: place });
  }
  const acts = words.some(({ kind, text }) => kind === 'fixed' && FIND_ACTS.test(text));
  return { commands, isTransparent: commands.length > 0 && !acts };
}
