/** Makes a conversation smaller until a model takes it, oldest and cheapest to lose first. (pure) */
import type { ContentPart, HistoryItem } from '../models/model-client.ts';
import { IMAGE_GONE, OUTPUT_GONE } from './prompts.ts';

/** Outputs shorter than this are not worth losing. */
const SMALL_BYTES = 400;

/**
 * Try number `attempt` (from 1) of at most `SHRINK_TRIES`: half of the tool outputs, then all but the newest; then the
 * images; then older halves of what was said. Calls stay paired with their results, and instructions stay.
 */
export const SHRINK_TRIES = 6;

export function shrink(items: readonly HistoryItem[], attempt: number): HistoryItem[] {
  const withoutOutput = dropOutputs(items, attempt === 1 ? 0.5 : 1);
  if (attempt <= 2) return withoutOutput;
  const withoutImages = withoutOutput.map(dropImages);
  return attempt === 3 ? withoutImages : dropOldest(withoutImages, 1 - 0.5 ** (attempt - 3));
}

function dropOutputs(items: readonly HistoryItem[], share: number): HistoryItem[] {
  const large = items.flatMap((item, at) =>
    item.type === 'toolResult' && bytesOf(item.output) > SMALL_BYTES ? [at] : [],
  );
  // The newest is what the work is about just now.
  const gone = new Set(
    share === 1 ? large.slice(0, Math.max(1, large.length - 1)) : large.slice(0, Math.ceil(large.length * share)),
  );
  return items.map((item, at) =>
    item.type === 'toolResult' && gone.has(at) ? { ...item, output: [{ type: 'text', text: OUTPUT_GONE }] } : item,
  );
}

const bytesOf = (parts: readonly ContentPart[]): number =>
  parts.reduce((sum, part) => sum + (part.type === 'text' ? part.text.length : part.url.length), 0);

function dropImages(item: HistoryItem): HistoryItem {
  const strip = (parts: ContentPart[]): ContentPart[] =>
    parts.map((part) => (part.type === 'image' ? { type: 'text', text: IMAGE_GONE } : part));
  if (item.type === 'message') return { ...item, content: strip(item.content) };
  if (item.type === 'toolResult') return { ...item, output: strip(item.output) };
  return item;
}

/** Leaves out the first `share` of everything after the instructions, never one half of a call and its result. */
function dropOldest(items: readonly HistoryItem[], share: number): HistoryItem[] {
  const begin = items.findIndex((item) => item.type !== 'message' || item.role === 'assistant');
  if (begin < 0) return [...items];
  const from = begin + Math.floor((items.length - begin) * share);
  const kept = items.slice(from);
  const called = new Set(kept.flatMap((item) => (item.type === 'toolCall' ? [item.callId] : [])));
  const whole = kept.filter((item) => item.type !== 'toolResult' || called.has(item.callId));
  return [...items.slice(0, begin), ...whole];
}
