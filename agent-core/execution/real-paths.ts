/** Real paths: what is compared is never the spelling that a user or a model chose. */
import { realpathSync } from 'node:fs';
import path from 'node:path';

/** Whether `file` is `root` or lies below it. Both absolute and normal. */
export function isUnder(file: string, root: string): boolean {
  return file === root || file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}

/** The real path; where its end does not exist yet, the real path of what does, plus the rest. */
export function realish(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(realish(parent), path.basename(file));
  }
}

/** The entry itself, by its real parent, and what it points to if it is a link: a rule must hold both. */
export function entryAndTarget(file: string): string[] {
  const entry = path.join(realish(path.dirname(file)), path.basename(file));
  const target = realish(file);
  return entry === target ? [entry] : [entry, target];
}
