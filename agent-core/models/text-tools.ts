/**
 * Tools for models that cannot call any: they are told in text how to ask for one, and what they write is read strictly.
 * Only a fenced block that begins a line counts, and its text must be one JSON object; a block that is anything else
 * still reaches the tool runner as a call, so that the model is told what was wrong with it. What comes after the calls
 * is dropped: such models like to go on with results of their own making.
 */
import { randomUUID } from 'node:crypto';
import { newItemId } from './call-ids.ts';
import { freeformNames, unwrapFreeform, wrapFreeform } from './freeform.ts';
import type { HistoryItem, ModelClient, ModelEvent, ModelRequest, ToolSpec } from './model-client.ts';

const FENCE = '```tool_call';
const OPEN = /(^|\n)[ \t]*```tool_call[ \t]*\n/;
const CLOSE = /\n[ \t]*```[ \t]*(?=\n|$)/;

function toolText(tool: ToolSpec): string {
  const parameters = tool.kind === 'function' ? JSON.stringify(tool.parameters) : '{"input": the whole text}';
  const grammar = tool.kind === 'freeform' ? `\nThe text follows this Lark grammar:\n${tool.grammar}` : '';
  return `- ${tool.name}: ${tool.description}\n  arguments: ${parameters}${grammar}`;
}

function manual(tools: readonly ToolSpec[]): HistoryItem {
  const text = `You can use tools. To call one, write a block of exactly this form, alone on its lines, and stop there:
${FENCE}
{"name": "<tool>", "arguments": {…}}
\`\`\`
The arguments are one JSON object. Several blocks may follow each other. The results come with the next message; never write them yourself. Without a block your answer is final.
Tools:
${tools.map(toolText).join('\n')}`;
  return { type: 'message', role: 'developer', content: [{ type: 'text', text }] };
}

function callText(call: Extract<HistoryItem, { type: 'toolCall' }>): string {
  const json = call.kind === 'freeform' ? wrapFreeform(call.input) : call.input.trim() || '{}';
  return `${FENCE}\n{"name": ${JSON.stringify(call.name)}, "arguments": ${json}}\n\`\`\``;
}

/** The conversation without calls: they are what the model wrote, and results are what it is told. */
function inText(items: readonly HistoryItem[]): HistoryItem[] {
  const names = new Map<string, string>();
  const out: HistoryItem[] = [];
  for (const item of items) {
    if (item.type === 'toolCall') {
      names.set(item.callId, item.name);
      const part = { type: 'text' as const, text: callText(item) };
      const last = out.at(-1);
      // One answer is one message: templates of such models want the roles to alternate.
      const isSame = last?.type === 'message' && last.role === 'assistant';
      if (isSame) out.splice(-1, 1, { ...last, content: [...last.content, part] });
      else out.push({ type: 'message', role: 'assistant', content: [part] });
    } else if (item.type === 'toolResult') {
      const head = `Result of ${names.get(item.callId) ?? 'the tool'}${item.success ? '' : ' (it failed)'}:`;
      out.push({ type: 'message', role: 'user', content: [{ type: 'text', text: head }, ...item.output] });
    } else out.push(item);
  }
  return out;
}

/** What stands in a block, as a call; what cannot be read keeps its text for the tool runner to refuse. */
function toCall(block: string, freeform: ReadonlySet<string>): Extract<HistoryItem, { type: 'toolCall' }> {
  const callId = `call_${randomUUID()}`;
  let value: unknown = null;
  try {
    value = JSON.parse(block);
  } catch {
    // Told by the runner: the input is no JSON.
  }
  const given = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const guess = /"name"\s*:\s*"([\w-]+)"/.exec(block)?.[1] ?? 'tool_call';
  const name = typeof given.name === 'string' ? given.name : guess;
  const args = given.arguments;
  const isWhole = typeof given.name === 'string' && typeof args === 'object' && args !== null && !Array.isArray(args);
  const json = isWhole ? JSON.stringify(args) : block;
  return freeform.has(name)
    ? { type: 'toolCall', callId, name, kind: 'freeform', input: unwrapFreeform(json) }
    : { type: 'toolCall', callId, name, kind: 'function', input: json };
}

/** Splits growing text into what is said and whole blocks. */
function createReader(): {
  push(piece: string): { said: string; blocks: string[] };
  /** What was held back as it might have become a block; an open block is no call. */
  end(): { said: string; blocks: string[]; isOpen: boolean };
} {
  let held = '';
  let inBlock = false;
  let calls = 0;
  let begins = true;
  const step = (isEnd: boolean): { said: string; blocks: string[] } => {
    const blocks: string[] = [];
    let said = '';
    for (;;) {
      if (inBlock) {
        const close = CLOSE.exec(`\n${held}${isEnd ? '\n' : ''}`);
        if (!close) return { said, blocks };
        blocks.push(held.slice(0, Math.max(0, close.index - 1)).trim());
        held = held.slice(close.index + close[0].length - 1);
        calls++;
        inBlock = false;
        begins = held === '';
        continue;
      }
      const open = OPEN.exec(held);
      const isAtLine = open && (open[1] === '\n' || begins || calls > 0);
      if (open && isAtLine) {
        if (calls === 0) said += held.slice(0, open.index);
        held = held.slice(open.index + open[0].length);
        inBlock = true;
        continue;
      }
      // The last line may still become a fence.
      const keep = isEnd ? held.length : Math.max(0, held.lastIndexOf('\n'));
      const isPossible = isEnd ? false : /^\n?[ \t]*`{0,3}[a-z_]*[ \t]*$/.test(held.slice(keep));
      const cut = isPossible ? keep : held.length;
      if (calls === 0) said += held.slice(0, cut);
      if (cut > 0) begins = false;
      held = held.slice(cut);
      return { said, blocks };
    }
  };
  return {
    push: (piece) => {
      held += piece;
      return step(false);
    },
    end: () => ({ ...step(true), isOpen: inBlock }),
  };
}

/** A client for a model that cannot call tools, around the client of its wire. */
export function withTextTools(client: ModelClient): ModelClient {
  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    if (request.tools.length === 0) {
      yield* client.stream({ ...request, items: inText(request.items) }, signal);
      return;
    }
    const freeform = freeformNames(request);
    const reader = createReader();
    let message: { id: string; text: string } | null = null;
    let calls = 0;
    const events = ({ said, blocks }: { said: string; blocks: string[] }, isEnd: boolean): ModelEvent[] => {
      const out: ModelEvent[] = [];
      if (said !== '' && (message || said.trim() !== '')) {
        if (!message) {
          message = { id: newItemId('msg'), text: '' };
          out.push({ type: 'textStart', itemId: message.id });
        }
        message.text += said;
        out.push({ type: 'textDelta', itemId: message.id, delta: said });
      }
      if (message && (isEnd || blocks.length > 0)) {
        const { id, text } = message;
        message = null;
        const content = [{ type: 'text' as const, text }];
        out.push({ type: 'textDone', item: { type: 'message', role: 'assistant', content, id } });
      }
      for (const block of blocks) {
        const item = toCall(block, freeform);
        calls++;
        out.push({ type: 'toolCallStart', callId: item.callId, name: item.name });
        out.push({ type: 'toolCallDelta', callId: item.callId, delta: item.input });
        out.push({ type: 'toolCallDone', item });
      }
      return out;
    };
    const asText = { ...request, tools: [], items: [manual(request.tools), ...inText(request.items)] };
    for await (const event of client.stream(asText, signal)) {
      if (event.type === 'textDelta') yield* events(reader.push(event.delta), false);
      else if (event.type === 'textStart' || event.type === 'textDone') continue;
      else if (event.type === 'done') {
        const rest = reader.end();
        yield* events(rest, true);
        const isCut = event.stopReason === 'length' || rest.isOpen;
        yield { ...event, stopReason: isCut && calls === 0 ? 'length' : calls > 0 ? 'toolCalls' : event.stopReason };
      } else yield event;
    }
  }
  return { stream };
}
