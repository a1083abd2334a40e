import { type KeyboardEvent, useEffect, useRef } from 'react';
import { splitAttachments } from '../bridge/attachment-text.ts';
import { useActions, usePanel, useStoreApi, useView } from '../state/context.tsx';
import { isRunning, lastUserText } from '../state/selectors.ts';
import { IconButton } from '../ui/button.tsx';
import { Attachments } from './attachments.tsx';
import { CompletionList } from './completion-list.tsx';
import { ContextMeter } from './context-meter.tsx';
import { ModePicker } from './mode-picker.tsx';
import { ModelPicker } from './model-picker.tsx';
import { PlanChip } from './notes.tsx';
import { SandboxBadge } from './sandbox-badge.tsx';
import { useCompletion } from './use-completion.ts';
import { useImages } from './use-images.ts';

/**
 * Where a person writes: Enter sends (or steers the running turn), Alt+Enter sends after the running turn, Shift+Enter
 * breaks the line, Esc stops; `/`, `@` and `$` complete, `!` runs a command.
 */
export function Composer() {
  const { setDraft, send, post } = useActions();
  const store = useStoreApi();
  const draft = useView((state) => state.draft);
  const focusRequests = useView((state) => state.focusRequests);
  const running = usePanel(isRunning);
  const canWait = usePanel((panel) => panel.peer === 'gantry') && running;
  const hasImage = usePanel((panel) => panel.attachments.some(({ kind }) => kind === 'image'));
  const area = useRef<HTMLTextAreaElement>(null);
  const completion = useCompletion(area);
  const { onPaste, onDragOver, onDrop } = useImages();
  useEffect(() => area.current?.focus(), []);
  useEffect(() => {
    if (focusRequests) area.current?.focus();
  }, [focusRequests]);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Enter and arrows belong to the input method while it composes; 229 is how some report it.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (completion.onKeyDown(event)) return;
    if (event.key === 'Enter' && !event.shiftKey && (!event.altKey || canWait)) {
      if (event.defaultPrevented) return;
      event.preventDefault();
      send(draft, event.altKey);
    } else if (event.key === 'ArrowUp' && draft === '') {
      const last = lastUserText(store.getState().panel);
      if (!last) return;
      event.preventDefault();
      setDraft(splitAttachments(last).text);
    }
  };
  const label = running ? 'Steer' : 'Send';
  const { word, listId, active, choices } = completion;
  const isEmpty = !draft.trim() && !hasImage;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: a click on the frame goes to the field inside
    <div
      className="composer"
      onDragOver={onDragOver}
      onDrop={onDrop}
      onClick={(event) => {
        if (event.target === event.currentTarget) area.current?.focus();
      }}
    >
      <CompletionList control={completion} />
      <PlanChip />
      <Attachments />
      <textarea
        ref={area}
        aria-label="Message Gantry"
        aria-autocomplete="list"
        aria-haspopup="listbox"
        aria-controls={word ? listId : undefined}
        aria-activedescendant={word && choices.length > 0 ? `${listId}-${active}` : undefined}
        placeholder={running ? 'Add to what Gantry is doing' : 'Ask, or describe a change'}
        rows={1}
        value={draft}
        onChange={(event) => {
          setDraft(event.target.value);
          completion.onCursor();
        }}
        onSelect={completion.onCursor}
        onPaste={onPaste}
        onKeyDown={onKeyDown}
      />
      <div className="composer-bar">
        <ModePicker />
        <ModelPicker />
        <span className="spacer" />
        <ContextMeter />
        <SandboxBadge />
        {running && (
          <IconButton
            icon="stop"
            label="Stop"
            keys="Esc"
            className="stop"
            onClick={() => post({ type: 'interrupt' })}
          />
        )}
        {canWait && !isEmpty && (
          <IconButton icon="watch" label="Send after this turn" keys="Alt+Enter" onClick={() => send(draft, true)} />
        )}
        {(!running || !isEmpty) && (
          <IconButton
            icon="arrow-up"
            label={label}
            keys="Enter"
            className="send"
            disabled={isEmpty}
            onClick={() => send(draft)}
          />
        )}
      </div>
    </div>
  );
}
