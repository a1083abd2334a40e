/** What a client may use, by what it declared in `initialize`. (pure) */
import {
  clientRequests,
  experimentalRequired,
  gantryClientRequests,
  gantryServerNotifications,
  serverNotifications,
} from '../protocol/index.ts';

export type ClientCapabilities = {
  experimentalApi: boolean;
  /** Null: the client did not declare the capability. */
  gantry: { fs: boolean; review: boolean; lm: boolean; secrets: boolean } | null;
  optOut: ReadonlySet<string>;
};

const experimentalFields: Record<string, readonly string[]> = {
  'thread/start': ['dynamicTools', 'runtimeWorkspaceRoots'],
  'thread/resume': ['history', 'initialTurnsPage', 'path', 'runtimeWorkspaceRoots'],
  'thread/fork': ['path', 'runtimeWorkspaceRoots'],
  'turn/start': ['collaborationMode', 'runtimeWorkspaceRoots'],
};

/** Whether a method is ours alone, and so unknown to a client that did not declare `capabilities.gantry`. */
export const isGantryRequest = (method: string): boolean =>
  Object.hasOwn(gantryClientRequests, method) && !Object.hasOwn(clientRequests, method);

export const isGantryNotification = (method: string): boolean =>
  Object.hasOwn(gantryServerNotifications, method) && !Object.hasOwn(serverNotifications, method);

/** Throws for a field that the client may not use. */
export function checkExperimental(method: string, params: unknown, capabilities: ClientCapabilities): void {
  if (capabilities.experimentalApi || typeof params !== 'object' || params === null) return;
  const given = params as Record<string, unknown>;
  for (const field of experimentalFields[method] ?? []) {
    if (given[field] !== undefined && given[field] !== null) throw experimentalRequired(`${method}.${field}`);
  }
}
