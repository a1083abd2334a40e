import {
  AgentError,
  inputEmpty,
  inputTooLarge,
  maxInputChars,
  noActiveTurn,
  turnMismatch,
  type UserInput,
} from '../../protocol/index.ts';
import type { LiveThread } from '../threads/live-thread.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import { wireThreadSettings } from '../threads/wire-thread.ts';
import type { Handlers } from '../wire/connection.ts';
import { notSteerable, type SpecialTurns, turnInProgress } from './special-turns.ts';
import { turnSettings } from './turn-settings.ts';

/** As the limit counts them: a pair of surrogates is one. */
function charsIn(text: string): number {
  let pairs = 0;
  for (let at = 0; at < text.length - 1; at++) if ((text.codePointAt(at) ?? 0) > 0xffff) pairs += 1;
  return text.length - pairs;
}

function checkInput(input: readonly UserInput[]): void {
  if (input.length === 0) throw inputEmpty();
  const texts = input.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  if (texts.reduce((sum, text) => sum + text.length, 0) <= maxInputChars) return;
  const chars = texts.reduce((sum, text) => sum + charsIn(text), 0);
  if (chars > maxInputChars) throw inputTooLarge(chars);
}

/** `interruptBeside`: ends what has a turn beside the agent's; false when there is no such turn. */
export function turnHandlers(
  threads: ThreadRegistry,
  special: SpecialTurns,
  interruptBeside: (thread: LiveThread, turnId: string) => boolean,
): Pick<Handlers, 'turn/start' | 'turn/steer' | 'turn/interrupt'> {
  return {
    'turn/start'(params, { connection, afterReply }) {
      const thread = threads.loaded(params.threadId);
      checkInput(params.input);
      const input = params.input;
      const clientId = params.clientUserMessageId ?? null;
      const active = thread.activeTurnId;
      const editApproval = connection.capabilities.gantry ? params.gantry?.editApproval : undefined;
      const { turn: settings, next } = turnSettings(thread.settings, params, editApproval);
      const isChanged = JSON.stringify(next) !== JSON.stringify(thread.settings);
      thread.settings = next;
      thread.subscribe(connection);
      thread.drivenBy(connection);
      afterReply(() => thread.askOpen(connection));
      if (isChanged) {
        const threadSettings = wireThreadSettings(next);
        const threadId = thread.id;
        thread.broadcast({ method: 'thread/settings/updated', params: { threadId, threadSettings } });
      }
      const isQueued = connection.capabilities.gantry !== null && params.gantry?.whenBusy === 'queue';
      if (active !== null && !isQueued && special.kindOf(thread) === null) {
        afterReply(() => thread.submit({ type: 'steer', turnId: active, input, clientId }));
        return { turn: turnInProgress(active) };
      }
      const turnId = threads.newId();
      // Behind a review or a compaction, and where the client wants it so, it waits for the end of what runs.
      if (active === null) thread.begin(turnId);
      afterReply(() => thread.submit({ type: 'turn', turnId, input, clientId, settings }));
      return { turn: turnInProgress(turnId) };
    },

    'turn/steer'(params, { connection, afterReply }) {
      const thread = threads.loaded(params.threadId);
      const active = thread.activeTurnId;
      if (active === null) throw noActiveTurn('steer');
      const expected = params.expectedTurnId;
      if (active !== expected) {
        throw new AgentError('turnMismatch', `expected active turn id \`${expected}\` but found \`${active}\``);
      }
      const kind = special.kindOf(thread);
      if (kind !== null) throw notSteerable(kind);
      checkInput(params.input);
      thread.drivenBy(connection);
      const clientId = params.clientUserMessageId ?? null;
      afterReply(() => thread.submit({ type: 'steer', turnId: active, input: params.input, clientId }));
      return { turnId: active };
    },

    'turn/interrupt'(params, { afterReply }) {
      const thread = threads.loaded(params.threadId);
      if (interruptBeside(thread, params.turnId)) return {};
      const active = thread.activeTurnId;
      if (active === null) throw noActiveTurn('interrupt');
      if (thread.agent.withdraw(params.turnId)) return {};
      if (active !== params.turnId) throw turnMismatch(params.turnId, active);
      afterReply(() => thread.submit({ type: 'interrupt', turnId: active }));
      return {};
    },
  };
}
