import { memo, useMemo } from 'react';
import type { UserInput, UserMessageThreadItem } from '../../agent-core/protocol/index.ts';
import { splitAttachments } from '../bridge/attachment-text.ts';
import { useActions, useOpen, usePanel } from '../state/context.tsx';
import { IconButton } from '../ui/button.tsx';
import { relativePath, splitPath } from '../ui/format.ts';
import { Icon, type IconName } from '../ui/icon.tsx';

type Chip = { icon: IconName; label: string; title: string; path: string | null; line: number | null };

const LONG = 1200;

/** What a person wrote, apart from what was attached to it. */
export function readMessage(content: readonly UserInput[], cwd: string | null): { text: string; chips: Chip[] } {
  const chips: Chip[] = [];
  const texts: string[] = [];
  const file = (path: string, line: number | null, suffix: string, icon: IconName = 'file-code') => {
    const shown = relativePath(path, cwd);
    chips.push({ icon, label: `${splitPath(shown).name}${suffix}`, title: `${shown}${suffix}`, path, line });
  };
  for (const part of content) {
    if (part.type === 'text') {
      const { text, attachments, review } = splitAttachments(part.text);
      if (review !== null)
        chips.push({ icon: 'discard', label: 'What you undid or changed', title: review, path: null, line: null });
      if (text.trim()) texts.push(text);
      for (const { path, startLine, endLine } of attachments) file(path, startLine, lineSuffix(startLine, endLine));
    } else if (part.type === 'mention') {
      const lines = /:(\d+)(?:-(\d+))?$/.exec(part.name);
      file(
        part.path,
        lines ? Number(lines[1]) : null,
        lines ? lineSuffix(Number(lines[1]), lines[2] ? Number(lines[2]) : null) : '',
        'file',
      );
    } else if (part.type === 'localImage') file(part.path, null, '', 'image');
    else if (part.type === 'skill')
      chips.push({ icon: 'tools', label: part.name, title: `Skill ${part.name}`, path: part.path, line: null });
    else
      chips.push({
        icon: part.type === 'image' ? 'image' : 'file',
        label: part.type === 'image' ? 'Image' : 'Audio',
        title: 'Attached',
        path: null,
        line: null,
      });
  }
  return { text: texts.join('\n\n'), chips };
}

/** ":3-9", ":3" or nothing. */
export function lineSuffix(start: number | null, end: number | null): string {
  if (start === null) return '';
  return end === null || end === start ? `:${start}` : `:${start}-${end}`;
}

export const UserMessageCard = memo(function UserMessageCard({
  item,
  turnId,
  lead,
}: {
  item: UserMessageThreadItem;
  turnId: string;
  lead: boolean;
}) {
  const { post } = useActions();
  const cwd = usePanel((panel) => panel.thread?.cwd ?? null);
  const { text, chips } = useMemo(() => readMessage(item.content, cwd), [item.content, cwd]);
  const [open, setOpen] = useOpen(item.id, text.length <= LONG && text.split('\n').length <= 20);
  const long = text.length > LONG || text.split('\n').length > 20;
  const checkpointId = usePanel((panel) =>
    lead ? panel.thread?.extras.checkpoints.find((one) => one.turnId === turnId)?.id : undefined,
  );
  const Heading = lead ? 'h2' : 'h3';
  return (
    <div className={`user-message${checkpointId ? ' restorable' : ''}`}>
      <Heading className="sr-only">
        {lead ? 'You asked: ' : 'You added: '}
        {text.slice(0, 80)}
      </Heading>
      {text && <div className={`user-text${long && !open ? ' clipped' : ''}`}>{text}</div>}
      {checkpointId && (
        <IconButton
          icon="history"
          className="restore-button"
          label={`Restore to before: ${text.slice(0, 60)}`}
          title="Go back to before this message: files, conversation or both"
          onClick={() => post({ type: 'previewRestore', checkpointId })}
        />
      )}
      {long && (
        <button type="button" className="more" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Show less' : 'Show all'}
        </button>
      )}
      {chips.length > 0 && (
        <ul className="chips" aria-label="Attached">
          {chips.map((chip) => (
            <li key={`${chip.icon}${chip.title}`}>
              {chip.path === null ? (
                <span className="chip" title={chip.title}>
                  <Icon name={chip.icon} />
                  <span className="chip-label">{chip.label}</span>
                </span>
              ) : (
                <button
                  type="button"
                  className="chip"
                  title={chip.title}
                  onClick={() => post({ type: 'openFile', path: chip.path as string, line: chip.line })}
                >
                  <Icon name={chip.icon} />
                  <span className="chip-label">{chip.label}</span>
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
});
