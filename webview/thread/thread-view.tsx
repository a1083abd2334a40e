import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { approvalSubject, saveSubject } from '../state/announce.ts';
import { useActions, usePanel, useStoreApi, useView } from '../state/context.tsx';
import { approvalsOf, createRowsSelector, questionsOf, savesOf } from '../state/selectors.ts';
import { Icon } from '../ui/icon.tsx';
import { EmptyThread } from './empty-thread.tsx';
import { RowView, type ThreadRow } from './row.tsx';
import { rowLabel } from './row-label.ts';
import { type ListHandle, VirtualList } from './virtual-list.tsx';

const SENDING: ThreadRow = { kind: 'sending', key: 'sending' };
const keyOf = (row: ThreadRow) => row.key;
const render = (row: ThreadRow) => <RowView row={row} />;
const estimate = (row: ThreadRow) => (row.kind === 'item' ? 56 : 40);

/** The conversation: its rows, or what Gantry is while there are none. */
export function ThreadView() {
  const selectRows = useMemo(createRowsSelector, []);
  const rows = usePanel(selectRows);
  const threadId = usePanel((panel) => panel.thread?.id ?? null);
  const sending = useView((state) => state.sending !== null);
  const all = useMemo(() => (sending ? [...rows, SENDING] : rows), [rows, sending]);
  const store = useStoreApi();
  const labelOf = useCallback((row: ThreadRow) => rowLabel(row, store.getState().panel), [store]);
  const [atEnd, setAtEnd] = useState(true);
  const list = useRef<ListHandle>(null);
  // Another thread opens at its end, wherever the reader was in the one before.
  const [shown, setShown] = useState(threadId);
  if (shown !== threadId) {
    setShown(threadId);
    setAtEnd(true);
  }
  useReveal(all, list);
  // A message just sent is what its writer wants to see, wherever they were reading.
  useEffect(() => {
    if (sending) list.current?.scrollToEnd();
  }, [sending]);
  return (
    <main className="thread" aria-label="Thread">
      {all.length === 0 ? (
        <EmptyThread />
      ) : (
        <VirtualList
          key={threadId}
          rows={all}
          keyOf={keyOf}
          labelOf={labelOf}
          render={render}
          label="Conversation"
          estimate={estimate}
          onAtEnd={setAtEnd}
          handle={list}
        />
      )}
      <div className="floating">
        <ApprovalReminder />
        {!atEnd && all.length > 0 && (
          <button type="button" className="floating-pill jump" onClick={() => list.current?.scrollToEnd()}>
            <Icon name="arrow-down" />
            <span>Jump to latest</span>
          </button>
        )}
      </div>
    </main>
  );
}

/** Brings the card that the store asks for into view; the card itself then takes the focus. */
function useReveal(rows: readonly ThreadRow[], list: React.RefObject<ListHandle | null>) {
  const reveal = useView((state) => state.reveal);
  const store = useStoreApi();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each request, not for each new row
  useEffect(() => {
    if (!reveal) return;
    const approvals = approvalsOf(store.getState().panel);
    const questions = questionsOf(store.getState().panel);
    const index = rows.findIndex(
      (row) =>
        ((row.kind === 'item' || row.kind === 'save') && row.id === reveal.itemId) ||
        (row.kind === 'approval' && approvals.find(({ id }) => id === row.id)?.itemId === reveal.itemId) ||
        (row.kind === 'question' && questions.find(({ id }) => id === row.id)?.itemId === reveal.itemId),
    );
    if (index >= 0) list.current?.reveal(index);
  }, [reveal]);
}

/** So that nobody misses that the agent waits: shown while a question is not on screen. */
function ApprovalReminder() {
  const { reveal } = useActions();
  const approvals = usePanel(approvalsOf);
  const inView = useView((state) => state.approvalsInView);
  const saves = usePanel(savesOf);
  const hidden = [
    ...approvals.map((one) => ({ id: one.id, itemId: one.itemId, subject: approvalSubject(one) })),
    ...saves.map(({ id, files }) => ({ id, itemId: id, subject: `save ${saveSubject(files)}?` })),
  ].filter(({ id }) => !inView.includes(id));
  const [first] = hidden;
  if (!first) return null;
  return (
    <button type="button" className="floating-pill waiting" onClick={() => reveal(first.itemId)}>
      <Icon name="question" />
      <span className="pill-text">Waiting for you: {first.subject}</span>
      {hidden.length > 1 && <span className="badge">{hidden.length}</span>}
    </button>
  );
}
