/** What a model is shown of a text file: lines with their numbers, and how to see the rest. */
import { resolve } from 'node:path';
import { openPlainFile } from './plain-file.ts';
import type { ToolContext, ToolOutcome } from './tool.ts';
import { rejected } from './tool.ts';

/** One call shows at most this much. */
const MOST_LINES = 2000;
const MOST_CHARS = 40_000;
const LINE_WIDTH = 2000;

/** From 1, both included; null: to the end. */
export type LineRange = { start: number; end: number | null };

/** Lines as `12\ttext`. `hint` tells how to ask for more, after the number of the next line. */
function numberedLines(text: string, range: LineRange, more: (nextLine: number) => string): string {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) return '(The file is empty.)';
  const start = Math.max(1, range.start);
  if (start > lines.length) return `(The file has ${lines.length} lines.)`;
  const last = Math.min(lines.length, range.end ?? lines.length);
  const shown: string[] = [];
  let size = 0;
  for (let number = start; number <= last; number++) {
    const line = lines[number - 1] ?? '';
    const cut =
      line.length > LINE_WIDTH ? `${line.slice(0, LINE_WIDTH)}… (${line.length - LINE_WIDTH} more characters)` : line;
    if (shown.length >= MOST_LINES || size + cut.length > MOST_CHARS) break;
    shown.push(`${number}\t${cut}`);
    size += cut.length + 1;
  }
  const next = start + shown.length;
  return next > last && last === lines.length
    ? shown.join('\n')
    : `${shown.join('\n')}\n(${lines.length} lines in all; ${next > lines.length ? 'no more' : more(next)})`;
}

/** Reads what the editor has, saved or not; secrets, folders and what is no text are refused with what to do instead. */
export async function readNumbered(
  given: string,
  range: LineRange,
  more: (nextLine: number) => string,
  context: ToolContext,
): Promise<ToolOutcome> {
  const path = resolve(context.settings.cwd, given);
  const read = await context.fs.readText(path, context.settings);
  if (read.ok) {
    context.seen.saw(path, read.value.text);
    return { type: 'done', text: numberedLines(read.value.text, range, more), success: true };
  }
  if (read.reason === 'binary' && (await isImage(context.runner.realPath(path))))
    return rejected(`${path} is an image: look at it with view_image.`);
  return rejected(read.message);
}

/** By its first bytes: what `view_image` can show. */
async function isImage(path: string): Promise<boolean> {
  try {
    const handle = await openPlainFile(path);
    if (handle === null) return false;
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(12), 0, 12, 0);
      const head = buffer.toString('latin1', 0, bytesRead);
      return head.startsWith('\x89PNG') || head.startsWith('\xff\xd8\xff') || /^GIF8|^RIFF....WEBP/s.test(head);
    } finally {
      await handle.close();
    }
  } catch {
    // It could not be read as text either, which is what the model is told.
    return false;
  }
}
