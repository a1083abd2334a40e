/** What a test tells the scripted model server to answer. `index.ts` explains the use. */

/** Holds an answer in mid-stream until the test lets it go on. */
export type Gate = {
  /** Settles when the server has sent everything before the gate. */
  readonly reached: Promise<void>;
  open(): void;
  /** For the server: waits here. */
  pass(): Promise<void>;
};

export function gate(): Gate {
  let arrive = (): void => {};
  let open = (): void => {};
  const reached = new Promise<void>((settle) => {
    arrive = settle;
  });
  const opened = new Promise<void>((settle) => {
    open = settle;
  });
  return {
    reached,
    open: () => open(),
    pass: () => {
      arrive();
      return opened;
    },
  };
}

/** Text in pieces; each string is one delta. A gate between two pieces holds the answer there. */
export type Pieces = string | readonly (string | Gate)[];

/** `input` counts what the cache had (`cached`) and what it took (`written`, Anthropic's wire only). */
export type ScriptedUsage = {
  input?: number;
  cached?: number;
  written?: number;
  output?: number;
  reasoning?: number;
};

/** One part of an answer; the parts of an answer are sent in order. */
export type Step =
  /** A message. `unfinished` leaves its item open: what a cut or a stall after it looks like to the client. */
  | { text: Pieces; id?: string; phase?: 'commentary' | 'final_answer'; unfinished?: boolean }
  /** Reasoning; each array of pieces is one summary part. */
  | { reasoning: Pieces; id?: string; encrypted?: string | null; unfinished?: boolean }
  /** A thought that only its maker can read (Anthropic's wire only). */
  | { redacted: string }
  /**
   * A function call. `args` may be a string, to send what is not JSON. `pieces` overrides how it is streamed.
   * `namespace` is of the Responses wire only.
   */
  | { call: string; namespace?: string; args?: unknown; callId?: string; pieces?: Pieces; unfinished?: boolean }
  /** A freeform (custom) tool call; on the chat wire a function call with `{input}`. */
  | { freeform: string; input: string; callId?: string; pieces?: Pieces; unfinished?: boolean }
  /** The usage that the last event reports; null leaves it out. */
  | { usage: ScriptedUsage | null }
  | { hold: Gate }
  /** One event as it is (`data:` line with this JSON). */
  | { event: Record<string, unknown> }
  /** Bytes as they are. */
  | { raw: string }
  /** An HTTP failure in place of an answer; must be the first step. */
  | { status: number; headers?: Record<string, string>; body?: unknown }
  /** The rest of the answer's ends, each last of its answer. Without one, the answer completes properly. */
  | { cut: true }
  | { end: true }
  | { stall: true }
  | { failed: { code: string; message: string } }
  | { error: { code: string | null; message: string } }
  | { incomplete: 'max_output_tokens' | 'content_filter' }
  /** The wire's own reason to stop (Anthropic's and Gemini's). */
  | { stop: string }
  /** Marks an answer whose request need not begin with the whole of the one before it (compaction, revert). */
  | { newPrefix: true };

export type Reply = Step | readonly Step[];

export type ReplyFunction = (request: RecordedRequest) => Reply | Promise<Reply>;

/** The answers in order, or a function that answers every request. A list may hold functions for single answers. */
export type Script = readonly (Reply | ReplyFunction)[] | ReplyFunction;

export type RecordedItem = {
  type?: string;
  role?: string;
  name?: string;
  call_id?: string;
  tool_call_id?: string;
  arguments?: string;
  content?: unknown;
  output?: unknown;
  [key: string]: unknown;
};

/** `input` is there on the responses wire, `messages` on the chat and anthropic wires, `contents` on gemini's. */
export type RecordedBody = {
  model: string;
  input: RecordedItem[];
  messages: RecordedItem[];
  contents: RecordedItem[];
  tools?: RecordedItem[];
  prompt_cache_key?: string;
  [key: string]: unknown;
};

export type RecordedRequest = {
  /** Counts from 0 over all model calls of this server. */
  index: number;
  wire: 'responses' | 'chat' | 'anthropic' | 'gemini';
  /** In the body, or on gemini's wire in the path. */
  model: string;
  headers: Record<string, string | string[] | undefined>;
  url: string;
  /** The JSON body as it came; a strict server has checked it when `refused` is null. */
  body: RecordedBody;
  /** Why the server refused it; null when it did not. */
  refused: string | null;
  /** Settles when the answer has ended or the client has gone; true when the client left before the end. */
  readonly ended: Promise<boolean>;
};

export function stepsOf(reply: Reply): readonly Step[] {
  return Array.isArray(reply) ? reply : [reply as Step];
}
