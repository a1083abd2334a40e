/** The workspace's files: on the disk, or in the editor's buffers. */
import type { TurnSettings } from './turn.ts';

export type FileText = {
  /** LF line ends, no BOM. */
  text: string;
  /** SHA-256 over `text` in UTF-8. */
  hash: string;
};

export type FsResult<T> =
  | { ok: true; value: T }
  | {
      ok: false;
      reason: 'notFound' | 'isDirectory' | 'binary' | 'tooLarge' | 'forbidden' | 'conflict' | 'readOnly' | 'io';
      /** Fit for the model and the user: what happened and what to do. */
      message: string;
      /** Of a conflict, where it is known: what is there now; null when nothing is. */
      fresh?: FileText | null;
    };

/** The step of the agent that writes. `before` is the text that it changes, null for none. */
export type WriteOrigin = {
  turnId: string;
  itemId: string;
  /** The user accepted this text before. */
  decided: boolean;
  before: string | null;
  /** Ends the waiting for an editor; what it was asked may still happen. */
  signal: AbortSignal;
};

/** A new file takes line ends, BOM and mode of `like`, where its host does not know better. */
/** Real paths of a file's folder and of what it leads to, when it was decided on. */
export type WritePlace = { folder: string; target: string };

/** `at`: nothing is written when the path leads elsewhere by now; `targetAt`: the same of where a file is moved to. */
export type WriteOptions = {
  like?: string;
  origin?: WriteOrigin;
  at?: WritePlace | undefined;
  targetAt?: WritePlace | undefined;
};

/** `formatterDelta`: what a formatter of the editor changed on top, in words of the editor. */
export type WrittenText = FileText & { formatterDelta?: string };

/** A file whose text in the editor is not the one on the disk. */
export type UnsavedFile = FileText & { path: string };

/** What the editor holds and the disk does not. */
export interface EditorBuffers {
  /**
   * Files of the workspace that the model may read, by path. Null: there is no editor, or it did not answer in time.
   * Never rejects, and never takes long.
   */
  unsaved(settings: TurnSettings): Promise<UnsavedFile[] | null>;
  /** The text that commands see. */
  onDisk(path: string, settings: TurnSettings): Promise<FsResult<FileText>>;
  /** Asks the user to save `paths` before `command` runs; gives those that were. Never rejects. */
  askToSave(
    request: { turnId: string; itemId: string; command: string; paths: readonly string[] },
    signal: AbortSignal,
  ): Promise<string[]>;
}

/** Text files of the workspace: the disk, or the editor's buffers when the client offers them. */
export interface WorkspaceFs {
  /** What may hold secrets is refused, unless it lies in one of the settings' roots. */
  readText(path: string, settings?: TurnSettings): Promise<FsResult<FileText>>;
  /**
   * Keeps the file's line ends, BOM and mode. `baseHash` null: the file must not exist. Parents are created. A write that
   * fails leaves the file as it was.
   */
  writeText(
    path: string,
    text: string,
    baseHash: string | null,
    settings: TurnSettings,
    options?: WriteOptions,
  ): Promise<FsResult<WrittenText>>;
  remove(path: string, baseHash: string, settings: TurnSettings, options?: WriteOptions): Promise<FsResult<null>>;
  /** To where nothing is, with `text` from then on. Left out: it is written there and removed here. */
  move?(
    path: string,
    target: string,
    text: string,
    baseHash: string,
    settings: TurnSettings,
    options?: WriteOptions,
  ): Promise<FsResult<WrittenText>>;
  /** Left out: there are no buffers beside the disk. */
  buffers?: EditorBuffers;
}
