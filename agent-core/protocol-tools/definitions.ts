/** The protocol as data: every named type as JSON Schema, every method with the names of its types. */
import * as z from 'zod/mini';
import * as protocol from '../protocol/index.ts';

/** The part of JSON Schema (draft 7) that the protocol needs. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
}

/** What a peer must have declared to be sent a message or to send it; null: nothing. */
export type Gate = 'experimentalApi' | 'gantry' | null;
/** `params` and `result` are names of types; null where a method takes or tells nothing. */
export type Row = { method: string; params: string | null; result: string | null; gate: Gate };
export type TableName = 'clientRequests' | 'serverRequests' | 'clientNotifications' | 'serverNotifications';

export interface ProtocolDocument {
  types: Record<string, JsonSchema>;
  tables: Record<TableName, Row[]>;
}

export const tableNames: readonly TableName[] = [
  'clientRequests',
  'serverRequests',
  'clientNotifications',
  'serverNotifications',
];

/** Types that exist for reading what newer peers send; what is written is the type that they stand for. */
const readAs: Record<string, string> = { AnyThreadItem: 'ThreadItem' };
const notWritten = new Set(['AnyThreadItem', 'UnknownThreadItem']);

export const refTo = (name: string): string => `#/definitions/${name}`;
export const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);

/**
 * The whole protocol: all that the reference has, and ours behind the `gantry` gate. Fields with a default are not
 * required, as for whoever sends them.
 */
export function describeProtocol(): ProtocolDocument {
  const registry = z.registry<{ id: string }>();
  const names = new Map<unknown, string>();
  for (const [id, schema] of Object.entries(protocol)) {
    if (!(schema instanceof z.ZodMiniType)) continue;
    registry.add(schema, { id });
    names.set(schema, id);
  }
  const { schemas } = z.toJSONSchema(registry, {
    io: 'input',
    target: 'draft-7',
    unrepresentable: 'any',
    uri: refTo,
    override: ({ zodSchema, jsonSchema }) => tidy(zodSchema, jsonSchema as JsonSchema),
  });
  const types: Record<string, JsonSchema> = {};
  for (const name of Object.keys(schemas).sort()) {
    if (!notWritten.has(name)) types[name] = asWritten(schemas[name] as JsonSchema);
  }
  const nameIn = (schema: unknown): string | null => names.get(schema) ?? null;
  const rows = (table: protocol.NotificationTable, ours: boolean): Row[] =>
    Object.entries(table).map(([method, row]) => ({
      method,
      params: nameIn(row.params),
      result: nameIn((row as { result?: unknown }).result),
      gate: ours ? 'gantry' : protocol.experimentalMethods.has(method) ? 'experimentalApi' : null,
    }));
  const both = (theirs: protocol.NotificationTable, ours: protocol.NotificationTable): Row[] => [
    ...rows(theirs, false),
    ...rows(ours, true),
  ];
  const tables = {
    clientRequests: both(protocol.clientRequests, protocol.gantryClientRequests),
    serverRequests: both(protocol.serverRequests, protocol.gantryServerRequests),
    clientNotifications: both(protocol.clientNotifications, protocol.gantryClientNotifications),
    serverNotifications: both(protocol.serverNotifications, protocol.gantryServerNotifications),
  };
  return { types, tables };
}

/** The same without what the gates that are not among `open` keep back; types that nothing needs any more are gone. */
export function narrow(document: ProtocolDocument, open: readonly Exclude<Gate, null>[]): ProtocolDocument {
  const tables = Object.fromEntries(
    tableNames.map((name) => [name, document.tables[name].filter(({ gate }) => gate === null || open.includes(gate))]),
  ) as Record<TableName, Row[]>;
  const hidden = open.includes('experimentalApi') ? {} : protocol.experimentalFields;
  const types: Record<string, JsonSchema> = {};
  for (const [name, schema] of Object.entries(document.types)) types[name] = withoutFields(schema, hidden[name] ?? []);
  const roots = tableNames.flatMap((name) => tables[name].flatMap(({ params, result }) => [params, result]));
  return {
    types: closure(
      types,
      roots.flatMap((root) => root ?? []),
    ),
    tables,
  };
}

/** The types in `roots` and all that they are made of, by name. */
export function closure(types: Record<string, JsonSchema>, roots: readonly string[]): Record<string, JsonSchema> {
  const wanted = new Set<string>();
  const visit = (name: string): void => {
    const schema = types[name];
    if (wanted.has(name) || schema === undefined) return;
    wanted.add(name);
    for (const other of references(schema)) visit(other);
  };
  for (const root of roots) visit(root);
  return Object.fromEntries(Object.entries(types).filter(([name]) => wanted.has(name)));
}

/** Names of the types that `schema` mentions. */
export function references(schema: JsonSchema): Set<string> {
  const found = new Set<string>();
  JSON.stringify(schema, (key, value) => {
    if (key === '$ref' && typeof value === 'string') found.add(nameOf(value));
    return value;
  });
  return found;
}

function withoutFields(schema: JsonSchema, fields: readonly string[]): JsonSchema {
  if (fields.length === 0 || schema.properties === undefined) return schema;
  const properties = Object.entries(schema.properties).filter(([name]) => !fields.includes(name));
  return { ...schema, properties: Object.fromEntries(properties) };
}

function asWritten(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value) => {
    if (key === '$schema' && typeof value === 'string') return undefined;
    if (key === '$id') return undefined;
    return key === '$ref' ? refTo(readAs[nameOf(value)] ?? nameOf(value)) : value;
  });
}

/** Takes out what zod says and nobody needs to know. */
function tidy(zodSchema: z.core.$ZodType, json: JsonSchema & { propertyNames?: unknown }): void {
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
  delete json.propertyNames;
  if (zodSchema._zod.def.type === 'catch') delete json.default;
}
