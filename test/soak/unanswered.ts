/** Holds what must be answered against what is: each exactly once. */
import type { Expected, Id } from './expected.ts';

type Wanted = { exact: number; loose: number; methods: Set<string> };

const keyOf = (id: Id) => `${typeof id} ${id}`;

export class Unanswered {
  readonly #wanted = new Map<string, Wanted>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add({ id, orNull, method }: Expected): void {
    this.#count += 1;
    const key = keyOf(id);
    const wanted = this.#wanted.get(key) ?? { exact: 0, loose: 0, methods: new Set() };
    this.#wanted.set(key, wanted);
    if (orNull) wanted.loose += 1;
    else wanted.exact += 1;
    if (method !== null) wanted.methods.add(method);
  }

  /** The methods that an answer may belong to, for requests may share an id; null: nothing is left to answer with it. */
  take(id: Id): ReadonlySet<string> | null {
    const own = this.#wanted.get(keyOf(id));
    if (own && own.exact > 0) own.exact -= 1;
    else if (own && own.loose > 0) own.loose -= 1;
    else {
      const loose = id === null ? [...this.#wanted.values()].find((one) => one.loose > 0) : undefined;
      if (!loose) return null;
      loose.loose -= 1;
    }
    this.#count -= 1;
    return own?.methods ?? new Set();
  }

  /** Forgets what was asked; call it when all is answered. */
  clear(): void {
    this.#wanted.clear();
    this.#count = 0;
  }

  /** Ids without an answer. */
  open(): string[] {
    return [...this.#wanted].flatMap(([key, { exact, loose, methods }]) =>
      exact + loose > 0 ? [`${key} (${[...methods].join(', ') || 'not a request that can be read'})`] : [],
    );
  }
}
