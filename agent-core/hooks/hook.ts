/** What a hook is, once its file was read. */
import type { HookEventName, HookSource, HookTrustStatus } from '../protocol/index.ts';
import type { HookPin } from './hook-files.ts';

/** Events at which Gantry runs hooks; the names are those of hooks.json and `[hooks]`. */
export const EVENTS = {
  SessionStart: 'sessionStart',
  SessionEnd: 'sessionEnd',
  UserPromptSubmit: 'userPromptSubmit',
  PreToolUse: 'preToolUse',
  PermissionRequest: 'permissionRequest',
  PostToolUse: 'postToolUse',
  PreCompact: 'preCompact',
  PostCompact: 'postCompact',
  Stop: 'stop',
  Interrupt: 'interrupt',
} as const satisfies Record<string, HookEventName>;

export type HookEvent = (typeof EVENTS)[keyof typeof EVENTS];

/** Events at which a hook stands guard: what it watches has not happened yet, and can be left. */
export const GUARDS: ReadonlySet<HookEvent> = new Set<HookEvent>([
  'userPromptSubmit',
  'preToolUse',
  'permissionRequest',
  'preCompact',
]);

/** The name in a hook's input. */
export const titleOf = (event: HookEvent): string => `${event[0]?.toUpperCase() ?? ''}${event.slice(1)}`;

/** What holds for a hook while it runs: as the agent's own commands, less, or (the user's word alone) nothing. */
export type HookConfinement = {
  sandbox: 'thread' | 'read-only' | 'off';
  network: boolean;
};

export type Hook = {
  /** The same for the same place in the same file. */
  key: string;
  event: HookEvent;
  /** Null: every one. */
  matcher: string | null;
  command: string;
  timeoutSec: number;
  /** Nobody waits for it; what it says comes with a later call of the model. */
  isAsync: boolean;
  /** Its failing, in whatever way, stops what it watches. */
  blocksOnFailure: boolean;
  statusMessage: string | null;
  confinement: HookConfinement;
  source: HookSource;
  sourcePath: string;
  /** Of what it does, so that a changed hook is known as another. */
  hash: string;
  /** Part of `hash`: the files of the workspace that its command names, as they were. Null: it needs nobody's trust. */
  pin: HookPin | null;
  /** Those of `pin`, and what else a guard runs, wherever that lies: the agent does not write them. */
  files: readonly string[];
  trust: HookTrustStatus;
  isEnabled: boolean;
  order: number;
};

/** Whether it may run. */
export const mayRun = ({ trust }: Hook): boolean => trust === 'trusted' || trust === 'managed';

/**
 * Whether somebody counts on it: it runs, or what it would watch does not happen. A project's hook that the user never
 * trusted is nobody's; one that they wrote, or did trust as it was, must not go away without a word.
 */
export const isLive = (hook: Hook): boolean =>
  hook.isEnabled && (mayRun(hook) || hook.trust === 'modified' || hook.source !== 'project');
