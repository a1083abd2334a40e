/** Names by which the model knows tools of servers: `mcp__SERVER__TOOL`, as providers take them. (pure) */
import { createHash } from 'node:crypto';

/** What OpenAI and Anthropic take at most. */
export const LONGEST_NAME = 64;

const plain = (text: string): string => text.replace(/[^A-Za-z0-9_-]/g, '_');

const mark = (server: string, tool: string): string =>
  createHash('sha256').update(`${server}\0${tool}`).digest('hex').slice(0, 8);

const marked = (name: string, server: string, tool: string): string =>
  `${name.slice(0, LONGEST_NAME - 9)}_${mark(server, tool)}`;

export type NamedTool = { server: string; tool: string };

/**
 * One name each, in their order. A name that is too long, or that another has already, ends in a mark of its own, which
 * depends on nothing but the server and the tool: a tool that comes or goes renames no other but those that share its name.
 */
export function toolNames(tools: readonly NamedTool[], taken: ReadonlySet<string> = new Set()): string[] {
  const wanted = tools.map(({ server, tool }) => `mcp__${plain(server)}__${plain(tool)}`);
  const count = new Map<string, number>();
  for (const name of wanted) count.set(name, (count.get(name) ?? 0) + 1);
  return tools.map(({ server, tool }, index) => {
    const name = wanted[index] ?? '';
    const isFree = name.length <= LONGEST_NAME && count.get(name) === 1 && !taken.has(name);
    return isFree ? name : marked(name, server, tool);
  });
}
