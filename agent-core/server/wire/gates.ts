/** What a client may use, by what it declared in `initialize`. (pure) */
import {
  type AgentError,
  clientRequests,
  cloudMethods,
  experimentalMethods,
  experimentalParams,
  experimentalRequired,
  gantryClientRequests,
  gantryServerNotifications,
  gantryServerRequests,
  needsCloud,
  notBuilt,
  notInitialized,
  serverNotifications,
  serverRequests,
} from '../../protocol/index.ts';

export type ClientCapabilities = {
  experimentalApi: boolean;
  /** Null: the client did not declare the capability. */
  gantry: { fs: boolean; review: boolean; lm: boolean; secrets: boolean } | null;
  optOut: ReadonlySet<string>;
};

/** Whether a method is ours alone, and so unknown to a client that did not declare `capabilities.gantry`. */
export const isGantryRequest = (method: string): boolean =>
  Object.hasOwn(gantryClientRequests, method) && !Object.hasOwn(clientRequests, method);

export const isGantryNotification = (method: string): boolean =>
  Object.hasOwn(gantryServerNotifications, method) && !Object.hasOwn(serverNotifications, method);

export const isGantryServerRequest = (method: string): boolean =>
  Object.hasOwn(gantryServerRequests, method) && !Object.hasOwn(serverRequests, method);

/**
 * Why a method that has no handler cannot be had; undefined: the wire does not know it either.
 * `capabilities` are null before `initialize`.
 */
export function whyMissing(method: string, capabilities: ClientCapabilities | null): AgentError | undefined {
  if (experimentalMethods.has(method)) {
    if (capabilities === null) return notInitialized();
    if (!capabilities.experimentalApi) return experimentalRequired(method);
  }
  if (cloudMethods.has(method)) return needsCloud(method);
  return experimentalMethods.has(method) ? notBuilt(method) : undefined;
}

/** Throws for a method or a field that the client may not use. `params` are as they came: not every field has a schema. */
export function checkExperimental(method: string, params: unknown, { experimentalApi }: ClientCapabilities): void {
  if (experimentalApi) return;
  if (experimentalMethods.has(method)) throw experimentalRequired(method);
  if (typeof params !== 'object' || params === null) return;
  const given = params as Record<string, unknown>;
  const field = experimentalParams(method).find((name) => isGiven(given[name]));
  if (field !== undefined) throw experimentalRequired(`${method}.${field}`);
}

/** As the reference sees it: null and a plain false say nothing; an empty list does. */
const isGiven = (value: unknown): boolean => value !== undefined && value !== null && value !== false;
