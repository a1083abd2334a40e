import { memo } from 'react';
import type { ReasoningThreadItem } from '../../agent-core/protocol/index.ts';
import { duration } from '../ui/format.ts';
import { Markdown } from '../ui/markdown.tsx';
import { Step } from '../ui/step.tsx';

/** The newest headline of a summary, which models write as a bold line; else the beginning of its last paragraph. */
export function reasoningTitle(text: string): string {
  const bold = [...text.matchAll(/^\s*(?:\*\*(.+?)\*\*|#+ (.+))\s*$/gm)].at(-1);
  const line = bold?.[1] ?? bold?.[2] ?? text.trim().split('\n').at(-1) ?? '';
  return line
    .replace(/[*_`#]/g, '')
    .trim()
    .slice(0, 120);
}

export const ReasoningCard = memo(function ReasoningCard({ item, done }: { item: ReasoningThreadItem; done: boolean }) {
  const summary = (item.summary ?? []).filter((part) => part.trim()).join('\n\n');
  const text = summary || (item.content ?? []).filter((part) => part.trim()).join('\n\n');
  const took = done && item.startedAtMs && item.completedAtMs ? item.completedAtMs - item.startedAtMs : 0;
  return (
    <Step
      id={item.id}
      icon="thinking"
      tone={done ? 'muted' : 'running'}
      className="reasoning"
      name={`${done ? 'Thought' : 'Thinking'}: ${reasoningTitle(text)}`}
      title={
        <>
          <span className="step-verb">{done ? 'Thought' : 'Thinking'}</span>
          <span className="step-detail"> · {reasoningTitle(text)}</span>
        </>
      }
      meta={took >= 1000 ? duration(took) : undefined}
    >
      <Markdown text={text} live={!done} />
    </Step>
  );
});
