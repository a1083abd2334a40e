/** Bytes of a text file and back: line ends and byte order mark are the file's own and are kept. (pure) */
import { createHash } from 'node:crypto';

export type TextFormat = {
  hasBom: boolean;
  /** The line end of each line that has one, in order. */
  ends: ('\n' | '\r\n')[];
};

export type Decoded = { text: string; format: TextFormat };

const BOM = '\uFEFF';

/** SHA-256 over UTF-8, LF, no BOM. */
export const hashText = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Null when the bytes are not UTF-8 text. */
export function decodeText(bytes: Uint8Array): Decoded | null {
  if (bytes.subarray(0, 8192).includes(0)) return null;
  let raw: string;
  try {
    raw = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
  const hasBom = raw.startsWith(BOM);
  const body = hasBom ? raw.slice(1) : raw;
  const ends = [...body.matchAll(/\r?\n/g)].map(([end]) => (end === '\n' ? '\n' : '\r\n') as '\n' | '\r\n');
  return { text: body.replaceAll('\r\n', '\n'), format: { hasBom, ends } };
}

function commonPrefix(a: readonly string[], b: readonly string[]): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && a[count] === b[count]) count++;
  return count;
}

/**
 * The bytes of `text` in the format of the file it replaces. In a file with mixed line ends, the unchanged lines at
 * its start and end keep theirs, and new lines take the kind that the file has most of.
 */
export function encodeText(text: string, before: Decoded | null): Buffer {
  const bom = before?.format.hasBom ? BOM : '';
  const ends = before?.format.ends ?? [];
  const crlf = ends.filter((end) => end === '\r\n').length;
  if (!before || crlf === 0) return Buffer.from(bom + text, 'utf8');
  if (crlf === ends.length) return Buffer.from(bom + text.replaceAll('\n', '\r\n'), 'utf8');
  const main = crlf * 2 > ends.length ? '\r\n' : '\n';
  const [old, next] = [before.text.split('\n'), text.split('\n')];
  const start = commonPrefix(old, next);
  const tail = Math.min(commonPrefix(old.toReversed(), next.toReversed()), old.length - start, next.length - start);
  const lines = next.map((line, index) => {
    if (index === next.length - 1) return line;
    if (index < start) return line + (ends[index] ?? main);
    if (index >= next.length - tail) return line + (ends[index - next.length + old.length] ?? main);
    return line + main;
  });
  return Buffer.from(bom + lines.join(''), 'utf8');
}
