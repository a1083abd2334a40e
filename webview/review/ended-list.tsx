/** Reviews that ended without a decision, above the message field: what took them away, and the way back. */
import type { EndedReview } from '../bridge/review.ts';
import { useActions, usePanel } from '../state/context.tsx';
import { Button, IconButton } from '../ui/button.tsx';
import { plural, splitPath } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { visibleName } from '../ui/visible-text.ts';

export function EndedList() {
  const { post, focusComposer } = useActions();
  const ended = usePanel((panel) => panel.ended);
  if (ended.length === 0) return null;
  return (
    <section className="strip ended" aria-label="Reviews that ended">
      <div className="ended-head">
        <Icon name="warning" className="step-icon" />
        <span className="strip-text">The review of {plural(ended.length, 'file')} ended without your decision</span>
        <IconButton
          icon="close"
          label="Dismiss"
          onClick={() => {
            post({ type: 'endedReview', action: 'dismiss', uri: null });
            focusComposer();
          }}
        />
      </div>
      <ul className="strip-list">
        {ended.map((one) => (
          <EndedFile key={one.uri} ended={one} />
        ))}
      </ul>
    </section>
  );
}

function EndedFile({ ended: { uri, label, why, canBringBack } }: { ended: EndedReview }) {
  const { post } = useActions();
  const { dir, name } = splitPath(visibleName(label));
  return (
    <li className="strip-row" title={`${label}: ${why}`}>
      <span className="strip-text">
        <span className="file-name">{name}</span>
        {dir !== '' && <span className="file-dir"> {dir.replace(/\/$/, '')}</span>}
        <span className="ended-why">: {why}</span>
      </span>
      {canBringBack && (
        <Button
          kind="quiet"
          label="Bring back"
          aria-label={`Bring back the changes of ${label}`}
          title="Writes again what Gantry had written, unless the file has changed since"
          onClick={() => post({ type: 'endedReview', action: 'bringBack', uri })}
        />
      )}
    </li>
  );
}
