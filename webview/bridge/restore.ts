/** Going back to how files and conversation were before a message. */

export type RestoreScope = 'code' | 'thread' | 'both';

/** `turnId` is the turn that it was made before; null for one that a restore made. Seconds. */
export type CheckpointView = { id: string; turnId: string | null; label: string | null; createdAt: number };

/** What would happen to a file. `conflict` says in words why it would be left as it is. */
export type RestoreFile = {
  path: string;
  label: string;
  change: 'add' | 'update' | 'delete';
  added: number;
  removed: number;
  /** It is text, and can be looked at before. */
  canOpen: boolean;
  conflict: string | null;
};

export type RestoreView = {
  checkpoint: CheckpointView;
  /** `working`: it is being restored. */
  status: 'loading' | 'ready' | 'working' | 'done';
  files: readonly RestoreFile[];
  /** The conversation can go back as well. */
  withThread: boolean;
  /** What went wrong, in words; nothing was done then. */
  problem: string | null;
  /** What was done; null before. */
  outcome: {
    scope: RestoreScope;
    restored: number;
    left: readonly { label: string; why: string }[];
    canUndo: boolean;
  } | null;
};
