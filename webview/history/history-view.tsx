import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useActions, usePanel } from '../state/context.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { HistoryRow } from './history-row.tsx';

const SEARCH_PAUSE_MS = 150;

/** All threads, newest first, with what can be done with each. */
export function HistoryView() {
  const { post, focusComposer } = useActions();
  const history = usePanel((panel) => panel.history);
  const currentId = usePanel((panel) => panel.thread?.id ?? null);
  const [search, setSearch] = useState('');
  const term = search.trim() || null;
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => field.current?.focus(), []);
  useSearch(search);
  if (!history) return null;
  const { threads, nextCursor, loading, error, archived, undo } = history;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      post({ type: 'closeHistory' });
      focusComposer();
      return;
    }
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const target = event.target as HTMLElement;
    if (target.tagName === 'INPUT' && target !== field.current) return;
    event.preventDefault();
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('.history-open') ?? [])];
    const row = target.closest('li');
    const at = buttons.findIndex((button) => row?.contains(button));
    const next = at + (event.key === 'ArrowDown' ? 1 : -1);
    if (next < 0) field.current?.focus();
    else buttons[Math.min(next, buttons.length - 1)]?.focus();
  };
  return (
    <main className="history" aria-label="History" onKeyDown={onKeyDown}>
      <div className="history-bar">
        <div className="history-search">
          <Icon name="search" />
          <input
            ref={field}
            type="search"
            aria-label="Search threads"
            placeholder={archived ? 'Search archived threads' : 'Search threads and messages'}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </div>
        <IconButton
          icon="archive"
          label="Archived"
          title={archived ? 'Show the other threads' : 'Show archived threads'}
          aria-pressed={archived}
          className={archived ? 'pressed' : ''}
          onClick={() => post({ type: 'listThreads', cursor: null, search: term, archived: !archived })}
        />
      </div>
      {archived && <p className="hint history-kind">Archived threads</p>}
      {error && (
        <div className="notice error">
          <Icon name="error" />
          <p>{error}</p>
        </div>
      )}
      <ul className="history-list" aria-label="Threads" aria-busy={loading} ref={list}>
        {threads.map((thread) => (
          <HistoryRow key={thread.id} thread={thread} current={thread.id === currentId} archived={archived} />
        ))}
        {nextCursor && (
          <li className="history-more">
            <Button
              label={loading ? 'Loading…' : 'Load more'}
              disabled={loading}
              onClick={() => post({ type: 'listThreads', cursor: nextCursor, search: term })}
            />
          </li>
        )}
      </ul>
      {threads.length === 0 && !error && (
        <p className="history-empty">
          {loading
            ? 'Loading threads…'
            : search.trim()
              ? `No thread matches “${search.trim()}”.`
              : archived
                ? 'Nothing is archived.'
                : 'No threads yet. What you ask Gantry will be kept here.'}
        </p>
      )}
      {undo && (
        <div className="history-undo" role="status">
          <span className="strip-text">Archived “{undo.title}”</span>
          <Button label="Undo" onClick={() => post({ type: 'unarchiveThread', threadId: undo.threadId })} />
        </div>
      )}
    </main>
  );
}

/** Asks the host for another list shortly after the last key. */
function useSearch(search: string) {
  const { post } = useActions();
  const asked = useRef(search);
  useEffect(() => {
    if (asked.current === search) return;
    const timer = setTimeout(() => {
      asked.current = search;
      post({ type: 'listThreads', cursor: null, search: search.trim() || null });
    }, SEARCH_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [search, post]);
}
