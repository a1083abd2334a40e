/** The forms in which a thread's file holds the model's history and the settings of its turns. */
import * as z from 'zod/mini';
import type { HistoryItem } from '../models/model-client.ts';
import type { TurnSettings } from '../ports.ts';
import { AskForApproval, Personality, ReasoningSummary, SandboxPolicy } from '../protocol/index.ts';

const contentPart = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), url: z.string() }),
]);
const toolKind = z.enum(['function', 'freeform']);

const historyItem = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    role: z.enum(['developer', 'user', 'assistant']),
    content: z.array(contentPart),
    id: z.optional(z.string()),
    phase: z.optional(z.enum(['commentary', 'final_answer'])),
    origin: z.optional(z.enum(['user', 'compaction'])),
  }),
  z.object({
    type: z.literal('reasoning'),
    id: z.string(),
    summary: z.array(z.string()),
    provider: z.string(),
    opaque: z.unknown(),
  }),
  z.object({
    type: z.literal('toolCall'),
    callId: z.string(),
    name: z.string(),
    kind: toolKind,
    input: z.string(),
    id: z.optional(z.string()),
    opaque: z.optional(z.object({ provider: z.string(), value: z.unknown() })),
  }),
  z.object({
    type: z.literal('toolResult'),
    callId: z.string(),
    kind: toolKind,
    output: z.array(contentPart),
    success: z.boolean(),
  }),
]);

const turnSettings = z.object({
  cwd: z.string(),
  roots: z.array(z.string()),
  model: z.object({ provider: z.string(), model: z.string() }),
  effort: z.nullable(z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])),
  approvalPolicy: AskForApproval,
  sandboxPolicy: SandboxPolicy,
  editApproval: z.enum(['askFirst', 'editThenReview', 'refuse']),
  developerInstructions: z.nullable(z.string()),
  baseInstructions: z.optional(z.nullable(z.string())),
  outputSchema: z._default(z.nullable(z.record(z.string(), z.unknown())), null),
  summary: z.optional(z.nullable(ReasoningSummary)),
  personality: z.optional(z.nullable(Personality)),
  serviceTier: z.optional(z.nullable(z.string())),
  mode: z.optional(z.nullable(z.object({ kind: z.enum(['plan', 'default']), instructions: z.nullable(z.string()) }))),
});

/** Null when the value has not the form of a history item. */
export function parseHistoryItem(value: unknown): HistoryItem | null {
  const parsed = historyItem.safeParse(value);
  return parsed.success ? (parsed.data as HistoryItem) : null;
}

/** Null when the value has not the form of settings. */
export function parseSettings(value: unknown): TurnSettings | null {
  const parsed = turnSettings.safeParse(value);
  return parsed.success ? parsed.data : null;
}
