/**
 * Takes a change of the configuration to threads that are loaded, from their next turn on. What a client or a person
 * chose for a thread stays; what the thread had because the configuration said so follows it.
 */
import type { TurnSettings } from '../../ports.ts';
import { newSettings, type ThreadConfig } from '../turns/turn-settings.ts';

/** A thread's settings as far as they come from the configuration. */
export type FollowedConfig = Omit<ThreadConfig, 'model'>;

const FOLLOWED = ['effort', 'approvalPolicy', 'sandboxPolicy', 'developerInstructions'] as const;

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** The settings after the configuration went from `before` to `after`; the same object when nothing changes. */
export function followConfig(settings: TurnSettings, before: FollowedConfig, after: FollowedConfig): TurnSettings {
  const { cwd, model } = settings;
  const was = newSettings(cwd, { ...before, model }, {}, undefined);
  const is = newSettings(cwd, { ...after, model }, {}, undefined);
  let next = settings;
  for (const key of FOLLOWED) {
    if (isSame(settings[key], was[key]) && !isSame(was[key], is[key])) next = { ...next, [key]: is[key] };
  }
  // The name of a policy goes with it.
  const isMoved = next.sandboxPolicy !== settings.sandboxPolicy;
  return isMoved ? { ...next, permissionProfile: is.permissionProfile ?? null } : next;
}
