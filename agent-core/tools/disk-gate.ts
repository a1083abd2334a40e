/** Before a command runs: what the agent edited and the user has not saved is older on the disk than the command should see. */
import type { TurnSettings, UnsavedFile, WorkspaceFs } from '../ports.ts';

export type DiskGate = {
  /** A tool of the agent's changed a file. */
  edited(path: string): void;
  /**
   * Asks the user to save the agent's files, once for each text of theirs. Gives the paths whose text the command will
   * not see, whoever changed them.
   */
  stalePaths(command: GatedCommand): Promise<string[]>;
};

export type GatedCommand = {
  turnId: string;
  itemId: string;
  command: string;
  fs: WorkspaceFs;
  settings: TurnSettings;
  signal: AbortSignal;
  /** As in `ToolContext`. */
  waiting: (flag: 'waitingOnUserInput') => () => void;
};

export function createDiskGate(): DiskGate {
  const edited = new Set<string>();
  /** By path: the hash of the text that the user would not save. */
  const declined = new Map<string, string>();
  /** Commands that start beside each other ask one after the other. */
  let last: Promise<unknown> = Promise.resolve();

  const look = async ({ fs, settings, signal, waiting, ...request }: GatedCommand): Promise<string[]> => {
    const unsaved: UnsavedFile[] = (await fs.buffers?.unsaved(settings)) ?? [];
    const asked = unsaved.filter(({ path, hash }) => edited.has(path) && declined.get(path) !== hash);
    let saved: string[] = [];
    if (fs.buffers && asked.length > 0 && !signal.aborted) {
      const stopWaiting = waiting('waitingOnUserInput');
      saved = await fs.buffers.askToSave({ ...request, paths: asked.map(({ path }) => path) }, signal);
      stopWaiting();
      for (const { path, hash } of asked) if (!saved.includes(path)) declined.set(path, hash);
    }
    return unsaved.map(({ path }) => path).filter((path) => !saved.includes(path));
  };

  return {
    edited: (path) => void edited.add(path),
    stalePaths(command) {
      if (!command.fs.buffers) return Promise.resolve([]);
      const mine = last.then(() => look(command));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

/** For the model, before the command's output; '' when the disk was as the editor. */
export const staleNote = (paths: readonly string[]): string =>
  paths.length === 0 ? '' : `Ran on the disk, which is older than the user's editor for: ${paths.join(', ')}\n`;
