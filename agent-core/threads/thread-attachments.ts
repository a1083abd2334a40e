/** What the user attached to a thread from elsewhere: a small file for each thread that has any. */
import { readdirSync } from 'node:fs';
import * as z from 'zod/mini';
import type { ThreadAttachment } from '../protocol/index.ts';
import { readJson, writeJson } from './json-file.ts';
import { isSystemError } from './system-error.ts';
import { withLock } from './thread-lock.ts';
import type { ThreadPaths } from './thread-paths.ts';

const attachmentFile = z.array(
  z.object({
    id: z.string(),
    attachmentType: z.string(),
    createdAt: z.int(),
    identityKey: z.string(),
    payload: z.unknown(),
  }),
);

export type Attachments = {
  /** Oldest first. */
  list(threadId: string): ThreadAttachment[];
  /** One with the same type and key stays as it is. */
  add(threadId: string, attachment: ThreadAttachment): { attachment: ThreadAttachment; isNew: boolean };
  /** Null when there was none. */
  remove(threadId: string, attachmentType: string, identityKey: string): ThreadAttachment | null;
  /** The threads that have it, by id. */
  owners(attachmentType: string, identityKey: string): string[];
};

type Guard = <T>(action: string, run: () => T) => T;

export function createAttachments(paths: ThreadPaths, guard: Guard): Attachments {
  const read = (threadId: string): ThreadAttachment[] => {
    const parsed = attachmentFile.safeParse(readJson(paths.attachments(threadId)));
    return parsed.success ? parsed.data : [];
  };
  const locked = <T>(action: string, threadId: string, run: () => T): T =>
    guard(action, () => withLock(paths.lockFolder, `attachments-${threadId}`, Date.now, run));
  const isSame = (type: string, key: string) => (one: ThreadAttachment) =>
    one.attachmentType === type && one.identityKey === key;

  return {
    list: (threadId) => guard('read the attachments', () => read(threadId)),
    add: (threadId, attachment) =>
      locked('store the attachment', threadId, () => {
        const all = read(threadId);
        const known = all.find(isSame(attachment.attachmentType, attachment.identityKey));
        if (known) return { attachment: known, isNew: false };
        writeJson(paths.attachments(threadId), [...all, attachment]);
        return { attachment, isNew: true };
      }),
    remove: (threadId, attachmentType, identityKey) =>
      locked('remove the attachment', threadId, () => {
        const all = read(threadId);
        const known = all.find(isSame(attachmentType, identityKey));
        if (!known) return null;
        writeJson(
          paths.attachments(threadId),
          all.filter((one) => one !== known),
        );
        return known;
      }),
    owners: (attachmentType, identityKey) =>
      guard('read the attachments', () => {
        let names: string[] = [];
        try {
          names = readdirSync(paths.attachmentFolder).filter((name) => name.endsWith('.json'));
        } catch (error) {
          if (!isSystemError(error, 'ENOENT')) throw error;
        }
        const ids = names.map((name) => name.slice(0, -'.json'.length)).sort();
        return ids.filter((threadId) => read(threadId).some(isSame(attachmentType, identityKey)));
      }),
  };
}
