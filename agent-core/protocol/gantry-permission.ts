/** What kept a command or an edit from its work, and the least that would let it pass. Ours alone. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';

/**
 * One narrow permission. `write`: this folder or file, with what is below it; `read`: this path, though it may hold
 * secrets; `host`: as in a list of hosts, with its port where that is not 80 or 443; `network`: all hosts; `git`: what a
 * commit writes in .git, never hooks and config; `outside`: the command of this item, once, without the sandbox. Paths
 * are absolute.
 */
export const GantryPermission = lazy(() =>
  z.discriminatedUnion('type', [
    z.object({ type: z.literal('write'), path: z.string().check(z.minLength(1)) }),
    z.object({ type: z.literal('read'), path: z.string().check(z.minLength(1)) }),
    z.object({ type: z.literal('host'), host: z.string().check(z.minLength(1)) }),
    z.object({ type: z.literal('network') }),
    z.object({ type: z.literal('git') }),
    z.object({ type: z.literal('outside'), itemId: z.string() }),
  ]),
);
export type GantryPermission = z.infer<typeof GantryPermission>;

/** `label` says what a click allows, fit for a button. */
export const GantryOffer = lazy(() => z.object({ label: z.string(), permission: GantryPermission }));
export type GantryOffer = z.infer<typeof GantryOffer>;

/**
 * `exact`: the proxy, the broker or the core's own check refused it. `probably`: the kernel did, and the output is all
 * that tells. `target` is a path or a host; null where the output names none. Without offers nothing but another mode
 * would let it pass.
 */
export const GantryBlocked = lazy(() =>
  z.object({
    what: z.enum(['write', 'read', 'connect', 'host', 'network', 'git', 'other']),
    target: z.nullable(z.string()),
    certainty: z.enum(['exact', 'probably']),
    /** One sentence for the user. */
    message: z.string(),
    offers: z.array(GantryOffer),
  }),
);
export type GantryBlocked = z.infer<typeof GantryBlocked>;

/** Comes before the `item/completed` of the item that it is about; never with an empty list. */
export const GantryItemBlockedNotification = lazy(() =>
  z.object({ threadId: z.string(), turnId: z.string(), itemId: z.string(), blocked: z.array(GantryBlocked) }),
);
export type GantryItemBlockedNotification = z.infer<typeof GantryItemBlockedNotification>;

/** Grants an offer to the commands and edits of a thread, for as long as it is loaded. The model is told. */
export const GantryPermissionGrantParams = lazy(() => z.object({ threadId: z.string(), permission: GantryPermission }));
export type GantryPermissionGrantParams = z.infer<typeof GantryPermissionGrantParams>;

/** `message` says what now holds. */
export const GantryPermissionGrantResponse = lazy(() => z.object({ message: z.string() }));
export type GantryPermissionGrantResponse = z.infer<typeof GantryPermissionGrantResponse>;
