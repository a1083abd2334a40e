/** Messages from a peer that writes one JSON object a line, without the `jsonrpc` field. */

import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import {
  AbstractMessageReader,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageReader,
} from 'vscode-jsonrpc/node';

/** Longer lines are dropped and reported; no message of the protocol comes near this. */
export const MAX_LINE_CHARS = 256 * 1024 * 1024;

/**
 * Reads UTF-8 JSONL. A line that is not a JSON object is reported through `onError` and skipped; the lines after it are
 * read as usual. A last line without a newline is dropped: its writer died while writing it. Each character is looked
 * at once, whatever the sizes of the chunks.
 */
export class JsonlMessageReader extends AbstractMessageReader implements MessageReader {
  readonly #stream: Readable;
  readonly #tap: (message: Message) => void;
  readonly #maxChars: number;

  /** `tap` sees every message before the connection does. */
  constructor(stream: Readable, tap: (message: Message) => void = () => {}, maxChars = MAX_LINE_CHARS) {
    super();
    this.#stream = stream;
    this.#tap = tap;
    this.#maxChars = maxChars;
  }

  listen(callback: DataCallback): Disposable {
    const decoder = new StringDecoder('utf8');
    let parts: string[] = [];
    let length = 0;
    const take = (part: string) => {
      length += part.length;
      if (length <= this.#maxChars) parts.push(part);
      else parts = [];
    };
    const onData = (chunk: Buffer) => {
      const text = decoder.write(chunk);
      let from = 0;
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
        take(text.slice(from, at));
        from = at + 1;
        if (length > this.#maxChars) this.fireError(new Error(`A line of ${length} characters was dropped.`));
        else this.#line(parts.join(''), callback);
        parts = [];
        length = 0;
      }
      if (from < text.length) take(text.slice(from));
    };
    const onEnd = () => this.fireClose();
    const onError = (error: Error) => this.fireError(error);
    this.#stream.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onError);
    return {
      dispose: () => {
        this.#stream.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onError);
      },
    };
  }

  #line(line: string, callback: DataCallback): void {
    if (line.trim() === '') return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      value = undefined;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.fireError(new Error(`The agent wrote a line that is no message: ${line.slice(0, 200)}`));
      return;
    }
    const message = { ...value, jsonrpc: '2.0' } as Message;
    this.#tap(message);
    callback(message);
  }
}
