/** How far the review of one file of a finished edit has come. */
import { useActions, usePanel } from '../state/context.tsx';
import { Button } from '../ui/button.tsx';
import { plural } from '../ui/format.ts';

type Place = { itemId: string; path: string };

/** What waits, with its decisions; nothing when nothing does. */
export function ReviewLine({ itemId, path, label }: Place & { label: string }) {
  const { post } = useActions();
  const file = usePanel((panel) => panel.reviews.find((one) => one.path === path && one.itemIds.includes(itemId)));
  if (!file) return null;
  const { uri, hunks, whyNoUndo } = file;
  return (
    <div className="review-line">
      <span className="hint">{hunks > 0 ? `${plural(hunks, 'hunk')} to review` : 'To review'}</span>
      <Button
        kind="quiet"
        label="Keep"
        aria-label={`Keep changes of ${label}`}
        onClick={() => post({ type: 'review', action: 'keep', uri })}
      />
      <Button
        kind="quiet"
        label="Undo"
        aria-label={`Undo changes of ${label}`}
        title={whyNoUndo ?? undefined}
        disabled={whyNoUndo !== null}
        onClick={() => post({ type: 'review', action: 'undo', uri })}
      />
    </div>
  );
}

const RESULTS = { kept: 'kept', undone: 'undone', both: 'kept in part', ended: 'not reviewed' } as const;

/** What was decided, once nothing waits any more; null before, and for what was not reviewed here. */
export function useReviewResult({ itemId, path }: Place): string | null {
  return usePanel((panel) => {
    if (panel.reviews.some((one) => one.path === path && one.itemIds.includes(itemId))) return null;
    const found = panel.reviewed.findLast((one) => one.path === path && one.itemId === itemId);
    return found ? RESULTS[found.result] : null;
  });
}
