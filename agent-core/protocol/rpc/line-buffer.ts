import { host } from './platform.ts';

export interface LineBufferOptions {
  /** Longest line that is kept, in bytes without its end. */
  maxLineBytes: number;
  /** Called for each line that is not empty, without its end (LF or CRLF), in order. */
  onLine(line: string): void;
  /** Called once for a line over the limit, as soon as that is known; the rest of the line is skipped. */
  onTooLong(): void;
}

const LF = 0x0a;
const CR = 0x0d;

/**
 * Cuts a byte stream into lines of UTF-8 text; bytes that are no UTF-8 become U+FFFD.
 * Each byte is looked at and copied a bounded number of times, however the stream is cut into chunks, and never more
 * than `maxLineBytes` are held. Nothing of a chunk is referred to after `push` returns, so the caller may reuse it.
 */
export class LineBuffer {
  readonly #options: LineBufferOptions;
  readonly #decoder = new host.TextDecoder('utf-8');
  #parts: Uint8Array[] = [];
  #heldBytes = 0;
  #skipping = false;

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

  #finishLine(tail: Uint8Array): void {
    if (this.#skipping) {
      this.#skipping = false;
      return;
    }
    const bytes = this.#heldBytes === 0 ? tail : this.#join(tail);
    this.#parts = [];
    this.#heldBytes = 0;
    const length = bytes[bytes.length - 1] === CR ? bytes.length - 1 : bytes.length;
    if (length > this.#options.maxLineBytes) this.#options.onTooLong();
    else if (length > 0) this.#options.onLine(this.#decoder.decode(bytes.subarray(0, length)));
  }

  #hold(piece: Uint8Array): void {
    if (this.#skipping) return;
    // One more byte than the limit may be held: it can be the CR of the line's end.
    if (this.#heldBytes + piece.length > this.#options.maxLineBytes + 1) {
      this.#parts = [];
      this.#heldBytes = 0;
      this.#skipping = true;
      this.#options.onTooLong();
      return;
    }
    this.#parts.push(piece.slice());
    this.#heldBytes += piece.length;
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
