import { type JsonSchema, nameOf } from './definitions.ts';

/** A type as TypeScript, as in `{ name: string, size?: number }`. Fields that may be left out are optional. */
export function printType(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return union(schema.enum.map((value) => JSON.stringify(value)));
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants !== undefined) return union(variants.map(printType));
  if (schema.allOf !== undefined) return schema.allOf.map(printType).join(' & ');
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => printType({ ...schema, type })));
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `Array<${printType(schema.items ?? {})}>`;
    case 'object':
      return printObject(schema);
    default:
      return 'unknown';
  }
}

function printObject({ properties = {}, required = [], additionalProperties }: JsonSchema): string {
  const fields = Object.entries(properties).map(
    ([name, field]) => `${printKey(name)}${required.includes(name) ? '' : '?'}: ${printType(field)}`,
  );
  if (additionalProperties === true || typeof additionalProperties === 'object') {
    const value = additionalProperties === true || fields.length > 0 ? {} : additionalProperties;
    fields.push(`[key: string]: ${printType(value)}`);
  }
  return fields.length === 0 ? 'Record<string, never>' : `{ ${fields.join('; ')} }`;
}

const printKey = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

const union = (parts: readonly string[]): string => (parts.length === 0 ? 'never' : [...new Set(parts)].join(' | '));
