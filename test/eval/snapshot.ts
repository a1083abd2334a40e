/** The files of a folder. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

/** Contents by path with `/`. */
export type Snapshot = ReadonlyMap<string, Buffer>;

/** What tools leave behind, and no task is about. */
const PASSED_OVER = /^(?:\.git|node_modules|\.claude|\.codex|\.opencode|\.pi|__pycache__)$/;

export function takeSnapshot(folder: string): Snapshot {
  const found = new Map<string, Buffer>();
  const walk = (below: string): void => {
    for (const name of readdirSync(path.join(folder, below)).sort()) {
      if (PASSED_OVER.test(name)) continue;
      const file = below === '' ? name : `${below}/${name}`;
      const place = path.join(folder, file);
      const stat = lstatSync(place);
      if (stat.isDirectory()) walk(file);
      else if (stat.isSymbolicLink()) found.set(file, Buffer.from(`link to ${readlinkSync(place)}`));
      else if (stat.isFile()) found.set(file, readFileSync(place));
    }
  };
  walk('');
  return found;
}
