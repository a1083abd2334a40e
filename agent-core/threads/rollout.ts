/**
 * A thread's file: one JSON object a line, appended as things happen, never rewritten. The file is the truth; any index
 * is made from it. A line of an unknown type is kept and passed over, so that an older Gantry can read a newer thread.
 */
import * as z from 'zod/mini';

export const ROLLOUT_VERSION = 1;

/** Milliseconds since 1970. */
const at = z.int();

/** The first line of every file. */
const threadLine = z.object({
  type: z.literal('thread'),
  version: z.int(),
  at,
  threadId: z.string(),
  cwd: z.string(),
  source: z.string(),
  originator: z.string(),
  cliVersion: z.string(),
  provider: z.string(),
  model: z.string(),
  forkedFromId: z.nullable(z.string()),
  effort: z.optional(z.nullable(z.string())),
  gitInfo: z.nullable(
    z.object({ sha: z.nullable(z.string()), branch: z.nullable(z.string()), originUrl: z.nullable(z.string()) }),
  ),
});

/** What the next turns run under, in the form of `TurnSettings`; the last one counts. */
const settingsLine = z.object({ type: z.literal('settings'), at, settings: z.looseObject({}) });
const turnStartedLine = z.object({ type: z.literal('turnStarted'), at, turnId: z.string() });
/** A completed item as the client saw it; a second line with the same id replaces the first. */
const itemLine = z.object({
  type: z.literal('item'),
  at,
  turnId: z.string(),
  item: z.looseObject({ type: z.string(), id: z.string() }),
});
/** What was appended to the model's history. */
const historyLine = z.object({
  type: z.literal('history'),
  at,
  turnId: z.nullable(z.string()),
  items: z.array(z.looseObject({ type: z.string() })),
});
const usageLine = z.object({
  type: z.literal('usage'),
  at,
  turnId: z.string(),
  usage: z.object({
    input: z.number(),
    cachedInput: z.number(),
    cacheWriteInput: z.number(),
    output: z.number(),
    reasoningOutput: z.number(),
  }),
  contextWindow: z.nullable(z.number()),
});
const turnCompletedLine = z.object({
  type: z.literal('turnCompleted'),
  at,
  turnId: z.string(),
  status: z.enum(['completed', 'interrupted', 'failed']),
  error: z.nullable(z.looseObject({ message: z.string() })),
  durationMs: z.nullable(z.number()),
});
const diffLine = z.object({ type: z.literal('diff'), at, turnId: z.string(), diff: z.string() });
/** The thread goes back to before `beforeTurnId`; what came after stays in the file, out of the conversation. */
const revertLine = z.object({ type: z.literal('revert'), at, beforeTurnId: z.string() });
const nameLine = z.object({ type: z.literal('name'), at, name: z.nullable(z.string()) });

export const rolloutLine = z.discriminatedUnion('type', [
  threadLine,
  settingsLine,
  turnStartedLine,
  itemLine,
  historyLine,
  usageLine,
  turnCompletedLine,
  diffLine,
  revertLine,
  nameLine,
]);
export type RolloutLine = z.infer<typeof rolloutLine>;
export type ThreadLine = z.infer<typeof threadLine>;

export const rolloutLineTypes: ReadonlySet<string> = new Set([
  'thread',
  'settings',
  'turnStarted',
  'item',
  'history',
  'usage',
  'turnCompleted',
  'diff',
  'revert',
  'name',
] satisfies RolloutLine['type'][]);
