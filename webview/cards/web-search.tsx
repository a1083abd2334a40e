import { memo } from 'react';
import type { WebSearchThreadItem } from '../../agent-core/protocol/index.ts';
import { useActions } from '../state/context.tsx';
import { Step } from '../ui/step.tsx';

function describe({ action, query }: WebSearchThreadItem): {
  verb: [string, string];
  detail: string;
  url: string | null;
} {
  if (action?.type === 'openPage')
    return { verb: ['Opening', 'Opened'], detail: action.url ?? query, url: action.url ?? null };
  if (action?.type === 'findInPage')
    return {
      verb: ['Looking for', 'Looked for'],
      detail: `${action.pattern ?? query}${action.url ? ` in ${action.url}` : ''}`,
      url: action.url ?? null,
    };
  const detail = action?.type === 'search' ? (action.query ?? action.queries?.join(', ') ?? query) : query;
  return { verb: ['Searching the web', 'Searched the web'], detail, url: null };
}

export const WebSearchCard = memo(function WebSearchCard({ item, done }: { item: WebSearchThreadItem; done: boolean }) {
  const { post } = useActions();
  const { verb, detail, url } = describe(item);
  return (
    <Step
      id={item.id}
      icon="globe"
      tone={done ? 'normal' : 'running'}
      title={
        <>
          <span className="step-verb">{verb[done ? 1 : 0]}</span> <span className="step-detail">{detail}</span>
        </>
      }
    >
      {url ? (
        <button type="button" className="link" onClick={() => post({ type: 'openLink', href: url })}>
          {url}
        </button>
      ) : undefined}
    </Step>
  );
});
