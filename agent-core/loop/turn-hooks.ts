/** The user's hooks in a turn: where they are asked, and what their word changes. */
import type { HistoryItem } from '../models/model-client.ts';
import type { HookCall, HookScope, Hooks, HookVerdict, TurnSettings } from '../ports.ts';
import type { UserInput } from '../protocol/index.ts';
import { rejected, type ToolOutcome } from '../tools/tool.ts';
import { note } from './history.ts';
import { hookedCall, withHookInput } from './hook-calls.ts';
import type { ToolCall } from './item-stream.ts';
import type { TurnItems } from './items.ts';

export type TurnHooks = {
  /** Before anything else of a turn: which hooks there are now. */
  refresh(): void;
  /** The thread's first turn begins. */
  begin(source: 'startup' | 'resume'): Promise<void>;
  /** False: the model shall not get this message. */
  prompt(input: readonly UserInput[]): Promise<boolean>;
  /** What hooks said for the model since this was last asked. */
  takeNotes(): HistoryItem[];
  /** The call as it shall be run, or why it is not. */
  beforeTool(call: ToolCall): Promise<{ call: ToolCall } | { outcome: ToolOutcome }>;
  afterTool(call: ToolCall, outcome: ToolOutcome): Promise<ToolOutcome>;
  /** In place of the user's answer; null: ask them. */
  permission(about: PermissionQuestion): Promise<HookVerdict['permission']>;
  /** False: it shall not be compacted. */
  beforeCompaction(trigger: 'manual' | 'auto'): Promise<boolean>;
  afterCompaction(trigger: 'manual' | 'auto'): Promise<void>;
  /** Before the turn ends by itself. True: it goes on, with what a hook wants done. */
  goesOn(): Promise<boolean>;
  interrupted(): void;
  /** A hook said that the turn shall end. */
  readonly isStopped: boolean;
};

export type PermissionQuestion = { toolName: string; names: readonly string[]; toolInput: unknown; itemId: string };

export type TurnHooksOptions = {
  hooks: Hooks;
  turnId: string;
  settings: TurnSettings;
  items: TurnItems;
  signal: AbortSignal;
  lifetime: AbortSignal;
  /** Adds to the conversation. */
  append: (items: readonly HistoryItem[]) => void;
  warn: (message: string) => void;
};

/** A hook that is never content would keep the turn going for good. */
const MOST_CONTINUATIONS = 20;

export function createTurnHooks(options: TurnHooksOptions): TurnHooks {
  const { hooks, turnId, settings, items, signal, lifetime, append, warn } = options;
  let notes: string[] = [];
  let isStopped = false;
  let continuations = 0;
  const scope: HookScope = { turnId, settings, model: settings.model.model ?? '', lifetime };

  const ask = async (event: HookCall['event'], names: readonly string[], input: HookCall['input'], callId?: string) => {
    const verdict = await hooks.run(
      { event, names, input, ...(callId === undefined ? {} : { callId }) },
      scope,
      signal,
    );
    if (verdict.stopped !== null) isStopped = true;
    return verdict;
  };
  const keepNotes = ({ contexts }: HookVerdict) => notes.push(...contexts);
  const reasonsOf = ({ blocked }: HookVerdict) => blocked.map(({ text }) => text).join('\n\n');

  return {
    get isStopped() {
      return isStopped;
    },
    refresh: () => hooks.refresh(settings.cwd),
    async begin(source) {
      keepNotes(await ask('sessionStart', [source], { source }));
    },
    async prompt(input) {
      if (!hooks.has('userPromptSubmit')) return true;
      const prompt = input.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n');
      const verdict = await ask('userPromptSubmit', [], { prompt });
      if (verdict.blocked.length > 0) {
        warn(`A hook kept this message from the model: ${reasonsOf(verdict)}`);
        return false;
      }
      keepNotes(verdict);
      return verdict.stopped === null;
    },
    takeNotes() {
      const texts = [...notes, ...hooks.takeLate()];
      notes = [];
      return texts.map((text) => note('hook_context', text));
    },
    async beforeTool(call) {
      if (!hooks.has('preToolUse')) return { call };
      const { toolName, names, toolInput } = hookedCall(call);
      const input = { tool_name: toolName, tool_input: toolInput, tool_use_id: call.callId };
      const verdict = await ask('preToolUse', names, input, call.callId);
      keepNotes(verdict);
      if (verdict.blocked.length > 0) {
        const text = `A hook of the user blocked this call, and it was not run: ${reasonsOf(verdict)}`;
        return { outcome: rejected(text) };
      }
      if (verdict.stopped !== null) {
        return { outcome: rejected(`Not run: a hook of the user ended the turn. ${verdict.stopped}`.trimEnd()) };
      }
      if (verdict.input === undefined) return { call };
      const changed = withHookInput(call, verdict.input);
      if (changed !== null) return { call: changed };
      return { outcome: rejected('A hook of the user changed this call into something that is none; it was not run.') };
    },
    async afterTool(call, outcome) {
      if (outcome.type !== 'done' || !hooks.has('postToolUse')) return outcome;
      const { toolName, names, toolInput } = hookedCall(call);
      const about = { tool_name: toolName, tool_input: toolInput, tool_use_id: call.callId };
      const verdict = await ask('postToolUse', names, { ...about, tool_response: outcome.text }, call.callId);
      keepNotes(verdict);
      if (verdict.blocked.length === 0) return outcome;
      return { ...outcome, text: `${outcome.text}\n\nA hook of the user says of this: ${reasonsOf(verdict)}` };
    },
    async permission({ toolName, names, toolInput, itemId }) {
      if (!hooks.has('permissionRequest')) return null;
      const verdict = await ask('permissionRequest', names, { tool_name: toolName, tool_input: toolInput }, itemId);
      keepNotes(verdict);
      // Nobody is asked in a turn that shall end.
      if (verdict.stopped !== null) return { behavior: 'deny', message: verdict.stopped };
      return verdict.permission;
    },
    async beforeCompaction(trigger) {
      if (!hooks.has('preCompact')) return true;
      const verdict = await ask('preCompact', [trigger], { trigger });
      return verdict.blocked.length === 0 && verdict.stopped === null;
    },
    async afterCompaction(trigger) {
      if (hooks.has('postCompact')) keepNotes(await ask('postCompact', [trigger], { trigger }));
    },
    async goesOn() {
      if (isStopped || !hooks.has('stop')) return false;
      const last = items.lastAgentMessage();
      const verdict = await ask('stop', [], {
        stop_hook_active: continuations > 0,
        last_assistant_message: last?.type === 'agentMessage' ? last.text : null,
      });
      if (signal.aborted || verdict.stopped !== null || verdict.blocked.length === 0) return false;
      if (++continuations > MOST_CONTINUATIONS) {
        warn(
          `A Stop hook kept this turn going ${MOST_CONTINUATIONS} times; now it ends. Its last word: ${reasonsOf(verdict)}`,
        );
        return false;
      }
      const item = { type: 'hookPrompt', id: items.claimId(''), fragments: verdict.blocked } as const;
      items.started(item);
      items.completed(item);
      append(verdict.blocked.map(({ text }) => note('hook_prompt', text)));
      return true;
    },
    interrupted() {
      if (!hooks.has('interrupt')) return;
      // The turn does not wait for it.
      void hooks.run({ event: 'interrupt', names: [], input: {} }, scope, lifetime).catch(() => {});
    },
  };
}
