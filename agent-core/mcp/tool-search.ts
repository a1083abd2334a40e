/** For when servers offer more tools than fit: only their names are told, and a tool finds the rest. */
import * as z from 'zod';
import type { ToolSpec } from '../models/model-client.ts';
import { parseArguments } from '../tools/arguments.ts';
import { done, failed, rejected, type Tool } from '../tools/tool.ts';
import { cutForModel } from '../tools/truncate.ts';

export const TOOL_SEARCH = 'tool_search';

/** Bytes of all servers' tools as the model is sent them; beyond it they are looked for by name. */
export const TOOLS_BUDGET = 64 * 1024;
/** Of all that was found: what was found first goes first. */
const MOST_OFFERED = 4 * TOOLS_BUDGET;
const MOST_FOUND = 8;
/** Of the names in the description. */
const MOST_NAMES = 12 * 1024;

const argumentsSchema = z.object({ query: z.string() });

export const sizeOf = (specs: readonly ToolSpec[]): number =>
  specs.reduce((sum, spec) => sum + Buffer.byteLength(JSON.stringify(spec)), 0);

/** The found ones among the specs that fit into a request, in the order of the specs. `found`: names, oldest first. (pure) */
export function offeredOf(specs: readonly ToolSpec[], found: readonly string[]): ToolSpec[] {
  const known = new Map(specs.map((spec) => [spec.name, spec]));
  const fitting = new Set<string>();
  let size = 0;
  for (const name of found.toReversed()) {
    const spec = known.get(name);
    if (!spec) continue;
    size += sizeOf([spec]);
    if (size > MOST_OFFERED) break;
    fitting.add(name);
  }
  return specs.filter(({ name }) => fitting.has(name));
}

const words = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

/** The specs that fit a query best, best first: a word in the name counts more than one in the description. (pure) */
export function findSpecs(specs: readonly ToolSpec[], query: string): ToolSpec[] {
  // Every name begins with it.
  const wanted = words(query.replaceAll('_', ' ')).filter((word) => word !== 'mcp');
  const exact = specs.filter(({ name }) => query.includes(name));
  const scored = specs
    .filter((spec) => !exact.includes(spec))
    .map((spec) => {
      const inName = words(spec.name.replaceAll('_', ' '));
      const inText = words(spec.description);
      const score = wanted.reduce(
        (sum, word) => sum + (inName.includes(word) ? 4 : 0) + (inText.includes(word) ? 1 : 0),
        0,
      );
      return { spec, score };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score);
  return [...exact, ...scored.map(({ spec }) => spec)].slice(0, MOST_FOUND);
}

function nameList(names: readonly string[]): string {
  let text = '';
  for (const [index, name] of names.entries()) {
    if (text.length + name.length > MOST_NAMES) return `${text} and ${names.length - index} more`;
    text += `${text && ', '}${name}`;
  }
  return text;
}

/** `onFound`: what the model may call from its next answer on. */
export function toolSearch(all: () => readonly ToolSpec[], onFound: (names: readonly string[]) => void): Tool {
  return {
    name: TOOL_SEARCH,
    parallel: true,
    spec: () => ({
      kind: 'function',
      name: TOOL_SEARCH,
      description: `Finds tools of MCP servers, which can then be called. There are: ${nameList(all().map(({ name }) => name))}.`,
      parameters: {
        type: 'object',
        properties: { query: { type: 'string', description: 'Names of tools, or words for what they shall do.' } },
        required: ['query'],
        additionalProperties: false,
      },
    }),
    async run(input) {
      const parsed = await parseArguments(argumentsSchema, TOOL_SEARCH, input);
      if (!parsed.ok) return rejected(parsed.problem);
      const found = findSpecs(all(), parsed.value.query);
      if (found.length === 0) return failed('No tool fits that. Use other words, or one of the names.');
      onFound(found.map(({ name }) => name));
      const lines = found.map(({ name, description }) => `${name}: ${description}`);
      return done(cutForModel(`These can be called now:\n${lines.join('\n')}`));
    },
  };
}
