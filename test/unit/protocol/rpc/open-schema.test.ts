import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import {
  AgentError,
  allClientRequests,
  allServerNotifications,
  type NotificationTable,
  Peer,
  type RequestTable,
  TurnCompletedNotification,
} from '../../../../agent-core/protocol/index.ts';
import { SchemaOpener } from '../../../../agent-core/protocol/rpc/open-schema.ts';

type Sample = {
  from: 'client' | 'server';
  answers?: string;
  message: { id?: unknown; method?: string; params?: unknown; result?: unknown };
};

const told = readFileSync(new URL('../../../fixtures/protocol-samples.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line): Sample => JSON.parse(line))
  .filter(({ from }) => from === 'server')
  .flatMap(({ answers, message }) => {
    const name = answers ?? message.method ?? '';
    const requests: RequestTable = allClientRequests;
    const notifications: NotificationTable = allServerNotifications;
    const schema = answers === undefined ? notifications[name]?.params : requests[name]?.result;
    const value = answers === undefined ? message.params : message.result;
    return schema === undefined || value === undefined ? [] : [{ name, schema, value }];
  });

type Path = (string | number)[];

function* strings(value: unknown, path: Path = []): Generator<Path> {
  if (typeof value === 'string') yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    yield* strings(child, [...path, Array.isArray(value) ? Number(key) : key]);
  }
}

function replaced(value: unknown, path: Path, text: string): unknown {
  const copy = structuredClone(value);
  let parent = copy as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  parent[path.at(-1) ?? ''] = text;
  return copy;
}

const at = (value: unknown, path: Path) =>
  path.reduce<unknown>((current, key) => (current as Record<string | number, unknown> | undefined)?.[key], value);

describe('an opened schema', () => {
  it('says of recorded messages what the schema says', () => {
    const opener = new SchemaOpener();
    for (const { name, schema, value } of told) {
      assert.deepEqual(opener.open(schema).safeParse(value), schema.safeParse(value), name);
    }
  });

  it('takes any string where one of a list is expected, wherever that is in a recorded message', () => {
    const opener = new SchemaOpener();
    const dropped: string[] = [];
    const changed = new Set<string>();
    let failedBefore = 0;
    for (const { name, schema, value } of told) {
      for (const path of strings(value)) {
        const future = replaced(value, path, 'fromTheFuture');
        if (schema.safeParse(future).success) continue;
        failedBefore += 1;
        const parsed = opener.open(schema).safeParse(future);
        if (!parsed.success) dropped.push(`${name} ${path.join('.')}`);
        else if (at(parsed.data, path) !== 'fromTheFuture') changed.add(`${name} ${path.join('.')}`);
      }
    }
    assert.deepEqual({ dropped, changed: [...changed] }, { dropped: [], changed: [] });
    assert.ok(failedBefore > 50, `only ${failedBefore} lists were met`);
  });

  it('keeps defaults, drops unknown fields and refuses wrong types as before', () => {
    const opened = new SchemaOpener().open(TurnCompletedNotification);
    const turn = { id: 'u', status: 'postponed', items: [], mood: 'good' };
    assert.deepEqual(opened.safeParse({ threadId: 't', turn }), {
      success: true,
      data: { threadId: 't', turn: { id: 'u', status: 'postponed', items: [], itemsView: 'full' } },
    });
    assert.equal(opened.safeParse({ threadId: 't', turn: { ...turn, status: 3 } }).success, false);
    assert.equal(opened.safeParse({ threadId: 't', turn: { ...turn, id: undefined } }).success, false);
  });

  it('does not pass a broken known variant off as an unknown one', () => {
    const opened = new SchemaOpener().open(
      z.discriminatedUnion('type', [
        z.object({ type: z.literal('point'), x: z.number() }),
        z.object({ type: z.literal('none') }),
      ]),
    );
    assert.deepEqual(opened.safeParse({ type: 'line', from: 1 }), { success: true, data: { type: 'line', from: 1 } });
    assert.equal(opened.safeParse({ type: 'point', x: 'far' }).success, false);
    assert.equal(opened.safeParse({ type: 4 }).success, false);
  });
});

const color = z.object({ color: z.enum(['red', 'green']) });
const side = {
  handles: { 'color/set': { params: color, result: z.object({}) } },
  calls: { 'color/read': { params: z.object({}), result: color } },
  hears: { 'color/changed': { params: color } },
  says: {},
};

function setUp(role: 'client' | 'server') {
  const heard: unknown[] = [];
  const sent: { id?: number; error?: { code: number } }[] = [];
  const peer = new Peer({
    side,
    role,
    sink: {
      send(line) {
        sent.push(JSON.parse(line));
        return undefined;
      },
    },
    requests: { 'color/set': () => ({}) },
    notifications: { 'color/changed': (params) => heard.push(params) },
    missing: (method) => (method === 'color/mix' ? new AgentError('notSupported', 'no colors to mix') : undefined),
  });
  return { peer, heard, sent, say: (message: unknown) => peer.receiveLine(JSON.stringify(message)) };
}

describe('Peer: a string that is not on the list', () => {
  it('reaches a client in results and notifications', async () => {
    const { peer, heard, say } = setUp('client');
    const answer = peer.request('color/read', {});
    say({ id: 0, result: { color: 'blue' } });
    say({ method: 'color/changed', params: { color: 'blue' } });
    assert.deepEqual({ answer: await answer, heard }, { answer: { color: 'blue' }, heard: [{ color: 'blue' }] });
  });

  it('is refused in what a client is asked and in all that a server gets', async () => {
    const client = setUp('client');
    client.say({ id: 'a', method: 'color/set', params: { color: 'blue' } });
    const server = setUp('server');
    const answer = server.peer.request('color/read', {});
    server.say({ id: 0, result: { color: 'blue' } });
    server.say({ method: 'color/changed', params: { color: 'blue' } });
    server.say({ id: 'b', method: 'color/set', params: { color: 'blue' } });
    await assert.rejects(answer, { code: 'invalidResponse' });
    await new Promise<void>((resolve) => setImmediate(resolve));
    const codes = [...client.sent, ...server.sent].flatMap(({ error }) => error?.code ?? []);
    assert.deepEqual({ heard: server.heard, codes }, { heard: [], codes: [-32602, -32602] });
  });
});

describe('Peer: a method without a handler', () => {
  it('is refused with a reason where there is one', async () => {
    const { sent, say } = setUp('server');
    say({ id: 1, method: 'color/mix' });
    say({ id: 2, method: 'color/burn' });
    await new Promise<void>((resolve) => setImmediate(resolve));
    assert.deepEqual(sent, [
      { id: 1, error: { code: -32600, message: 'no colors to mix' } },
      { id: 2, error: { code: -32601, message: 'Method not found: color/burn' } },
    ]);
  });
});
