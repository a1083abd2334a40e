import { isDeepStrictEqual } from 'node:util';
import { type JsonSchema, nameOf } from '../../agent-core/protocol-tools/definitions.ts';

type Types = Record<string, JsonSchema>;

/** A schema in one of few forms, whatever way it was written in. */
type Shape =
  | { kind: 'any' | 'null' | 'string' | 'boolean' | 'number' }
  | { kind: 'integer'; minimum: number | undefined }
  | { kind: 'enum'; values: string[] }
  | { kind: 'array'; items: JsonSchema }
  | { kind: 'object'; properties: Record<string, JsonSchema>; required: Set<string>; rest: JsonSchema | null }
  | { kind: 'union'; options: JsonSchema[] };

/**
 * Says in which ways `ours` is not `theirs`, one line each, as `Type.field: what`. What has no bearing on the wire is
 * no difference: names of types that are the same inside, the width of integers, the order of variants, descriptions,
 * and objects that the reference closes: we bear with fields that we do not know everywhere.
 */
export class SchemaComparison {
  readonly differences: string[] = [];
  readonly #seen = new Set<string>();
  readonly #ours: Types;
  readonly #theirs: Types;

  constructor(ours: Types, theirs: Types) {
    this.#ours = ours;
    this.#theirs = theirs;
  }

  /** Compares a type that both know by the same name, and all that it is made of. */
  compareType(name: string): void {
    if (this.#theirs[name] === undefined) this.differences.push(`${name}: the reference has no such type`);
    else this.compare({ $ref: name }, { $ref: name }, name);
  }

  compare(ours: JsonSchema, theirs: JsonSchema, path: string): void {
    let here = path;
    if (ours.$ref !== undefined && theirs.$ref !== undefined) {
      const pair = `${nameOf(ours.$ref)} ${nameOf(theirs.$ref)}`;
      if (this.#seen.has(pair)) return;
      this.#seen.add(pair);
      here = nameOf(theirs.$ref);
    }
    const [a, b] = [shapeOf(ours, this.#ours), shapeOf(theirs, this.#theirs)];
    if (a.kind !== b.kind) this.#say(here, `${describe(a)}, not ${describe(b)}`);
    else this.#compareShapes(a, b as never, here);
  }

  #say(path: string, what: string): void {
    this.differences.push(`${path}: ${what}`);
  }

  #compareShapes<S extends Shape>(ours: S, theirs: S, path: string): void {
    if (ours.kind === 'integer' && theirs.kind === 'integer') {
      if (ours.minimum !== theirs.minimum) this.#say(path, `at least ${ours.minimum}, not ${theirs.minimum}`);
    } else if (ours.kind === 'enum' && theirs.kind === 'enum') {
      const [a, b] = [ours.values, theirs.values];
      if (!isDeepStrictEqual(a, b)) this.#say(path, `${describe(ours)}, not ${describe(theirs)}`);
    } else if (ours.kind === 'array' && theirs.kind === 'array') {
      this.compare(ours.items, theirs.items, `${path}[]`);
    } else if (ours.kind === 'object' && theirs.kind === 'object') {
      this.#compareObjects(ours, theirs, path);
    } else if (ours.kind === 'union' && theirs.kind === 'union') {
      this.#compareUnions(ours.options, theirs.options, path);
    }
  }

  #compareObjects(ours: Shape & { kind: 'object' }, theirs: Shape & { kind: 'object' }, path: string): void {
    for (const name of new Set([...Object.keys(ours.properties), ...Object.keys(theirs.properties)])) {
      const [a, b] = [ours.properties[name], theirs.properties[name]];
      const field = `${path}.${name}`;
      if (a === undefined) this.#say(field, 'missing');
      else if (b === undefined) this.#say(field, 'the reference has no such field');
      else {
        const isRequired = ours.required.has(name);
        if (isRequired !== theirs.required.has(name)) this.#say(field, isRequired ? 'required' : 'not required');
        if (!isDeepStrictEqual(defaultOf(a), defaultOf(b))) {
          this.#say(field, `default ${JSON.stringify(defaultOf(a))}, not ${JSON.stringify(defaultOf(b))}`);
        }
        this.compare(a, b, field);
      }
    }
    if ((ours.rest === null) !== (theirs.rest === null)) {
      this.#say(path, ours.rest === null ? 'drops other fields' : 'keeps other fields');
    } else if (ours.rest !== null && theirs.rest !== null) this.compare(ours.rest, theirs.rest, `${path}{}`);
  }

  #compareUnions(ours: JsonSchema[], theirs: JsonSchema[], path: string): void {
    const [a, b] = [byLabel(ours, this.#ours), byLabel(theirs, this.#theirs)];
    for (const label of new Set([...a.keys(), ...b.keys()])) {
      const [left, right] = [a.get(label), b.get(label)];
      if (left === undefined) this.#say(path, `no variant ${label}`);
      else if (right === undefined) this.#say(path, `the reference has no variant ${label}`);
      else this.compare(left, right, `${path}(${label})`);
    }
  }
}

const defaultOf = (schema: JsonSchema): unknown => schema.default ?? undefined;

function byLabel(options: JsonSchema[], types: Types): Map<string, JsonSchema> {
  const labels = new Map<string, JsonSchema>();
  for (const option of options) {
    let label = labelOf(option, types);
    while (labels.has(label)) label += "'";
    labels.set(label, option);
  }
  return labels;
}

/** What tells a variant from its siblings: its tag, or its only required field, or its name, or what it is. */
function labelOf(option: JsonSchema, types: Types): string {
  const shape = shapeOf(option, types);
  if (shape.kind !== 'object') return shape.kind;
  for (const [name, property] of Object.entries(shape.properties)) {
    const tag = shape.required.has(name) ? shapeOf(property, types) : undefined;
    if (tag?.kind === 'enum' && tag.values.length === 1 && ['type', 'kind', 'mode', 'handlerType'].includes(name)) {
      const others = [...shape.required].filter((other) => other !== name).sort();
      return /^(string|array)$/.test(String(tag.values[0])) ? `${tag.values[0]} ${others}` : String(tag.values[0]);
    }
  }
  return [...shape.required].sort().join('+') || shape.kind;
}

function shapeOf(written: JsonSchema | boolean, types: Types): Shape {
  if (typeof written === 'boolean') return { kind: 'any' };
  if (written.$ref !== undefined) return shapeOf(types[nameOf(written.$ref)] ?? {}, types);
  if (written.allOf?.length === 1) return shapeOf(written.allOf[0] ?? {}, types);
  const variants = written.anyOf ?? written.oneOf;
  if (variants !== undefined && isChoiceOfFields(written, variants)) {
    return shapeOf(withAllFields(written, variants), types);
  }
  if (variants !== undefined) {
    return unionShape(
      variants.map((variant) => merge(written, variant)),
      types,
    );
  }
  if (Array.isArray(written.type))
    return unionShape(
      written.type.map((type) => ({ ...written, type })),
      types,
    );
  const values = written.const === undefined ? written.enum : [written.const];
  if (values !== undefined && written.type !== 'null') return { kind: 'enum', values: values.map(String).sort() };
  switch (written.type) {
    case 'null':
    case 'string':
    case 'boolean':
    case 'number':
      return { kind: written.type };
    case 'integer':
      return { kind: 'integer', minimum: written.minimum };
    case 'array':
      return { kind: 'array', items: written.items ?? {} };
    case 'object':
      return {
        kind: 'object',
        properties: written.properties ?? {},
        required: new Set(written.required),
        rest: restOf(written.additionalProperties),
      };
    default:
      return written.properties === undefined ? { kind: 'any' } : shapeOf({ ...written, type: 'object' }, types);
  }
}

/** Unions in unions are one, and all their strings are one list. */
function unionShape(variants: JsonSchema[], types: Types): Shape {
  const options: JsonSchema[] = [];
  const values: string[] = [];
  const add = (variant: JsonSchema): void => {
    const shape = shapeOf(variant, types);
    if (shape.kind === 'enum') values.push(...shape.values);
    else if (shape.kind === 'union') shape.options.forEach(add);
    else options.push(variant);
  };
  variants.forEach(add);
  if (options.some((option) => shapeOf(option, types).kind === 'any')) return { kind: 'any' };
  if (values.length > 0) options.push({ type: 'string', enum: [...new Set(values)].sort() });
  return options.length === 1 ? shapeOf(options[0] ?? {}, types) : { kind: 'union', options };
}

/** Fields beside the variants belong to each of them. */
function merge(outer: JsonSchema, variant: JsonSchema): JsonSchema {
  if (outer.properties === undefined) return variant;
  return {
    ...variant,
    type: 'object',
    properties: { ...outer.properties, ...variant.properties },
    required: [...(outer.required ?? []), ...(variant.required ?? [])],
  };
}

/** An object with either of some fields: JSON Schema cannot be made from our check for that, which has unit tests. */
const isChoiceOfFields = (outer: JsonSchema, variants: JsonSchema[]): boolean =>
  outer.properties !== undefined &&
  variants.every(({ properties = {} }) => Object.values(properties).every((field) => field.enum === undefined));

function withAllFields({ anyOf: _anyOf, oneOf: _oneOf, ...outer }: JsonSchema, variants: JsonSchema[]): JsonSchema {
  const fields = variants.map(({ properties }) => properties ?? {});
  return { ...outer, type: 'object', properties: Object.assign({}, outer.properties, ...fields) };
}

const restOf = (rest: JsonSchema | boolean | undefined): JsonSchema | null =>
  rest === undefined || rest === false ? null : rest === true ? {} : rest;

function describe(shape: Shape): string {
  if (shape.kind === 'enum') return shape.values.join('|');
  return shape.kind === 'object' ? `object {${Object.keys(shape.properties)}}` : shape.kind;
}
