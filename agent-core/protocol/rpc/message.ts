import type { RequestId } from '../common.ts';
import type { RpcErrorObject } from '../errors.ts';
import { isDeeperThan, kindOfLine } from './excerpt.ts';

/** Arrays and objects inside each other; what is deeper would overflow somebody's stack later. */
const MAX_DEPTH = 256;

/** What one line turned out to be. `invalid` answers go out with `id`, or with null when the line had none to echo. */
export type Incoming =
  | { type: 'request'; id: RequestId; method: string; params: unknown }
  | { type: 'notification'; method: string; params: unknown }
  | { type: 'result'; id: RequestId; result: unknown }
  | { type: 'error'; id: RequestId | null; error: RpcErrorObject }
  | { type: 'notJson' }
  /** `ids` are those of the requests in it, which want an answer each. */
  | { type: 'batch'; ids: RequestId[] }
  | { type: 'invalid'; id: RequestId | null; reason: string };

/** Sorts one line. Never throws; a `jsonrpc` key and unknown keys are ignored. */
export function readMessage(line: string): Incoming {
  if (isDeeperThan(line, MAX_DEPTH)) {
    // Not parsed at all: that alone could take more memory than there is.
    const kind = kindOfLine(line, line);
    return invalid(kind.type === 'request' ? kind.id : null, `it is nested deeper than ${MAX_DEPTH} levels`);
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { type: 'notJson' };
  }
  if (Array.isArray(value)) return { type: 'batch', ids: value.flatMap(idOfRequest) };
  if (typeof value !== 'object' || value === null) return invalid(null, 'a message must be an object');
  const message = value as Record<string, unknown>;
  const hasId = Object.hasOwn(message, 'id');
  const id = isRequestId(message.id) ? message.id : null;
  if (Object.hasOwn(message, 'method')) {
    const method = message.method;
    if (typeof method !== 'string') return invalid(id, 'method must be a string');
    if (!hasId) return { type: 'notification', method, params: message.params };
    if (id === null) return invalid(null, 'id must be a string or an integer');
    return { type: 'request', id, method, params: message.params };
  }
  if (Object.hasOwn(message, 'error')) return { type: 'error', id, error: readError(message.error) };
  if (Object.hasOwn(message, 'result')) {
    if (id === null) return invalid(null, 'id must be a string or an integer');
    return { type: 'result', id, result: message.result };
  }
  return invalid(id, 'neither a method nor a result nor an error');
}

function idOfRequest(value: unknown): RequestId[] {
  if (typeof value !== 'object' || value === null || !('method' in value) || !('id' in value)) return [];
  return isRequestId(value.id) ? [value.id] : [];
}

function invalid(id: RequestId | null, reason: string): Incoming {
  return { type: 'invalid', id, reason };
}

function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

function readError(value: unknown): RpcErrorObject {
  const error = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const code = typeof error.code === 'number' ? error.code : -32603;
  const message = typeof error.message === 'string' ? error.message : 'The other side gave no reason.';
  return 'data' in error ? { code, message, data: error.data } : { code, message };
}
