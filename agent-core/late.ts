/** What is loaded when it is first needed. */
import { AgentError } from './protocol/index.ts';

/** Loads once and keeps it; what failed is tried again by the next call. Calls at the same time share one load. */
export function late<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}

const GONE = new Set(['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND', 'ENOENT']);

/** Waits for an `import()` of ours. A file that an update took away or replaced is told as that, by an `AgentError`. */
export async function imported<T>(importing: Promise<T>): Promise<T> {
  try {
    return await importing;
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && GONE.has(String(error.code));
    // A file of another version does not have the names that are asked for.
    if (!isGone && !(error instanceof SyntaxError)) throw error;
    throw new AgentError('internalError', "Gantry's files changed under it: restart the agent.", { cause: error });
  }
}
