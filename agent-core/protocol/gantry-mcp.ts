/** What MCP servers may do on this machine. Ours alone: the reference runs them without a sandbox. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';

/** `all`: everything but what holds secrets. */
export const McpReadPermission = z.union([z.literal('all'), z.array(z.string())]);
/** A list: these hosts. */
export const McpNetworkPermission = z.union([z.boolean(), z.array(z.string())]);

/** The permissions of one server as they are in force. Paths are absolute. */
export const GantryMcpServerPermissions = lazy(() =>
  z.object({
    name: z.string(),
    /** A server over HTTP runs elsewhere: nothing of this machine is open to it, and nothing can be set. */
    transport: z.enum(['stdio', 'http']),
    /** False: it runs with all the user's rights. */
    confined: z.boolean(),
    read: McpReadPermission,
    write: z.array(z.string()),
    network: McpNetworkPermission,
    /** All of it in a sentence. */
    summary: z.string(),
    /** Why a client cannot change it; null when it can. */
    fixedBecause: z.nullable(z.string()),
  }),
);
export type GantryMcpServerPermissions = z.infer<typeof GantryMcpServerPermissions>;

export const GantryMcpPermissionsReadParams = lazy(() => z.object({ threadId: z.nullish(z.string()) }));
export type GantryMcpPermissionsReadParams = z.infer<typeof GantryMcpPermissionsReadParams>;

/** `problems`: servers of the configuration that cannot be meant, as sentences. */
export const GantryMcpPermissionsReadResponse = lazy(() =>
  z.object({ data: z.array(GantryMcpServerPermissions), problems: z.array(z.string()) }),
);
export type GantryMcpPermissionsReadResponse = z.infer<typeof GantryMcpPermissionsReadResponse>;

/** As in `[mcp_servers.NAME.sandbox]` of config.toml; what is left out has its default. */
export const GantryMcpSandbox = lazy(() =>
  z.object({
    mode: z.optional(z.enum(['on', 'off'])),
    read: z.optional(McpReadPermission),
    write: z.optional(z.array(z.string())),
    network: z.optional(McpNetworkPermission),
  }),
);
export type GantryMcpSandbox = z.infer<typeof GantryMcpSandbox>;

/** Written into the user's config.toml; the server is started anew. `sandbox` null: as by default. */
export const GantryMcpPermissionsSetParams = lazy(() =>
  z.object({ name: z.string(), threadId: z.nullish(z.string()), sandbox: z.nullable(GantryMcpSandbox) }),
);
export type GantryMcpPermissionsSetParams = z.infer<typeof GantryMcpPermissionsSetParams>;

export const GantryMcpPermissionsSetResponse = lazy(() => z.object({ permissions: GantryMcpServerPermissions }));
export type GantryMcpPermissionsSetResponse = z.infer<typeof GantryMcpPermissionsSetResponse>;
