/** What a task is: a workspace, a prompt, limits, and a check that runs afterwards, where the agent cannot reach it. */
import type { Work } from './work.ts';

/** Text by path below the workspace, with `/`. */
export type Files = Readonly<Record<string, string>>;

/** What somebody does about a task. For the proof that its check tells right from wrong. */
export type Deed = {
  /** Files as they are afterwards; null: deleted. */
  write?: Readonly<Record<string, string | null>>;
  /** In a file, the one place that holds a text gets another. */
  replace?: readonly (readonly [file: string, from: string, to: string])[];
  /** The last message. */
  say?: string;
};

export type Task = {
  /** In kebab-case, unique. */
  name: string;
  /** What it measures, as a phrase. */
  measures: string;
  prompt: string;
  files: Files;
  /** States before `files`, oldest first, each a commit; a null file is not there. `files` is always committed last. */
  history?: readonly { message: string; author: string; files: Files }[];
  limits: { minutes: number; rounds: number };
  /** Files that may differ afterwards, be new or be gone; any other difference fails the task. */
  mayChange: readonly RegExp[];
  /** What is wrong, in sentences; none: solved. Whether only `mayChange` differs has been looked at before. */
  check(work: Work): Promise<string[]>;
  proof: {
    solution: Deed;
    /** Nearly right, by what is wrong with it. */
    misses: Readonly<Record<string, Deed>>;
  };
};

/** For a task that takes a few steps, and for one that takes many. */
export const SHORT = { minutes: 5, rounds: 25 } as const;
export const LONG = { minutes: 10, rounds: 50 } as const;
