import * as z from 'zod/mini';

type Schema = z.core.$ZodType;
type Def = z.core.$ZodTypeDef & Record<string, never>;

/**
 * Makes schemas open to a peer that is newer: where a schema lists the strings that it knows, the opened one takes any
 * string as it is, and where it lists the variants of a tagged union, an object with another tag passes with all its
 * fields. Everything else is checked as before.
 *
 * What comes out may then hold a string that its type does not name. That is why this is for what a client is told
 * (results, notifications), which it shows; never for what it is asked or what a server is told, which is acted on.
 */
export class SchemaOpener {
  readonly #opened = new Map<Schema, Schema>();
  readonly #variants = new Map<Schema, Schema>();

  open(schema: z.ZodMiniType): z.ZodMiniType {
    return this.#open(schema, false) as z.ZodMiniType;
  }

  /** In the variants of a union, literals tell these apart and stay as they are. */
  #open(schema: Schema, isVariant: boolean): Schema {
    const memo = isVariant ? this.#variants : this.#opened;
    const known = memo.get(schema);
    if (known !== undefined) return known;
    const opened = this.#build(schema, isVariant);
    memo.set(schema, opened);
    return opened;
  }

  #build(schema: Schema, isVariant: boolean): Schema {
    const def = schema._zod.def as unknown as Def & {
      getter: () => Schema;
      shape: Record<string, Schema>;
      innerType: Schema;
      element: Schema;
      valueType: Schema;
      options: Schema[];
      discriminator?: string;
      entries: Record<string, unknown>;
      values: unknown[];
    };
    const having = (changes: object) => z.clone(schema, { ...def, ...changes } as never);
    switch (def.type) {
      case 'lazy':
        return z.lazy(() => this.#open(def.getter(), isVariant));
      case 'enum':
        return orString(schema, Object.values(def.entries));
      case 'literal':
        return orString(schema, def.values);
      case 'object': {
        const shape = Object.entries(def.shape).map(([key, value]) => [
          key,
          isVariant && value._zod.def.type === 'literal' ? value : this.#open(value, false),
        ]);
        return having({ shape: Object.fromEntries(shape) });
      }
      case 'array':
        return having({ element: this.#open(def.element, false) });
      case 'record':
        return having({ valueType: this.#open(def.valueType, false) });
      case 'optional':
      case 'nullable':
      case 'default':
        return having({ innerType: this.#open(def.innerType, isVariant) });
      case 'union': {
        const options = def.options.map((option) => this.#open(option, true));
        const opened = having({ options });
        if (def.discriminator === undefined) return opened;
        return z.union([opened, otherVariant(schema, def.discriminator)]);
      }
      default:
        // `catch` has an answer of its own for what is not known; the rest lists no strings.
        return schema;
    }
  }
}

function orString(schema: Schema, known: readonly unknown[]): Schema {
  return known.every((value) => typeof value === 'string') ? z.union([schema, z.string()]) : schema;
}

function otherVariant(union: Schema, tag: string): Schema {
  const known = union._zod.propValues?.[tag];
  return z.looseObject({
    [tag]: z.string().check(z.refine((value) => !known?.has(value), { error: 'a known variant with wrong fields' })),
  });
}
