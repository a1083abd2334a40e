/** `fuzzyFileSearch`: once, or as a session whose query changes while the folders are still being read. */
import path from 'node:path';
import { imported, late } from '../../late.ts';
import { AgentError, type FuzzyFileSearchResult } from '../../protocol/index.ts';
import type { FileIndex } from '../../search/file-index.ts';
import type { Connection, Handlers } from '../wire/connection.ts';

type Methods =
  | 'fuzzyFileSearch'
  | 'fuzzyFileSearch/sessionStart'
  | 'fuzzyFileSearch/sessionUpdate'
  | 'fuzzyFileSearch/sessionStop';

type Env = Readonly<Record<string, string | undefined>>;

/** How often a session tells what it found while its folders are still being read. */
const PROGRESS_MS = 150;

type Session = { query(query: string): void; stop(): void };

const loadSearch = late(async () => {
  const [index, list] = await Promise.all([
    imported(import('../../search/file-index.ts')),
    imported(import('../../search/list-files.ts')),
  ]);
  return { createFileIndex: index.createFileIndex, listFiles: list.listFiles };
});

/** Reads all roots into `index`; resolves at the end, or when `signal` aborts. */
async function fill(index: FileIndex, roots: readonly string[], env: Env, signal: AbortSignal, onMore = () => {}) {
  const { listFiles } = await loadSearch();
  const onFiles = (root: string) => (files: string[]) => {
    index.add(root, files);
    onMore();
  };
  await Promise.all([...new Set(roots)].map((root) => listFiles({ root, env, signal, onFiles: onFiles(root) })));
}

async function startSession(
  roots: readonly string[],
  env: Env,
  tell: (query: string, files: FuzzyFileSearchResult[]) => void,
  tellDone: () => void,
): Promise<Session> {
  const { createFileIndex } = await loadSearch();
  const index = createFileIndex();
  const abort = new AbortController();
  let query: string | null = null;
  let isWhole = false;
  let timer: NodeJS.Timeout | null = null;
  let told = '';

  const report = () => {
    timer = null;
    if (query === null || abort.signal.aborted) return;
    const files = index.search(query);
    const text = JSON.stringify([query, files]);
    // While the folders are read, most batches change nothing among the best.
    if (text !== told) tell(query, files);
    told = text;
    if (isWhole) tellDone();
  };
  void fill(index, roots, env, abort.signal, () => {
    if (query !== null) timer ??= setTimeout(report, PROGRESS_MS);
  }).then(() => {
    isWhole = true;
    if (timer) clearTimeout(timer);
    report();
  });

  return {
    query(next) {
      query = next;
      told = '';
      // After the answer to the request that brought the query.
      setImmediate(report);
    },
    stop() {
      abort.abort();
      if (timer) clearTimeout(timer);
    },
  };
}

function checkedRoots(roots: readonly string[], cwd: string): string[] {
  return roots.map((root) => path.resolve(cwd, root));
}

export function searchHandlers(cwd: string, env: Env): Pick<Handlers, Methods> {
  const sessions = new WeakMap<Connection, Map<string, Session>>();
  const running = new WeakMap<Connection, Map<string, AbortController>>();

  const sessionsOf = (connection: Connection): Map<string, Session> => {
    const known = sessions.get(connection);
    if (known) return known;
    const mine = new Map<string, Session>();
    sessions.set(connection, mine);
    const stopAll = () => {
      for (const session of mine.values()) session.stop();
    };
    connection.peer.closed.addEventListener('abort', stopAll, { once: true });
    return mine;
  };

  /** The call's own abort; a later call with the same token fires it. */
  const claim = (connection: Connection, token: string | null | undefined, signal: AbortSignal) => {
    const abort = new AbortController();
    const tokens = running.get(connection) ?? new Map<string, AbortController>();
    running.set(connection, tokens);
    if (token) {
      tokens.get(token)?.abort();
      tokens.set(token, abort);
    }
    const release = () => {
      if (token && tokens.get(token) === abort) tokens.delete(token);
    };
    return { signal: AbortSignal.any([abort.signal, signal]), release };
  };

  return {
    async fuzzyFileSearch({ query, roots, cancellationToken }, { connection, signal }) {
      const call = claim(connection, cancellationToken, signal);
      try {
        const { createFileIndex } = await loadSearch();
        const index = createFileIndex();
        if (query.trim() !== '') await fill(index, checkedRoots(roots, cwd), env, call.signal);
        return { files: call.signal.aborted ? [] : index.search(query) };
      } finally {
        call.release();
      }
    },

    async 'fuzzyFileSearch/sessionStart'({ sessionId, roots }, { connection }) {
      if (sessionId === '') throw new AgentError('invalidRequest', 'sessionId must not be empty');
      const mine = sessionsOf(connection);
      const session = await startSession(
        checkedRoots(roots, cwd),
        env,
        (query, files) =>
          connection.notify({ method: 'fuzzyFileSearch/sessionUpdated', params: { sessionId, query, files } }),
        () => connection.notify({ method: 'fuzzyFileSearch/sessionCompleted', params: { sessionId } }),
      );
      mine.get(sessionId)?.stop();
      if (connection.peer.closed.aborted) session.stop();
      else mine.set(sessionId, session);
      return {};
    },

    'fuzzyFileSearch/sessionUpdate'({ sessionId, query }, { connection }) {
      const session = sessionsOf(connection).get(sessionId);
      if (!session) throw new AgentError('invalidRequest', `fuzzy file search session not found: ${sessionId}`);
      session.query(query);
      return {};
    },

    'fuzzyFileSearch/sessionStop'({ sessionId }, { connection }) {
      const mine = sessionsOf(connection);
      mine.get(sessionId)?.stop();
      mine.delete(sessionId);
      return {};
    },
  };
}
