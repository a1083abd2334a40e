import type * as z from 'zod/mini';
import type { RequestId } from '../common.ts';
import type { AgentError } from '../errors.ts';
import type { NotificationTable, RequestTable } from '../methods.ts';
import type { LineSink } from './write-queue.ts';

/** The four tables that one end of a connection works with; `coreSide` and `editorSide` are the whole protocol's. */
export interface PeerSide {
  handles: RequestTable;
  calls: RequestTable;
  hears: NotificationTable;
  says: NotificationTable;
}

export interface RequestContext {
  id: RequestId;
  /** Aborted when the connection closes; nobody reads the answer then. */
  signal: AbortSignal;
  /** Runs `action` right after the answer has been queued, so that what it sends comes after it; not after a failure. */
  afterReply(action: () => void): void;
  /**
   * Whatever else is sent from now on waits until the answer has been queued: for an answer that shows a state and what
   * then happens to it.
   */
  answerFirst(): void;
}

/**
 * Handlers get parsed params and may be called concurrently. Contract: return the answer, or throw `AgentError` to say
 * why not; anything else that is thrown is logged and reaches the other side as a bare internal error.
 * A method of the table without a handler is answered as unknown.
 */
export type RequestHandlers<Table extends RequestTable> = {
  [M in keyof Table]?: (
    params: z.output<Table[M]['params']>,
    context: RequestContext,
  ) => z.input<Table[M]['result']> | Promise<z.input<Table[M]['result']>>;
};

/** Called in the order of arrival. What they throw is logged. */
export type NotificationHandlers<Table extends NotificationTable> = {
  [M in keyof Table]?: (params: z.output<Table[M]['params']>) => void;
};

export type PeerLogEntry =
  /** A handler threw something that is no `AgentError`: a defect. */
  | { type: 'handlerFailed'; method: string; error: unknown }
  /** The other side sent what does not fit, and no answer could tell it so. */
  | { type: 'badMessage'; method: string | null; message: string }
  /** Not in our tables; ignored, for the other side may be newer. */
  | { type: 'unknownNotification'; method: string }
  /** The connection could not go on. */
  | { type: 'gaveUp'; message: string; error?: unknown };

export interface PeerOptions<Side extends PeerSide> {
  side: Side;
  /**
   * A server stamps its notifications with `emittedAtMs`. A client bears with a newer server: where a result or a
   * notification has a string that is not among those that its type names, or a variant of a tagged union that it does
   * not know, it gets that as it is. Show it, or have a `default` in each switch.
   */
  role: 'server' | 'client';
  sink: LineSink;
  requests: RequestHandlers<Side['handles']>;
  notifications?: NotificationHandlers<Side['hears']>;
  /** Called before the params of a known request are looked at, with them as they came; throws `AgentError` to refuse it. */
  admit?: (method: string, params: unknown) => void;
  /** Why a method that has no handler cannot be had; undefined for those that do not exist at all. */
  missing?: (method: string) => AgentError | undefined;
  /** Must not throw. */
  log?: (entry: PeerLogEntry) => void;
  /** Requests from the other side that may be open at once, unsent answers counted; more are refused. */
  maxPending?: number;
  maxLineBytes?: number;
  /**
   * When more than this waits because the other side does not read, and there is still more to send, the connection is
   * closed. So one message may be as long as it must, and what waits is no more than this and one message.
   */
  maxWaitingChars?: number;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

export interface RequestOptions {
  /** Gives up waiting; the other side is not told, its late answer is ignored. */
  signal?: AbortSignal;
  /** Told the id before the request is sent. */
  onId?: (id: number) => void;
}
