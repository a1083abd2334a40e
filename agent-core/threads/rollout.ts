/**
 * A thread's file: one JSON object a line, appended as things happen, never rewritten. The file is the truth; any index
 * is made from it. A line of an unknown type is kept and passed over, so that an older Gantry can read a newer thread.
 */
import * as z from 'zod/mini';

/** 2: a fork's first line refers to its parent's file. Files of version 1 are read as they are. */
export const ROLLOUT_VERSION = 2;

/** Milliseconds since 1970. */
const at = z.int();

const gitInfo = z.object({
  sha: z.nullable(z.string()),
  branch: z.nullable(z.string()),
  originUrl: z.nullable(z.string()),
});

/**
 * What a fork shares with its parent: the parent's file up to byte `bytes`, and of that the turns up to `lastTurnId`
 * (null: none). Files are only appended to, so this never changes.
 */
const base = z.object({ threadId: z.string(), bytes: z.int(), lastTurnId: z.nullable(z.string()) });

/** The first line of every file. */
export const threadLine = z.object({
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
  gitInfo: z.nullable(gitInfo),
  threadSource: z.optional(z.nullable(z.string())),
  base: z.optional(base),
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
  /** US dollars; left out where the price is not known. */
  costUsd: z.optional(z.number()),
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
/** The model's history was replaced by `items`, a shorter one; `tokens` is its estimated size. */
const compactedLine = z.object({
  type: z.literal('compacted'),
  at,
  turnId: z.string(),
  items: z.array(z.looseObject({ type: z.string() })),
  tokens: z.number(),
});
/** The model's plan as it last told it; needed after a compaction. */
const planLine = z.object({
  type: z.literal('plan'),
  at,
  turnId: z.string(),
  explanation: z.nullable(z.string()),
  plan: z.array(z.object({ step: z.string(), status: z.enum(['pending', 'inProgress', 'completed']) })),
});
/** What the user decided, as a sentence for the model; needed after a compaction. */
const decisionLine = z.object({ type: z.literal('decision'), at, turnId: z.string(), text: z.string() });
/** The thread's goal from here on; null: there is none any more. */
const goalLine = z.object({ type: z.literal('goal'), at, goal: z.nullable(z.looseObject({ objective: z.string() })) });
/** Tools that the client offered with the thread, in the wire's form. */
const dynamicToolsLine = z.object({ type: z.literal('dynamicTools'), at, tools: z.array(z.unknown()) });
const nameLine = z.object({ type: z.literal('name'), at, name: z.nullable(z.string()) });
/** What a client gave as `config` for this thread alone, without secrets; the last one counts. */
const overridesLine = z.object({ type: z.literal('overrides'), at, config: z.record(z.string(), z.unknown()) });
/** What a client says the repository is; the last one counts. */
const gitInfoLine = z.object({ type: z.literal('gitInfo'), at, gitInfo: z.nullable(gitInfo) });

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
  compactedLine,
  planLine,
  decisionLine,
  goalLine,
  dynamicToolsLine,
  nameLine,
  overridesLine,
  gitInfoLine,
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
  'compacted',
  'plan',
  'decision',
  'goal',
  'dynamicTools',
  'name',
  'overrides',
  'gitInfo',
] satisfies RolloutLine['type'][]);

/** A line as it is written: what is looked for comes first, so that it is found without parsing the rest. */
export function lineText(line: RolloutLine): string {
  const { type, at, ...rest } = line;
  if (line.type !== 'item') return JSON.stringify({ type, at, ...rest });
  const { type: itemType, id, ...item } = line.item;
  return JSON.stringify({ type, at, turnId: line.turnId, item: { type: itemType, id, ...item } });
}
