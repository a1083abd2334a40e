/** The neutral conversation as a request of Gemini's own wire (generateContent). Pure. */
import * as z from 'zod/mini';
import { FREEFORM_PARAMETERS, freeformDescription, wrapFreeform } from './freeform.ts';
import { geminiSchema } from './gemini-schema.ts';
import type { ContentPart, ModelRequest, ReasoningEffort, ToolSpec } from './model-client.ts';
import { sendableArguments, sendableName } from './sendable-call.ts';
import { type ModelItem, type ToldItem, type Turn, toConversation } from './turns.ts';
import { dataUrl, NO_IMAGE } from './wire-ids.ts';

export type GeminiFlavor = {
  providerId: string;
  images: boolean;
  /** `level` from Gemini 3 on, `budget` before; see `thinkingOf`. */
  thinking: 'none' | 'budget' | 'level';
  efforts: readonly ReasoningEffort[];
};

type Json = Record<string, unknown>;
type Content = { role: 'user' | 'model'; parts: Json[] };

/** What a call or a text keeps: bound to the model that gave it. */
const geminiSignature = z.object({ model: z.string(), thoughtSignature: z.string() });
export type GeminiSignature = z.infer<typeof geminiSignature>;

/** Google's own word for a call that another model made: without any signature its newer models refuse it. */
const FOREIGN_CALL = 'skip_thought_signature_validator';

const BUDGETS: Readonly<Record<ReasoningEffort, number>> = {
  // The least that every model of that generation takes; nought is refused by some.
  none: 128,
  minimal: 512,
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  xhigh: 24_576,
};

function part(content: ContentPart, images: boolean): Json {
  if (content.type === 'text') return { text: content.text };
  if (!images) return { text: NO_IMAGE };
  const data = dataUrl(content.url);
  return data
    ? { inlineData: { mimeType: data.mimeType, data: data.base64 } }
    : { fileData: { fileUri: content.url, mimeType: mimeOf(content.url) } };
}

function mimeOf(url: string): string {
  const ending = /\.(png|gif|webp|heic|heif)(\?|$)/i.exec(url)?.[1]?.toLowerCase();
  return ending ? `image/${ending}` : 'image/jpeg';
}

function parts(content: readonly ContentPart[], images: boolean): Json[] {
  return content.filter((each) => each.type !== 'text' || each.text !== '').map((each) => part(each, images));
}

function signatureOf(value: unknown, request: ModelRequest): string | null {
  const kept = geminiSignature.safeParse(value);
  return kept.success && kept.data.model === request.model ? kept.data.thoughtSignature : null;
}

function modelParts(items: readonly ModelItem[], request: ModelRequest, flavor: GeminiFlavor): Json[] {
  const out: Json[] = [];
  let hasCall = false;
  for (const item of items) {
    if (item.type === 'message') out.push(...parts(item.content, false));
    else if (item.type === 'reasoning') {
      // A signature belongs to the text that came right before it.
      const signature = item.provider === flavor.providerId ? signatureOf(item.opaque, request) : null;
      const last = out.at(-1);
      if (signature && last && 'text' in last) last.thoughtSignature = signature;
    } else {
      const own = item.opaque?.provider === flavor.providerId ? signatureOf(item.opaque.value, request) : null;
      const signature = own ?? (flavor.thinking === 'level' && !hasCall ? FOREIGN_CALL : null);
      hasCall = true;
      const text = sendableArguments(item.kind === 'freeform' ? wrapFreeform(item.input) : item.input);
      const functionCall = { name: sendableName(item.name), args: JSON.parse(text) };
      out.push({ functionCall, ...(signature ? { thoughtSignature: signature } : {}) });
    }
  }
  return out;
}

function toldParts(items: readonly ToldItem[], flavor: GeminiFlavor): Json[] {
  const responses: Json[] = [];
  const rest: Json[] = [];
  for (const item of items) {
    if (item.type === 'message') {
      rest.push(...parts(item.content, flavor.images));
      continue;
    }
    const { call, result } = item;
    const texts = result.output.flatMap((each) => (each.type === 'text' ? [each.text] : []));
    const images = result.output.filter((each) => each.type === 'image');
    const note = images.length === 0 ? [] : [flavor.images ? '[The image follows.]' : NO_IMAGE];
    const text = [...texts, ...note].join('\n');
    const response = result.success ? { output: text } : { error: text };
    responses.push({ functionResponse: { name: sendableName(call.name), response } });
    if (flavor.images && images.length > 0) {
      rest.push({ text: 'Image of the tool result above:' }, ...parts(images, true));
    }
  }
  // As many responses as there were calls must come before all else.
  return [...responses, ...rest];
}

function content(turn: Turn, request: ModelRequest, flavor: GeminiFlavor): Content {
  return turn.role === 'model'
    ? { role: 'model', parts: modelParts(turn.items, request, flavor) }
    : { role: 'user', parts: toldParts(turn.items, flavor) };
}

function joined(contents: readonly Content[]): Content[] {
  const out: Content[] = [];
  for (const each of contents) {
    const last = out.at(-1);
    if (each.parts.length === 0) continue;
    if (last && last.role === each.role) last.parts.push(...each.parts);
    else out.push(each);
  }
  return out;
}

function wireTool(tool: ToolSpec): Json {
  const isFunction = tool.kind === 'function';
  const parameters = geminiSchema(isFunction ? tool.parameters : FREEFORM_PARAMETERS);
  return {
    name: tool.name,
    description: isFunction ? tool.description : freeformDescription(tool),
    ...(parameters ? { parameters } : {}),
  };
}

function thinkingOf({ effort }: ModelRequest, flavor: GeminiFlavor): Json {
  if (flavor.thinking === 'none') return {};
  if (effort === null) return { thinkingConfig: { includeThoughts: true } };
  if (flavor.thinking === 'budget') {
    return { thinkingConfig: { includeThoughts: true, thinkingBudget: BUDGETS[effort] } };
  }
  const [least = 'low'] = flavor.efforts;
  const wanted = effort === 'none' || effort === 'minimal' ? least : effort === 'xhigh' ? 'high' : effort;
  return { thinkingConfig: { includeThoughts: true, thinkingLevel: wanted.toUpperCase() } };
}

/** What the call can do without, should a server not know it. */
export const GEMINI_OPTIONAL: readonly string[] = [
  'generationConfig.thinkingConfig.thinkingLevel',
  'generationConfig.thinkingConfig',
  'generationConfig.responseJsonSchema',
];

export function toGeminiBody(request: ModelRequest, flavor: GeminiFlavor): Json {
  const { system, turns } = toConversation(request.items);
  const schema = request.outputSchema;
  const generationConfig = {
    ...thinkingOf(request, flavor),
    ...(schema ? { responseMimeType: 'application/json', responseJsonSchema: schema } : {}),
  };
  return {
    ...(system.length > 0 ? { systemInstruction: { parts: system.map((text) => ({ text })) } } : {}),
    contents: joined(turns.map((turn) => content(turn, request, flavor))),
    ...(request.tools.length > 0 ? { tools: [{ functionDeclarations: request.tools.map(wireTool) }] } : {}),
    ...(Object.keys(generationConfig).length > 0 ? { generationConfig } : {}),
  };
}
