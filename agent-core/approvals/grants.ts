/** What a person opened beyond a thread's sandbox policy: for one turn, or for as long as the thread is loaded. */

/**
 * What a person opened beyond the sandbox policy. Paths are absolute and were real when they were granted. Whatever it
 * names, protected files stay closed to writing, and secrets to reading unless they are `unlocked`.
 */
export type Granted = {
  read: readonly string[];
  /** Also where it may hold secrets: only the user's own click puts a path here, never a question of the model's. */
  unlocked: readonly string[];
  write: readonly string[];
  /** As in a list of hosts. */
  hosts: readonly string[];
  /** All hosts. */
  network: boolean;
  /** What a commit writes in .git. */
  git: boolean;
};

/** Who is asked what a thread may do more than its settings say. */
export type Grants = {
  /** All that holds in this turn; undefined when nothing was granted. */
  of(turnId: string): Granted | undefined;
  /** `turnId` null: for the session. */
  add(granted: Partial<Granted>, turnId: string | null): void;
  /** Notes which command this item was, so that it can be let out later. */
  ran(itemId: string, key: string): void;
  /** Lets the command of this item out of the sandbox once; false when it is not known. */
  letOut(itemId: string): boolean;
  /** Whether this command was let out; true only once for each yes. */
  takeOut(key: string): boolean;
};

/** Commands that can still be let out; a person who scrolls back further is asked anew. */
const KEPT = 200;

const NOTHING: Granted = { read: [], unlocked: [], write: [], hosts: [], network: false, git: false };

export function createGrants(): Grants {
  let session = NOTHING;
  let turn: { id: string; granted: Granted } | null = null;
  const keys = new Map<string, string>();
  const out = new Set<string>();

  return {
    of(turnId) {
      const all = turn?.id === turnId ? joined(session, turn.granted) : session;
      return isNothing(all) ? undefined : all;
    },
    add(granted, turnId) {
      if (turnId === null) session = joined(session, granted);
      // Turns follow each other: what held in an earlier one is over.
      else turn = { id: turnId, granted: joined(turn?.id === turnId ? turn.granted : NOTHING, granted) };
    },
    ran(itemId, key) {
      keys.set(itemId, key);
      const [oldest] = keys.keys();
      if (keys.size > KEPT && oldest !== undefined) keys.delete(oldest);
    },
    letOut(itemId) {
      const key = keys.get(itemId);
      if (key !== undefined) out.add(key);
      return key !== undefined;
    },
    takeOut: (key) => out.delete(key),
  };
}

/** What either of them opens. */
function joined(one: Granted, other: Partial<Granted>): Granted {
  const both = (key: 'read' | 'unlocked' | 'write' | 'hosts') => [...new Set([...one[key], ...(other[key] ?? [])])];
  return {
    read: both('read'),
    unlocked: both('unlocked'),
    write: both('write'),
    hosts: both('hosts'),
    network: one.network || other.network === true,
    git: one.git || other.git === true,
  };
}

const isNothing = ({ read, unlocked, write, hosts, network, git }: Granted): boolean =>
  [read, unlocked, write, hosts].every((list) => list.length === 0) && !network && !git;
