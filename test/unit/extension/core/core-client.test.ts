import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { createMessageConnection, type Message } from 'vscode-jsonrpc/node';
import type { ServerNotification } from '../../../../agent-core/protocol/index.ts';
import { CoreClient, type ServerRequestHandlers } from '../../../../extension/core/core-client.ts';
import { JsonlMessageReader } from '../../../../extension/core/jsonl-reader.ts';
import { JsonlMessageWriter } from '../../../../extension/core/jsonl-writer.ts';

type Wire = { id?: number | string; method?: string; params?: unknown; result?: unknown; error?: unknown };

/** A client and the other end of its pipe. */
function pair(handlers: ServerRequestHandlers = {}) {
  const down = new PassThrough();
  const up = new PassThrough();
  const notifications: ServerNotification[] = [];
  const mismatches: string[] = [];
  let client: CoreClient | undefined;
  const reader = new JsonlMessageReader(down, (message) => client?.noteIncoming(message));
  const connection = createMessageConnection(reader, new JsonlMessageWriter(up));
  client = new CoreClient(connection, {
    handlers,
    onNotification: (notification) => notifications.push(notification),
    onMismatch: (what) => mismatches.push(what),
  });
  connection.listen();
  const sent: Wire[] = [];
  const waiting: ((message: Wire) => void)[] = [];
  new JsonlMessageReader(up).listen((message: Message) => {
    const { jsonrpc: _, ...rest } = message;
    const next = waiting.shift();
    if (next) next(rest as Wire);
    else sent.push(rest as Wire);
  });
  const receive = () =>
    new Promise<Wire>((resolve) => {
      const message = sent.shift();
      if (message) resolve(message);
      else waiting.push(resolve);
    });
  const say = (message: Wire) => down.write(`${JSON.stringify(message)}\n`);
  return { client, connection, say, receive, notifications, mismatches };
}

const initialized = { codexHome: '/h', platformFamily: 'unix', platformOs: 'linux', userAgent: 'x/1.0.0' };

describe('CoreClient', () => {
  it('declares what the editor offers and learns what the core does', async () => {
    const { client, say, receive } = pair();
    const done = client.initialize({ version: '1.2.3', capabilities: { review: true } });
    const request = await receive();
    assert.deepEqual(request, {
      id: request.id,
      method: 'initialize',
      params: {
        clientInfo: { name: 'gantry_vscode', title: 'Gantry for VS Code', version: '1.2.3' },
        capabilities: { experimentalApi: true, gantry: { review: true } },
      },
    });
    say({ id: request.id, result: { ...initialized, gantry: { version: '1.0.0', features: ['review'] } } });
    await done;
    assert.deepEqual(await receive(), { method: 'initialized' });
    assert.deepEqual(client.gantry, { version: '1.0.0', features: ['review'] });
  });

  it('sends nothing of ours to a peer that is not Gantry', async () => {
    const { client, say, receive } = pair();
    const done = client.initialize({ version: '1', capabilities: {} });
    const { id } = await receive();
    say({ id, result: initialized });
    await done;
    await assert.rejects(client.request('gantry/status/read', {}), {
      name: 'AgentError',
      code: 'gantryRequired',
      message: "This agent is not Gantry's own and does not know gantry/status/read.",
    });
  });

  it('passes an error of the server on, and tells an answer that does not fit', async () => {
    const { client, say, receive } = pair();
    const refused = client.request('turn/interrupt', { threadId: 't', turnId: 'u' });
    const first = await receive();
    say({ id: first.id, error: { code: -32600, message: 'no active turn to interrupt' } });
    await assert.rejects(refused, { name: 'RpcError', code: -32600, message: 'no active turn to interrupt' });
    const wrong = client.request('turn/steer', { threadId: 't', expectedTurnId: 'u', input: [] });
    const second = await receive();
    say({ id: second.id, result: { turnId: 5 } });
    await assert.rejects(wrong, { name: 'AgentError', code: 'invalidResponse' });
  });

  it('rejects what is in flight when the connection goes', async () => {
    const { client, connection, receive } = pair();
    const pending = client.request('thread/list', {});
    await receive();
    connection.dispose();
    await assert.rejects(pending, {
      name: 'AgentError',
      code: 'closed',
      message: 'The agent stopped before it answered thread/list. Try again in a moment.',
    });
  });

  it('answers requests with parsed params and their wire id, and refuses the rest', async () => {
    const asked: unknown[] = [];
    const { say, receive, mismatches } = pair({
      'item/fileChange/requestApproval': async (params, context) => {
        asked.push({ params, context });
        return { decision: 'decline' };
      },
    });
    const params = { threadId: 't', turnId: 'u', itemId: 'i', startedAtMs: 1 };
    say({ id: 7, method: 'item/fileChange/requestApproval', params: { ...params, unknown: true } });
    assert.deepEqual(await receive(), { id: 7, result: { decision: 'decline' } });
    assert.deepEqual(asked, [{ params, context: { requestId: 7 } }]);
    say({ id: 8, method: 'item/fileChange/requestApproval', params: {} });
    assert.equal(((await receive()).error as { code: number }).code, -32602);
    say({ id: 9, method: 'attestation/generate', params: {} });
    assert.deepEqual(await receive(), {
      id: 9,
      error: { code: -32601, message: 'The editor does not offer attestation/generate.' },
    });
    assert.equal(mismatches.length, 2);
  });

  it('hands on notifications that fit and ignores those it does not know', async () => {
    const { say, receive, notifications, mismatches } = pair({
      'item/tool/call': async () => ({ contentItems: [], success: true }),
    });
    say({ method: 'remoteControl/status/changed', params: { status: 'disabled' } });
    say({ method: 'toString', params: {} });
    say({ method: 'thread/name/updated', params: { threadId: 't', threadName: 'Name', extra: 1 } });
    say({ method: 'thread/name/updated', params: { threadName: 'No thread' } });
    say({
      id: 1,
      method: 'item/tool/call',
      params: { threadId: 't', turnId: 'u', callId: 'c', tool: 'x', arguments: {} },
    });
    await receive();
    assert.deepEqual(notifications, [{ method: 'thread/name/updated', params: { threadId: 't', threadName: 'Name' } }]);
    assert.equal(mismatches.length, 1);
  });
});
