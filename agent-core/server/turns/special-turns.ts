/** Turns that take no input while they run: a person who writes meanwhile gets a turn of their own. */
import { AgentError, type NonSteerableTurnKind, type Turn } from '../../protocol/index.ts';
import type { LiveThread } from '../threads/live-thread.ts';

export type SpecialTurns = {
  /** What kind of turn is active; null for one that can be steered. */
  kindOf(thread: LiveThread): NonSteerableTurnKind | null;
  set(thread: LiveThread, turnId: string, kind: NonSteerableTurnKind): void;
};

export function createSpecialTurns(): SpecialTurns {
  const kinds = new WeakMap<LiveThread, Map<string, NonSteerableTurnKind>>();
  return {
    kindOf: (thread) => (thread.activeTurnId === null ? null : (kinds.get(thread)?.get(thread.activeTurnId) ?? null)),
    set(thread, turnId, kind) {
      // One may run while others wait; what was before them is of no interest any more.
      const known = thread.activeTurnId === null ? [] : (kinds.get(thread) ?? []);
      kinds.set(thread, new Map([...known, [turnId, kind]]));
    },
  };
}

export function notSteerable(kind: NonSteerableTurnKind): AgentError {
  const message = `cannot steer a ${kind} turn; send the message with turn/start and it follows when that has ended`;
  const codexErrorInfo = { activeTurnNotSteerable: { turnKind: kind } };
  return new AgentError('invalidRequest', message, { data: { message, codexErrorInfo, additionalDetails: null } });
}

/** A turn as its request is answered: it is about to begin. */
export const turnInProgress = (id: string): Turn => ({
  id,
  rootTurnId: id,
  items: [],
  itemsView: 'notLoaded',
  status: 'inProgress',
  error: null,
  startedAt: null,
  completedAt: null,
  durationMs: null,
});
