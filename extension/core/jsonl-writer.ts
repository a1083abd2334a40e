/** Messages to a peer that reads one JSON object a line, without the `jsonrpc` field. */
import type { Writable } from 'node:stream';
import { AbstractMessageWriter, type Message, type MessageWriter } from 'vscode-jsonrpc/node';

/**
 * Writes JSONL. Messages leave in the order of the calls and never interleave. A write fails (and is reported through
 * `onError`) when the stream is gone; the returned promise then rejects.
 */
export class JsonlMessageWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #stream: Writable;
  readonly #tap: (message: Message) => void;

  /** `tap` sees every message before it is written. */
  constructor(stream: Writable, tap: (message: Message) => void = () => {}) {
    super();
    this.#stream = stream;
    this.#tap = tap;
    stream.on('error', (error: Error) => this.fireError(error));
    stream.on('close', () => this.fireClose());
  }

  write(message: Message): Promise<void> {
    const { jsonrpc: _jsonrpc, ...rest } = message;
    this.#tap(message);
    return new Promise((resolve, reject) => {
      this.#stream.write(`${JSON.stringify(rest)}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }

  end(): void {
    this.#stream.end();
  }
}
