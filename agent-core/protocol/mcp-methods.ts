/** The user's MCP servers: what they offer, and calls that a client makes by itself. */
import * as z from 'zod/mini';
import { Uint } from './common.ts';
import { lazy } from './lazy.ts';

export const McpAuthStatus = z.enum(['unknown', 'unsupported', 'notLoggedIn', 'bearerToken', 'oAuth']);
export type McpAuthStatus = z.infer<typeof McpAuthStatus>;

export const McpServerConnectionStatus = z.enum([
  'notStarted',
  'starting',
  'connected',
  'authenticationRequired',
  'failed',
  'cancelled',
  'disabled',
]);
export type McpServerConnectionStatus = z.infer<typeof McpServerConnectionStatus>;

/** How much is asked of each server. */
export const McpServerStatusDetail = z.enum(['full', 'toolsAndAuthOnly']);
export type McpServerStatusDetail = z.infer<typeof McpServerStatusDetail>;

export const McpServerInfo = lazy(() =>
  z.object({
    name: z.string(),
    version: z.string(),
    description: z.nullish(z.string()),
    icons: z.nullish(z.array(z.unknown())),
    title: z.nullish(z.string()),
    websiteUrl: z.nullish(z.string()),
  }),
);
export type McpServerInfo = z.infer<typeof McpServerInfo>;

export const Tool = lazy(() =>
  z.object({
    inputSchema: z.unknown(),
    name: z.string(),
    _meta: z.optional(z.unknown()),
    annotations: z.optional(z.unknown()),
    description: z.nullish(z.string()),
    icons: z.nullish(z.array(z.unknown())),
    outputSchema: z.optional(z.unknown()),
    title: z.nullish(z.string()),
  }),
);
export type Tool = z.infer<typeof Tool>;

export const Resource = lazy(() =>
  z.object({
    name: z.string(),
    uri: z.string(),
    _meta: z.optional(z.unknown()),
    annotations: z.optional(z.unknown()),
    description: z.nullish(z.string()),
    icons: z.nullish(z.array(z.unknown())),
    mimeType: z.nullish(z.string()),
    size: z.nullish(z.int()),
    title: z.nullish(z.string()),
  }),
);
export type Resource = z.infer<typeof Resource>;

export const ResourceTemplate = lazy(() =>
  z.object({
    name: z.string(),
    uriTemplate: z.string(),
    annotations: z.optional(z.unknown()),
    description: z.nullish(z.string()),
    mimeType: z.nullish(z.string()),
    title: z.nullish(z.string()),
  }),
);
export type ResourceTemplate = z.infer<typeof ResourceTemplate>;

export const ResourceContent = lazy(() =>
  z.union([
    z.object({ text: z.string(), uri: z.string(), _meta: z.optional(z.unknown()), mimeType: z.nullish(z.string()) }),
    z.object({ blob: z.string(), uri: z.string(), _meta: z.optional(z.unknown()), mimeType: z.nullish(z.string()) }),
  ]),
);
export type ResourceContent = z.infer<typeof ResourceContent>;

/** `runtimeStatus` is of the thread's connection, null when there is none. `toolsError` is set only when there is no catalogue at all. */
export const McpServerStatus = lazy(() =>
  z.object({
    authStatus: McpAuthStatus,
    name: z.string(),
    resourceTemplates: z.array(ResourceTemplate),
    resources: z.array(Resource),
    tools: z.record(z.string(), Tool),
    httpOrigin: z.nullish(z.string()),
    pluginId: z.nullish(z.string()),
    runtimeStatus: z.nullish(McpServerConnectionStatus),
    serverCapabilities: z.optional(z.unknown()),
    serverInfo: z.nullish(McpServerInfo),
    toolListMeta: z.optional(z.unknown()),
    toolsError: z.nullish(z.string()),
  }),
);
export type McpServerStatus = z.infer<typeof McpServerStatus>;

/** With `threadId`, the thread's connections are used. */
export const ListMcpServerStatusParams = lazy(() =>
  z.object({
    threadId: z.nullish(z.string()),
    cursor: z.nullish(z.string()),
    detail: z.nullish(McpServerStatusDetail),
    limit: z.nullish(Uint),
    serverName: z.nullish(z.string()),
  }),
);
export type ListMcpServerStatusParams = z.infer<typeof ListMcpServerStatusParams>;

export const ListMcpServerStatusResponse = lazy(() =>
  z.object({ data: z.array(McpServerStatus), nextCursor: z.nullish(z.string()) }),
);
export type ListMcpServerStatusResponse = z.infer<typeof ListMcpServerStatusResponse>;

export const McpServerRefreshResponse = lazy(() => z.object({}));
export type McpServerRefreshResponse = z.infer<typeof McpServerRefreshResponse>;

export const McpServerToolCallParams = lazy(() =>
  z.object({
    threadId: z.string(),
    server: z.string(),
    tool: z.string(),
    _meta: z.optional(z.unknown()),
    arguments: z.optional(z.unknown()),
  }),
);
export type McpServerToolCallParams = z.infer<typeof McpServerToolCallParams>;

export const McpServerToolCallResponse = lazy(() =>
  z.object({
    content: z.array(z.unknown()),
    _meta: z.optional(z.unknown()),
    isError: z.nullish(z.boolean()),
    structuredContent: z.optional(z.unknown()),
  }),
);
export type McpServerToolCallResponse = z.infer<typeof McpServerToolCallResponse>;

/** `linkId` null asks for access without an account. */
export const McpResourceReadTarget = lazy(() => z.object({ connectorId: z.string(), linkId: z.nullable(z.string()) }));
export type McpResourceReadTarget = z.infer<typeof McpResourceReadTarget>;

export const McpResourceReadParams = lazy(() =>
  z.object({
    threadId: z.nullish(z.string()),
    server: z.string(),
    uri: z.string(),
    _meta: z.nullish(z.record(z.string(), z.unknown())),
    connectorId: z.nullish(z.string()),
    originCallId: z.nullish(z.string()),
    target: z.nullish(McpResourceReadTarget),
  }),
);
export type McpResourceReadParams = z.infer<typeof McpResourceReadParams>;

export const McpResourceReadResponse = lazy(() =>
  z.object({ contents: z.array(ResourceContent), originCallId: z.nullish(z.string()) }),
);
export type McpResourceReadResponse = z.infer<typeof McpResourceReadResponse>;

export const McpServerOauthClientRegistration = z.enum(['auto', 'cimd', 'dcr']);
export type McpServerOauthClientRegistration = z.infer<typeof McpServerOauthClientRegistration>;

/** `clientRegistration` is for this login alone; without it, the server is asked what it supports. */
export const McpServerOauthLoginParams = lazy(() =>
  z.object({
    threadId: z.nullish(z.string()),
    name: z.string(),
    clientRegistration: z.nullish(McpServerOauthClientRegistration),
    scopes: z.nullish(z.array(z.string())),
    timeoutSecs: z.nullish(z.int()),
  }),
);
export type McpServerOauthLoginParams = z.infer<typeof McpServerOauthLoginParams>;

export const McpServerOauthLoginResponse = lazy(() =>
  z.object({ authorizationUrl: z.string(), loginId: z.nullish(z.string()) }),
);
export type McpServerOauthLoginResponse = z.infer<typeof McpServerOauthLoginResponse>;

export const McpServerOauthLoginCompletedNotification = lazy(() =>
  z.object({
    threadId: z.nullish(z.string()),
    name: z.string(),
    success: z.boolean(),
    error: z.nullish(z.string()),
    loginId: z.nullish(z.string()),
  }),
);
export type McpServerOauthLoginCompletedNotification = z.infer<typeof McpServerOauthLoginCompletedNotification>;

export const McpServerEventNotification = lazy(() => z.object({ method: z.string(), params: z.unknown() }));
export type McpServerEventNotification = z.infer<typeof McpServerEventNotification>;

export const McpServerEventStreamNotification = lazy(() =>
  z.object({ notification: McpServerEventNotification, subscriptionId: z.string() }),
);
export type McpServerEventStreamNotification = z.infer<typeof McpServerEventStreamNotification>;
