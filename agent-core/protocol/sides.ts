/** Which table belongs to which end of the connection, and the types by method. */
import type * as z from 'zod/mini';
import {
  gantryClientNotifications,
  gantryClientRequests,
  gantryServerNotifications,
  gantryServerRequests,
} from './gantry.ts';
import { clientNotifications, clientRequests, serverNotifications, serverRequests } from './methods.ts';

type Over<Base, Top> = Omit<Base, keyof Top> & Top;

/** The reference's tables with ours over them: what Gantry's own core and editor speak to each other. */
export const allClientRequests: Over<typeof clientRequests, typeof gantryClientRequests> = {
  ...clientRequests,
  ...gantryClientRequests,
};
export const allServerRequests: Over<typeof serverRequests, typeof gantryServerRequests> = {
  ...serverRequests,
  ...gantryServerRequests,
};
export const allClientNotifications: Over<typeof clientNotifications, typeof gantryClientNotifications> = {
  ...clientNotifications,
  ...gantryClientNotifications,
};
export const allServerNotifications: Over<typeof serverNotifications, typeof gantryServerNotifications> = {
  ...serverNotifications,
  ...gantryServerNotifications,
};

type ClientRequests = typeof allClientRequests;
type ServerRequests = typeof allServerRequests;
type ClientNotifications = typeof allClientNotifications;
type ServerNotifications = typeof allServerNotifications;

export type ClientRequestMethod = keyof ClientRequests;
export type ServerRequestMethod = keyof ServerRequests;
export type ClientNotificationMethod = keyof ClientNotifications;
export type ServerNotificationMethod = keyof ServerNotifications;

/** What a handler gets: parsed, with defaults filled in. */
export type ClientRequestParams<M extends ClientRequestMethod> = z.output<ClientRequests[M]['params']>;
/** What a caller may pass: fields with a default can be left out. */
export type ClientRequestInput<M extends ClientRequestMethod> = z.input<ClientRequests[M]['params']>;
/** What a caller gets. */
export type ClientRequestResult<M extends ClientRequestMethod> = z.output<ClientRequests[M]['result']>;
/** What a handler may return. */
export type ClientRequestAnswer<M extends ClientRequestMethod> = z.input<ClientRequests[M]['result']>;

export type ServerRequestParams<M extends ServerRequestMethod> = z.output<ServerRequests[M]['params']>;
export type ServerRequestInput<M extends ServerRequestMethod> = z.input<ServerRequests[M]['params']>;
export type ServerRequestResult<M extends ServerRequestMethod> = z.output<ServerRequests[M]['result']>;
export type ServerRequestAnswer<M extends ServerRequestMethod> = z.input<ServerRequests[M]['result']>;

export type ClientNotificationParams<M extends ClientNotificationMethod> = z.output<ClientNotifications[M]['params']>;
export type ServerNotificationParams<M extends ServerNotificationMethod> = z.output<ServerNotifications[M]['params']>;
export type ServerNotificationInput<M extends ServerNotificationMethod> = z.input<ServerNotifications[M]['params']>;

/** A notification as one value, to switch on `method`. */
export type ServerNotification = {
  [M in ServerNotificationMethod]: { method: M; params: ServerNotificationParams<M> };
}[ServerNotificationMethod];
export type ClientNotification = {
  [M in ClientNotificationMethod]: { method: M; params: ClientNotificationParams<M> };
}[ClientNotificationMethod];
export type ClientRequest = {
  [M in ClientRequestMethod]: { method: M; params: ClientRequestParams<M> };
}[ClientRequestMethod];
export type ServerRequest = {
  [M in ServerRequestMethod]: { method: M; params: ServerRequestParams<M> };
}[ServerRequestMethod];

/** The tables as the core uses them. */
export const coreSide: {
  handles: typeof allClientRequests;
  calls: typeof allServerRequests;
  hears: typeof allClientNotifications;
  says: typeof allServerNotifications;
} = {
  handles: allClientRequests,
  calls: allServerRequests,
  hears: allClientNotifications,
  says: allServerNotifications,
};

/** The tables as a client of the core uses them. */
export const editorSide: {
  handles: typeof allServerRequests;
  calls: typeof allClientRequests;
  hears: typeof allServerNotifications;
  says: typeof allClientNotifications;
} = {
  handles: allServerRequests,
  calls: allClientRequests,
  hears: allServerNotifications,
  says: allClientNotifications,
};
