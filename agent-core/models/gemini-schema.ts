/**
 * JSON Schema as Gemini takes it: a part of OpenAPI's. What it does not know makes it refuse the whole request, so the
 * rest is left out or put in other words. (pure)
 */
import type { JsonSchema } from './model-client.ts';

const KEPT: ReadonlySet<string> = new Set([
  'title',
  'description',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
  'pattern',
  'nullable',
]);
const FORMATS: ReadonlySet<string> = new Set(['int32', 'int64', 'float', 'double', 'date-time', 'enum']);
/** Deep enough for what people write; what holds itself has no end. */
const DEEPEST = 6;
/** An object whose properties are not known is refused, so it is asked for as text. */
const ANY_OBJECT: JsonSchema = { type: 'STRING', description: 'A JSON object, as text.' };

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function resolve(root: JsonSchema, ref: string): JsonSchema | null {
  let at: unknown = root;
  for (const key of ref.replace(/^#\/?/, '').split('/').filter(Boolean)) {
    if (!isSchema(at)) return null;
    at = at[key.replace(/~1/g, '/').replace(/~0/g, '~')];
  }
  return isSchema(at) ? at : null;
}

/** Several schemas that must hold at once, as one: properties together, the rest of the first that says it. */
function merged(parts: readonly JsonSchema[]): JsonSchema {
  const out: JsonSchema = {};
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) {
      if (key === 'properties' && isSchema(value)) out.properties = { ...(out.properties as object), ...value };
      else if (key === 'required' && Array.isArray(value)) {
        out.required = [...new Set([...((out.required as unknown[]) ?? []), ...value])];
      } else out[key] ??= value;
    }
  }
  return out;
}

function clean(schema: JsonSchema, root: JsonSchema, depth: number): JsonSchema {
  if (depth > DEEPEST) return ANY_OBJECT;
  const inner = (value: unknown): JsonSchema => (isSchema(value) ? clean(value, root, depth + 1) : { type: 'STRING' });
  if (typeof schema.$ref === 'string') {
    const { $ref, ...rest } = schema;
    const target = resolve(root, $ref);
    return target ? clean(merged([rest, target]), root, depth + 1) : ANY_OBJECT;
  }
  if (Array.isArray(schema.allOf)) {
    const { allOf, ...rest } = schema;
    const parts = allOf.filter(isSchema).map((part) => {
      const target = typeof part.$ref === 'string' ? resolve(root, part.$ref) : null;
      return target ?? part;
    });
    return clean(merged([rest, ...parts]), root, depth + 1);
  }

  const out: JsonSchema = {};
  for (const [key, value] of Object.entries(schema)) if (KEPT.has(key)) out[key] = value;
  if (typeof schema.format === 'string' && FORMATS.has(schema.format)) out.format = schema.format;
  const values = schema.const === undefined ? schema.enum : [schema.const];
  const named = Array.isArray(schema.type) ? schema.type : [schema.type];
  const types = named.filter((type): type is string => typeof type === 'string' && type !== 'null');
  if (named.includes('null')) out.nullable = true;

  const choices = (schema.anyOf ?? schema.oneOf) as unknown;
  if (Array.isArray(choices)) {
    const rest = choices.filter((choice) => !(isSchema(choice) && choice.type === 'null'));
    if (rest.length < choices.length) out.nullable = true;
    const [only] = rest;
    if (rest.length === 1 && isSchema(only)) return { ...clean(only, root, depth + 1), ...out };
    return { ...out, anyOf: rest.map(inner) };
  }
  if (types.length > 1) return { ...out, anyOf: types.map((type) => clean({ ...schema, type }, root, depth + 1)) };

  const type =
    types[0] ??
    (isSchema(schema.properties) ? 'object' : schema.items !== undefined ? 'array' : values ? 'string' : 'object');
  out.type = type.toUpperCase();
  if (Array.isArray(values)) {
    const texts = values.filter((value) => value !== null);
    // Only texts may be listed; anything else is said.
    if (type === 'string' && texts.every((value) => typeof value === 'string')) {
      const listed = texts.filter((value) => value !== '');
      if (listed.length > 0) Object.assign(out, { format: 'enum', enum: listed });
    } else {
      out.description = [out.description, `One of ${texts.map((value) => JSON.stringify(value)).join(', ')}.`]
        .filter(Boolean)
        .join(' ');
    }
  }
  if (type === 'array') out.items = inner(schema.items);
  if (type === 'object' && isSchema(schema.properties)) {
    const entries = Object.entries(schema.properties).map(([key, value]) => [key, inner(value)] as const);
    if (entries.length > 0) {
      out.properties = Object.fromEntries(entries);
      const names = new Set(entries.map(([key]) => key));
      const required = Array.isArray(schema.required) ? schema.required.filter((key) => names.has(key)) : [];
      if (required.length > 0) out.required = required;
    }
  }
  const isBare = type === 'object' && out.properties === undefined;
  return isBare && depth > 0 ? { ...ANY_OBJECT, ...(out.description ? { description: out.description } : {}) } : out;
}

/** Null for a tool without parameters: an object without properties is refused. */
export function geminiSchema(schema: JsonSchema): JsonSchema | null {
  const cleaned = clean(schema, schema, 0);
  return cleaned.type === 'OBJECT' && cleaned.properties === undefined ? null : cleaned;
}
