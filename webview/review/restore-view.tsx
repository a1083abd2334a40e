/** What going back to before a message would do, and what it did; above the message field. */
import { useEffect, useId, useRef, useState } from 'react';
import type { RestoreFile, RestoreScope, RestoreView } from '../bridge/restore.ts';
import { useActions, usePanel } from '../state/context.tsx';
import { isRunning } from '../state/selectors.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { CheckBox } from '../ui/check-box.tsx';
import { plural, splitPath } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';

const CHANGES = {
  add: { letter: 'A', word: 'comes back' },
  delete: { letter: 'D', word: 'is removed' },
  update: { letter: 'M', word: 'is changed back' },
} as const;

const SCOPES: { scope: RestoreScope; label: string }[] = [
  { scope: 'code', label: 'Files' },
  { scope: 'thread', label: 'Conversation' },
  { scope: 'both', label: 'Both' },
];

const DONE: Record<RestoreScope, string> = {
  code: 'Restored',
  thread: 'The conversation is back to before this message',
  both: 'The conversation and the files are back to before this message',
};

export function RestorePanel() {
  const restore = usePanel((panel) => panel.restore);
  return restore ? <Restore key={restore.checkpoint.id} restore={restore} /> : null;
}

function Restore({ restore }: { restore: RestoreView }) {
  const { post, focusComposer } = useActions();
  const { checkpoint, status, problem, outcome } = restore;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const close = () => {
    post({ type: 'closeRestore' });
    focusComposer();
  };
  const about = checkpoint.label ? `“${checkpoint.label}”` : 'the last restore';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: closes with Esc, as its button does
    <section
      className="strip restore"
      aria-label="Restore"
      aria-busy={status === 'loading' || status === 'working'}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        event.stopPropagation();
        close();
      }}
    >
      <div className="strip-row">
        <Icon name={status === 'loading' || status === 'working' ? 'loading' : 'history'} className="step-icon" />
        <h2 className="strip-text" tabIndex={-1} ref={heading} title={checkpoint.label ?? undefined}>
          {outcome ? 'Restored' : 'Restore'} to before {about}
        </h2>
        <IconButton icon="close" label="Close restore" onClick={close} />
      </div>
      {problem && (
        <p className="restore-problem" role="alert">
          {problem}
        </p>
      )}
      {status === 'loading' && <p className="hint strip-detail">Looking at what would change…</p>}
      {outcome ? (
        <Outcome outcome={outcome} busy={status === 'working'} />
      ) : (
        status !== 'loading' && <Choice restore={restore} />
      )}
    </section>
  );
}

function Choice({ restore }: { restore: RestoreView }) {
  const { post } = useActions();
  const { files, withThread, status } = restore;
  const running = usePanel(isRunning);
  const [scope, setScope] = useState<RestoreScope>('code');
  const [overwrite, setOverwrite] = useState<readonly string[]>([]);
  const name = useId();
  const conflicts = files.filter(({ conflict }) => conflict !== null).length;
  const count = files.length - conflicts + overwrite.length;
  const withFiles = scope !== 'thread';
  const nothing = files.length === 0 && scope === 'code';
  return (
    <>
      {withThread && (
        <fieldset className="restore-scope">
          <legend className="sr-only">What goes back</legend>
          {SCOPES.map((one) => (
            <label key={one.scope}>
              <input type="radio" name={name} checked={scope === one.scope} onChange={() => setScope(one.scope)} />
              {one.label}
            </label>
          ))}
        </fieldset>
      )}
      {withFiles && files.length === 0 && <p className="hint strip-detail">All files are as they were then.</p>}
      {withFiles && files.length > 0 && (
        <ul className="strip-list" aria-label="Files that would change">
          {files.map((file) => (
            <FileLine
              key={file.path}
              file={file}
              overwritten={overwrite.includes(file.path)}
              onOverwrite={(yes) =>
                setOverwrite((paths) => [...paths.filter((path) => path !== file.path), ...(yes ? [file.path] : [])])
              }
            />
          ))}
        </ul>
      )}
      {!withFiles && (
        <p className="hint strip-detail">The files stay as they are. Your message comes back to be edited.</p>
      )}
      <div className="restore-actions">
        <Button
          kind="primary"
          label={withFiles && count > 0 ? `Restore ${plural(count, 'file')}` : 'Restore'}
          disabled={status !== 'ready' || running || nothing || (scope === 'code' && count === 0)}
          title={running ? 'Stop the turn first' : undefined}
          onClick={() => post({ type: 'restore', scope, overwrite: withFiles ? [...overwrite] : [] })}
        />
        {running && <span className="hint">Stop the turn first.</span>}
      </div>
    </>
  );
}

function FileLine({
  file,
  overwritten,
  onOverwrite,
}: {
  file: RestoreFile;
  overwritten: boolean;
  onOverwrite: (yes: boolean) => void;
}) {
  const { post } = useActions();
  const { path, label, change, added, removed, canOpen, conflict } = file;
  const { letter, word } = CHANGES[change];
  const { dir, name } = splitPath(label);
  const id = useId();
  return (
    <li>
      <div className="strip-row">
        <button
          type="button"
          className="pending-file"
          aria-label={`Open ${label}, ${word}${canOpen ? `, ${added} added, ${removed} removed` : ', no text'}${conflict ? `, conflict: ${conflict}` : ''}`}
          title={label}
          disabled={!canOpen}
          onClick={() => post({ type: 'openRestoreDiff', path })}
        >
          <span className={`file-kind ${change}`} aria-hidden="true">
            {letter}
          </span>
          <span className="file-path">
            <span className="file-name">{name}</span>
            <span className="file-dir">{dir.replace(/\/$/, '')}</span>
          </span>
          <span className="counts" aria-hidden="true">
            {added > 0 && <span className="plus">+{added}</span>}
            {removed > 0 && <span className="minus">−{removed}</span>}
          </span>
        </button>
      </div>
      {conflict && (
        <div className="restore-conflict">
          <Icon name="warning" />
          <span>Left as it is: {conflict}</span>
          <CheckBox id={id} state={overwritten ? 'on' : 'off'} label={`Overwrite ${label}`} onChange={onOverwrite} />
          <label htmlFor={id} aria-hidden="true">
            Overwrite
          </label>
        </div>
      )}
    </li>
  );
}

function Outcome({ outcome, busy }: { outcome: NonNullable<RestoreView['outcome']>; busy: boolean }) {
  const { post } = useActions();
  const { scope, restored, left, canUndo } = outcome;
  const files = scope === 'thread' ? '' : `${scope === 'code' ? '' : ': '}${plural(restored, 'file')}`;
  return (
    <>
      <p className="strip-detail" role="status">
        {scope === 'code' ? `${files} restored` : `${DONE[scope]}${files}`}.
      </p>
      {left.length > 0 && (
        <ul className="restore-left" aria-label="Left as they are">
          {left.map(({ label, why }) => (
            <li key={label}>
              <Icon name="warning" />
              <span>
                {label}: {why}
              </span>
            </li>
          ))}
        </ul>
      )}
      {canUndo && (
        <div className="restore-actions">
          <Button label="Undo restore" disabled={busy} onClick={() => post({ type: 'undoRestore' })} />
          {scope === 'both' && <span className="hint">The files only; the conversation stays.</span>}
        </div>
      )}
    </>
  );
}
