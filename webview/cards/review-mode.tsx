import { memo } from 'react';
import type { EnteredReviewModeThreadItem, ExitedReviewModeThreadItem } from '../../agent-core/protocol/index.ts';
import { Markdown } from '../ui/markdown.tsx';
import { Step } from '../ui/step.tsx';

const PLACE = /^([-*] .*?[—–-] )([\w./@+-]+):(\d+)(-\d+)?$/gm;

/** Makes the place of each finding a link to the file. Pure. */
export const withLinks = (review: string): string =>
  review.replace(PLACE, (_, head: string, path: string, line: string, end = '') => {
    return `${head}[${path}:${line}${end}](${encodeURI(path)}#L${line})`;
  });

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
      title={<span className="step-verb">{entered ? `Reviews ${item.review.trim() || 'changes'}` : 'Review'}</span>}
      openByDefault={!entered}
    >
      {!entered && item.review.trim() ? <Markdown text={withLinks(item.review)} /> : undefined}
    </Step>
  );
});
