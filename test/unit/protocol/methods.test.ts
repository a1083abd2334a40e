import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import * as protocol from '../../../agent-core/protocol/index.ts';
import {
  allClientNotifications,
  allClientRequests,
  allServerNotifications,
  allServerRequests,
  clientNotifications,
  clientRequests,
  gantryClientNotifications,
  gantryClientRequests,
  gantryServerNotifications,
  gantryServerRequests,
  serverNotifications,
  serverRequests,
} from '../../../agent-core/protocol/index.ts';

const tables = { allClientRequests, allServerRequests, allClientNotifications, allServerNotifications };
const referenceTables = { clientRequests, serverRequests, clientNotifications, serverNotifications };
const ownTables = {
  gantryClientRequests,
  gantryServerRequests,
  gantryClientNotifications,
  gantryServerNotifications,
};

type JsonSchema = {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  additionalProperties?: JsonSchema | boolean;
  definitions?: Record<string, JsonSchema>;
};

const toJsonSchema = (schema: z.ZodMiniType, io: 'input' | 'output'): JsonSchema =>
  z.toJSONSchema(schema, { io, unrepresentable: 'any', target: 'draft-7' }) as JsonSchema;

function visit(schema: JsonSchema, path: string, onObject: (object: JsonSchema, path: string) => void): void {
  if (schema.properties !== undefined) onObject(schema, path);
  for (const [key, property] of Object.entries(schema.properties ?? {})) visit(property, `${path}.${key}`, onObject);
  for (const variant of [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) visit(variant, path, onObject);
  for (const [key, definition] of Object.entries(schema.definitions ?? {})) visit(definition, `#${key}`, onObject);
  if (schema.items !== undefined) visit(schema.items, `${path}[]`, onObject);
  if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, `${path}{}`, onObject);
}

function* rows(set: Record<string, Record<string, { params: z.ZodMiniType; result?: z.ZodMiniType }>>) {
  for (const [table, methods] of Object.entries(set)) {
    for (const [method, row] of Object.entries(methods)) yield { table, method, row };
  }
}

/** Names of the reference that break its own law; ours must not join them. */
const oddMethods = new Set([
  'initialize',
  'initialized',
  'error',
  'warning',
  'configWarning',
  'deprecationNotice',
  'guardianWarning',
  'fuzzyFileSearch',
  'applyPatchApproval',
  'execCommandApproval',
  'thread/inject_items',
]);
/** Lists of the reference that come whole. */
const wholeLists = new Set(['modelProvider/list', 'skills/list', 'hooks/list']);
const snakeCaseOnTheWire = new Set([
  'text_elements',
  'move_path',
  'request_permissions',
  'skill_approval',
  'mcp_elicitations',
  'sandbox_approval',
  'execpolicy_amendment',
  'network_policy_amendment',
  'image_url',
  'audio_url',
  'file_id',
  'encrypted_content',
  'thread_spawn',
  'agent_nickname',
  'agent_path',
  'agent_role',
  'parent_thread_id',
  'developer_instructions',
  'reasoning_effort',
  '_meta',
  '$schema',
  'file_name',
  'match_type',
  'unified_diff',
  'approved_execpolicy_amendment',
  'proposed_execpolicy_amendment',
]);
/** Where keys are those of a configuration file. */
const configKeys = /^config\/read|^configRequirements\/read\.requirements\.otel\./;

describe('the method tables', () => {
  it('name methods <resource>/<method> in camelCase with a singular resource', () => {
    const wrong = [...rows(tables)]
      .map(({ method }) => method)
      .filter((method) => !oddMethods.has(method) && !/^[a-z][A-Za-z0-9]*(\/[a-z][A-Za-z0-9]*)+$/.test(method));
    assert.deepEqual(wrong, []);
    const plural = [...rows(tables)].filter(({ method }) => /^(threads|turns|items|models|accounts)\//.test(method));
    assert.deepEqual(plural, []);
  });

  it('keep our own methods apart from the reference', () => {
    const resources = new Set(['gantry', 'host', 'fileReview', 'checkpoint']);
    const reference = new Set([...rows(referenceTables)].map(({ method }) => method));
    const misplaced = [...rows(ownTables)]
      .map(({ method }) => method)
      .filter((method) => !reference.has(method) && !resources.has(method.split('/')[0] ?? ''));
    assert.deepEqual(misplaced, []);
    const leaked = [...reference].filter((method) => resources.has(method.split('/')[0] ?? ''));
    assert.deepEqual(leaked, []);
  });

  it('widen a method of the reference by an optional gantry field and nothing else', () => {
    const messages: string[] = [];
    for (const { method, row } of rows(ownTables)) {
      const base = { ...clientRequests, ...serverRequests }[method as never] as typeof row | undefined;
      if (base === undefined) continue;
      const ours = toJsonSchema(row.params, 'input');
      const theirs = toJsonSchema(base.params, 'input');
      const added = Object.keys(ours.properties ?? {}).filter((key) => !Object.hasOwn(theirs.properties ?? {}, key));
      if (added.some((key) => key !== 'gantry')) messages.push(`${method} adds ${added.join(', ')}`);
      if (ours.required?.includes('gantry')) messages.push(`${method} requires gantry`);
      assert.deepEqual(ours.required, theirs.required, method);
    }
    assert.deepEqual(messages, []);
  });

  it('use camelCase fields, integer times named …At or …AtMs, and string ids', () => {
    const wrong = new Set<string>();
    for (const { method, row } of rows(tables)) {
      for (const schema of [row.params, ...(row.result ? [row.result] : [])]) {
        visit(toJsonSchema(schema, 'output'), method, (object, path) => {
          for (const [key, property] of Object.entries(object.properties ?? {})) {
            const known = snakeCaseOnTheWire.has(key) || configKeys.test(`${path}.`);
            if (!/^[a-z][A-Za-z0-9]*$/.test(key) && !known) wrong.add(`${path}.${key}`);
            const types = [property, ...(property.anyOf ?? [])].flatMap(({ type }) => type ?? []);
            if (/At(Ms)?$/.test(key) && !types.includes('integer')) wrong.add(`${path}.${key} is no integer`);
            const isId = /^(id|threadId|turnId|itemId|sessionId)$/.test(key);
            if (isId && !types.includes('string')) wrong.add(`${path}.${key} is no string`);
          }
        });
      }
    }
    assert.deepEqual([...wrong], []);
  });

  it('page with cursor and limit to data and nextCursor', () => {
    for (const { method, row } of rows({ clientRequests })) {
      if (!method.endsWith('/list') || wholeLists.has(method) || row.result === undefined) continue;
      const params = Object.keys(toJsonSchema(row.params, 'input').properties ?? {});
      const result = Object.keys(toJsonSchema(row.result, 'output').properties ?? {});
      assert.deepEqual(
        { method, has: ['cursor', 'limit'].filter((key) => params.includes(key)) },
        { method, has: ['cursor', 'limit'] },
      );
      assert.deepEqual(
        { method, has: ['data', 'nextCursor'].filter((key) => result.includes(key)) },
        { method, has: ['data', 'nextCursor'] },
      );
    }
  });

  it('export each schema under the name of its type', () => {
    for (const [name, value] of Object.entries(protocol)) {
      if (!(value instanceof z.ZodMiniType)) continue;
      assert.match(name, /^[A-Z][A-Za-z0-9]*$/);
    }
  });
});
