/** What can be told of a text that was meant to be a JSON object. (pure) */

/** The object in `text`, without a code fence around it; null when it was cut off before its end. */
export function endOfArguments(text: string): string | null {
  const body = text.replace(/^```\w*\s*\n([\s\S]*?)\n?\s*```\s*$/, '$1').trim();
  let depth = 0;
  let quote: string | null = null;
  for (let at = 0; at < body.length; at++) {
    const char = body[at] as string;
    if (quote !== null) {
      if (char === '\\') at++;
      else if (char === quote && endsString(body, at)) quote = null;
    } else if (char === '"' || (char === "'" && beginsString(body, at))) quote = char;
    else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
  }
  return quote === null && depth <= 0 ? body : null;
}

/** With line ends and tabs within texts as JSON wants them: the commonest mistake, and one that leaves no doubt. */
export const withEscapedControls = (text: string): string =>
  // Whole texts only: what is outside of them stays.
  text.replace(/"(?:[^"\\]|\\[\s\S])*"/g, (part) =>
    part.replace(/[\u0000-\u001F]/g, (char) => JSON.stringify(char).slice(1, -1)),
  );

/** A quote within a text that was not escaped has something else behind it. */
const endsString = (text: string, at: number): boolean => /^\s*([,:}\]]|$)/.test(text.slice(at + 1, at + 40));

const beginsString = (text: string, at: number): boolean => /[{[,:]\s*$/.test(text.slice(Math.max(0, at - 40), at));

/** Whether `value` holds all that `text` says: nothing was dropped, and nothing made up. */
export function keepsText(text: string, value: unknown): boolean {
  return essence(text) === essence(JSON.stringify(value));
}

const WORDS: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null', undefined: 'null' };

/** Without what is mere form: quotes, brackets, escapes, white space. */
function essence(json: string): string {
  return json
    .replace(/\b(True|False|None|undefined)\b/g, (word) => WORDS[word] ?? word)
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\[nrtbf]/g, '')
    .replace(/[\s"'`“”‘’\\{}[\],:;]/g, '');
}
