/**
 * A call as it may go back to a provider. Models make calls that providers then refuse to read, and since each request
 * carries the whole history, one such call would end the thread for good. (pure)
 */

/** Letters, digits, `_` and `-`, at most 64, at least one. */
export function sendableName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || 'unnamed';
}

/** A JSON object: the model's own text where it is one, else that text inside of one. */
export function sendableArguments(text: string): string {
  if (text.trim() === '') return '{}';
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  } catch {
    // Not JSON: said below.
  }
  return JSON.stringify({ input: text });
}
