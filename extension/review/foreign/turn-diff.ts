/** The diff of a whole turn in git's style, whose blob names tell whether a text is the one that it speaks of. Pure. */
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { hunksIn, type UnifiedHunk, withHunks, without } from './unified-hunks.ts';

/** Paths as the diff has them; null where there is no file on that side. */
export type TurnFile = {
  oldPath: string | null;
  newPath: string | null;
  oldBlob: string;
  newBlob: string;
  hunks: readonly UnifiedHunk[];
};

/** Files of which something is missing or cannot be read are left out. */
export function filesIn(diff: string): TurnFile[] {
  // Lines of a file begin with a blank, a plus or a minus; only a header can begin so.
  return diff.split(/^(?=diff --git )/m).flatMap((part) => {
    const head = part.slice(0, part.indexOf('\n@@') + 1 || part.length);
    const blobs = /^index ([0-9a-f]{40})\.\.([0-9a-f]{40})/m.exec(head);
    const [oldPath, newPath] = [sideOf(head, '---', 'a/'), sideOf(head, '+++', 'b/')];
    const hunks = hunksIn(part);
    if (!blobs?.[1] || !blobs[2] || oldPath === undefined || newPath === undefined || !hunks?.length) return [];
    return [{ oldPath, newPath, oldBlob: blobs[1], newBlob: blobs[2], hunks }];
  });
}

function sideOf(head: string, mark: string, prefix: string): string | null | undefined {
  const line = head.split('\n').find((one) => one.startsWith(`${mark} `));
  const path = line?.slice(mark.length + 1).replace(/\t.*$/, '');
  if (path === '/dev/null') return null;
  return path?.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}

/** Where the file may be: below the folder that the agent works in or one that holds it, or below a folder of the window. */
export function placesOf(path: string, folders: readonly string[]): string[] {
  if (posix.isAbsolute(path)) return [path];
  const places = new Set<string>();
  for (const folder of folders) {
    for (let at = folder; ; at = posix.dirname(at)) {
      places.add(posix.join(at, path));
      if (at === posix.dirname(at)) break;
    }
  }
  return [...places];
}

/** The name that git has for a file with this content. */
export function blobOf(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/**
 * The text that the file had before the turn, from what it holds now (as on the disk, line ends and all; null when it is not
 * there). Undefined unless both are, to the byte, what the diff speaks of.
 */
export function beforeTurn({ oldPath, newPath, oldBlob, newBlob, hunks }: TurnFile, now: string | null) {
  if (newPath === null) {
    if (now !== null) return undefined;
    const gone = hunks.flatMap(({ old }) => old).join('');
    return withHunks(gone, hunks) === '' && blobOf(gone) === oldBlob ? gone : undefined;
  }
  if (now === null || blobOf(now) !== newBlob) return undefined;
  const before = without(now, hunks);
  if (oldPath === null) return before === '' ? null : undefined;
  return before !== null && blobOf(before) === oldBlob ? before : undefined;
}
