import { memo } from 'react';
import type { EnteredReviewModeThreadItem, ExitedReviewModeThreadItem } from '../../agent-core/protocol/index.ts';
import { Markdown } from '../ui/markdown.tsx';
import { Step } from '../ui/step.tsx';

export const ReviewModeCard = memo(function ReviewModeCard({
  item,
}: {
  item: EnteredReviewModeThreadItem | ExitedReviewModeThreadItem;
}) {
  const entered = item.type === 'enteredReviewMode';
  return (
    <Step
      id={item.id}
      icon="checklist"
      tone="normal"
      title={<span className="step-verb">{entered ? 'Review started' : 'Review finished'}</span>}
      openByDefault={!entered}
    >
      {item.review.trim() ? <Markdown text={item.review} /> : undefined}
    </Step>
  );
});
