/** A text file's beginning. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

/** Null for what is not there, cannot be read, or is no plain file. */
export async function readTextFile(path: string, maxBytes: number): Promise<string | null> {
  try {
    // What is no plain file may have no end, or nobody who writes to it.
    if (!(await stat(path)).isFile()) return null;
    const chunks: Buffer[] = [];
    for await (const chunk of createReadStream(path, { end: maxBytes - 1 })) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch {
    return null;
  }
}
