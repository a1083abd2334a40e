import { host } from './platform.ts';

export interface LineBufferOptions {
  /** Longest line that is kept, in bytes without its end. */
  maxLineBytes: number;
  /** Called for each line that is not empty, without its end (LF or CRLF), in order. */
  onLine(line: string): void;
  /** Called once for a line over the limit, when it has ended, with what is known of its two ends. */
  onTooLong(head: string, tail: string): void;
}

const LF = 0x0a;
const CR = 0x0d;
/** Of a line that is too long, this much of either end is kept. */
export const EXCERPT_BYTES = 4096;

/**
 * Cuts a byte stream into lines of UTF-8 text; bytes that are no UTF-8 become U+FFFD.
 * Each byte is looked at and copied a bounded number of times, however the stream is cut into chunks, and hardly more
 * than `maxLineBytes` are held. Nothing of a chunk is referred to after `push` returns, so the caller may reuse it.
 */
export class LineBuffer {
  readonly #options: LineBufferOptions;
  readonly #decoder = new host.TextDecoder('utf-8');
  #parts: Uint8Array[] = [];
  #heldBytes = 0;
  /** The ends of a line that is being skipped. */
  #skipped: { head: Uint8Array; tail: Uint8Array } | null = null;

  constructor(options: LineBufferOptions) {
    this.#options = options;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(LF); end !== -1; end = chunk.indexOf(LF, start)) {
      this.#finishLine(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) this.#hold(chunk.subarray(start));
  }

  /** The stream has ended: what is left counts as a line. */
  end(): void {
    this.#finishLine(new Uint8Array(0));
  }

  #finishLine(last: Uint8Array): void {
    if (this.#skipped !== null) {
      this.#skip(last);
      const { head, tail } = this.#skipped;
      this.#skipped = null;
      this.#options.onTooLong(this.#decoder.decode(head), this.#decoder.decode(tail));
      return;
    }
    const bytes = this.#heldBytes === 0 ? last : this.#take(last);
    const length = bytes[bytes.length - 1] === CR ? bytes.length - 1 : bytes.length;
    const text = (from: number, to: number) => this.#decoder.decode(bytes.subarray(Math.max(0, from), to));
    if (length > this.#options.maxLineBytes)
      this.#options.onTooLong(text(0, EXCERPT_BYTES), text(length - EXCERPT_BYTES, length));
    else if (length > 0) this.#options.onLine(text(0, length));
  }

  #hold(piece: Uint8Array): void {
    if (this.#skipped !== null) {
      this.#skip(piece);
      return;
    }
    // One more byte than the limit may be held: it can be the CR of the line's end.
    if (this.#heldBytes + piece.length > this.#options.maxLineBytes + 1) {
      const bytes = this.#take(piece);
      this.#skipped = { head: bytes.slice(0, EXCERPT_BYTES), tail: bytes.slice(-EXCERPT_BYTES) };
      return;
    }
    this.#parts.push(piece.slice());
    this.#heldBytes += piece.length;
  }

  #skip(piece: Uint8Array): void {
    if (this.#skipped === null) return;
    const last = piece.subarray(Math.max(0, piece.length - EXCERPT_BYTES));
    const before = this.#skipped.tail.subarray(Math.max(0, this.#skipped.tail.length + last.length - EXCERPT_BYTES));
    const tail = new Uint8Array(before.length + last.length);
    tail.set(before);
    tail.set(last, before.length);
    this.#skipped.tail = tail;
  }

  /** All that is held, and `last`; nothing is held then. */
  #take(last: Uint8Array): Uint8Array {
    const line = this.#join(last);
    this.#parts = [];
    this.#heldBytes = 0;
    return line;
  }

  #join(tail: Uint8Array): Uint8Array {
    const line = new Uint8Array(this.#heldBytes + tail.length);
    let offset = 0;
    for (const part of this.#parts) {
      line.set(part, offset);
      offset += part.length;
    }
    line.set(tail, offset);
    return line;
  }
}
