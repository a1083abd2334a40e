import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { ThreadSummary } from '../bridge/panel-state.ts';
import { useActions } from '../state/context.tsx';
import { RenameField } from '../thread/header.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { ago, splitPath } from '../ui/format.ts';

/** One thread: opens it, and on demand renames, archives (or brings back) or deletes it. */
export function HistoryRow({
  thread,
  current,
  archived,
}: {
  thread: ThreadSummary;
  current: boolean;
  archived: boolean;
}) {
  const { post } = useActions();
  const [state, setState] = useState<'shown' | 'renaming' | 'deleting'>('shown');
  const open = useRef<HTMLButtonElement>(null);
  const refocus = useRef(false);
  useEffect(() => {
    if (state !== 'shown' || !refocus.current) return;
    refocus.current = false;
    open.current?.focus();
  }, [state]);
  const back = () => {
    refocus.current = true;
    setState('shown');
  };
  const title = thread.name ?? (thread.preview.trim() || 'Untitled thread');
  if (state === 'renaming') {
    return (
      <li className="history-row renaming">
        <RenameField
          name={thread.name ?? thread.preview}
          onDone={(name) => {
            if (name?.trim() && name.trim() !== thread.name)
              post({ type: 'renameThread', threadId: thread.id, name: name.trim() });
            back();
          }}
        />
      </li>
    );
  }
  if (state === 'deleting')
    return (
      <ConfirmDelete
        title={title}
        onCancel={back}
        onDelete={() => post({ type: 'deleteThread', threadId: thread.id })}
      />
    );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'F2') setState('renaming');
    else if (event.key === 'Delete') setState('deleting');
    else return;
    event.preventDefault();
  };
  const updated = thread.updatedAt * 1000;
  const folder = splitPath(thread.cwd.replaceAll('\\', '/').replace(/\/$/, '')).name;
  return (
    <li className={`history-row${current ? ' current' : ''}`}>
      <button
        type="button"
        ref={open}
        className="history-open"
        aria-current={current ? 'true' : undefined}
        aria-description="F2 renames, Delete deletes"
        onKeyDown={onKeyDown}
        onClick={() => {
          // An archived one comes back first: it can then be gone on with.
          if (archived) post({ type: 'unarchiveThread', threadId: thread.id });
          post({ type: 'resumeThread', threadId: thread.id });
        }}
      >
        <span className="history-title">
          {thread.running && <span className="running-dot" aria-hidden="true" />}
          <span className="history-name">{title}</span>
          {thread.running && <span className="sr-only">, running</span>}
          {current && <span className="badge">current</span>}
        </span>
        <span className="history-meta">
          <time dateTime={new Date(updated).toISOString()} title={new Date(updated).toLocaleString()}>
            {ago(updated, Date.now())}
          </time>
          {folder && <span className="history-folder">{folder}</span>}
          {thread.snippet ? (
            <span className="history-preview found">{thread.snippet}</span>
          ) : (
            thread.name && thread.preview && <span className="history-preview">{thread.preview}</span>
          )}
        </span>
      </button>
      <div className="history-actions">
        <IconButton icon="rename" label={`Rename ${title}`} title="Rename (F2)" onClick={() => setState('renaming')} />
        {archived ? (
          <IconButton
            icon="unarchive"
            label={`Unarchive ${title}`}
            title="Unarchive"
            onClick={() => post({ type: 'unarchiveThread', threadId: thread.id })}
          />
        ) : (
          <IconButton
            icon="archive"
            label={`Archive ${title}`}
            title="Archive"
            onClick={() => post({ type: 'archiveThread', threadId: thread.id })}
          />
        )}
        <IconButton icon="trash" label={`Delete ${title}`} title="Delete" onClick={() => setState('deleting')} />
      </div>
    </li>
  );
}

function ConfirmDelete({ title, onCancel, onDelete }: { title: string; onCancel: () => void; onDelete: () => void }) {
  const cancel = useRef<HTMLButtonElement>(null);
  useEffect(() => cancel.current?.focus(), []);
  return (
    <li className="history-row deleting">
      {/* biome-ignore lint/a11y/useSemanticElements: a question with two answers, not a form */}
      <div
        role="group"
        aria-label={`Delete ${title}?`}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          onCancel();
        }}
      >
        <p>Delete “{title}” for good?</p>
        <div className="error-actions">
          <Button kind="danger" label="Delete" onClick={onDelete} />
          <Button label="Keep" ref={cancel} onClick={onCancel} />
        </div>
      </div>
    </li>
  );
}
