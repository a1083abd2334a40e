/** What kept a command or an edit from its work, with the least that would let it pass. */
import { useActions, usePanel } from '../state/context.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';

export function BlockedNote({ itemId }: { itemId: string }) {
  const { post } = useActions();
  const blocked = usePanel((panel) => panel.thread?.extras.blocked[itemId]);
  if (!blocked || blocked.length === 0) return null;
  return (
    <section className="blocked-note" aria-label="Blocked by the sandbox">
      {blocked.map(({ message, certainty, offers }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the list is as the agent sent it, and its place is its name
        <div key={place}>
          <p>
            <Icon name="shield" />
            <span>
              {certainty === 'probably' && !/^probably/i.test(message) && <strong>Probably: </strong>}
              {message}
            </span>
          </p>
          {offers.length > 0 && (
            <div className="blocked-offers">
              {offers.map(({ label, granted, once }, offer) =>
                granted === null ? (
                  <Button
                    key={label}
                    label={label}
                    title={
                      once
                        ? 'For this command alone; Gantry is told'
                        : 'Holds while this thread is open; Gantry is told'
                    }
                    onClick={() => post({ type: 'grant', itemId, blocked: place, offer })}
                  />
                ) : (
                  <p key={label} className="hint granted">
                    <Icon name="check" /> {granted}
                  </p>
                ),
              )}
            </div>
          )}
        </div>
      ))}
    </section>
  );
}
