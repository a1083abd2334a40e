import { useEffect, useRef } from 'react';
import { useView } from '../state/context.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import type { CompletionControl } from './use-completion.ts';

const KINDS: Record<'slash' | 'file' | 'skill', { label: string; icon: IconName; none: string }> = {
  slash: { label: 'Commands', icon: 'zap', none: 'No such command. To send it as text, put a space before it.' },
  file: { label: 'Files', icon: 'file', none: 'No file fits.' },
  skill: { label: 'Skills', icon: 'tools', none: 'No skill fits.' },
};

/** As the README has it. */
const NO_SKILLS =
  'There are no skills yet. A skill is a folder with a SKILL.md, below .agents/skills here or in your home.';

/** What can be picked for the word at the cursor. The focus stays in the field, which names the active choice. */
export function CompletionList({ control }: { control: CompletionControl }) {
  const { word, choices, active, searching, noneAtAll, listId, setActive, pick } = control;
  const isNoted = useView((state) => state.note !== null);
  const list = useRef<HTMLDivElement>(null);
  const activeId = `${listId}-${active}`;
  useEffect(() => {
    list.current?.querySelector(`[id="${activeId}"]`)?.scrollIntoView?.({ block: 'nearest' });
  }, [activeId]);
  // What the note says of the command would be said twice, one over the other.
  if (!word || (isNoted && word.kind === 'slash' && choices.length === 0)) return null;
  const { label, icon, none } = KINDS[word.kind];
  return (
    <div className="popup completion">
      <div className="popup-list" role="listbox" id={listId} aria-label={label} aria-busy={searching} ref={list}>
        {choices.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: keys are handled in the field
          <div
            key={choice.id}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === active}
            className={`option${index === active ? ' active' : ''}`}
            // The field keeps the focus.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => pick(choice)}
            onPointerMove={() => setActive(index)}
          >
            <Icon name={icon} />
            <span className="option-text">
              <span className="option-label">{choice.label}</span>
              {choice.detail && <span className="option-description">{choice.detail}</span>}
            </span>
          </div>
        ))}
      </div>
      {choices.length === 0 && (
        <p className="hint completion-none">{searching ? 'Searching…' : noneAtAll ? NO_SKILLS : none}</p>
      )}
    </div>
  );
}
