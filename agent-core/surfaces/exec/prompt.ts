/** What exec is given besides its flags: the prompt, and the schema of the last message. */
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import * as z from 'zod/mini';

/** A mistake of whoever started exec; its message says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function readText(input: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new UsageError('The text on stdin is not UTF-8; convert it first.');
  }
}

/** The prompt, with what is piped in beside it. Throws `UsageError` when there is none. */
export async function readPrompt(
  prompt: string | null,
  input: Readable & { isTTY?: boolean },
  { withPiped }: { withPiped: boolean },
): Promise<string> {
  if (prompt === null) {
    if (input.isTTY) throw new UsageError('No prompt: give one as an argument, or pipe it in.');
    const text = await readText(input);
    if (text.trim() === '') throw new UsageError('No prompt provided via stdin.');
    return text;
  }
  if (prompt.trim() === '') throw new UsageError('The prompt is empty: say what to do.');
  if (!withPiped || input.isTTY) return prompt;
  const text = await readText(input);
  if (text.trim() === '') return prompt;
  return `${prompt}\n\n<stdin>\n${text}${text.endsWith('\n') ? '' : '\n'}</stdin>`;
}

/** Throws `UsageError` when the file cannot be read or is no schema. */
export function readOutputSchema(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`Failed to read output schema file ${file}: ${messageOf(error)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Output schema file ${file} is not valid JSON: ${messageOf(error)}`);
  }
  const parsed = z.record(z.string(), z.unknown()).safeParse(value);
  if (!parsed.success) throw new UsageError(`Output schema file ${file} does not hold a JSON Schema object.`);
  return parsed.data;
}
