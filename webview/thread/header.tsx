import { useEffect, useRef, useState } from 'react';
import { splitAttachments } from '../bridge/attachment-text.ts';
import type { PanelState } from '../bridge/panel-state.ts';
import { useActions, usePanel } from '../state/context.tsx';
import { IconButton } from '../ui/button.tsx';

/** Title of the thread and the ways to other threads. */
export function Header() {
  const { post, focusComposer } = useActions();
  const history = usePanel((panel) => panel.history !== null);
  return (
    <header className="header">
      {history ? (
        <h1 className="title">
          <span className="title-text">History</span>
        </h1>
      ) : (
        <Title />
      )}
      <div className="header-actions">
        {history ? (
          <IconButton
            icon="close"
            label="Close history"
            keys="Esc"
            onClick={() => {
              post({ type: 'closeHistory' });
              focusComposer();
            }}
          />
        ) : (
          <IconButton
            icon="history"
            label="History"
            onClick={() => post({ type: 'listThreads', cursor: null, search: null })}
          />
        )}
        <IconButton
          icon="add"
          label="New thread"
          onClick={() => {
            post({ type: 'newThread' });
            focusComposer();
          }}
        />
      </div>
    </header>
  );
}

function Title() {
  const { post } = useActions();
  const id = usePanel((panel) => panel.thread?.id ?? null);
  const name = usePanel((panel) => panel.thread?.name ?? null);
  const started = usePanel((panel) => (panel.thread?.items.length ?? 0) > 0);
  const [editing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const refocus = useRef(false);
  useEffect(() => {
    if (editing || !refocus.current) return;
    refocus.current = false;
    button.current?.focus();
  }, [editing]);
  const asked = usePanel(firstWords);
  const text = name ?? (started ? asked || 'Untitled thread' : 'New thread');
  if (id === null || !started)
    return (
      <h1 className="title">
        <span className="title-text">{text}</span>
      </h1>
    );
  const finish = (value: string | null) => {
    if (value?.trim() && value.trim() !== name) post({ type: 'renameThread', threadId: id, name: value.trim() });
    refocus.current = value !== null || document.activeElement?.tagName === 'INPUT';
    setEditing(false);
  };
  if (editing) return <RenameField name={name ?? ''} onDone={finish} />;
  return (
    <h1 className="title">
      <button
        type="button"
        ref={button}
        className="title-text"
        title={`${text}\nRename: double click or F2`}
        aria-description="F2 renames"
        onDoubleClick={() => setEditing(true)}
        onKeyDown={(event) => {
          if (event.key !== 'F2') return;
          event.preventDefault();
          setEditing(true);
        }}
      >
        {text}
      </button>
    </h1>
  );
}

/** What was asked first: the title of a thread that nobody has named. */
function firstWords({ thread }: PanelState): string {
  const first = thread?.items.find(({ item }) => item.type === 'userMessage')?.item;
  if (first?.type !== 'userMessage' || !Array.isArray(first.content)) return '';
  const text = first.content.map((part) => (part.type === 'text' ? splitAttachments(part.text).text : '')).join(' ');
  return text.replace(/\s+/g, ' ').trim().slice(0, 120);
}

/** A line to change a name in: Enter keeps, Esc gives up (null), leaving keeps. */
export function RenameField({ name, onDone }: { name: string; onDone: (name: string | null) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const ended = useRef(false);
  useEffect(() => input.current?.select(), []);
  const end = (value: string | null) => {
    if (ended.current) return;
    ended.current = true;
    onDone(value);
  };
  return (
    <input
      ref={input}
      className="rename"
      aria-label="Thread name"
      defaultValue={name}
      maxLength={200}
      onBlur={(event) => end(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === 'Enter') end(event.currentTarget.value);
        else if (event.key === 'Escape') end(null);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}
