/** Where threads' files are. Nothing else knows the layout. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { isSystemError } from './system-error.ts';
import { uuidTime } from './uuid.ts';

export type ThreadPlace = { threadId: string; path: string; archived: boolean };

const FILE =
  /^rollout-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.jsonl$/;

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

function placesIn(folder: string, archived: boolean): ThreadPlace[] {
  return namesIn(folder).flatMap((name) => {
    const threadId = FILE.exec(name)?.[1];
    return threadId ? [{ threadId, path: `${folder}${path.sep}${name}`, archived }] : [];
  });
}

/** The thread whose file has this name; null for any other file. */
export const threadIdOf = (file: string): string | null => FILE.exec(path.basename(file))?.[1] ?? null;

/** Paths below a home folder. Every function throws what the file system throws, except that a missing folder is empty. */
export function createThreadPaths(home: string) {
  const sessions = path.join(home, 'sessions');
  const archive = path.join(home, 'archived_sessions');

  const dayOf = (ms: number): string => path.join(sessions, ...new Date(ms).toISOString().slice(0, 10).split('-'));
  const nameOf = (threadId: string): string => {
    const time = new Date(uuidTime(threadId)).toISOString().slice(0, 19).replaceAll(':', '-');
    return `rollout-${time}-${threadId}.jsonl`;
  };

  /** The folders that hold threads' files. */
  const folders = (archived: boolean): string[] => {
    if (archived) return [archive];
    return namesIn(sessions).flatMap((year) =>
      namesIn(path.join(sessions, year)).flatMap((month) =>
        namesIn(path.join(sessions, year, month)).map((day) => path.join(sessions, year, month, day)),
      ),
    );
  };

  /** Every thread's file, in no particular order. */
  const all = (archived: boolean): ThreadPlace[] => folders(archived).flatMap((folder) => placesIn(folder, archived));

  /** Where a thread belongs, under the name that it was given; null when it is not there. */
  const near = (threadId: string): ThreadPlace | null => {
    const id = threadId.toLowerCase();
    const time = uuidTime(id);
    if (!Number.isFinite(time) || time >= 8.64e15) return null;
    const active = path.join(dayOf(time), nameOf(id));
    if (existsSync(active)) return { threadId: id, path: active, archived: false };
    const archived = path.join(archive, nameOf(id));
    return existsSync(archived) ? { threadId: id, path: archived, archived: true } : null;
  };

  /** Files whose deletion has begun. */
  const deletions = (): ThreadPlace[] => {
    const folder = path.join(home, 'deleted_sessions');
    return placesIn(folder, false);
  };

  return {
    lockFolder: path.join(home, 'thread-locks'),
    /** Where a new thread's file goes. */
    active: (threadId: string): string => path.join(dayOf(uuidTime(threadId)), nameOf(threadId)),
    archived: (threadId: string): string => path.join(archive, nameOf(threadId)),
    folders,
    /** The threads' files in one of those folders. */
    inFolder: placesIn,
    deletions,
    /** Where a file goes while it is being deleted. */
    deletion: (threadId: string): string => path.join(home, 'deleted_sessions', nameOf(threadId)),
    deleting: (threadId: string): string | null =>
      deletions().find((place) => place.threadId === threadId)?.path ?? null,
    /** What a fork shared with a thread that was deleted. */
    past: (threadId: string): string => path.join(home, 'fork_pasts', `${threadId}.jsonl`),
    attachments: (threadId: string): string => path.join(home, 'thread_attachments', `${threadId}.json`),
    readMark: (threadId: string): string => path.join(home, 'thread_read_marks', `${threadId}.json`),
    attachmentFolder: path.join(home, 'thread_attachments'),
    sections: path.join(home, 'thread-sections.json'),
    index: path.join(home, 'thread-index.sqlite'),
    find(threadId: string): ThreadPlace | null {
      const same = (place: ThreadPlace) => place.threadId === threadId.toLowerCase();
      return near(threadId) ?? placesIn(archive, true).find(same) ?? all(false).find(same) ?? null;
    },
  };
}

export type ThreadPaths = ReturnType<typeof createThreadPaths>;
