import { memo } from 'react';
import type { AgentMessageThreadItem } from '../../agent-core/protocol/index.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Markdown } from '../ui/markdown.tsx';

export const AgentMessageCard = memo(function AgentMessageCard({
  item,
  done,
}: {
  item: AgentMessageThreadItem;
  done: boolean;
}) {
  if (!item.text.trim() && !done) return null;
  return (
    <div className={`agent-message${done ? '' : ' streaming'}`}>
      <Markdown text={item.text} live={!done} />
      {done && item.phase === 'final_answer' && (
        <div className="message-actions">
          <CopyButton text={() => item.text} label="Copy answer" />
        </div>
      )}
    </div>
  );
});
