/** One change of a file after the other; files do not wait for each other. Pure. */
export class PerFileQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs `work` once all that was queued before for any of the keys has ended, well or badly. */
  async run<T>(keys: readonly string[], work: () => Promise<T>): Promise<T> {
    const own = [...new Set(keys)];
    const before = own.map((key) => this.#tails.get(key));
    const result = Promise.all(before).then(work);
    const tail = result.then(
      () => {},
      () => {},
    );
    for (const key of own) this.#tails.set(key, tail);
    try {
      return await result;
    } finally {
      for (const key of own) if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}
