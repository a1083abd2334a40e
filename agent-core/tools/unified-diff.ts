/** Unified diffs of texts with LF line ends. (pure) */
import { type StructuredPatchHunk, structuredPatch } from 'diff';

/** Beyond it a diff is given up for a whole-file replacement, which is always right and never slow. */
const TIMEOUT_MS = 1000;

export function hunksOf(before: string, after: string, context = 3): StructuredPatchHunk[] {
  if (before === after) return [];
  const patch = structuredPatch('', '', before, after, '', '', { context, timeout: TIMEOUT_MS });
  return patch ? patch.hunks : [wholeFile(before, after)];
}

function wholeFile(before: string, after: string): StructuredPatchHunk {
  const mark = (text: string, sign: string) => {
    if (text === '') return [];
    const lines = text.split('\n');
    const open = lines.at(-1) !== '';
    if (!open) lines.pop();
    return [...lines.map((line) => sign + line), ...(open ? ['\\ No newline at end of file'] : [])];
  };
  const removed = mark(before, '-');
  const added = mark(after, '+');
  const count = (lines: string[]) => lines.filter((line) => !line.startsWith('\\')).length;
  const [oldLines, newLines] = [count(removed), count(added)];
  return { oldStart: 1, oldLines, newStart: 1, newLines, lines: [...removed, ...added] };
}

/** `@@` hunks without file headers, each line ended; empty when nothing differs. */
export function unifiedHunks(before: string, after: string, context = 3): string {
  return hunksOf(before, after, context).map(formatHunk).join('');
}

export function formatHunk(hunk: StructuredPatchHunk): string {
  // An empty side is named by the line before it, as git does.
  const old = range(hunk.oldLines === 0 ? hunk.oldStart - 1 : hunk.oldStart, hunk.oldLines);
  const fresh = range(hunk.newLines === 0 ? hunk.newStart - 1 : hunk.newStart, hunk.newLines);
  return `@@ -${old} +${fresh} @@\n${hunk.lines.map((line) => `${line}\n`).join('')}`;
}

const range = (start: number, lines: number) => (lines === 1 ? `${start}` : `${start},${lines}`);
