import * as z from 'zod/mini';

/** Stands for a lazy schema until somebody looks inside; from then on it is that schema. */
const shell: object = Object.create(Object.getPrototypeOf(z.lazy(() => z.unknown())), {
  type: { value: 'lazy' },
  def: {
    get(this: z.ZodMiniLazy) {
      return this._zod.def;
    },
  },
  _zod: {
    get(this: z.ZodMiniLazy & { readonly getter: () => z.ZodMiniType }) {
      const value = z.lazy(this.getter)._zod;
      Object.defineProperty(this, '_zod', { value });
      return value;
    },
  },
});

/**
 * `z.lazy`, but nothing of zod is built before the first use: the protocol has hundreds of schemas, a process uses a
 * few, and it starts with importing them all.
 */
export function lazy<T extends z.core.SomeType>(getter: () => T): z.ZodMiniLazy<T> {
  return Object.create(shell, { getter: { value: getter } });
}
