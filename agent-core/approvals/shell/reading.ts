/** What is known of a shell script: the commands that it can run, and what it writes by redirection. */

/**
 * One word of a command. `fixed`: exactly `text`. `one`: exactly one word that is not known, beginning with `text`.
 * `glob`: any number of words, each beginning with `text`. `many`: any number of words, of which nothing is known.
 */
export type ShellWord = { kind: 'fixed' | 'one' | 'glob' | 'many'; text: string };

export type ShellPart = {
  /** Never empty; the first is fixed. */
  words: ShellWord[];
  /** The part that runs this one (`env`, `xargs`, `sh -c`, …), by its place in the list; null: the script itself. */
  via: number | null;
  /** Where in the caller's words the program stands, or the script that it is in; 0 without a caller. */
  at: number;
  /** It is in a script of the caller's. */
  isScript: boolean;
  /** It does nothing of its own: it only runs the parts whose `via` it is, or calls a function of the script. */
  isTransparent: boolean;
};

export type ShellReading = {
  /** Whatever the script runs is one of these, where `unknown` is null; the shell's own harmless words are among them. */
  parts: ShellPart[];
  /** Files that redirections write, but for the likes of /dev/null. */
  writes: ShellWord[];
  /**
   * What else than their words the commands are given, as a clause: a variable that could steer a program, or a file by
   * redirection; null: nothing. A yes to the words is none to this.
   */
  besides: string | null;
  /** Why it may run something else, as a clause; null: it cannot. */
  unknown: string | null;
};

/** Shells that differ in what a script means. */
export type Dialect = 'bash' | 'sh';

/** The dialect of a shell program as it is named; null: not one that we can read for. */
export function dialectOf(program: string): Dialect | null {
  const name = /^(?:\/(?:usr\/(?:local\/)?)?bin\/)?(bash|sh|dash)$/.exec(program)?.[1];
  return name === undefined ? null : name === 'bash' ? 'bash' : 'sh';
}

export const fixed = (text: string): ShellWord => ({ kind: 'fixed', text });

/** For people: what is not known is shown as `…`. */
export const shownWord = ({ kind, text }: ShellWord): string => (kind === 'fixed' ? text : `${text}…`);
