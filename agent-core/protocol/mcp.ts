/** Start-up of the user's MCP servers. */
import * as z from 'zod/mini';
import { lazy } from './lazy.ts';

export const McpServerStartupState = z.enum(['starting', 'ready', 'failed', 'cancelled']);
export type McpServerStartupState = z.infer<typeof McpServerStartupState>;

export const McpServerStartupFailureReason = z.literal('reauthenticationRequired');
export type McpServerStartupFailureReason = z.infer<typeof McpServerStartupFailureReason>;

export const McpServerStatusUpdatedNotification = lazy(() =>
  z.object({
    threadId: z.nullish(z.string()),
    name: z.string(),
    status: McpServerStartupState,
    error: z.nullish(z.string()),
    failureReason: z.nullish(McpServerStartupFailureReason),
  }),
);
export type McpServerStatusUpdatedNotification = z.infer<typeof McpServerStatusUpdatedNotification>;
