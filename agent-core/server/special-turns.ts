/** Turns that take no input while they run: a person who writes meanwhile gets a turn of their own. */
import { AgentError, type NonSteerableTurnKind, type Turn } from '../protocol/index.ts';
import type { LiveThread } from './live-thread.ts';

export type SpecialTurns = {
  /** What kind of turn is active; null for one that can be steered. */
  kindOf(thread: LiveThread): NonSteerableTurnKind | null;
  set(thread: LiveThread, turnId: string, kind: NonSteerableTurnKind): void;
};

export function createSpecialTurns(): SpecialTurns {
  const last = new WeakMap<LiveThread, { turnId: string; kind: NonSteerableTurnKind }>();
  return {
    kindOf(thread) {
      const special = last.get(thread);
      return special && special.turnId === thread.activeTurnId ? special.kind : null;
    },
    set(thread, turnId, kind) {
      last.set(thread, { turnId, kind });
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
