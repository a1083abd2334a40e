import { lineSuffix } from '../cards/user-message.tsx';
import { useActions, usePanel } from '../state/context.tsx';
import { splitPath } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';

const ICONS = { selection: 'file-code', file: 'file', image: 'image', review: 'discard' } as const;

/** What goes along with the next message; each can be opened and taken off. */
export function Attachments() {
  const { post, focusComposer } = useActions();
  const attachments = usePanel((panel) => panel.attachments);
  if (attachments.length === 0) return null;
  return (
    <ul className="chips" aria-label="Attachments">
      {attachments.map(({ id, kind, label, path, startLine, endLine }) => {
        const lines = lineSuffix(startLine, endLine);
        const whole = label.endsWith(lines) ? label : `${label}${lines}`;
        return (
          <li key={id} className="chip split">
            {path === '' ? (
              <span className="chip-open" title={whole}>
                <Icon name={ICONS[kind]} />
                <span className="chip-label">{whole}</span>
              </span>
            ) : (
              <button
                type="button"
                className="chip-open"
                title={whole}
                onClick={() => post({ type: 'openFile', path, line: startLine })}
              >
                <Icon name={ICONS[kind]} />
                <span className="chip-label">{splitPath(whole).name}</span>
              </button>
            )}
            <button
              type="button"
              className="chip-remove"
              aria-label={`Remove ${whole}`}
              title="Remove"
              onClick={() => {
                post({ type: 'removeAttachment', id });
                focusComposer();
              }}
            >
              <Icon name="close" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}
