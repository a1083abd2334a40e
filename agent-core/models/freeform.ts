/**
 * Freeform tools for wires and models that know only JSON functions: the text goes in and out as the one field of
 * `{input}`. The rest of Gantry sees the plain text, while it streams too.
 */
import type { JsonSchema, ModelRequest, ToolSpec } from './model-client.ts';

export const FREEFORM_PARAMETERS: JsonSchema = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The whole text.' } },
  required: ['input'],
  additionalProperties: false,
};

export function freeformDescription(tool: Extract<ToolSpec, { kind: 'freeform' }>): string {
  return `${tool.description}\nThe text in \`input\` follows this Lark grammar:\n${tool.grammar}`;
}

export function freeformNames(request: Pick<ModelRequest, 'tools'>): Set<string> {
  return new Set(request.tools.filter((tool) => tool.kind === 'freeform').map((tool) => tool.name));
}

export function wrapFreeform(text: string): string {
  return JSON.stringify({ input: text });
}

/** The text of whole arguments; what is no `{input}` is taken as the text itself, for the tool to judge. */
export function unwrapFreeform(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === 'string') return value;
    if (typeof value === 'object' && value !== null && 'input' in value && typeof value.input === 'string') {
      return value.input;
    }
  } catch {
    // Not JSON: models that know the tool from elsewhere send the bare text.
  }
  return json;
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };

/** Takes pieces of `{"input":"…"}` and gives back the pieces of the text that they complete. */
export function createUnwrapper(): (piece: string) => string {
  let pending = '';
  let state: 'before' | 'inside' | 'after' = 'before';
  return (piece) => {
    pending += piece;
    if (state === 'before') {
      const start = /^\s*\{\s*"input"\s*:\s*"/.exec(pending);
      if (!start) return '';
      state = 'inside';
      pending = pending.slice(start[0].length);
    }
    let text = '';
    while (state === 'inside' && pending !== '') {
      const plain = /^[^"\\]+/.exec(pending)?.[0] ?? '';
      text += plain;
      pending = pending.slice(plain.length);
      if (pending.startsWith('"')) state = 'after';
      else if (pending.startsWith('\\')) {
        const sequence = /^\\(?:u([0-9a-fA-F]{4})|([^u]))/s.exec(pending);
        if (!sequence) break;
        text += sequence[1]
          ? String.fromCharCode(Number.parseInt(sequence[1], 16))
          : (ESCAPES[sequence[2] ?? ''] ?? sequence[2] ?? '');
        pending = pending.slice(sequence[0].length);
      }
    }
    return text;
  };
}
