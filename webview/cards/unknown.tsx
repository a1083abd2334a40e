import { memo, type ReactNode } from 'react';
import type { AnyThreadItem } from '../../agent-core/protocol/index.ts';
import { Output } from '../ui/output.tsx';
import { Step } from '../ui/step.tsx';

/** "imageEdit" → "Image edit". */
function words(type: string): string {
  const spaced = type
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** An item that a newer agent knows and this panel does not: named, and shown as it came. */
export const UnknownCard = memo(function UnknownCard({
  item,
  ask,
}: {
  item: AnyThreadItem;
  turnId: string;
  ask: ReactNode;
}) {
  return (
    <Step id={item.id} icon="question" tone="muted" title={words(String(item.type))} footer={ask}>
      <div className="command-body">
        <p className="hint">This version of the panel has no card for “{String(item.type)}”.</p>
        <Output text={JSON.stringify(item, null, 2)} live={false} label="The item as it came" />
      </div>
    </Step>
  );
});
