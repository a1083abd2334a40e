/** The handshake. `userAgent` begins with the client's name and our version, which clients read. */
import * as z from 'zod/mini';
import { AbsolutePathBuf } from './common.ts';
import { lazy } from './lazy.ts';

export const ClientInfo = lazy(() => z.object({ name: z.string(), version: z.string(), title: z.nullish(z.string()) }));
export type ClientInfo = z.infer<typeof ClientInfo>;

export const InitializeCapabilities = lazy(() =>
  z.object({
    experimentalApi: z._default(z.boolean(), false),
    explicitGatewayOauth: z.optional(z.boolean()),
    extensions: z.nullish(z.record(z.string(), z.unknown())),
    mcpServerOpenaiFormElicitation: z.optional(z.boolean()),
    optOutNotificationMethods: z.nullish(z.array(z.string())),
    requestAttestation: z._default(z.boolean(), false),
    requiredHumanApproval: z.optional(z.boolean()),
  }),
);
export type InitializeCapabilities = z.infer<typeof InitializeCapabilities>;

export const InitializeParams = lazy(() =>
  z.object({ clientInfo: ClientInfo, capabilities: z.nullish(InitializeCapabilities) }),
);
export type InitializeParams = z.infer<typeof InitializeParams>;

export const InitializeResponse = lazy(() =>
  z.object({ codexHome: AbsolutePathBuf, platformFamily: z.string(), platformOs: z.string(), userAgent: z.string() }),
);
export type InitializeResponse = z.infer<typeof InitializeResponse>;
