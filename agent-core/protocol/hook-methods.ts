/** The hooks that are configured, with whether the user trusts them. A changed hook must be trusted anew. */
import * as z from 'zod/mini';
import { AbsolutePathBuf, Uint } from './common.ts';
import { HookEventName, HookSource } from './hook.ts';
import { lazy } from './lazy.ts';

export const HookTrustStatus = z.enum(['managed', 'untrusted', 'trusted', 'modified']);
export type HookTrustStatus = z.infer<typeof HookTrustStatus>;

export const HookErrorInfo = lazy(() => z.object({ message: z.string(), path: z.string() }));
export type HookErrorInfo = z.infer<typeof HookErrorInfo>;

export const HookMetadata = lazy(() => {
  const common = {
    currentHash: z.string(),
    displayOrder: z.int(),
    enabled: z.boolean(),
    eventName: HookEventName,
    isManaged: z.boolean(),
    key: z.string(),
    source: HookSource,
    sourcePath: AbsolutePathBuf,
    timeoutSec: Uint,
    trustStatus: HookTrustStatus,
    additionalContextLimit: z.nullish(Uint),
    environmentId: z.nullish(z.string()),
    matcher: z.nullish(z.string()),
    pluginId: z.nullish(z.string()),
    statusMessage: z.nullish(z.string()),
  };
  return z.discriminatedUnion('handlerType', [
    z.object({
      handlerType: z.literal('command'),
      ...common,
      command: z.string(),
      async: z._default(z.boolean(), false),
    }),
    z.object({ handlerType: z.literal('mcpTool'), ...common, server: z.string(), tool: z.string() }),
    z.object({ handlerType: z.literal('prompt'), ...common }),
    z.object({ handlerType: z.literal('agent'), ...common }),
  ]);
});
export type HookMetadata = z.infer<typeof HookMetadata>;

export const HooksListEntry = lazy(() =>
  z.object({
    cwd: z.string(),
    errors: z.array(HookErrorInfo),
    hooks: z.array(HookMetadata),
    warnings: z.array(z.string()),
  }),
);
export type HooksListEntry = z.infer<typeof HooksListEntry>;

/** Either a loaded thread, or `cwds`; with neither, the server's own folder. */
export const HooksListParams = lazy(() =>
  z.object({ threadId: z.nullish(z.string()), cwds: z.optional(z.array(z.string())) }),
);
export type HooksListParams = z.infer<typeof HooksListParams>;

export const HooksListResponse = lazy(() => z.object({ data: z.array(HooksListEntry) }));
export type HooksListResponse = z.infer<typeof HooksListResponse>;
