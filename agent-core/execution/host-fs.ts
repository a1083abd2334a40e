/**
 * The workspace's text files as the editor has them. What the sandbox's rules refuse never reaches the editor; what it
 * has no file system for, and everything once it is gone, is read and written on the disk.
 */
import path from 'node:path';
import type {
  FileText,
  FsResult,
  Log,
  TurnSettings,
  WorkspaceFs,
  WriteOptions,
  WriteOrigin,
  WritePlace,
} from '../ports.ts';
import type { HostFsConflict, HostFsOrigin } from '../protocol/index.ts';
import { type Failure, leadsElsewhere, refuseRead, refuseWrite } from './disk-fs.ts';
import { createHostBuffers } from './host-buffers.ts';
import { askEditor, type EditorLine } from './host-line.ts';
import { entryUri, textUri } from './host-uri.ts';
import { realish } from './real-paths.ts';
import type { Homes } from './sandbox-settings.ts';
import { hashText } from './text-format.ts';

/** A tool wrote to the disk itself, past the editor. `newHash` null: the file is gone. */
export type DiskWrite = { origin: WriteOrigin; path: string; oldText: string | null; newHash: string | null };

export type HostFsOptions = {
  threadId: string;
  disk: WorkspaceFs;
  homes: Homes;
  /** The client that offers its buffers now; null: none does. */
  editor: () => EditorLine | null;
  onDiskWrite: (write: DiskWrite) => void;
  log: Log;
};

/** An editor that does not answer is not waited for any longer; what it was asked to write may have happened. */
const READ_LIMIT_MS = 15_000;
const WRITE_LIMIT_MS = 60_000;

export function createHostFs({ threadId, disk, homes, editor, onDiskWrite, log }: HostFsOptions): WorkspaceFs {
  const wireOrigin = ({ origin }: WriteOptions): { origin?: HostFsOrigin } => {
    if (!origin) return {};
    const { turnId, itemId, decided } = origin;
    return { origin: { threadId, turnId, itemId, decided } };
  };
  const limits = ({ origin }: WriteOptions) => ({ limitMs: WRITE_LIMIT_MS, signal: origin?.signal });

  const told = (file: string, newHash: string | null, { origin }: WriteOptions): void => {
    if (origin) onDiskWrite({ origin, path: file, oldText: origin.before, newHash });
  };

  const writeToDisk = async (
    file: string,
    text: string,
    baseHash: string | null,
    settings: TurnSettings,
    options: WriteOptions,
  ) => {
    const written = await disk.writeText(file, text, baseHash, settings, options);
    // An editor that went away in the middle may have written it already.
    if (!written.ok && written.reason === 'conflict' && written.fresh?.text === text) {
      return { ok: true as const, value: written.fresh };
    }
    if (written.ok) told(file, written.value.hash, options);
    return written;
  };

  const removeFromDisk = async (file: string, baseHash: string, settings: TurnSettings, options: WriteOptions) => {
    const removed = await disk.remove(file, baseHash, settings, options);
    if (removed.ok) told(file, null, options);
    return removed;
  };

  const readText = async (file: string, settings?: TurnSettings): Promise<FsResult<FileText>> => {
    // Resolved once: the editor is asked for what was looked at.
    const target = path.isAbsolute(file) ? realish(path.normalize(file)) : file;
    const refused = refuseRead(file, settings, homes) ?? refuseRead(target, settings, homes);
    if (refused) return refused;
    const uri = textUri(target, settings);
    const answer = await askEditor(editor(), 'host/fs/read', { uri }, { limitMs: READ_LIMIT_MS });
    if (answer.type === 'absent') return disk.readText(file, settings);
    if (answer.type === 'refused') return answer.failure;
    const { text, hash } = answer.value;
    // What the editor compares with later is its own count.
    if (hash !== hashText(text)) log('warn', `the editor's hash of ${file} is not that of its text`);
    return { ok: true, value: { text, hash } };
  };

  /** What is there after a write; a formatter may have changed it. */
  const written = async (file: string, text: string, hash: string, delta: string | null, settings: TurnSettings) => {
    const extra = delta ? { formatterDelta: delta } : {};
    if (hash === hashText(text)) return { ok: true as const, value: { text, hash, ...extra } };
    const now = await readText(file, settings);
    return { ok: true as const, value: { ...(now.ok ? now.value : { text, hash }), ...extra } };
  };

  /** Where it leads, looked up once and checked as it is; `at`: where it led when it was decided on. */
  const mayWrite = (file: string, settings: TurnSettings, at?: WritePlace): Failure | { target: string } => {
    const target = path.isAbsolute(file) ? realish(path.normalize(file)) : file;
    const refused = refuseWrite(file, settings, homes) ?? refuseWrite(target, settings, homes);
    return refused ?? (at && at.target !== target ? leadsElsewhere(file) : { target });
  };

  /** The same of the entry itself, which may be a link. */
  const mayTake = (file: string, settings: TurnSettings, at?: WritePlace): Failure | { entry: string } => {
    const place = mayWrite(file, settings, at);
    if ('ok' in place) return place;
    const folder = realish(path.dirname(path.normalize(file)));
    const entry = path.join(folder, path.basename(path.normalize(file)));
    const refused = refuseWrite(entry, settings, homes);
    return refused ?? (at && at.folder !== folder ? leadsElsewhere(file) : { entry });
  };

  const writeText: WorkspaceFs['writeText'] = async (file, text, baseHash, settings, options = {}) => {
    const place = mayWrite(file, settings, options.at);
    if ('ok' in place) return place;
    const uri = textUri(place.target, settings);
    const origin = wireOrigin(options);
    if (baseHash === null) {
      const made = await askEditor(editor(), 'host/fs/create', { uri, text, ...origin }, limits(options));
      if (made.type === 'absent') return writeToDisk(file, text, null, settings, options);
      if (made.type === 'refused') return made.failure;
      return 'conflict' in made.value
        ? conflictOf(file, made.value)
        : written(file, text, made.value.hash, null, settings);
    }
    const answer = await askEditor(editor(), 'host/fs/write', { uri, text, baseHash, ...origin }, limits(options));
    if (answer.type === 'absent') return writeToDisk(file, text, baseHash, settings, options);
    if (answer.type === 'refused') return answer.failure;
    const { value } = answer;
    if ('conflict' in value) return conflictOf(file, { ...value, conflict: true, reason: 'changed' });
    return written(file, text, value.hash, value.formatterDelta ?? null, settings);
  };

  return {
    readText,
    writeText,

    async remove(file, baseHash, settings, options = {}) {
      const place = mayTake(file, settings, options.at);
      if ('ok' in place) return place;
      const params = { uri: entryUri(place.entry, settings), baseHash, ...wireOrigin(options) };
      const answer = await askEditor(editor(), 'host/fs/delete', params, limits(options));
      if (answer.type === 'absent') return removeFromDisk(file, baseHash, settings, options);
      if (answer.type === 'refused') return answer.failure;
      return 'conflict' in answer.value ? conflictOf(file, answer.value) : { ok: true, value: null };
    },

    async move(file, target, text, baseHash, settings, options = {}) {
      const from = mayTake(file, settings, options.at);
      if ('ok' in from) return from;
      const to = mayTake(target, settings, options.targetAt);
      if ('ok' in to) return to;
      const params = {
        uri: entryUri(from.entry, settings),
        newUri: entryUri(to.entry, settings),
        baseHash,
        ...wireOrigin(options),
      };
      const answer = await askEditor(editor(), 'host/fs/rename', params, limits(options));
      if (answer.type === 'refused') return answer.failure;
      if (answer.type === 'absent') {
        const made = await writeToDisk(target, text, null, settings, { ...options, at: options.targetAt, like: file });
        if (!made.ok) return made;
        const removed = await removeFromDisk(file, baseHash, settings, options);
        return removed.ok ? made : half(removed, `${target} was written, but ${file} could not be removed`);
      }
      const { value } = answer;
      if ('conflict' in value) {
        const isTarget = value.reason === 'targetExists' || value.reason === 'exists';
        return conflictOf(isTarget ? target : file, value);
      }
      if (value.hash === hashText(text)) return { ok: true, value: { text, hash: value.hash } };
      const changed = await writeText(target, text, value.hash, settings, { ...options, at: options.targetAt });
      return changed.ok ? changed : half(changed, `${file} was moved to ${target}, but not changed there`);
    },

    buffers: createHostBuffers({ threadId, homes, editor, onDisk: (file, settings) => disk.readText(file, settings) }),
  };
}

/** Of two steps the first was done, so it is no conflict to start over from. */
const half = ({ reason, message }: Failure, done: string): Failure => ({
  ok: false,
  reason: reason === 'conflict' ? 'io' : reason,
  message: `${done}: ${message}`,
});

const CONFLICTS = {
  exists: (file: string) => `${file} exists by now.`,
  targetExists: (file: string) => `${file} exists by now.`,
  missing: (file: string) => `${file} does not exist any more.`,
  changed: (file: string) => `${file} has changed since it was read.`,
};

function conflictOf(file: string, { reason, text, hash }: HostFsConflict): Failure {
  const fresh = text === null ? null : { text, hash: hash ?? hashText(text) };
  return { ok: false, reason: 'conflict', message: `${CONFLICTS[reason](file)} Nothing was written.`, fresh };
}
