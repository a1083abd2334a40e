/** Many file names as a short picture of a folder. (pure) */

type Folder = { files: string[]; folders: Map<string, Folder>; count: number };

const newFolder = (): Folder => ({ files: [], folders: new Map(), count: 0 });

/** Of one folder; the rest is told by its number. */
const MOST_ENTRIES = 40;

function toTree(paths: readonly string[]): Folder {
  const root = newFolder();
  for (const path of paths) {
    const names = path.split('/');
    const file = names.pop() ?? '';
    let at = root;
    at.count += 1;
    for (const name of names) {
      const next = at.folders.get(name) ?? newFolder();
      at.folders.set(name, next);
      next.count += 1;
      at = next;
    }
    at.files.push(file);
  }
  return root;
}

/** `a/b/c/` for folders that hold nothing but the next one. */
function chain(name: string, folder: Folder): { name: string; folder: Folder } {
  let at = { name, folder };
  while (at.folder.files.length === 0 && at.folder.folders.size === 1) {
    const [[inner, next] = ['', newFolder()]] = at.folder.folders;
    at = { name: `${at.name}/${inner}`, folder: next };
  }
  return at;
}

type Line = { text: string; folder: Folder | null; depth: number };

function linesOf(folder: Folder, depth: number): Line[] {
  const byName = (a: string, b: string) => (a < b ? -1 : 1);
  // A control character in a name must not begin a line of its own.
  const shown = (name: string) => name.replace(/[\p{Cc}\u2028\u2029]/gu, '?');
  const folders = [...folder.folders]
    .sort(([a], [b]) => byName(a, b))
    .map(([name, inner]) => chain(name, inner))
    .map(({ name, folder: inner }) => ({ text: `${shown(name)}/`, folder: inner, depth }));
  const files = [...folder.files].sort(byName).map((name) => ({ text: shown(name), folder: null, depth }));
  const all: Line[] = [...folders, ...files];
  if (all.length <= MOST_ENTRIES) return all;
  const rest = all.length - MOST_ENTRIES;
  return [...all.slice(0, MOST_ENTRIES), { text: `… ${rest} more`, folder: null, depth }];
}

const render = ({ text, folder, depth }: Line, isOpen: boolean): string =>
  `${' '.repeat(depth)}${text}${folder && !isOpen ? ` (${folder.count} file${folder.count === 1 ? '' : 's'})` : ''}\n`;

const size = (text: string): number => Buffer.byteLength(text, 'utf8');

/**
 * The upper levels first, folder by folder as long as they fit into `budget` bytes; a folder that is not opened says how
 * many files it holds. `paths` are relative, with `/`. Empty for no path.
 */
export function fileTree(paths: readonly string[], budget: number): string {
  const lines: Line[] = linesOf(toTree(paths), 0);
  const opened = new Set<Line>();
  let used = 0;
  let kept = 0;
  for (const line of lines) {
    if (used + size(render(line, false)) > budget) break;
    used += size(render(line, false));
    kept += 1;
  }
  const cut = lines.length - kept;
  if (cut > 0) lines.splice(kept, cut, { text: `… ${cut} more`, folder: null, depth: 0 });
  for (let level: Line[] = lines.filter(({ folder }) => folder !== null); level.length > 0; ) {
    const next: Line[] = [];
    for (const line of level) {
      if (!line.folder) continue;
      const inner = linesOf(line.folder, line.depth + 1);
      const more = inner.reduce((sum, one) => sum + size(render(one, false)), 0);
      if (used + more > budget) continue;
      used += more;
      opened.add(line);
      lines.splice(lines.indexOf(line) + 1, 0, ...inner);
      next.push(...inner.filter(({ folder }) => folder !== null));
    }
    level = next;
  }
  return lines
    .map((line) => render(line, opened.has(line)))
    .join('')
    .trimEnd();
}
