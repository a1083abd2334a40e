/** One question to the editor, and what becomes of it when the editor refuses, errs, is slow or goes away. */
import {
  AgentError,
  HostFsRefusal,
  RpcError,
  rpcErrorCodes,
  type ServerRequestInput,
  type ServerRequestResult,
} from '../protocol/index.ts';
import type { Failure } from './disk-fs.ts';

export type HostFsMethod = `host/fs/${'read' | 'write' | 'create' | 'delete' | 'rename' | 'dirty' | 'save'}`;

/** A client that offers its buffers. Rejects as `Peer.request` does. */
export type EditorLine = {
  request<M extends HostFsMethod>(
    method: M,
    params: ServerRequestInput<M>,
    options?: { signal?: AbortSignal },
  ): Promise<ServerRequestResult<M>>;
};

export type EditorAnswer<T> =
  | { type: 'answered'; value: T }
  | { type: 'refused'; failure: Failure }
  /** Nobody is there to ask, or it has no such file system: the disk counts. */
  | { type: 'absent' };

/** Of what the editor says, for the model. */
const MAX_MESSAGE = 1000;

/** Never rejects. Without `limitMs` the user may take their time. */
export async function askEditor<M extends HostFsMethod>(
  line: EditorLine | null,
  method: M,
  params: ServerRequestInput<M>,
  { limitMs, signal }: { limitMs?: number; signal?: AbortSignal | undefined },
): Promise<EditorAnswer<ServerRequestResult<M>>> {
  if (line === null) return { type: 'absent' };
  const late = new AbortController();
  const timer = limitMs === undefined ? undefined : setTimeout(() => late.abort(), limitMs);
  try {
    const either = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
    return { type: 'answered', value: await line.request(method, params, { signal: either }) };
  } catch (error) {
    return failureOf(error, signal?.aborted === true);
  } finally {
    clearTimeout(timer);
  }
}

function failureOf(error: unknown, isInterrupted: boolean): { type: 'refused'; failure: Failure } | { type: 'absent' } {
  const refused = (reason: Failure['reason'], message: string) => ({
    type: 'refused' as const,
    failure: { ok: false as const, reason, message: message.slice(0, MAX_MESSAGE) },
  });
  if (error instanceof RpcError) {
    if (error.code === rpcErrorCodes.methodNotFound) return { type: 'absent' };
    const refusal = error.code === rpcErrorCodes.hostFs ? HostFsRefusal.safeParse(error.data) : null;
    if (!refusal?.success) return refused('io', `The editor could not do it: ${error.message}`);
    const { reason } = refusal.data;
    return reason === 'noScheme' ? { type: 'absent' } : refused(reason, error.message);
  }
  if (!(error instanceof AgentError)) throw error;
  switch (error.code) {
    case 'closed':
    case 'gantryRequired':
      return { type: 'absent' };
    case 'aborted':
      return isInterrupted
        ? refused('io', 'The turn was interrupted while the editor was asked.')
        : refused(
            'io',
            'The editor did not answer. What it was asked may have happened: read the file before you go on.',
          );
    default:
      return refused(
        'io',
        `The editor's answer could not be understood (${error.message}) What it was asked may have happened: read the file before you go on.`,
      );
  }
}
