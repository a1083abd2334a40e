/** What servers offer to read, for the model; offered once a server has resources. */
import * as z from 'zod';
import { AgentError } from '../protocol/index.ts';
import { parseArguments } from '../tools/arguments.ts';
import { rejected, type Tool, type ToolContext, type ToolOutcome } from '../tools/tool.ts';
import { cutForModel } from '../tools/truncate.ts';
import { NO_TIMEOUT } from './connect.ts';
import { callItem } from './mcp-tool.ts';
import { forModel } from './results.ts';
import type { McpServer } from './server.ts';

const listArguments = z.object({ server: z.string().nullish(), cursor: z.string().nullish() });
const readArguments = z.object({ server: z.string(), uri: z.string() });

/** The item's server, where all are asked. */
const ALL = 'gantry';

export const hasResources = (server: McpServer): boolean =>
  server.connection?.client.getServerCapabilities()?.resources !== undefined;

type ListKind = {
  name: string;
  description: string;
  list(
    server: McpServer,
    cursor: string | undefined,
    signal: AbortSignal,
  ): Promise<{ items: unknown[]; nextCursor?: string }>;
};

const LISTS: readonly ListKind[] = [
  {
    name: 'list_mcp_resources',
    description: 'Lists what MCP servers offer to read. Prefer it over a search on the web.',
    list: (server, cursor, signal) =>
      server.request(signal, async (client, bounded) => {
        const answer = await client.listResources(cursor === undefined ? {} : { cursor }, {
          signal: bounded,
          timeout: NO_TIMEOUT,
        });
        return withCursor(answer.resources, answer.nextCursor);
      }),
  },
  {
    name: 'list_mcp_resource_templates',
    description: 'Lists the patterns of addresses at which MCP servers offer to read.',
    list: (server, cursor, signal) =>
      server.request(signal, async (client, bounded) => {
        const answer = await client.listResourceTemplates(cursor === undefined ? {} : { cursor }, {
          signal: bounded,
          timeout: NO_TIMEOUT,
        });
        return withCursor(answer.resourceTemplates, answer.nextCursor);
      }),
  },
];

const withCursor = (items: unknown[], nextCursor: string | undefined) =>
  nextCursor === undefined ? { items } : { items, nextCursor };

export function resourceTools(servers: () => readonly McpServer[], takesImages: () => boolean): Tool[] {
  return [...LISTS.map((kind) => listTool(kind, servers)), readTool(servers, takesImages)];
}

/** Runs under an item; what fails is told to the model. */
async function shown(
  { server, tool, args }: { server: string; tool: string; args: unknown },
  context: ToolContext,
  work: () => Promise<{ text: string; images?: string[] }>,
): Promise<ToolOutcome> {
  const item = callItem({ server, tool, arguments: args, readOnlyHint: true }, context);
  try {
    const { text, images = [] } = await work();
    item.answered({ content: [{ type: 'text', text }] });
    return { type: 'done', success: true, text: cutForModel(text), ...(images.length > 0 ? { images } : {}) };
  } catch (error) {
    const message = context.signal.aborted
      ? 'The call was stopped.'
      : error instanceof Error
        ? error.message
        : String(error);
    item.failed(message);
    if (context.signal.aborted) return { type: 'cancelled', text: message };
    if (!(error instanceof AgentError)) throw error;
    return { type: 'done', success: false, text: message };
  }
}

function serverOf(servers: readonly McpServer[], name: string): McpServer {
  const server = servers.find(({ spec }) => spec.name === name);
  if (server) return server;
  const names = servers.map(({ spec }) => spec.name).join(', ');
  throw new AgentError('mcp', `There is no MCP server "${name}". There are: ${names}.`);
}

function listTool({ name, description, list }: ListKind, servers: () => readonly McpServer[]): Tool {
  return {
    name,
    parallel: true,
    spec: () => ({
      kind: 'function',
      name,
      description,
      parameters: {
        type: 'object',
        properties: {
          server: { type: 'string', description: 'Left out: all servers.' },
          cursor: { type: 'string', description: 'nextCursor of an earlier answer; with server only.' },
        },
        additionalProperties: false,
      },
    }),
    async run(input, context) {
      const parsed = await parseArguments(listArguments, name, input);
      if (!parsed.ok) return rejected(parsed.problem);
      const { server, cursor } = parsed.value;
      return shown({ server: server ?? ALL, tool: name, args: parsed.value }, context, async () => {
        if (server) {
          const page = await list(serverOf(servers(), server), cursor ?? undefined, context.signal);
          return { text: JSON.stringify({ server, ...page }) };
        }
        const asked = servers().filter(hasResources);
        const pages = await Promise.all(
          asked.map(async (one) => {
            const server = one.spec.name;
            try {
              return { server, ...(await list(one, undefined, context.signal)) };
            } catch (error) {
              context.signal.throwIfAborted();
              return { server, error: error instanceof Error ? error.message : String(error) };
            }
          }),
        );
        return { text: JSON.stringify(pages) };
      });
    },
  };
}

function readTool(servers: () => readonly McpServer[], takesImages: () => boolean): Tool {
  const name = 'read_mcp_resource';
  return {
    name,
    parallel: true,
    spec: () => ({
      kind: 'function',
      name,
      description: 'Reads what an MCP server offers at an address.',
      parameters: {
        type: 'object',
        properties: { server: { type: 'string' }, uri: { type: 'string', description: 'As the server lists it.' } },
        required: ['server', 'uri'],
        additionalProperties: false,
      },
    }),
    async run(input, context) {
      const parsed = await parseArguments(readArguments, name, input);
      if (!parsed.ok) return rejected(parsed.problem);
      const { server, uri } = parsed.value;
      return shown({ server, tool: name, args: parsed.value }, context, async () => {
        const { contents } = await serverOf(servers(), server).request(context.signal, (client, signal) =>
          client.readResource({ uri }, { signal, timeout: NO_TIMEOUT }),
        );
        return forModel({ content: contents.map((resource) => ({ type: 'resource', resource })) }, takesImages());
      });
    },
  };
}
