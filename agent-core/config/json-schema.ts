/** The JSON Schema of config.toml, for completion and checks in an editor. Loaded only when it is written. */
import { writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { AskForApproval } from '../protocol/index.ts';
import { KEY_DOCS } from './key-docs.ts';
import { OTHER_KEYS } from './known-keys.ts';
import { permissionProfile } from './permission-schema.ts';
import { approvalPolicy, fileSchema } from './schema.ts';

type Json = Record<string, unknown>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function describe(schema: unknown, path: readonly string[]): void {
  if (!isJson(schema)) return;
  const doc = KEY_DOCS[path.join('.')];
  if (doc) schema.description = doc;
  // A file may hold keys that only Codex or a later version knows: they are told of, and no mistake.
  // A profile's table is wholly ours, and a key that is not known there would open or close nothing.
  const isKnownWhole = path[0] === 'permissions';
  if (!isKnownWhole && isJson(schema.properties) && schema.additionalProperties === false) {
    delete schema.additionalProperties;
  }
  for (const [key, inner] of Object.entries(isJson(schema.properties) ? schema.properties : {})) {
    describe(inner, [...(path[0] === 'profiles' && path.length === 2 ? [] : path), key]);
  }
  for (const inner of Array.isArray(schema.anyOf) ? schema.anyOf : []) describe(inner, path);
  if (isJson(schema.additionalProperties)) describe(schema.additionalProperties, [...path, '*']);
}

function profileSchema(): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(permissionProfile, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
  }) as Json;
  return schema;
}

/** JSON Schema, draft 7: what editors' TOML extensions read. */
export function configJsonSchema(): Json {
  const schema = z.toJSONSchema(fileSchema, {
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema !== approvalPolicy) return;
      const { $schema: _, ...policy } = z.toJSONSchema(AskForApproval, { target: 'draft-7', io: 'input' });
      Object.assign(jsonSchema, policy);
    },
  }) as Json;
  const { properties } = schema;
  // Each table is checked by itself when it is used, so that one mistake does not cost the others.
  if (isJson(properties) && isJson(properties.permissions))
    properties.permissions.additionalProperties = profileSchema();
  if (isJson(properties))
    for (const key of OTHER_KEYS) properties[key] ??= { description: 'Of Codex; Gantry does not use it.' };
  describe(schema, []);
  return {
    ...schema,
    $id: 'gantry-config',
    title: 'config.toml of Gantry',
    description: 'Keys have the names and meanings that they have for Codex. Secrets never stand in this file.',
  };
}

export const configJsonSchemaText = (): string => `${JSON.stringify(configJsonSchema(), null, 2)}\n`;

export function writeJsonSchema(file: string): void {
  writeFileSync(file, configJsonSchemaText(), { mode: 0o600 });
}
