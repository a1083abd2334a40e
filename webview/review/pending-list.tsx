/** What was written and waits to be kept or undone, above the message field. */
import { useId } from 'react';
import type { ReviewFile } from '../bridge/review.ts';
import { useActions, useOpen, usePanel } from '../state/context.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { plural, splitPath } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';

const KINDS = {
  add: { letter: 'A', word: 'new file' },
  delete: { letter: 'D', word: 'deleted' },
  update: { letter: 'M', word: 'modified' },
  rename: { letter: 'R', word: 'moved' },
} as const;

export function PendingList() {
  const { post } = useActions();
  const files = usePanel((panel) => panel.reviews);
  const [open, setOpen] = useOpen('pending', false);
  const id = useId();
  if (files.length === 0) return null;
  const changes = plural(
    files.reduce((sum, { hunks }) => sum + Math.max(1, hunks), 0),
    'change',
  );
  const canUndo = files.some(({ whyNoUndo }) => whyNoUndo === null);
  return (
    <section className={`strip pending${open ? ' open' : ''}`} aria-label="Changes to review">
      <div className="pending-head">
        <button
          type="button"
          className="step-toggle"
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          onClick={() => setOpen(!open)}
        >
          <Icon name="diff" className="step-icon" />
          <span className="step-title">
            <span className="step-verb">
              {changes} in {plural(files.length, 'file')}
            </span>
          </span>
          <Icon name="chevron-right" className="step-chevron" />
        </button>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend beside the line */}
        <div className="pending-actions" role="group" aria-label="All changes">
          <Button label="Keep all" onClick={() => post({ type: 'review', action: 'keep', uri: null })} />
          <Button
            label="Undo all"
            disabled={!canUndo}
            onClick={() => post({ type: 'review', action: 'undo', uri: null })}
          />
          <Button kind="quiet" label="Open all" onClick={() => post({ type: 'review', action: 'open', uri: null })} />
        </div>
      </div>
      {open && (
        <ul id={id} className="strip-list">
          {files.map((file) => (
            <PendingFile key={file.uri} file={file} />
          ))}
        </ul>
      )}
    </section>
  );
}

function PendingFile({ file }: { file: ReviewFile }) {
  const { post } = useActions();
  const { uri, label, kind, movedFrom, hunks, added, removed, whyNoUndo, isTooLarge } = file;
  const { letter, word } = KINDS[kind];
  const { dir, name } = splitPath(label);
  const notes = [
    ...(movedFrom === null ? [] : [`moved from ${movedFrom}`]),
    ...(isTooLarge ? ['too large for single hunks'] : []),
    ...(whyNoUndo === null ? [] : [`cannot be undone: ${whyNoUndo}`]),
  ];
  const spoken = [`Open ${label}`, word, plural(hunks, 'hunk'), `${added} added`, `${removed} removed`];
  return (
    <li>
      <div className="strip-row">
        <button
          type="button"
          className="pending-file"
          aria-label={spoken.join(', ')}
          title={label}
          onClick={() => post({ type: 'review', action: 'open', uri })}
        >
          <span className={`file-kind ${kind === 'rename' ? 'update' : kind}`} aria-hidden="true">
            {letter}
          </span>
          <span className="file-path">
            <span className="file-name">{name}</span>
            <span className="file-dir">{dir.replace(/\/$/, '')}</span>
          </span>
          <span className="counts" aria-hidden="true">
            {hunks > 1 && <span className="part">{hunks}</span>}
            {added > 0 && <span className="plus">+{added}</span>}
            {removed > 0 && <span className="minus">−{removed}</span>}
          </span>
        </button>
        <IconButton
          icon="check"
          label={`Keep ${label}`}
          title="Keep"
          onClick={() => post({ type: 'review', action: 'keep', uri })}
        />
        <IconButton
          icon="discard"
          label={`Undo ${label}`}
          title={whyNoUndo ?? 'Undo'}
          disabled={whyNoUndo !== null}
          onClick={() => post({ type: 'review', action: 'undo', uri })}
        />
      </div>
      {notes.length > 0 && <p className="hint strip-detail">{notes.join(' · ')}</p>}
    </li>
  );
}
