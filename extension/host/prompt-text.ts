/** The last request to a model as a text to read: sizes first, then all of it as it was sent. Pure. */
import type { ClientRequestResult, GantryPromptItem } from '../../agent-core/protocol/index.ts';

export type SentPrompt = NonNullable<ClientRequestResult<'gantry/prompt/read'>['request']>;

const count = (value: number): string => value.toLocaleString('en');
const size = ({ bytes, tokens }: { bytes: number; tokens: number }): string =>
  `${count(bytes)} bytes, about ${count(tokens)} tokens`;

function sum(all: readonly { bytes: number; tokens: number }[]): { bytes: number; tokens: number } {
  return {
    bytes: all.reduce((total, { bytes }) => total + bytes, 0),
    tokens: all.reduce((total, { tokens }) => total + tokens, 0),
  };
}

/** Longer than any fence inside. */
function fenced(text: string, language = ''): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${text.replace(/\n$/, '')}\n${fence}`;
}

const PARTS = {
  instructions: 'Instructions',
  project: 'Project (AGENTS.md, skills, environment)',
  messages: 'Messages',
  toolOutput: 'Output of tools',
} as const;

function contentText({ content }: GantryPromptItem): string {
  return content
    .map((part) => {
      if (part.type === 'text') return fenced(part.text);
      const kind = /^data:([^;,]*)/.exec(part.url)?.[1];
      return kind ? `*An image (${kind}, ${count(part.url.length)} characters of data)*` : `*An image: ${part.url}*`;
    })
    .join('\n\n');
}

function itemTitle(item: GantryPromptItem, index: number): string {
  const what = { message: item.role, reasoning: 'thoughts', toolCall: 'call', toolResult: 'result' }[item.type];
  const name = item.name ? ` of \`${item.name}\`` : '';
  const id = item.callId ? ` (${item.callId})` : '';
  return `### ${index + 1}. ${what}${name}${id}: ${size(item)}`;
}

/** Markdown. */
export function promptDocument(request: SentPrompt): string {
  const { items, tools } = request;
  const rows = (Object.keys(PARTS) as (keyof typeof PARTS)[]).map((part) => {
    const own = items.filter((item) => item.part === part);
    const { bytes, tokens } = sum(own);
    return `| ${PARTS[part]} | ${own.length} | ${count(bytes)} | ${count(tokens)} |`;
  });
  const ofTools = sum(tools);
  const whole = sum([...items, ...tools]);
  const head = [
    `# Last prompt: ${request.model} (${request.provider})`,
    `Sent ${new Date(request.sentAtMs).toISOString()}${request.effort ? `, effort ${request.effort}` : ''}. Each wire writes the same in a form of its own; tokens are estimates.`,
    '| part | items | bytes | tokens |\n| --- | --: | --: | --: |',
  ];
  const table = [
    `| Tools | ${tools.length} | ${count(ofTools.bytes)} | ${count(ofTools.tokens)} |`,
    ...rows,
    `| **All** | ${items.length + tools.length} | ${count(request.bytes)} | ${count(whole.tokens)} |`,
  ];
  const toolTexts = tools.map(
    (tool) =>
      `### ${tool.name} (${tool.kind}): ${size(tool)}\n\n${tool.description}\n\n${fenced(tool.definition, tool.kind === 'function' ? 'json' : '')}`,
  );
  const itemTexts = items.map((item, index) => `${itemTitle(item, index)}\n\n${contentText(item)}`);
  return `${[
    `${head.join('\n\n')}\n${table.join('\n')}`,
    `## Tools (${tools.length})`,
    ...toolTexts,
    `## Conversation (${items.length})`,
    ...itemTexts,
  ].join('\n\n')}\n`;
}
