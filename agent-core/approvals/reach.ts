/** Where commands and edits may go, and who answers that: the one policy of both. */
import type { Blocked } from '../../sandbox/index.ts';
import type { GantryBlocked, SandboxPolicy } from '../protocol/index.ts';
import type { Granted } from './grants.ts';

/** What of a turn's settings says it. */
export type Reach = {
  cwd: string;
  roots: string[];
  sandboxPolicy: SandboxPolicy;
  granted?: Granted | undefined;
};

/** `blocked`: what its sandbox refused for certain; left out where nobody keeps count. */
export type CommandExit = { code: number | null; signal: string | null; blocked?: readonly Blocked[] };

/** Paths are absolute. None of these throws. */
export interface ReachAnswers {
  /** Why a command could not write `file`, as a clause; null when it could. Links are followed. */
  whyNotWritable(file: string, settings: Reach): string | null;
  /** Why a command could not read a file, by its real path, as a clause; null when it could. */
  whyNotReadable(settings: Reach): (real: string) => string | null;
  /** Why not even a person's yes opens `file` to writing, as a clause; null when it does. */
  whyClosed(file: string, settings: Reach): string | null;
  /** Where links lead; of what does not exist, by its deepest folder that does. */
  realPath(file: string): string;
  /** Why `place` cannot be granted over these settings, as a sentence; null when it can. `unlocks`: also what may hold secrets. */
  grantFault(place: string, access: 'read' | 'write', settings: Reach, unlocks?: boolean): string | null;
  /** What kept a command from its work, with offers of the least that would let it pass; empty when nothing points to it. */
  blocked(command: {
    itemId: string;
    cwd: string;
    output: string;
    exit: CommandExit;
    settings: Reach;
  }): GantryBlocked[];
  /** The same of an edit that `whyNotWritable` refuses. */
  blockedEdit(file: string, settings: Reach): GantryBlocked | null;
}

/** What the model asks to have beyond its sandbox. Paths are absolute and real. */
export type PermissionsQuestion = {
  turnId: string;
  itemId: string;
  cwd: string;
  reason: string | null;
  asked: AskedPermissions;
};
export type AskedPermissions = { read: string[]; write: string[]; network: boolean };

export type PermissionsAnswer =
  /** Never more than was asked for; it may be less, and nothing at all is a no. */
  { granted: AskedPermissions; scope: 'turn' | 'session' } | 'cancel' | 'failed';
