/**
 * Ids and data of calls as each provider takes them. A thread may have been with another provider before, whose ids
 * are illegal here; what goes out must be the same with every request, so nothing is random. (pure)
 */
import { createHash } from 'node:crypto';

export type IdRule = { pattern: RegExp; length: number };

/** Anthropic: letters, digits, `_` and `-`. */
export const ANTHROPIC_IDS: IdRule = { pattern: /^[a-zA-Z0-9_-]{1,64}$/, length: 40 };
/** Chat Completions at OpenAI: at most 40 characters; nobody takes less but Mistral. */
export const CHAT_IDS: IdRule = { pattern: /^[\x21-\x7e]{1,40}$/, length: 40 };
/** Mistral: nine letters and digits. */
export const NINE_IDS: IdRule = { pattern: /^[a-zA-Z0-9]{9}$/, length: 9 };
/** Responses: at most 64 characters. */
export const RESPONSES_IDS: IdRule = { pattern: /^[\x21-\x7e]{1,64}$/, length: 40 };

/** The id itself where it is legal, else one made from it, always the same. */
export function wireCallId(id: string, rule: IdRule): string {
  if (rule.pattern.test(id)) return id;
  return createHash('sha256').update(id).digest('hex').slice(0, rule.length);
}

/** Of a `data:` URL; null for any other. */
export function dataUrl(url: string): { mimeType: string; base64: string } | null {
  const match = /^data:([^;,]+);base64,(.*)$/s.exec(url);
  return match ? { mimeType: match[1] ?? '', base64: match[2] ?? '' } : null;
}

export const NO_IMAGE = '[An image was here; this model cannot see images.]';

/** What a developer message becomes where there is no such role behind the beginning. */
export function asDeveloperText(text: string): string {
  return `<developer_message>\n${text}\n</developer_message>`;
}
