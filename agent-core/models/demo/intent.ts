/** What the user asked for, as far as the demo model understands words. */
import { attachedCode, words } from './conversation.ts';

export type Intent =
  | { type: 'fix' }
  | { type: 'explain' }
  | { type: 'explainFile'; path: string }
  | { type: 'rename'; from: string; to: string }
  | { type: 'find'; what: string }
  | { type: 'run'; command: string }
  | { type: 'writeTests' }
  | { type: 'other' };

const unquote = (text: string): string =>
  text
    .trim()
    .replace(/^(['"`])(.*)\1$/, '$2')
    .trim();

/** Reads an intent from the user's message; `other` when it is none of those known. */
export function intentOf(ask: string): Intent {
  const text = words(ask);
  const command = /^\s*run:\s*(.+)$/is.exec(text)?.[1]?.trim();
  if (command) return { type: 'run', command };
  const rename = /\brename\s+(\S+)\s+(?:to|into|as)\s+(\S+?)[.!]?\s*$/i.exec(text);
  if (rename) return { type: 'rename', from: unquote(rename[1] as string), to: unquote(rename[2] as string) };
  const find = /^\s*(?:find|search for|search|where is|grep)\s+(.+?)[?.!]?\s*$/is.exec(text)?.[1];
  if (find) return { type: 'find', what: unquote(find) };
  if (/\b(?:explain|outline|what does|describe)\b/i.test(text)) {
    if (attachedCode(ask)) return { type: 'explain' };
    const path = /([\w./-]+\.[cm]?[jt]sx?|[\w./-]+\.py)\b/.exec(text)?.[1];
    if (path) return { type: 'explainFile', path };
  }
  if (
    /\b(?:fix|repair|debug|solve)\b|\b(?:test|tests)\b.*\bfail|\bfail\w*\b.*\btests?\b|\bmake\b.*\btests?\b.*\bpass/i.test(
      text,
    )
  )
    return { type: 'fix' };
  if (/\b(?:write|add|create|generate)\b[^.]*\btests?\b/i.test(text)) return { type: 'writeTests' };
  return { type: 'other' };
}
