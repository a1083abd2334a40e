/** The user's own programs beside a thread. */
import type { TurnSettings } from './turn.ts';

/** Something that hooks may have a word in; `names` are what it goes by, `input` is what they are given beside the usual. */
export type HookCall = {
  event:
    | 'sessionStart'
    | 'sessionEnd'
    | 'userPromptSubmit'
    | 'preToolUse'
    | 'permissionRequest'
    | 'postToolUse'
    | 'preCompact'
    | 'postCompact'
    | 'stop'
    | 'interrupt';
  names: readonly string[];
  input: Readonly<Record<string, unknown>>;
  /** Of the tool call that it is about. */
  callId?: string;
};

export type HookScope = {
  turnId: string | null;
  settings: TurnSettings;
  model: string;
  /** How long hooks may live that nobody waits for. */
  lifetime: AbortSignal;
};

/** What all hooks of an event want, together. */
export type HookVerdict = {
  /** Why what was about to happen shall not; by the runs that said so. */
  blocked: { hookRunId: string; text: string }[];
  /** Why the turn shall end; '' without a reason. */
  stopped: string | null;
  /** For the model. */
  contexts: string[];
  /** In place of what the tool was given; undefined: as it is. */
  input: unknown;
  /** In place of the user's answer. */
  permission: { behavior: 'allow' } | { behavior: 'deny'; message: string } | null;
};

/** The user's own programs, which see what happens in a thread and may stop it. */
export interface Hooks {
  /** Reads anew which there are. Never throws. */
  refresh(cwd: string): void;
  has(event: HookCall['event']): boolean;
  /** Tells the client of each that runs. Rejects only on defects. */
  run(call: HookCall, scope: HookScope, signal: AbortSignal): Promise<HookVerdict>;
  /** What hooks that nobody waited for said for the model since this was last asked. */
  takeLate(): string[];
}
