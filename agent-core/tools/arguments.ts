/** Reads a function tool's arguments. What the model sent may be anything; the error tells it what is expected. (pure) */
import type * as z from 'zod';

export type Parsed<T> = { ok: true; value: T } | { ok: false; problem: string };

export function parseArguments<T>(schema: z.ZodType<T>, tool: string, input: string): Parsed<T> {
  let json: unknown;
  try {
    json = input.trim() === '' ? {} : JSON.parse(input);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, problem: `The arguments of ${tool} are not valid JSON (${why}). Send one JSON object.` };
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return { ok: true, value: parsed.data };
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`);
  return {
    ok: false,
    problem: `The arguments of ${tool} do not fit: ${issues.join('; ')}. Nothing was done; call it again.`,
  };
}
