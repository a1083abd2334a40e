import {
  closure,
  type Gate,
  type JsonSchema,
  narrow,
  type ProtocolDocument,
  type Row,
  references,
  refTo,
  type TableName,
  tableNames,
} from './definitions.ts';
import { jsonSchemaPlaces, typeScriptPlace } from './layout.ts';
import { printType } from './print-typescript.ts';

/** Text by path, relative to where it is to be written. */
export type Files = Map<string, string>;

/** `experimental`: with what needs `capabilities.experimentalApi`. */
export type GenerateOptions = { experimental: boolean };

const unionNames: Record<TableName, string> = {
  clientRequests: 'ClientRequest',
  serverRequests: 'ServerRequest',
  clientNotifications: 'ClientNotification',
  serverNotifications: 'ServerNotification',
};
const draft = 'http://json-schema.org/draft-07/schema#';

/** The name that the reference gives to its bundle, so that tools made for it find ours. */
const bundleName = 'codex_app_server_protocol.v2.schemas.json';

/**
 * JSON Schema: the four unions of messages, one file for each type of a message where the reference has it (`layout.ts`),
 * and everything in one bundle. The same with what is Gantry's own is in `gantry/`.
 */
export function jsonSchemaFiles(document: ProtocolDocument, options: GenerateOptions): Files {
  const files: Files = new Map();
  const write = (path: string, value: unknown) => files.set(path, `${JSON.stringify(value, null, 2)}\n`);
  for (const { folder, part } of parts(document, options)) {
    const { types, tables } = part;
    const placeOf = jsonSchemaPlaces(tables.serverRequests);
    const unions = Object.fromEntries(
      tableNames.map((name) => [
        unionNames[name],
        { title: unionNames[name], oneOf: tables[name].map(messageSchema(name)) },
      ]),
    );
    for (const [name, schema] of Object.entries(unions)) {
      const definitions = closure(types, [...references(schema)]);
      write(`${folder}${name}.json`, { $schema: draft, ...schema, definitions });
    }
    for (const name of [...rootsOf(tables), 'RequestId']) {
      const { [name]: schema, ...definitions } = closure(types, [name]);
      write(`${folder}${placeOf(name)}${name}.json`, { $schema: draft, title: name, ...schema, definitions });
    }
    write(`${folder}${bundleName}`, {
      $schema: draft,
      title: 'AppServerProtocol',
      type: 'object',
      definitions: { ...types, ...unions },
    });
  }
  return files;
}

/**
 * TypeScript: one file for each type, most in `v2/`, where the reference has them (`layout.ts`), and an index of each
 * folder; the upper one exports the lower as `v2`. The same with what is Gantry's own is in `gantry/`.
 */
export function typeScriptFiles(document: ProtocolDocument, options: GenerateOptions): Files {
  const files: Files = new Map();
  const head = '// Generated from the protocol tables. Do not edit.\n';
  for (const { folder, part } of parts(document, options)) {
    const { types, tables } = part;
    const exported = Object.keys(types);
    for (const [name, schema] of Object.entries(types)) {
      const place = typeScriptPlace(name);
      const imports = importsOf(
        [...references(schema)].filter((other) => other !== name),
        place,
      );
      files.set(`${folder}${place}${name}.ts`, `${head}${imports}\nexport type ${name} = ${printType(schema)};\n`);
    }
    for (const name of tableNames) {
      const variants = tables[name].map(messageType(name));
      const type = unionNames[name];
      const imports = importsOf(
        tables[name].flatMap(({ params }) => params ?? []),
        typeScriptPlace(type),
      );
      files.set(`${folder}${type}.ts`, `${head}${imports}\nexport type ${type} =\n${variants.join('\n')};\n`);
      exported.push(type);
    }
    const indexOf = (place: '' | 'v2/') =>
      exported
        .filter((name) => typeScriptPlace(name) === place)
        .sort()
        .map((name) => `export type { ${name} } from './${name}';\n`)
        .join('');
    files.set(`${folder}index.ts`, `${head}${indexOf('')}export * as v2 from './v2';\n`);
    files.set(`${folder}v2/index.ts`, `${head}${indexOf('v2/')}`);
  }
  return files;
}

function parts(document: ProtocolDocument, { experimental }: GenerateOptions) {
  const gates: Exclude<Gate, null>[] = experimental ? ['experimentalApi'] : [];
  return [
    { folder: '', part: narrow(document, gates) },
    { folder: 'gantry/', part: overlaid(narrow(document, [...gates, 'gantry'])) },
  ];
}

/** One row a method: ours where we widen one of the reference. */
function overlaid({ types, tables }: ProtocolDocument): ProtocolDocument {
  const latest = tableNames.map((name) => [name, [...new Map(tables[name].map((row) => [row.method, row])).values()]]);
  const rows = Object.fromEntries(latest) as Record<TableName, Row[]>;
  return { types: closure(types, rootsOf(rows)), tables: rows };
}

function rootsOf(tables: Record<TableName, Row[]>): string[] {
  const names = tableNames.flatMap((name) => tables[name].flatMap(({ params, result }) => [params, result]));
  return [...new Set(names.flatMap((name) => name ?? []))].sort();
}

const messageSchema =
  (table: TableName) =>
  ({ method, params }: Row): JsonSchema => {
    const isRequest = table.endsWith('Requests');
    const needsParams = params !== null && params !== 'NoParams';
    return {
      type: 'object',
      properties: {
        ...(isRequest ? { id: { $ref: refTo('RequestId') } } : {}),
        method: { type: 'string', enum: [method] },
        ...(params === null ? {} : { params: { $ref: refTo(params) } }),
        ...(table === 'serverNotifications' ? { emittedAtMs: { type: ['integer', 'null'] } } : {}),
      },
      required: [...(isRequest ? ['id'] : []), 'method', ...(needsParams ? ['params'] : [])],
    };
  };

const messageType =
  (table: TableName) =>
  ({ method, params }: Row): string => {
    const id = table.endsWith('Requests') ? 'id: string | number; ' : '';
    const field = params === null ? '' : `; params${params === 'NoParams' ? '?' : ''}: ${params}`;
    return `  | { ${id}method: ${JSON.stringify(method)}${field} }`;
  };

/** Imports of types, for a file that lies in `from`. */
const importsOf = (names: readonly string[], from: '' | 'v2/'): string =>
  [...new Set(names)]
    .sort()
    .map((name) => `import type { ${name} } from '${relative(from, typeScriptPlace(name))}${name}';\n`)
    .join('');

function relative(from: '' | 'v2/', to: '' | 'v2/'): string {
  if (from === to) return './';
  return from === '' ? './v2/' : '../';
}
