/** hooks.json, and `[hooks]` of config.toml, as people write them. What is wrong in one hook spares the others. */
import * as z from 'zod/mini';
import { lazy } from '../protocol/lazy.ts';

const Handler = lazy(() =>
  z.object({
    type: z.string(),
    command: z.optional(z.string()),
    commandWindows: z.optional(z.string()),
    command_windows: z.optional(z.string()),
    timeout: z.optional(z.number().check(z.positive(), z.maximum(86_400))),
    timeoutSec: z.optional(z.number().check(z.positive(), z.maximum(86_400))),
    async: z.optional(z.boolean()),
    onFailure: z.optional(z.enum(['pass', 'block'])),
    statusMessage: z.optional(z.string()),
    sandbox: z.optional(z.enum(['thread', 'read-only', 'off'])),
    network: z.optional(z.boolean()),
  }),
);
export type HandlerConfig = z.infer<typeof Handler>;

const Group = lazy(() => z.object({ matcher: z.nullish(z.string()), hooks: z.array(z.unknown()) }));

const State = lazy(() =>
  z.record(z.string(), z.object({ enabled: z.optional(z.boolean()), trusted_hash: z.optional(z.string()) })),
);
export type HookStates = z.infer<typeof State>;

export type ReadGroup = { matcher: string | null; handlers: (HandlerConfig | { problem: string })[] };

const told = (error: z.core.$ZodError): string =>
  error.issues.map(({ path, message }) => `${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`).join('; ');

/** The groups of one event; a text is what is wrong with all of it. */
export function readGroups(value: unknown): (ReadGroup | { problem: string })[] {
  if (!Array.isArray(value)) return [{ problem: 'must be a list of groups, each with a list "hooks"' }];
  return value.map((given: unknown) => {
    const group = Group.safeParse(given);
    if (!group.success) return { problem: told(group.error) };
    const handlers = group.data.hooks.map((one) => {
      const handler = Handler.safeParse(one);
      return handler.success ? handler.data : { problem: told(handler.error) };
    });
    return { matcher: group.data.matcher ?? null, handlers };
  });
}

/** `[hooks.state]`: what the user said of single hooks. What is no such table says nothing. */
export function readStates(value: unknown): HookStates {
  const states = State.safeParse(value ?? {});
  return states.success ? states.data : {};
}
