/** A real MCP server for tests, with the official library: every kind of answer, and tools that try what they should not. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import * as z from 'zod';

const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

const text = (words: string) => ({ content: [{ type: 'text' as const, text: words }] });
const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? `${String(error.code)}: ${error.message}` : String(error);

function attempt(what: () => string): { content: { type: 'text'; text: string }[]; isError?: boolean } {
  try {
    return text(what());
  } catch (error) {
    return { ...text(codeOf(error)), isError: true };
  }
}

const reach = (port: number, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ port, host, timeout: 3000 });
    socket.once('connect', () => {
      socket.destroy();
      resolve('reached');
    });
    socket.once('timeout', () => socket.destroy(new Error('ETIMEDOUT')));
    socket.once('error', reject);
  });

const tunnel = (target: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const proxy = new URL(process.env.HTTPS_PROXY ?? 'http://127.0.0.1:9');
    const request = http.request({ host: proxy.hostname, port: proxy.port, method: 'CONNECT', path: target });
    request.once('connect', ({ statusCode }, socket) => {
      socket.destroy();
      resolve(statusCode);
    });
    request.once('response', ({ statusCode }) => resolve(statusCode));
    request.once('error', reject);
    request.end();
  });

/** `extra`: so many more tools, each with a long description. */
export function createTestServer({ extra = 0 }: { extra?: number } = {}): McpServer {
  const server = new McpServer({ name: 'test-server', version: '1.2.3', title: 'Test' });
  const readOnly = { readOnlyHint: true };

  server.registerTool(
    'echo',
    {
      title: 'Echo',
      description: 'Says it again.',
      inputSchema: z.object({ text: z.string() }),
      outputSchema: z.object({ said: z.string() }),
      annotations: readOnly,
    },
    ({ text: said }) => ({ ...text(`echo: ${said}`), structuredContent: { said } }),
  );
  server.registerTool('picture', { description: 'A picture.', annotations: readOnly }, () => ({
    content: [
      { type: 'image' as const, data: PIXEL, mimeType: 'image/png' },
      { type: 'resource_link' as const, uri: 'memo://one', name: 'one' },
    ],
  }));
  server.registerTool(
    'change',
    { description: 'Changes something.', inputSchema: z.object({ what: z.string() }) },
    ({ what }) => text(`changed ${what}`),
  );
  server.registerTool('broken', { description: 'Fails.', annotations: readOnly }, () => ({
    ...text('it is broken'),
    isError: true,
  }));
  server.registerTool('slow', { description: 'Never ends.', annotations: readOnly }, async ({ mcpReq }) => {
    const token = mcpReq._meta?.progressToken;
    if (token !== undefined) {
      await mcpReq.notify({
        method: 'notifications/progress',
        params: { progressToken: token, progress: 1, total: 3, message: 'one of three' },
      });
    }
    await delay(600_000, undefined, { signal: mcpReq.signal });
    return text('done');
  });
  server.registerTool('ask', { description: 'Asks the user.', annotations: readOnly }, async () => {
    const answer = await server.server.elicitInput({
      mode: 'form',
      message: 'Which colour?',
      requestedSchema: {
        type: 'object',
        properties: { colour: { type: 'string', title: 'Colour' } },
        required: ['colour'],
      },
    });
    return text(JSON.stringify(answer));
  });
  server.registerTool('grow', { description: 'Gets another tool.', annotations: readOnly }, () => {
    server.registerTool('grown', { description: 'Is new.', annotations: readOnly }, () => text('I am new'));
    return text('grown');
  });
  server.registerTool('crash', { description: 'Ends the server.', annotations: readOnly }, () => {
    process.stderr.write('about to crash\n');
    process.exit(3);
  });
  server.registerTool('pid', { description: 'Its number.', annotations: readOnly }, () => text(String(process.pid)));
  server.registerTool('roots', { description: 'The roots.', annotations: readOnly }, async () =>
    text(JSON.stringify(await server.server.listRoots())),
  );
  server.registerTool('environment', { description: 'Its environment.', annotations: readOnly }, () =>
    text(JSON.stringify(process.env)),
  );
  server.registerTool(
    'write',
    { description: 'Writes a file.', inputSchema: z.object({ path: z.string() }), annotations: readOnly },
    ({ path }) =>
      attempt(() => {
        writeFileSync(path, 'written by a server');
        return 'written';
      }),
  );
  server.registerTool(
    'read',
    { description: 'Reads a file.', inputSchema: z.object({ path: z.string() }), annotations: readOnly },
    ({ path }) => attempt(() => readFileSync(path, 'utf8')),
  );
  server.registerTool(
    'connect',
    { description: 'Connects.', inputSchema: z.object({ port: z.int(), host: z.string() }), annotations: readOnly },
    async ({ port, host }) => {
      try {
        return text(await reach(port, host));
      } catch (error) {
        return { ...text(codeOf(error)), isError: true };
      }
    },
  );
  server.registerTool(
    'tunnel',
    {
      description: 'Connects through the proxy of its environment.',
      inputSchema: z.object({ target: z.string() }),
      annotations: readOnly,
    },
    async ({ target }) => {
      const status = await tunnel(target);
      return { ...text(String(status)), isError: status !== 200 };
    },
  );
  server.registerTool(
    'linger',
    { description: 'Leaves a process.', inputSchema: z.object({ mark: z.string() }), annotations: readOnly },
    ({ mark }) => {
      const code = "for (const s of ['SIGHUP', 'SIGTERM']) process.on(s, () => {}); setInterval(() => {}, 60000)";
      const child = spawn(process.execPath, ['-e', code, mark], { detached: true, stdio: 'ignore' });
      child.unref();
      return text('left');
    },
  );
  for (let index = 0; index < extra; index++) {
    server.registerTool(
      `extra_${index}`,
      { description: `Number ${index} of many. ${'It does one thing. '.repeat(20)}`, annotations: readOnly },
      () => text(`extra ${index}`),
    );
  }

  server.registerResource('one', 'memo://one', { description: 'The first memo.', mimeType: 'text/plain' }, (uri) => ({
    contents: [{ uri: uri.href, mimeType: 'text/plain', text: 'memo number one' }],
  }));
  server.registerResource(
    'memo',
    new ResourceTemplate('memo://by-id/{id}', { list: undefined }),
    { description: 'A memo.' },
    (uri, { id }) => ({ contents: [{ uri: uri.href, text: `memo ${String(id)}` }] }),
  );
  return server;
}
