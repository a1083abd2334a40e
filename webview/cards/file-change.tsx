import { memo, type ReactNode, useMemo } from 'react';
import type { FileChangeThreadItem, FileUpdateChange } from '../../agent-core/protocol/index.ts';
import type { ApprovalView } from '../bridge/panel-state.ts';
import { ReviewLine, useReviewResult } from '../review/item-review.tsx';
import { useActions, useOpen, usePanel } from '../state/context.tsx';
import { IconButton } from '../ui/button.tsx';
import { Diff } from '../ui/diff.tsx';
import { diffRows } from '../ui/diff-rows.ts';
import { plural, relativePath, splitPath } from '../ui/format.ts';
import { languageOfPath } from '../ui/highlight.ts';
import { Icon } from '../ui/icon.tsx';
import { visibleName } from '../ui/visible-text.ts';
import { BlockedNote } from './blocked-note.tsx';
import { FileBox, HunkList, SinceNote, takenOf } from './hunk-list.tsx';

const KINDS = {
  add: { letter: 'A', word: 'new file' },
  delete: { letter: 'D', word: 'deleted' },
  update: { letter: 'M', word: 'modified' },
} as const;

const OPEN_FILES = 3;

const STATUS = {
  inProgress: { text: 'Editing', note: null },
  completed: { text: 'Edited', note: null },
  failed: { text: 'Could not edit', note: 'The change could not be applied; nothing was written.' },
  declined: { text: 'Rejected edit of', note: 'You rejected this change; nothing was written.' },
} as const;

/** A turn that ended at the question: by the person, or because the window closed. */
const LEFT_OPEN = { text: 'Rejected edit of', note: 'The turn ended before this was accepted; nothing was written.' };

function FileRow({
  change,
  itemId,
  openByDefault,
  approval,
}: {
  change: FileUpdateChange;
  itemId: string;
  openByDefault: boolean;
  approval: ApprovalView | null;
}) {
  const { post } = useActions();
  const cwd = usePanel((panel) => panel.thread?.cwd ?? null);
  const [open, setOpen] = useOpen(`${itemId}:${change.path}`, openByDefault);
  const { rows, added, removed, movedTo } = useMemo(() => diffRows(change.diff, change.kind.type), [change]);
  const path = visibleName(relativePath(change.path, cwd));
  const { dir, name } = splitPath(path);
  const target = (change.kind.type === 'update' && change.kind.move_path) || movedTo;
  const { letter, word } = KINDS[change.kind.type];
  const reviewed = useReviewResult({ itemId, path: target || change.path });
  const asked = approval?.files.find((file) => file.path === change.path) ?? null;
  const count = asked && takenOf([asked]);
  const part = count && count.taken < count.total ? `${count.taken} of ${plural(count.total, 'hunk')}` : null;
  const language = languageOfPath(target || path);
  const hunks = asked?.hunks?.some(({ diff }) => diff !== '') ? asked.hunks : null;
  return (
    <li className={`file${open ? ' open' : ''}${count?.taken === 0 ? ' left-out' : ''}`}>
      <div className="step-line">
        {approval && asked && <FileBox approvalId={approval.id} file={asked} path={path} />}
        <button
          type="button"
          className="step-toggle"
          aria-label={`${path}, ${word}, ${added} added, ${removed} removed${part ? `, ${part}` : ''}${reviewed ? `, ${reviewed}` : ''}`}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
          title={path}
        >
          <span className={`file-kind ${change.kind.type}`} aria-hidden="true">
            {letter}
          </span>
          <span className="file-path">
            <span className="file-name">{name}</span>
            <span className="file-dir">{dir.replace(/\/$/, '')}</span>
          </span>
          <span className="step-meta counts" aria-hidden="true">
            {reviewed && <span className="part">{reviewed}</span>}
            {part && (
              <span className="part">{count?.taken === 0 ? 'left out' : `${count?.taken} of ${count?.total}`}</span>
            )}
            {added > 0 && <span className="plus">+{added}</span>}
            {removed > 0 && <span className="minus">−{removed}</span>}
          </span>
          <Icon name="chevron-right" className="step-chevron" />
        </button>
        <div className="step-actions">
          <IconButton
            icon="diff"
            label={`Open diff of ${path}`}
            title="Open diff"
            onClick={() => post({ type: 'openDiff', itemId, path: change.path })}
          />
          {change.kind.type !== 'delete' && (
            <IconButton
              icon="go-to-file"
              label={`Open ${path}`}
              title="Open file"
              onClick={() => post({ type: 'openFile', path: target || change.path, line: null })}
            />
          )}
        </div>
      </div>
      {target && <p className="hint moved">moved to {visibleName(relativePath(target, cwd))}</p>}
      <ReviewLine itemId={itemId} path={target || change.path} label={path} />
      {approval && asked && <SinceNote approvalId={approval.id} itemId={itemId} file={asked} />}
      {open &&
        (approval && hunks ? (
          <HunkList
            approvalId={approval.id}
            path={change.path}
            hunks={hunks}
            language={language}
            label={`Hunks of ${path}`}
          />
        ) : rows.length ? (
          <Diff rows={rows} language={language} label={`Changes of ${path}`} />
        ) : (
          <p className="hint">No lines changed.</p>
        ))}
    </li>
  );
}

export const FileChangeCard = memo(function FileChangeCard({
  item,
  turnId,
  done,
  approval,
  ask,
}: {
  item: FileChangeThreadItem;
  turnId: string;
  done: boolean;
  /** What `ask` asks about. */
  approval: ApprovalView | null;
  ask: ReactNode;
}) {
  const interrupted = usePanel(
    (panel) => panel.thread?.turns.find(({ id }) => id === turnId)?.status === 'interrupted',
  );
  const { text, note } = item.status === 'declined' && interrupted ? LEFT_OPEN : STATUS[item.status];
  const count = item.changes.length;
  const running = item.status === 'inProgress' && !done;
  const verb = ask ? 'Wants to edit' : item.status === 'inProgress' && done ? 'Did not finish editing' : text;
  // A list of many files opens as a list; one or a few show what was done at once.
  const openFiles = (ask || count <= OPEN_FILES) && item.status !== 'declined';
  return (
    <div className={`file-change ${item.status}${ask ? ' asking' : ''}`}>
      <div className="file-change-head">
        <Icon name={running && !ask ? 'loading' : item.status === 'failed' ? 'error' : 'edit'} className="step-icon" />
        <span className="step-verb">
          {verb} {count === 1 ? '1 file' : `${count} files`}
        </span>
      </div>
      <ul className="files" aria-label={`${verb} ${count === 1 ? '1 file' : `${count} files`}`}>
        {item.changes.map((change) => (
          <FileRow
            key={change.path}
            change={change}
            itemId={item.id}
            openByDefault={Boolean(openFiles)}
            approval={approval}
          />
        ))}
      </ul>
      {note && <p className="hint">{note}</p>}
      <BlockedNote itemId={item.id} />
      {ask}
    </div>
  );
});
