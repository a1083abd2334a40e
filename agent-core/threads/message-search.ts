/** Finding threads by what was said in them. */
import { setImmediate as breathe } from 'node:timers/promises';
import { AgentError } from '../protocol/index.ts';
import { isIndexError } from './index-file.ts';
import { type LineReader, withLines } from './line-reader.ts';
import type { Message, MessageTable, Pending, PlacedMessage } from './message-table.ts';
import { isSystemError } from './system-error.ts';
import type { ThreadFiles } from './thread-files.ts';
import type { ThreadPage, ThreadQuery } from './thread-list.ts';
import type { ThreadPlace } from './thread-paths.ts';
import type { StoredSummary, ThreadSummary } from './thread-summary.ts';
import type { ItemRef, ThreadView } from './thread-view.ts';

/** Threads that are looked through without a break. */
const STRETCH = 48;
/** A place in no file. Names come and go: each is told from the one before. */
const placeOfName = (name: string): number => {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 2_147_483_647;
  return -1 - sum;
};

type SearchOptions = {
  files: ThreadFiles;
  /** Runs `use` on the table of messages; null where there is none that can be used. */
  withTable: <T>(use: (table: MessageTable) => T) => { value: T } | null;
  list: (query: ThreadQuery) => ThreadPage;
  /** Null for a file that is gone. */
  known: (place: ThreadPlace) => StoredSummary | null;
};

export type Hit<T> = { summary: ThreadSummary; found: T };

export type MessageSearch = {
  /**
   * The threads of `query` in whose name or messages `match` finds something, in the order of the query, from the cursor
   * on; in each thread the name is looked at first, then what was said last. `words`, in small letters, are what every
   * text that matches must hold. What was written since the last search is taken up first.
   */
  find<T>(
    query: ThreadQuery,
    words: readonly string[],
    match: (message: Message) => T | null,
    signal: AbortSignal,
  ): AsyncGenerator<Hit<T>>;
};

function textOf(line: ReturnType<LineReader['read']>): { at: number; text: string } | null {
  if (line?.type !== 'item') return null;
  const { item, at } = line;
  if (item.type === 'agentMessage') return typeof item.text === 'string' ? { at, text: item.text } : null;
  const parts: unknown[] = Array.isArray(item.content) ? item.content : [];
  const texts = parts.flatMap((part) =>
    typeof part === 'object' && part !== null && 'text' in part && typeof part.text === 'string' ? [part.text] : [],
  );
  return { at, text: texts.join('\n') };
}

const isSaid = ({ type }: ItemRef): boolean => type === 'userMessage' || type === 'agentMessage';

/** A thread's name and messages, oldest first. */
function placed(view: ThreadView, name: string | null, reader: LineReader): PlacedMessage[] {
  const messages = view.turns.flatMap((turn) =>
    turn.items.filter(isSaid).map((ref) => ({
      turnId: turn.id,
      itemId: ref.id,
      place: ref.offset,
      read: () => textOf(reader.read(ref)),
    })),
  );
  const named =
    name === null ? [] : [{ turnId: '', itemId: '', place: placeOfName(name), read: () => ({ at: 0, text: name }) }];
  return [...named, ...messages];
}

export function createMessageSearch({ files, withTable, list, known }: SearchOptions): MessageSearch {
  /** Nothing for a thread that is gone or cannot be read. */
  const reading = <T>(path: string, name: string | null, use: (messages: PlacedMessage[]) => T): T | null => {
    try {
      const view = files.view(path);
      return withLines(view.files, (reader) => use(placed(view, name, reader)));
    } catch (error) {
      if (error instanceof AgentError || (isSystemError(error) && !isIndexError(error))) return null;
      throw error;
    }
  };

  const takeUp = (table: MessageTable, thread: Pending, summary: StoredSummary): void => {
    const isInUse = files.isKnown(thread.path);
    reading(thread.path, summary.name, (messages) => table.put(thread, summary, messages));
    // A search goes through all threads; what clients look at is to be remembered rather than those.
    if (!isInUse) files.forget(thread.path);
  };

  /** Whether the table knows all that there is. */
  const takeUpAll = async (archived: boolean, signal: AbortSignal): Promise<boolean> => {
    const pending = withTable((table) => (table.isUsable ? table.pending(archived) : null))?.value ?? null;
    if (pending === null) return false;
    for (let at = 0; at < pending.length; at += STRETCH) {
      await breathe(undefined, { signal });
      // Before they are read: what is written meanwhile is taken up the next time.
      const threads = pending.slice(at, at + STRETCH).map((thread) => ({ thread, summary: known(thread) }));
      const done = withTable((table) =>
        table.batch(() => {
          for (const { thread, summary } of threads) if (summary) takeUp(table, thread, summary);
        }),
      );
      if (!done) return false;
    }
    return true;
  };

  const fromFile = (summary: ThreadSummary): Message[] =>
    reading(summary.path, null, (messages) =>
      messages.toReversed().flatMap(({ turnId, itemId, read }) => {
        const text = read()?.text;
        return text ? [{ turnId, itemId, text }] : [];
      }),
    ) ?? [];

  return {
    async *find(query, words, match, signal) {
      // Everything is looked at, so that what is taken up next is what there is.
      list({ ...query, cursor: null, limit: 1 });
      const isKnown = await takeUpAll(query.archived, signal);
      const candidates = isKnown ? withTable((table) => table.candidates(words, query.archived)) : null;
      const only = candidates?.value ?? null;
      let cursor = query.cursor;
      do {
        const page = list({ ...query, cursor, limit: 50, only: only ?? query.only });
        for (const [index, summary] of page.data.entries()) {
          if (index % STRETCH === 0 || !isKnown) await breathe(undefined, { signal });
          const said = isKnown ? withTable((table) => [...table.of(summary.path)])?.value : undefined;
          const named = summary.name === null || said ? [] : [{ turnId: '', itemId: '', text: summary.name }];
          for (const message of [...named, ...(said ?? fromFile(summary))]) {
            const found = match(message);
            if (found === null) continue;
            yield { summary, found };
            break;
          }
        }
        cursor = page.nextCursor;
      } while (cursor !== null);
    },
  };
}
