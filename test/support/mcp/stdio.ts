/** The test server over its standard streams. `--extra N`: N more tools; `--hang`: says nothing; `--die`: ends at once. */
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { createTestServer } from './server.ts';

const [option, value] = process.argv.slice(2);
if (option === '--die') {
  process.stderr.write('no configuration found\n');
  process.exit(2);
}
if (option === '--hang') setInterval(() => {}, 60_000);
else {
  const server = createTestServer({ extra: option === '--extra' ? Number(value) : 0 });
  await server.connect(new StdioServerTransport());
}
