/** Where lines go. A line comes without its end; what a transport puts between lines is its own matter. */
export interface LineSink {
  /**
   * Takes one line. The sink has always accepted it when this returns; `false` says that it is full and wants no more
   * until `drained()` is called on the peer, a promise that it wants no more until it settles.
   * Throwing or rejecting ends the connection.
   */
  send(line: string): undefined | boolean | Promise<void>;
}

interface Entry {
  line: string;
  sent: (() => void) | undefined;
}

/** Hands lines to a sink one after another, in the order of `push`, and counts what waits. */
export class WriteQueue {
  readonly #sink: LineSink;
  readonly #onFailure: (error: unknown) => void;
  #waiting: Entry[] = [];
  #next = 0;
  #waitingChars = 0;
  #flushing = false;
  #full = false;
  #closed = false;
  #drainWaiters: (() => void)[] = [];

  constructor(sink: LineSink, onFailure: (error: unknown) => void) {
    this.#sink = sink;
    this.#onFailure = onFailure;
  }

  /** Length of the lines that the sink has not taken yet, in UTF-16 units. */
  get waitingChars(): number {
    return this.#waitingChars;
  }

  get congested(): boolean {
    return this.#full;
  }

  /** `sent` is called when the sink has taken the line; never after `close`. */
  push(line: string, sent?: () => void): void {
    if (this.#closed) return;
    this.#waiting.push({ line, sent });
    this.#waitingChars += line.length;
    if (!this.#full && !this.#flushing) this.#flush();
  }

  /** The sink has room again. */
  drained(): void {
    this.#full = false;
    if (!this.#flushing) this.#flush();
  }

  /** Settles when nothing waits, and at once after `close`. */
  whenDrained(): Promise<void> {
    if (this.#closed || !this.#full) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.push(resolve));
  }

  /** Forgets what waits; the sink gets nothing more. */
  close(): void {
    this.#closed = true;
    this.#waiting = [];
    this.#next = 0;
    this.#waitingChars = 0;
    this.#releaseWaiters();
  }

  #flush(): void {
    this.#flushing = true;
    while (this.#next < this.#waiting.length && !this.#full && !this.#closed) {
      const entry = this.#waiting[this.#next++] as Entry;
      this.#waitingChars -= entry.line.length;
      this.#send(entry);
    }
    this.#flushing = false;
    if (this.#closed) return;
    // Taken entries are dropped in large steps, so that a long queue is not copied for each line.
    if (this.#next * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#next);
      this.#next = 0;
    }
    if (!this.#full) this.#releaseWaiters();
  }

  #send(entry: Entry): void {
    let taken: undefined | boolean | Promise<void>;
    try {
      taken = this.#sink.send(entry.line);
    } catch (error) {
      this.#onFailure(error);
      return;
    }
    if (taken === false) this.#full = true;
    else if (taken instanceof Promise) {
      this.#full = true;
      taken.then(() => this.drained(), this.#onFailure);
    }
    entry.sent?.();
  }

  #releaseWaiters(): void {
    const waiters = this.#drainWaiters;
    this.#drainWaiters = [];
    for (const resolve of waiters) resolve();
  }
}
