/** An MCP server that misbehaves in the way that its first argument names, without any library. */
import { createInterface } from 'node:readline';

const way = process.argv[2] ?? '';
const say = (message: unknown): boolean => process.stdout.write(`${JSON.stringify(message)}\n`);
const big = 'x'.repeat(200_000);

const schema = { type: 'object', properties: { text: { type: 'string' } } };
const tools = [
  { name: 'small', description: 'A small one.', inputSchema: schema },
  ...(way === 'big-tools'
    ? Array.from({ length: 20 }, (_, index) => ({
        name: `big${index}`,
        description: `needle ${big}`,
        inputSchema: { ...schema, description: big },
      }))
    : []),
];

/** As fast as it is read, for ever. */
function flood(text: string): void {
  while (process.stdout.write(text));
  process.stdout.once('drain', () => flood(text));
}

const answers: Record<string, (params: Record<string, unknown>) => unknown> = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: { listChanged: true } },
    serverInfo: { name: way, version: '1' },
  }),
  'tools/list': () => ({ tools }),
  'tools/call': () => {
    if (way === 'asks') {
      for (let id = 1; id <= 40; id++) {
        const requestedSchema = { type: 'object', properties: { ok: { type: 'boolean' } } };
        say({
          jsonrpc: '2.0',
          id: `q${id}`,
          method: 'elicitation/create',
          params: { message: `${id}`, requestedSchema },
        });
      }
    }
    if (way === 'image') {
      const data = Buffer.alloc(6_000_000).toString('base64');
      return { content: [{ type: 'image', mimeType: 'image/png', data }] };
    }
    return { content: [{ type: 'text', text: 'hi' }] };
  },
};

if (way === 'no-newline') flood('x'.repeat(65_536));
if (way === 'lines') flood('{"not": "a message"}\n'.repeat(1000));
if (way === 'notices')
  flood('{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":1}}\n'.repeat(500));
if (way === 'garbage') {
  console.log('Server v1 is starting …\n{\n[1]\nnull\n"text"\n{"jsonrpc":"1.0"}\n\u0000\u0001');
  process.stdout.write(Buffer.from([0xff, 0xfe, 0x0a]));
}
if (way === 'stderr') {
  const more = (): void => {
    while (process.stderr.write('a long complaint\n'.repeat(1000)));
    process.stderr.once('drain', more);
  };
  more();
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (way === 'hang' || way === 'notices') return;
  const { id, method, params } = JSON.parse(line) as { id?: unknown; method: string; params: Record<string, unknown> };
  if (id === undefined || method === undefined) return;
  say({ jsonrpc: '2.0', id, result: answers[method]?.(params) ?? {} });
  if (way === 'changes' && method === 'tools/call')
    for (let index = 0; index < 20_000; index++) say({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
});
