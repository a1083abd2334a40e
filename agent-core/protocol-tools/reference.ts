import { cloudMethods } from '../protocol/index.ts';
import type { ProtocolDocument, Row, TableName } from './definitions.ts';
import { purposes } from './purposes.ts';

const sections: readonly { table: TableName; title: string }[] = [
  { table: 'clientRequests', title: 'Requests from the client' },
  { table: 'serverRequests', title: 'Requests from the server' },
  { table: 'serverNotifications', title: 'Notifications from the server' },
  { table: 'clientNotifications', title: 'Notifications from the client' },
];

const introduction = `# The protocol

One definition of all that crosses a process: zod schemas, one resource a file; tables of methods in \`methods.ts\`, ours
in \`gantry*.ts\`; both ends of the connection in \`rpc/\`. It imports only zod. This file is generated, like
\`test/fixtures/protocol.schema.json\`: \`npm run gen:protocol\`.

- One JSON object a line. \`<resource>/<method>\`, lists are \`cursor/limit -> data/nextCursor\`, times are seconds in
  \`…At\` and milliseconds in \`…AtMs\`.
- What a side receives is parsed. Requests, and whatever a server receives, are held to the schema. A client bears with a
  newer server: in results and notifications, a string that its type does not name, a variant that it does not know and
  an item of an unknown type reach it as they are. Unknown fields are dropped.
- Gate \`experimentalApi\`: for clients that declared it, as with Codex. Gate \`gantry\`: ours alone, for peers that
  declared \`capabilities.gantry\`; a method of Codex's that is listed with it again has one more optional field.
- \`gantry app-server generate-ts --out DIR\` and \`generate-json-schema --out DIR\` write all types.
`;

/** The protocol's methods as Markdown. */
export function referenceMarkdown(document: ProtocolDocument): string {
  const parts = sections.map(({ table, title }) => {
    const rows = document.tables[table].map((row) => rowMarkdown(table, row));
    const isRequest = table.endsWith('Requests');
    const head = isRequest
      ? '| method | purpose | params | result | gate |\n|---|---|---|---|---|'
      : '| method | purpose | params | gate |\n|---|---|---|---|';
    return `## ${title}\n\n${head}\n${rows.join('\n')}\n`;
  });
  const cloud = [...cloudMethods].map((method) => `\`${method}\``).join(', ');
  return `${introduction}\n${parts.join('\n')}\n## Not here\n\nThese need OpenAI's cloud and are answered with an error that says so: ${cloud}.\n`;
}

function rowMarkdown(table: TableName, { method, params, result, gate }: Row): string {
  const code = (name: string | null) => (name === null || name === 'NoParams' ? '' : `\`${name}\``);
  const cells = [`\`${method}\``, purposes[table][method] ?? '', code(params)];
  if (table.endsWith('Requests')) cells.push(code(result));
  return `| ${[...cells, gate ?? ''].join(' | ')} |`;
}
