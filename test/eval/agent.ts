/** An agent that can be measured: how it is started without a person, and how what it leaves is read. */
import * as z from 'zod';

export const agentNames = ['gantry', 'codex', 'pi', 'opencode', 'claude'] as const;
export type AgentName = (typeof agentNames)[number];

/** What is being compared: one model as one agent uses it, in one of the ways that it can. */
export type Setting = {
  provider: string;
  model: string;
  /** `[model_providers.X]` of the provider, when the user has one. */
  providerTable: Record<string, unknown> | null;
  /** Further keys of config.toml, as `-c` gave them; for agents that read one. */
  overrides: Readonly<Record<string, unknown>>;
  /** The tool family, in Gantry's config. Null: what the model's name says. */
  family: string | null;
  /** In place of Gantry's base instructions. */
  instructions: string | null;
};

export type Launch = {
  setting: Setting;
  /** The workspace; the working folder of the process. */
  folder: string;
  /** Empty at first, kept afterwards; not below the system's temporary folder. */
  home: string;
  prompt: string;
  /** Of whoever started this. */
  env: NodeJS.ProcessEnv;
};

/** `stdin` is closed at once. */
export type Command = { args: string[]; env: NodeJS.ProcessEnv };

export type Left = { stdout: string; launch: Launch };

/** Null: the agent does not tell. */
export type Measured = {
  /** Answers of the model. */
  rounds: number | null;
  /** Input with what came from the cache; output with reasoning. */
  tokens: { input: number; cached: number; output: number } | null;
  costUsd: number | null;
  /** Calls that were no call of a tool: a wrong name, arguments that are no JSON or do not fit, a patch that is none. */
  malformedCalls: number | null;
  /** Well-formed edits that were not done, above all because what they look for is not there. */
  failedEdits: number | null;
  answer: string;
  /** Why the agent could not work (no key, no network, …); null when it could. */
  failure: string | null;
};

export type Agent = {
  name: AgentName;
  /** What to install; null: it is built here. */
  install: string | null;
  /** Whether the model's key has to be in the environment; the others may be signed in by themselves. */
  needsKey: boolean;
  /** May write into `home`. */
  command(launch: Launch): Command;
  /** Also called while it runs, with what there is so far. */
  measure(left: Left): Measured;
};

type Schema<T> = { safeParse(value: unknown): { success: true; data: T } | { success: false } };

/** Every line that is JSON of this form; what is not is passed over, as the last line may be half written. */
export function linesOf<T>(text: string, schema: Schema<T>): T[] {
  return text.split('\n').flatMap((line) => {
    try {
      const parsed = schema.safeParse(JSON.parse(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}

/** How often the model began to speak: items of its own that follow on each other are one answer. */
export function countAnswers(isByModel: readonly boolean[]): number {
  return isByModel.filter((own, index) => own && !isByModel[index - 1]).length;
}

/** What `codex exec --json` prints, and Gantry's exec too. */
export const execEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thread.started'), thread_id: z.string() }),
  z.object({ type: z.literal('item.completed'), item: z.looseObject({ type: z.string() }) }),
  z.object({
    type: z.literal('turn.completed'),
    usage: z.object({ input_tokens: z.number(), cached_input_tokens: z.number(), output_tokens: z.number() }),
  }),
  z.object({ type: z.literal('turn.failed'), error: z.object({ message: z.string() }) }),
  z.object({ type: z.literal('error'), message: z.string() }),
]);

/** The part of a measurement that these events tell. */
export function measureExec(
  stdout: string,
): Pick<Measured, 'tokens' | 'answer' | 'failure'> & { threadId: string | null } {
  let tokens: Measured['tokens'] = null;
  let [answer, failure, threadId]: [string, string | null, string | null] = ['', null, null];
  for (const event of linesOf(stdout, execEvent)) {
    if (event.type === 'thread.started') threadId = event.thread_id;
    else if (event.type === 'turn.failed') failure = event.error.message;
    else if (event.type === 'item.completed' && event.item.type === 'agent_message') answer = String(event.item.text);
    else if (event.type === 'turn.completed') {
      const { input_tokens: input, cached_input_tokens: cached, output_tokens: output } = event.usage;
      tokens = { input, cached, output };
    }
  }
  return { tokens, answer, failure, threadId };
}
