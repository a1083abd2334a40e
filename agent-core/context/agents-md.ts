/** The project's own instructions: AGENTS.md files from the home and from the git root down to the working folder. */
import { dirname, join } from 'node:path';

/** Null where there is no readable text file. Need not read much beyond `maxBytes`. */
export type ReadText = (path: string, maxBytes: number) => Promise<string | null>;

export type AgentsOptions = {
  home: string;
  cwd: string;
  gitRoot: string | null;
  readText: ReadText;
  maxBytes: number;
  /** Names that count in a project's folder that has neither of the two. */
  fallbackNames?: readonly string[];
  /** False for a project that is not trusted: only the home's file is read. */
  useProject?: boolean;
};

const NAMES = ['AGENTS.override.md', 'AGENTS.md'];
/** What a repository made for other agents has. */
export const FALLBACK_NAMES: readonly string[] = ['CLAUDE.md'];

/** The cascade as one text, general before particular, cut at `maxBytes` with a word about it; null when there is none. */
export async function readAgents(options: AgentsOptions): Promise<string | null> {
  const { home, cwd, gitRoot, readText, maxBytes, fallbackNames = [], useProject = true } = options;
  if (maxBytes === 0) return null;
  const inProject = [...NAMES, ...fallbackNames.filter(isFileName)];
  const folders = useProject ? foldersDown(gitRoot ?? cwd, cwd).filter((folder) => folder !== home) : [];
  const parts: string[] = [];
  let room = maxBytes;
  for (const folder of [home, ...folders]) {
    const found = await firstOf(folder, folder === home ? NAMES : inProject, readText, maxBytes + 1);
    if (!found) continue;
    const bytes = Buffer.from(found.text, 'utf8');
    if (room <= 0) {
      parts.push(`(${found.path} is left out: the instructions exceed ${maxBytes} bytes)`);
      continue;
    }
    const whole = bytes.length <= room;
    // The last character may be cut in its middle.
    const text = whole
      ? found.text
      : bytes
          .subarray(0, room)
          .toString('utf8')
          .replace(/\uFFFD+$/, '');
    parts.push(whole ? text.trim() : `${text}\n(${found.path} is cut here: the instructions exceed ${maxBytes} bytes)`);
    room -= bytes.length;
  }
  return parts.length > 0 ? parts.join('\n\n') : null;
}

/** A name that leads elsewhere is none: each folder speaks for itself. */
const isFileName = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[\\/]/.test(name);

/** One byte more than may be told shows that there is more. */
async function firstOf(
  folder: string,
  names: readonly string[],
  readText: ReadText,
  maxBytes: number,
): Promise<{ path: string; text: string } | null> {
  for (const name of names) {
    const path = join(folder, name);
    const text = await readText(path, maxBytes);
    if (text?.trim()) return { path, text };
  }
  return null;
}

function foldersDown(from: string, to: string): string[] {
  const folders: string[] = [];
  for (let at = to; ; at = dirname(at)) {
    folders.unshift(at);
    if (at === from || dirname(at) === at) break;
  }
  return folders[0] === from ? folders : [to];
}
