/** What the loop needs of checkpoints; `R`, `F` and `S` are its ports for commands, files and settings. */

export type FileChanged = { path: string; before: string | null; after: string | null; movedFrom?: string };

/** Keeps the files as they were before a turn changed them, and finds out what commands changed. */
export interface Checkpoints<R, F, S> {
  /** Null: there are none here; the user was told why. Never throws. */
  forTurn(turn: {
    turnId: string;
    settings: S;
    /** What the turn is about, as it was when it began. */
    label: () => string | null;
    /** A command changed this file; null: that was all of them. */
    changed: (file: FileChanged | null) => void;
  }): TurnCheckpoints<R, F> | null;
}

/** Contract: nothing that fails here breaks a turn, nor keeps it waiting for more than some seconds. */
export interface TurnCheckpoints<R, F> {
  /** The same files; what is written through them is known as the agent's. */
  files(fs: F): F;
  /** The same commands; none that may write starts before the checkpoint is made. */
  runner(commands: R): R;
  /** Resolves when what the turn's commands changed is known. Never rejects. */
  end(): Promise<void>;
}
