/**
 * What a recorded request says, in one form for all wires: who said what, which pictures, which calls with which results.
 * What a wire cannot say, or says elsewhere, is left out: thoughts, marks, whether a call failed, and the ids of calls,
 * for which the number of the call stands.
 */
import type { RecordedRequest } from './script.ts';

export type Piece =
  | { by: 'developer' | 'user' | 'model'; text: string }
  | { by: 'user' | 'tool'; image: string }
  | { call: number; name: string; args: unknown }
  | { result: number; text: string };

export type NeutralRequest = { tools: string[]; pieces: Piece[] };

type Json = Record<string, unknown>;

const NOTE = /\n?\[The image follows\.\]$/;
const LABEL = 'Image of the tool result above:';
const DEVELOPER = /^<developer_message>\n([\s\S]*)\n<\/developer_message>$/;

function objects(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
}

/** Parts of whichever form: text, or the URL of a picture. */
function partsOf(content: unknown): ({ text: string } | { image: string })[] {
  if (typeof content === 'string') return [{ text: content }];
  return objects(content).flatMap((part): ({ text: string } | { image: string })[] => {
    if (typeof part.text === 'string') return part.thought ? [] : [{ text: part.text }];
    const url = typeof part.image_url === 'object' && part.image_url ? (part.image_url as Json).url : part.image_url;
    if (url !== undefined) return [{ image: String(url) }];
    const inline = part.inlineData as Json | undefined;
    if (inline) return [{ image: `data:${inline.mimeType};base64,${inline.data}` }];
    const source = part.source as Json | undefined;
    if (source)
      return [
        { image: source.type === 'url' ? String(source.url) : `data:${source.media_type};base64,${source.data}` },
      ];
    return [];
  });
}

/** Takes pieces in the order of the wire, and puts calls and results together. */
class Reading {
  readonly pieces: Piece[] = [];
  readonly #calls: string[] = [];
  #labelled = false;

  say(by: 'developer' | 'user' | 'model', content: unknown): void {
    for (const part of partsOf(content)) {
      if ('image' in part) this.pieces.push({ by: this.#labelled ? 'tool' : 'user', image: part.image });
      else if (by === 'user' && part.text === LABEL) this.#labelled = true;
      else this.#text(by, part.text);
    }
    this.#labelled = false;
  }

  #text(by: 'developer' | 'user' | 'model', text: string): void {
    if (text === '') return;
    const developer = by === 'user' ? DEVELOPER.exec(text)?.[1] : undefined;
    if (developer !== undefined) return void this.#text('developer', developer);
    const last = this.pieces.at(-1);
    // Where one message ends and the next of the same side begins is not told by every wire.
    if (last && 'by' in last && 'text' in last && last.by === by) last.text += `\n${text}`;
    else this.pieces.push({ by, text });
  }

  call(id: unknown, name: unknown, args: unknown): void {
    const parsed: unknown = typeof args === 'string' ? JSON.parse(args) : (args ?? {});
    this.pieces.push({ call: this.#calls.push(String(id)) - 1, name: String(name), args: parsed });
  }

  result(id: unknown, content: unknown): void {
    const parts = partsOf(content);
    const text = parts.flatMap((part) => ('text' in part ? [part.text] : [])).join('\n');
    this.pieces.push({ result: this.#calls.lastIndexOf(String(id)), text: text.replace(NOTE, '') });
    for (const part of parts) if ('image' in part) this.pieces.push({ by: 'tool', image: part.image });
  }
}

function readResponses(body: Json, reading: Reading): void {
  for (const item of objects(body.input)) {
    if (item.type === 'message') {
      const by = item.role === 'assistant' ? 'model' : item.role === 'user' ? 'user' : 'developer';
      reading.say(by, item.content);
    } else if (item.type === 'function_call') reading.call(item.call_id, item.name, item.arguments);
    else if (item.type === 'custom_tool_call') reading.call(item.call_id, item.name, { input: item.input });
    else if (item.type !== 'reasoning') reading.result(item.call_id, item.output);
  }
}

function readChat(body: Json, reading: Reading): void {
  for (const message of objects(body.messages)) {
    if (message.role === 'tool') reading.result(message.tool_call_id, message.content);
    else if (message.role === 'assistant') {
      reading.say('model', message.content);
      for (const call of objects(message.tool_calls)) {
        const { name, arguments: args } = call.function as Json;
        reading.call(call.id, name, args);
      }
    } else reading.say(message.role === 'user' ? 'user' : 'developer', message.content);
  }
}

function readAnthropic(body: Json, reading: Reading): void {
  reading.say('developer', body.system);
  for (const message of objects(body.messages)) {
    const by = message.role === 'assistant' ? 'model' : 'user';
    const blocks =
      typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : objects(message.content);
    for (const block of blocks as Json[]) {
      if (block.type === 'tool_use') reading.call(block.id, block.name, block.input);
      else if (block.type === 'tool_result') reading.result(block.tool_use_id, block.content);
      else reading.say(by, [block]);
    }
  }
}

/** Here calls have no ids: a result belongs to the call of the same place in the turn before. */
function readGemini(body: Json, reading: Reading): void {
  reading.say('developer', (body.systemInstruction as Json | undefined)?.parts);
  let calls = 0;
  let answered = 0;
  for (const content of objects(body.contents)) {
    const rest: Json[] = [];
    for (const part of objects(content.parts)) {
      const call = part.functionCall as Json | undefined;
      const answer = part.functionResponse as Json | undefined;
      if (call) reading.call(calls++, call.name, call.args);
      else if (answer) {
        const { output, error } = answer.response as Json;
        reading.result(answered++, String(output ?? error));
      } else if (content.role === 'model') reading.say('model', [part]);
      else rest.push(part);
    }
    if (rest.length > 0) reading.say('user', rest);
  }
}

const READERS = { responses: readResponses, chat: readChat, anthropic: readAnthropic, gemini: readGemini } as const;

function toolNames({ tools }: Json): string[] {
  const list = objects(tools).flatMap((tool) =>
    tool.functionDeclarations ? objects(tool.functionDeclarations) : [tool],
  );
  return list.map((tool) => String((tool.function as Json | undefined)?.name ?? tool.name));
}

/** Results of one round before their pictures: wires put those in another order. */
function ordered(pieces: readonly Piece[]): Piece[] {
  const isTold = (piece: Piece): boolean => 'result' in piece || ('image' in piece && piece.by === 'tool');
  const out: Piece[] = [];
  for (let at = 0; at < pieces.length; ) {
    let end = at;
    while (end < pieces.length && isTold(pieces[end] as Piece)) end++;
    const round = pieces.slice(at, end);
    out.push(...round.filter((piece) => 'result' in piece), ...round.filter((piece) => !('result' in piece)));
    if (end < pieces.length) out.push(pieces[end] as Piece);
    at = end + 1;
  }
  return out;
}

export function neutralOf({ wire, body }: Pick<RecordedRequest, 'wire' | 'body'>): NeutralRequest {
  const reading = new Reading();
  READERS[wire](body, reading);
  return { tools: toolNames(body), pieces: ordered(reading.pieces) };
}

/** How many thoughts went back: blocks, fields or signatures, as the wire has them. */
export function thoughtsIn({ wire, body }: Pick<RecordedRequest, 'wire' | 'body'>): number {
  if (wire === 'responses') return objects(body.input).filter((item) => item.type === 'reasoning').length;
  if (wire === 'chat') return objects(body.messages).filter((item) => item.reasoning_content !== undefined).length;
  const all = wire === 'anthropic' ? objects(body.messages) : objects(body.contents);
  const blocks = all.flatMap((entry) => objects(entry.content ?? entry.parts));
  const own = (block: Json): boolean =>
    /thinking/.test(String(block.type)) || /^signed-/.test(String(block.thoughtSignature ?? ''));
  return blocks.filter(own).length;
}
