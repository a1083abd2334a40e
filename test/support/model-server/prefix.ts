/** The rule that each request begins with the whole of the one before it, cache marks aside, on any wire. */
import type { RecordedBody, RecordedRequest } from './script.ts';

type Wire = RecordedRequest['wire'];

function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => key !== 'cache_control');
  return Object.fromEntries(entries.map(([key, each]) => [key, unmarked(each)]));
}

function list(value: unknown): unknown[] {
  if (typeof value === 'string') return [{ text: value }];
  return Array.isArray(value) ? value : [];
}

/** What a request says, in order and piece by piece: messages that grow at their end are pieces that are added. */
export function piecesOf(wire: Wire, body: RecordedBody): unknown[] {
  if (wire === 'responses') return body.input;
  if (wire === 'chat') return body.messages;
  const { system, systemInstruction } = body as { system?: unknown; systemInstruction?: { parts?: unknown } };
  const said = wire === 'anthropic' ? list(system) : list(systemInstruction?.parts);
  const entries = wire === 'anthropic' ? body.messages : body.contents;
  const inner = (entry: { role?: string; content?: unknown; parts?: unknown }): unknown[] =>
    list(entry.content ?? entry.parts).map((piece) => ({ role: entry.role, piece: unmarked(piece) }));
  return [...said.map((piece) => ({ system: unmarked(piece) })), ...entries.flatMap(inner)];
}

function isByModel(piece: unknown): boolean {
  const { role, type } = piece as { role?: string; type?: string };
  return role === 'assistant' || role === 'model' || /^(reasoning|function_call|custom_tool_call)$/.test(type ?? '');
}

function isPrefix(before: readonly unknown[], now: readonly unknown[]): boolean {
  return before.length <= now.length && before.every((item, i) => JSON.stringify(item) === JSON.stringify(now[i]));
}

export type PrefixRule = {
  /** Null: in order. `mayBeNew`: the answer says that another beginning was meant. */
  check(wire: Wire, body: RecordedBody, mayBeNew: boolean): string | null;
};

/**
 * Requests belong together by `prompt_cache_key` where there is one. Else a request in which the model has said nothing
 * begins a conversation, as the very first does, and any other must go on with one: with all of the last request of it.
 */
export function createPrefixRule(): PrefixRule {
  const byKey = new Map<string, unknown[]>();
  const heads: unknown[][] = [];
  const broken = 'input does not begin with the whole input of the request before it';
  return {
    check: (wire, body, mayBeNew) => {
      const now = piecesOf(wire, body);
      const key = body.prompt_cache_key;
      if (key !== undefined) {
        const before = byKey.get(key);
        if (before && !mayBeNew && !isPrefix(before, now)) return broken;
        byKey.set(key, now);
        return null;
      }
      const at = heads.findLastIndex((head) => isPrefix(head, now));
      if (at >= 0) heads[at] = now;
      else if (mayBeNew || heads.length === 0 || !now.some(isByModel)) heads.push(now);
      else return broken;
      return null;
    },
  };
}
