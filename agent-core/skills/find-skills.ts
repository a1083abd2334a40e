/** Finds the SKILL.md files below a folder. Bounded: a link to a whole disk must not be walked. */
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { SKILL_FILE, type SkillProblem } from './skill.ts';

const DEEPEST = 6;
const MOST_FOLDERS = 2_000;

export type FoundSkills = { files: string[]; problems: SkillProblem[] };

/**
 * Real paths, sorted. Links to folders are followed, each real folder once; a folder that is a skill is not searched
 * further. A root that does not exist holds none.
 */
export async function findSkills(root: string): Promise<FoundSkills> {
  const files = new Set<string>();
  const problems: SkillProblem[] = [];
  const seen = new Set<string>();
  let level = [root];
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      const real = await realpath(folder).catch(() => null);
      if (real === null || seen.has(real)) continue;
      if (seen.size >= MOST_FOLDERS) {
        problems.push({ path: root, message: `more than ${MOST_FOLDERS} folders: those after it are not searched` });
        return { files: [...files].sort(), problems };
      }
      seen.add(real);
      const entries = await readdir(real, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
        problems.push({ path: folder, message: `cannot be read (${error.code ?? error.message})` });
        return [];
      });
      const own = entries.find(({ name }) => name === SKILL_FILE);
      const file = own && depth > 0 ? await realFile(path.join(real, SKILL_FILE)) : null;
      if (file !== null) {
        files.add(file);
        continue;
      }
      for (const entry of entries) {
        const isFolder =
          entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(path.join(real, entry.name))));
        if (isFolder && !entry.name.startsWith('.') && entry.name !== 'node_modules')
          next.push(path.join(real, entry.name));
      }
    }
    level = next;
  }
  return { files: [...files].sort(), problems };
}

async function realFile(file: string): Promise<string | null> {
  try {
    const real = await realpath(file);
    return (await stat(real)).isFile() ? real : null;
  } catch {
    return null;
  }
}

async function isDirectory(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory();
  } catch {
    return false;
  }
}
