import { type KeyboardEvent, useEffect, useRef } from 'react';
import { splitAttachments } from '../bridge/attachment-text.ts';
import { useActions, usePanel, useStoreApi, useView } from '../state/context.tsx';
import { isRunning, lastUserText } from '../state/selectors.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { Attachments } from './attachments.tsx';
import { ContextMeter } from './context-meter.tsx';
import { ModePicker } from './mode-picker.tsx';
import { ModelPicker } from './model-picker.tsx';
import { SandboxBadge } from './sandbox-badge.tsx';

/** Where a person writes: Enter sends (or steers the running turn), Shift+Enter breaks the line, Esc stops. */
export function Composer() {
  const { setDraft, send, post } = useActions();
  const store = useStoreApi();
  const draft = useView((state) => state.draft);
  const focusRequests = useView((state) => state.focusRequests);
  const running = usePanel(isRunning);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => area.current?.focus(), []);
  useEffect(() => {
    if (focusRequests) area.current?.focus();
  }, [focusRequests]);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Enter and arrows belong to the input method while it composes; 229 is how some report it.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (event.key === 'Enter' && !event.shiftKey && !event.altKey) {
      if (event.defaultPrevented) return;
      event.preventDefault();
      send(draft);
    } else if (event.key === 'ArrowUp' && draft === '') {
      const last = lastUserText(store.getState().panel);
      if (!last) return;
      event.preventDefault();
      setDraft(splitAttachments(last).text);
    }
  };
  const label = running ? 'Steer' : 'Send';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: a click on the frame goes to the field inside
    <div
      className="composer"
      onClick={(event) => {
        if (event.target === event.currentTarget) area.current?.focus();
      }}
    >
      <Attachments />
      <textarea
        ref={area}
        aria-label="Message Gantry"
        placeholder={running ? 'Add to what Gantry is doing' : 'Ask, or describe a change'}
        rows={1}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
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
        {(!running || draft.trim()) && (
          <IconButton
            icon="arrow-up"
            label={label}
            keys="Enter"
            className="send"
            disabled={!draft.trim()}
            onClick={() => send(draft)}
          />
        )}
      </div>
    </div>
  );
}

/** Why the last message came back; the text is in the field again. */
export function SendError() {
  const { dismissSendError } = useActions();
  const message = useView((state) => state.sendError);
  if (!message) return null;
  return (
    <div className="notice error">
      <Icon name="error" />
      <p>{message} Your text is back in the field.</p>
      <IconButton icon="close" label="Dismiss" onClick={dismissSendError} />
    </div>
  );
}
