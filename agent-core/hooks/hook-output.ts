/**
 * What a hook that has ended wants. Exit code 0: its stdout, JSON or (where the model may be told something) plain text.
 * Exit code 2: stop what was about to happen, for the reason on stderr. Any other: the hook failed, and what it watches goes
 * on, unless the hook says otherwise or could not be believed. (pure)
 */
import * as z from 'zod/mini';
import type { HookOutputEntry, HookRunStatus } from '../protocol/index.ts';
import { lazy } from '../protocol/lazy.ts';
import { GUARDS, type HookEvent, titleOf } from './hook.ts';

export type HookExit = {
  code: number | null;
  stdout: string;
  stderr: string;
  /** Why there is no answer; the rest counts for nothing then. */
  failure: string | null;
  /** Without its word, what it watches shall not happen. */
  closes?: boolean;
};

/** What one hook said. */
export type HookWord = {
  status: Exclude<HookRunStatus, 'running'>;
  entries: HookOutputEntry[];
  /** Why what was about to happen shall not. */
  blocked: string | null;
  /** Why the turn shall end; '' without a reason. */
  stopped: string | null;
  /** For the model. */
  contexts: string[];
  /** In place of what the tool was given; undefined: as it is. */
  input: unknown;
  permission: { behavior: 'allow' } | { behavior: 'deny'; message: string } | null;
};

const Output = lazy(() =>
  z.object({
    continue: z.optional(z.boolean()),
    stopReason: z.nullish(z.string()),
    suppressOutput: z.optional(z.boolean()),
    systemMessage: z.nullish(z.string()),
    decision: z.nullish(z.enum(['approve', 'block'])),
    reason: z.nullish(z.string()),
    hookSpecificOutput: z.nullish(
      z.object({
        hookEventName: z.optional(z.string()),
        additionalContext: z.nullish(z.string()),
        permissionDecision: z.nullish(z.enum(['allow', 'deny', 'ask'])),
        permissionDecisionReason: z.nullish(z.string()),
        updatedInput: z.optional(z.unknown()),
        decision: z.nullish(z.object({ behavior: z.enum(['allow', 'deny']), message: z.nullish(z.string()) })),
      }),
    ),
  }),
);
type Output = z.infer<typeof Output>;

const MOST_CONTEXT = 10_000;

/** Events whose plain text on stdout is for the model. */
const TAKES_TEXT: ReadonlySet<HookEvent> = new Set(['sessionStart', 'userPromptSubmit']);
/** Events at which there is something to block. */
const BLOCKS: ReadonlySet<HookEvent> = new Set([
  'userPromptSubmit',
  'preToolUse',
  'permissionRequest',
  'postToolUse',
  'preCompact',
  'stop',
]);

const said = (text: string | null | undefined): string | null => text?.trim() || null;

const nothing = (): HookWord => ({
  status: 'completed',
  entries: [],
  blocked: null,
  stopped: null,
  contexts: [],
  input: undefined,
  permission: null,
});

const noReason = (event: HookEvent): string => `A ${titleOf(event)} hook said no, and gave no reason.`;

/** The failure of a guard that was to be closed. A permission that nobody answers is the user's to give. */
function closed(event: HookEvent, word: HookWord): HookWord {
  const isGuard = GUARDS.has(event) && event !== 'permissionRequest';
  return { ...word, blocked: isGuard ? word.entries.map(({ text }) => text).join(' ') : null };
}

const failed = (text: string): HookWord => ({ ...nothing(), status: 'failed', entries: [{ kind: 'error', text }] });

function blocking(event: HookEvent, reason: string): HookWord {
  const word: HookWord = { ...nothing(), status: 'blocked', entries: [{ kind: 'feedback', text: reason }] };
  if (event === 'permissionRequest') return { ...word, permission: { behavior: 'deny', message: reason } };
  return { ...word, blocked: reason };
}

export function wordOf(event: HookEvent, exit: HookExit): HookWord {
  const word = openWordOf(event, exit);
  return exit.closes && word.status === 'failed' ? closed(event, word) : word;
}

function openWordOf(event: HookEvent, { code, stdout, stderr, failure }: HookExit): HookWord {
  if (failure !== null) return failed(failure);
  if (code === 2 && BLOCKS.has(event)) {
    const reason = said(stderr);
    if (reason !== null) return blocking(event, reason);
    if (GUARDS.has(event)) return blocking(event, noReason(event));
    return failed('It ended with code 2, which blocks, but gave no reason on stderr.');
  }
  if (code !== 0) return failed(`It ended ${code === null ? 'without a code' : `with code ${code}`}.${tail(stderr)}`);
  const text = stdout.trim();
  if (text === '') return nothing();
  if (!text.startsWith('{')) return TAKES_TEXT.has(event) ? withContext(nothing(), text) : nothing();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return failed(
      `Its output begins like JSON and is none: ${error instanceof Error ? error.message : String(error)}.`,
    );
  }
  const output = Output.safeParse(value);
  if (!output.success) {
    const [issue] = output.error.issues;
    return failed(`Its output is not as a hook’s: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}.`);
  }
  return understood(event, output.data);
}

const tail = (stderr: string): string => {
  const text = said(stderr);
  return text === null ? '' : ` ${text.length > 600 ? `…${text.slice(-600)}` : text}`;
};

function understood(event: HookEvent, output: Output): HookWord {
  const own = output.hookSpecificOutput;
  let word = nothing();
  const reason = said(own?.permissionDecisionReason) ?? said(output.reason);
  const isBlock = output.decision === 'block' || own?.permissionDecision === 'deny';
  if (output.continue === false) {
    const why = said(output.stopReason);
    word = { ...word, status: 'stopped', stopped: why ?? '', entries: why ? [{ kind: 'stop', text: why }] : [] };
  } else if (isBlock && BLOCKS.has(event)) {
    if (reason === null && !GUARDS.has(event)) return failed('It blocks without a reason; say why in "reason".');
    word = blocking(event, reason ?? noReason(event));
  } else if (own?.decision) {
    const { behavior, message } = own.decision;
    word =
      behavior === 'deny'
        ? blocking('permissionRequest', said(message) ?? `A ${titleOf(event)} hook said no.`)
        : { ...word, permission: { behavior } };
  } else if (own?.permissionDecision === 'ask') {
    const unknown = failed(
      '"permissionDecision": "ask" is not known here: say "deny" with a reason, or ask by a rule.',
    );
    return closed(event, unknown);
  } else if (own?.updatedInput !== undefined) {
    if (own.permissionDecision !== 'allow')
      return failed('It changes the input without "permissionDecision": "allow".');
    word = { ...word, input: own.updatedInput };
  }
  const system = said(output.systemMessage);
  if (system !== null) word.entries.unshift({ kind: 'warning', text: system });
  const context = said(own?.additionalContext);
  return context === null ? word : withContext(word, context);
}

function withContext(word: HookWord, text: string): HookWord {
  const short =
    text.length <= MOST_CONTEXT
      ? text
      : `${text.slice(0, MOST_CONTEXT)}\n[… ${text.length - MOST_CONTEXT} more characters were cut]`;
  return { ...word, contexts: [...word.contexts, short], entries: [...word.entries, { kind: 'context', text: short }] };
}
