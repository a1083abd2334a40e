/**
 * The reference's published schema, as a judge of single messages. It is read from the committed fixture, which the
 * conformance suite compares field by field with what the reference's own program generates.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2019, type ValidateFunction } from 'ajv/dist/2019.js';
import { experimentalFields } from '../../agent-core/protocol/experimental.ts';

type Json = { [key: string]: Json } | Json[] | string | number | boolean | null;
type Schema = { [key: string]: Json };
type Row = { method: string; params: string | null; result: string | null; gate: string | null };
type TableName = 'clientRequests' | 'serverRequests' | 'serverNotifications';
type Fixture = { types: Record<string, Schema>; tables: Record<TableName, Row[]> };

export type PublishedPart = 'params' | 'result';

export class PublishedSchema {
  readonly #tables: Record<TableName, Map<string, Row>>;
  /** What the reference says; more fields are allowed, as its schema allows them. */
  readonly #plain: { published: Ajv2019; experimental: Ajv2019 };
  /** The same with no field more than the reference is known to send. */
  readonly #closed: Ajv2019;

  constructor({ types, tables } = readFixture()) {
    const rows = (name: TableName) =>
      new Map(tables[name].filter(({ gate }) => gate !== 'gantry').map((row) => [row.method, row]));
    this.#tables = {
      clientRequests: rows('clientRequests'),
      serverRequests: rows('serverRequests'),
      serverNotifications: rows('serverNotifications'),
    };
    const narrowed = Object.entries(types).map(([name, schema]): [string, Schema] => [
      name,
      withoutGated(name, schema),
    ]);
    this.#plain = { published: ajv(Object.fromEntries(narrowed)), experimental: ajv(types) };
    this.#closed = ajv(Object.fromEntries(Object.entries(types).map(([name, schema]) => [name, closed(name, schema)])));
  }

  /** Why `value` is not what the reference may send or be sent there; null: it is. */
  problem(table: TableName, method: string, part: PublishedPart, value: unknown, experimental: boolean): string | null {
    const row = this.#tables[table].get(method);
    if (!row || (row.gate === 'experimentalApi' && !experimental)) return `${method} is not in the published schema`;
    const type = row[part];
    if (type === null || type === 'NoParams') return null;
    const plain = this.#plain[experimental ? 'experimental' : 'published'];
    return misfit(plain, type, value) ?? misfit(this.#closed, type, value);
  }
}

const DOCUMENT = 'protocol';

function readFixture(): Fixture {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, '../fixtures/protocol.schema.json'), 'utf8'));
}

function ajv(types: Record<string, Schema>): Ajv2019 {
  const judge = new Ajv2019({ strict: false, discriminator: false, validateFormats: false });
  judge.addSchema({ $id: DOCUMENT, definitions: types });
  return judge;
}

function misfit(judge: Ajv2019, type: string, value: unknown): string | null {
  const validate: ValidateFunction | undefined = judge.getSchema(`${DOCUMENT}#/definitions/${type}`);
  if (!validate) return `${type} is not in the fixture`;
  return validate(value) ? null : `${type}: ${judge.errorsText(validate.errors)}`;
}

/** Without the fields that a client sees only with `experimentalApi`. */
function withoutGated(name: string, schema: Schema): Schema {
  const hidden = experimentalFields[name] ?? [];
  if (hidden.length === 0 || !isObject(schema.properties)) return schema;
  const shown = Object.entries(schema.properties).filter(([field]) => !hidden.includes(field));
  return { ...schema, properties: Object.fromEntries(shown) };
}

/** No field that is not named, other than those that the reference sends beside its schema. */
function closed(name: string, schema: Schema): Schema {
  const known = Object.fromEntries((experimentalFields[name] ?? []).map((field) => [field, {}]));
  const properties = isObject(schema.properties) ? { ...known, ...schema.properties } : null;
  return close(properties ? { ...schema, properties } : schema) as Schema;
}

function close(value: Json): Json {
  if (Array.isArray(value)) return value.map(close);
  if (!isObject(value)) return value;
  const inner = Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, key === 'default' || key === 'const' ? part : close(part)]),
  );
  const isClosable = value.type === 'object' && isObject(value.properties) && value.additionalProperties === undefined;
  return isClosable ? { ...inner, unevaluatedProperties: false } : inner;
}

const isObject = (value: Json | undefined): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
