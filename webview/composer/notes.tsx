import { useActions, usePanel, useView } from '../state/context.tsx';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';

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

/** Why something that was asked for here was not done. */
export function ComposerNote() {
  const { setNote, focusComposer } = useActions();
  const note = useView((state) => state.note);
  if (!note) return null;
  return (
    <div className="notice warning">
      <Icon name="warning" />
      <p>{note}</p>
      <IconButton
        icon="close"
        label="Dismiss note"
        title="Dismiss"
        onClick={() => {
          setNote(null);
          focusComposer();
        }}
      />
    </div>
  );
}

/** That the next messages only plan, and the way out of it. */
export function PlanChip() {
  const { post, focusComposer } = useActions();
  const plan = usePanel((panel) => panel.plan);
  if (!plan) return null;
  return (
    <div className="chip split plan-chip">
      <span className="chip-open">
        <Icon name="checklist" />
        <span className="chip-label">Plan mode: nothing is changed</span>
      </span>
      <button
        type="button"
        className="chip-remove"
        aria-label="Leave plan mode"
        title="Leave plan mode"
        onClick={() => {
          post({ type: 'setPlan', plan: false });
          focusComposer();
        }}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}
