/** The items of a turn for a call whose words are not for the client to see: a summary, a reviewer's raw findings. */
import type { TurnItems } from './items.ts';

/** Answers and thoughts are swallowed, and the ids of others stay free for them; what tools do is shown. */
export function silentItems(items: TurnItems): TurnItems {
  const isShown = ({ type }: { type: string }) => type !== 'agentMessage' && type !== 'reasoning';
  return {
    ...items,
    open: items.open,
    claimId: () => '',
    started: (item) => (isShown(item) ? items.started(item) : undefined),
    completed: (item) => (isShown(item) ? items.completed(item) : undefined),
    textDelta: () => {},
    summaryPart: () => {},
    summaryDelta: () => {},
  };
}
