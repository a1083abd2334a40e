import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import type { Message } from 'vscode-jsonrpc/node';
import { JsonlMessageReader } from '../../../../extension/core/jsonl-reader.ts';
import { JsonlMessageWriter } from '../../../../extension/core/jsonl-writer.ts';

function reading(maxChars?: number) {
  const stream = new PassThrough();
  const reader = new JsonlMessageReader(stream, undefined, maxChars);
  const messages: Message[] = [];
  const errors: string[] = [];
  reader.onError((error) => errors.push(error.message));
  const closed = new Promise<void>((resolve) => reader.onClose(() => resolve()));
  reader.listen((message) => messages.push(message));
  return { stream, messages, errors, closed };
}

describe('JsonlMessageReader', () => {
  it('adds jsonrpc and puts lines together that come in pieces, within a character too', async () => {
    const { stream, messages, errors, closed } = reading();
    const bytes = Buffer.from('{"method":"ä","params":{}}\r\n\n{"id":1,"result":{"a":"€"}}\n');
    for (const byte of bytes) stream.write(Buffer.from([byte]));
    stream.end();
    await closed;
    assert.deepEqual(messages, [
      { jsonrpc: '2.0', method: 'ä', params: {} },
      { jsonrpc: '2.0', id: 1, result: { a: '€' } },
    ]);
    assert.deepEqual(errors, []);
  });

  it('reports what is no message and goes on after it', async () => {
    const { stream, messages, errors, closed } = reading();
    stream.end('warning: hello\n[1]\n"x"\n{"id":2,"result":null}\n{"unfinished":');
    await closed;
    assert.deepEqual(messages, [{ jsonrpc: '2.0', id: 2, result: null }]);
    assert.deepEqual(
      errors,
      ['warning: hello', '[1]', '"x"'].map((line) => `The agent wrote a line that is no message: ${line}`),
    );
  });

  it('drops a line that is too long and reads the next one', async () => {
    const { stream, messages, errors, closed } = reading(20);
    stream.write('{"method":"aaaaaaaaaaaa');
    stream.write('aaaaaaaaaaaaaaaaaaaaaaa"}\n');
    stream.end('{"method":"b"}\n');
    await closed;
    assert.deepEqual(messages, [{ jsonrpc: '2.0', method: 'b' }]);
    assert.deepEqual(errors, ['A line of 48 characters was dropped.']);
  });

  it('shows each message to the tap first', async () => {
    const stream = new PassThrough();
    const seen: string[] = [];
    const reader = new JsonlMessageReader(stream, () => seen.push('tap'));
    const closed = new Promise<void>((resolve) => reader.onClose(() => resolve()));
    reader.listen(() => seen.push('callback'));
    stream.end('{"method":"a"}\n');
    await closed;
    assert.deepEqual(seen, ['tap', 'callback']);
  });
});

describe('JsonlMessageWriter', () => {
  it('writes one line a message without jsonrpc, in order', async () => {
    const stream = new PassThrough();
    const writer = new JsonlMessageWriter(stream);
    const request = { jsonrpc: '2.0', id: 1, method: 'a', params: { text: 'line\nbreak' } } as Message;
    await Promise.all([writer.write(request), writer.write({ jsonrpc: '2.0', method: 'b' } as Message)]);
    assert.equal(stream.read().toString(), '{"id":1,"method":"a","params":{"text":"line\\nbreak"}}\n{"method":"b"}\n');
  });

  it('rejects and reports when the stream is gone', async () => {
    const stream = new PassThrough();
    const writer = new JsonlMessageWriter(stream);
    const reported = new Promise<string>((resolve) => writer.onError(([error]) => resolve(error.message)));
    stream.destroy(new Error('broken pipe'));
    await assert.rejects(writer.write({ jsonrpc: '2.0', method: 'a' } as Message));
    assert.equal(await reported, 'broken pipe');
  });
});
