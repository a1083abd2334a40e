import { memo } from 'react';
import { ApprovalBar } from '../cards/approval-bar.tsx';
import { ElicitationCard } from '../cards/elicitation.tsx';
import { ErrorCard } from '../cards/error.tsx';
import { ItemCard } from '../cards/index.tsx';
import { QuestionCard } from '../cards/question.tsx';
import { SaveQuestionCard } from '../cards/save-question.tsx';
import { usePanel, useView } from '../state/context.tsx';
import { approvalsOf, elicitationsOf, questionsOf, type Row, savesOf } from '../state/selectors.ts';
import { clock, duration, moneyText, tokens } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { useNow } from '../ui/use-now.ts';

export type ThreadRow = Row | { kind: 'sending'; key: 'sending' };

/** One row of the thread. Does not render again when other rows change. */
export const RowView = memo(
  function RowView({ row }: { row: ThreadRow }) {
    switch (row.kind) {
      case 'item':
        return <ItemCard id={row.id} index={row.index} lead={row.lead} />;
      case 'approval':
        return <LooseApproval id={row.id} />;
      case 'question':
        return <QuestionCard id={row.id} />;
      case 'elicitation':
        return <ElicitationCard id={row.id} />;
      case 'save':
        return <SaveQuestionCard id={row.id} />;
      case 'turnEnd':
        return <TurnEnd id={row.id} />;
      case 'running':
        return <Running id={row.id} />;
      case 'sending':
        return <Sending />;
    }
  },
  (a, b) =>
    a.row === b.row ||
    (a.row.kind === 'item' && b.row.kind === 'item'
      ? a.row.key === b.row.key && a.row.index === b.row.index && a.row.lead === b.row.lead
      : a.row.key === b.row.key),
);

function LooseApproval({ id }: { id: string }) {
  const approval = usePanel((panel) => approvalsOf(panel).find((one) => one.id === id));
  return approval ? <ApprovalBar approval={approval} withSubject /> : null;
}

function TurnEnd({ id }: { id: string }) {
  const turn = usePanel((panel) => panel.thread?.turns.find((one) => one.id === id));
  if (!turn) return null;
  if (turn.status === 'failed')
    return <ErrorCard error={turn.error ?? { message: 'The turn failed, and the agent gave no reason.' }} />;
  const took = turn.durationMs === null ? '' : duration(turn.durationMs);
  const text =
    turn.status === 'interrupted' ? `Stopped${took ? ` after ${took}` : ''}` : took ? `Worked for ${took}` : 'Done';
  return (
    <div className={`turn-end ${turn.status}`}>
      <span>
        {text}
        <TurnCost id={id} />
      </span>
    </div>
  );
}

/** What the turn used and cost, where the agent tells. */
function TurnCost({ id }: { id: string }) {
  const spending = usePanel((panel) => panel.thread?.extras.turnSpending[id]);
  if (!spending) return null;
  const { inputTokens, cachedTokens, outputTokens } = spending;
  const cached = cachedTokens > 0 ? ` (${tokens(cachedTokens)} cached)` : '';
  return (
    <span className="turn-cost">
      {` · ${tokens(inputTokens)} in${cached}, ${tokens(outputTokens)} out · ${moneyText(spending)}`}
    </span>
  );
}

function Running({ id }: { id: string }) {
  const startedAtMs = usePanel((panel) => panel.thread?.turns.find((one) => one.id === id)?.startedAtMs ?? null);
  const retry = usePanel((panel) => panel.thread?.retry ?? null);
  const waiting = usePanel((panel) =>
    [approvalsOf, questionsOf, elicitationsOf, savesOf].some((of) => of(panel).length > 0),
  );
  const now = useNow(!waiting);
  const text = waiting ? 'Waiting for you' : (retry ?? 'Working');
  return (
    <div className={`turn-running${retry && !waiting ? ' retrying' : ''}`}>
      {waiting ? (
        <Icon name="watch" />
      ) : (
        <span className="pulse" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
      )}
      <span className="running-text">{text}</span>
      {!waiting && startedAtMs !== null && (
        <span className="elapsed" aria-hidden="true">
          {clock(now - startedAtMs)}
        </span>
      )}
    </div>
  );
}

function Sending() {
  const text = useView((state) => state.sending);
  // What is added to a command that runs waits for its end, which may take minutes: that is no slow sending.
  const behind = usePanel((panel) =>
    panel.thread?.items.some(({ item, done }) => !done && item.type === 'commandExecution'),
  );
  return (
    <div className="user-message sending">
      <div className="user-text">{text}</div>
      <span className="hint">{behind ? 'Gantry reads it when the command has ended' : 'Sending…'}</span>
    </div>
  );
}
