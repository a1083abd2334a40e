/** How large a conversation is, as far as that can be known between two answers of a provider. (pure) */
import type { ContentPart, HistoryItem, ModelInfo, ToolSpec } from '../models/model-client.ts';

/** Pictures cost by their area, not by their bytes; this is about a full-size one. */
export const IMAGE_TOKENS = 1500;
const BYTES_PER_TOKEN = 4;
/** What an item costs beside its text. */
const ITEM_BYTES = 16;

export const tokensOfText = (text: string): number => Math.ceil(Buffer.byteLength(text, 'utf8') / BYTES_PER_TOKEN);

type Weight = { bytes: number; images: number };

function addParts(weight: Weight, parts: readonly ContentPart[]): void {
  for (const part of parts) {
    if (part.type === 'text') weight.bytes += Buffer.byteLength(part.text, 'utf8');
    else weight.images += 1;
  }
}

function weigh(item: HistoryItem): Weight {
  const weight: Weight = { bytes: ITEM_BYTES, images: 0 };
  switch (item.type) {
    case 'message':
      addParts(weight, item.content);
      break;
    case 'toolResult':
      addParts(weight, item.output);
      break;
    case 'toolCall':
      weight.bytes += Buffer.byteLength(item.name, 'utf8') + Buffer.byteLength(item.input, 'utf8');
      break;
    case 'reasoning':
      weight.bytes += Buffer.byteLength(JSON.stringify(item.opaque ?? item.summary) ?? '', 'utf8');
      break;
  }
  return weight;
}

/** An estimate: bytes ÷ 4, and a fixed price for each image. */
export function tokensOfItem(item: HistoryItem): number {
  const { bytes, images } = weigh(item);
  return Math.ceil(bytes / BYTES_PER_TOKEN) + images * IMAGE_TOKENS;
}

export const tokensOfItems = (items: readonly HistoryItem[]): number =>
  items.reduce((sum, item) => sum + tokensOfItem(item), 0);

export const tokensOfTool = (tool: ToolSpec): number => tokensOfText(JSON.stringify(tool));

/** What a conversation is made of, in tokens (estimated). */
export type ContextParts = {
  /** What Gantry and the client tell the model. */
  instructions: number;
  tools: number;
  /** AGENTS.md, skills, the environment. */
  project: number;
  /** What the user and the model said, with the model's calls and thoughts. */
  messages: number;
  toolOutput: number;
  images: number;
};

export type ContextPart = keyof ContextParts;

const isProjectText = (text: string): boolean => /^(# AGENTS\.md|<(environment_context|skills?)\b)/.test(text);

/** Where an item's text counts. */
export function partOf(item: HistoryItem): Exclude<ContextPart, 'tools' | 'images'> {
  if (item.type === 'toolResult') return 'toolOutput';
  if (item.type !== 'message') return 'messages';
  if (item.role === 'developer') return 'instructions';
  const first = item.content[0];
  const isProject = item.role === 'user' && !item.origin && first?.type === 'text' && isProjectText(first.text);
  return isProject ? 'project' : 'messages';
}

export function contextParts(items: readonly HistoryItem[], tools: readonly ToolSpec[]): ContextParts {
  const parts: ContextParts = { instructions: 0, tools: 0, project: 0, messages: 0, toolOutput: 0, images: 0 };
  for (const item of items) {
    const { bytes, images } = weigh(item);
    parts[partOf(item)] += Math.ceil(bytes / BYTES_PER_TOKEN);
    parts.images += images * IMAGE_TOKENS;
  }
  for (const tool of tools) parts.tools += tokensOfTool(tool);
  return parts;
}

/** Room for the next answer, where the window is large enough to spare it. */
const ANSWER_TOKENS = 8192;

/**
 * The size at which a conversation is compacted: what the config says, at most nine tenths of the model's window less
 * room for an answer. Null when neither is known: then only the provider can tell that it is full.
 */
export function compactLimit(info: ModelInfo): number | null {
  const window = info.contextWindow;
  const own = window === null ? null : Math.floor(window * 0.9 - Math.min(ANSWER_TOKENS, window * 0.05));
  const configured = info.autoCompactTokens || null;
  if (configured === null || own === null) return configured ?? own;
  return Math.min(configured, own);
}
