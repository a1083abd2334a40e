import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { Icon, type IconName } from './icon.tsx';

export type Option = {
  id: string;
  label: string;
  description: string | null;
  /** Options of one group stand together under its name. */
  group: string | null;
  icon?: IconName;
  badge?: string | null;
};

type PickerProps = {
  /** Name of the button, which also says what is chosen: "Mode: Ask first". */
  label: string;
  listLabel: string;
  className?: string;
  button: ReactNode;
  options: readonly Option[];
  selected: string | null;
  onPick: (id: string) => void;
  /** With a field to narrow the list down. */
  filter?: string;
  footer?: (close: () => void) => ReactNode;
};

/** A button that opens a list to choose one thing from; arrows, Home, End, Enter, Esc as everywhere. */
export function Picker(props: PickerProps) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const root = useRef<HTMLDivElement>(null);
  const close = (refocus = true) => {
    setOpen(false);
    if (refocus) button.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: closes when the focus leaves the whole
    <div
      className={`picker${props.className ? ` ${props.className}` : ''}`}
      ref={root}
      onBlur={(event) => {
        if (open && event.relatedTarget !== null && !root.current?.contains(event.relatedTarget)) close(false);
      }}
    >
      <button
        type="button"
        ref={button}
        className="picker-button"
        aria-haspopup="listbox"
        aria-expanded={open}
        aria-label={props.label}
        title={props.label}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        {props.button}
        <Icon name="chevron-down" className="picker-chevron" />
      </button>
      {open && <Popup {...props} root={root} close={close} />}
    </div>
  );
}

function Popup({
  listLabel,
  options,
  selected,
  onPick,
  filter,
  footer,
  close,
  root,
}: PickerProps & { close: (refocus?: boolean) => void; root: React.RefObject<HTMLDivElement | null> }) {
  const [query, setQuery] = useState('');
  const shown = useMemo(() => matching(options, query), [options, query]);
  const [active, setActive] = useState<string | null>(selected);
  const id = useId();
  const focus = useRef<HTMLDivElement & HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => focus.current?.focus(), []);
  useEffect(() => {
    const onPointer = (event: PointerEvent) => {
      if (!root.current?.contains(event.target as Node)) close(false);
    };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [close, root]);
  const at = Math.max(
    0,
    shown.findIndex((option) => option.id === active),
  );
  const current = shown[at];
  const activeId = current ? `${id}-${at}` : undefined;
  useEffect(() => {
    if (activeId) list.current?.querySelector(`[id="${activeId}"]`)?.scrollIntoView?.({ block: 'nearest' });
  }, [activeId]);
  const pick = (option: Option | undefined) => {
    if (!option) return;
    onPick(option.id);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const moves: Record<string, number> = {
      ArrowDown: (at + 1) % shown.length,
      ArrowUp: (at + shown.length - 1) % shown.length,
      ...(filter && query ? {} : { Home: 0, End: shown.length - 1 }),
    };
    const target = moves[event.key];
    if (target !== undefined) setActive(shown[target]?.id ?? null);
    else if (event.key === 'Enter' || (event.key === ' ' && !filter)) pick(current);
    else if (event.key === 'Escape') close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const groups = [...new Set(shown.map(({ group }) => group))];
  const combobox = { 'aria-controls': `${id}-list`, 'aria-activedescendant': activeId };
  return (
    <div className="popup">
      {filter && (
        <input
          ref={focus}
          className="popup-filter"
          role="combobox"
          aria-expanded="true"
          aria-autocomplete="list"
          aria-label={filter}
          placeholder={filter}
          value={query}
          {...combobox}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(null);
          }}
          onKeyDown={onKeyDown}
        />
      )}
      <div
        ref={
          filter
            ? list
            : (node) => {
                list.current = node;
                focus.current = node as typeof focus.current;
              }
        }
        className="popup-list"
        role="listbox"
        id={`${id}-list`}
        aria-label={listLabel}
        {...(filter ? {} : { tabIndex: -1, 'aria-activedescendant': activeId, onKeyDown })}
      >
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group inside a listbox
          <div key={group ?? ''} role="group" aria-label={group ?? listLabel}>
            {group && (
              <div className="popup-group" aria-hidden="true">
                {group}
              </div>
            )}
            {shown.map(
              (option, index) =>
                option.group === group && (
                  // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/useFocusableInteractive: keys are handled where the focus is
                  <div
                    key={option.id}
                    id={`${id}-${index}`}
                    role="option"
                    aria-selected={option.id === selected}
                    className={`option${index === at ? ' active' : ''}`}
                    onClick={() => pick(option)}
                    onPointerMove={() => setActive(option.id)}
                  >
                    <Icon
                      name={option.id === selected ? 'check' : (option.icon ?? 'check')}
                      className={option.id === selected || option.icon ? '' : 'ghost'}
                    />
                    <span className="option-text">
                      <span className="option-label">
                        {option.label}
                        {option.badge && <span className="badge">{option.badge}</span>}
                      </span>
                      {option.description && <span className="option-description">{option.description}</span>}
                    </span>
                  </div>
                ),
            )}
          </div>
        ))}
        {shown.length === 0 && <p className="hint">Nothing matches “{query}”.</p>}
      </div>
      {footer && <div className="popup-footer">{footer(() => close(false))}</div>}
    </div>
  );
}

/** The options that contain all words of the query, in label, description or group. */
function matching(options: readonly Option[], query: string): readonly Option[] {
  const wanted = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return options;
  return options.filter(({ label, id, group, description }) => {
    const text = `${label} ${id} ${group ?? ''} ${description ?? ''}`.toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
