import { memo } from 'react';
import type { ApprovalView, ItemView } from '../bridge/panel-state.ts';
import { usePanel } from '../state/context.tsx';
import { approvalOf, itemAt } from '../state/selectors.ts';
import { AgentMessageCard } from './agent-message.tsx';
import { ApprovalBar } from './approval-bar.tsx';
import { CommandCard } from './command.tsx';
import { CompactionCard } from './compaction.tsx';
import { FileChangeCard } from './file-change.tsx';
import { ImageCard, ImageViewCard } from './image.tsx';
import { McpToolCard } from './mcp-tool-call.tsx';
import { NoteCard } from './note.tsx';
import { PlanCard } from './plan.tsx';
import { ReasoningCard } from './reasoning.tsx';
import { ReviewModeCard } from './review-mode.tsx';
import { CollabCard, SubAgentCard } from './sub-agent.tsx';
import { DynamicToolCard, FunctionOutputCard } from './tool-call.tsx';
import { UnknownCard } from './unknown.tsx';
import { UserMessageCard } from './user-message.tsx';
import { WebSearchCard } from './web-search.tsx';

/** Cards that show in their body what is asked about. */
const SHOWS_SUBJECT: ReadonlySet<string> = new Set(['commandExecution', 'fileChange', 'mcpToolCall']);

/** The card of the item at `index`; renders again only when that item or its approval changes. */
export const ItemCard = memo(function ItemCard({ id, index, lead }: { id: string; index: number; lead: boolean }) {
  const view = usePanel((panel) => itemAt(panel, index, id));
  const approval = usePanel((panel) => approvalOf(panel, id));
  if (!view) return null;
  const ask = approval && <ApprovalBar approval={approval} withSubject={!SHOWS_SUBJECT.has(String(view.item.type))} />;
  return <Card view={view} lead={lead} approval={approval ?? null} ask={ask} />;
});

type CardProps = { view: ItemView; lead: boolean; approval: ApprovalView | null; ask: React.ReactNode };

function Card({ view: { item, done, turnId }, lead, approval, ask }: CardProps) {
  switch (item.type) {
    case 'userMessage':
      return <UserMessageCard item={item} turnId={turnId} lead={lead} />;
    case 'agentMessage':
      return <AgentMessageCard item={item} done={done} />;
    case 'reasoning':
      return <ReasoningCard item={item} done={done} />;
    case 'commandExecution':
      return <CommandCard item={item} done={done} ask={ask} />;
    case 'fileChange':
      return <FileChangeCard item={item} turnId={turnId} done={done} approval={approval} ask={ask} />;
    case 'plan':
      return <PlanCard item={item} done={done} />;
    case 'mcpToolCall':
      return <McpToolCard item={item} ask={ask} />;
    case 'dynamicToolCall':
      return <DynamicToolCard item={item} ask={ask} />;
    case 'functionCallOutput':
      return <FunctionOutputCard item={item} />;
    case 'webSearch':
      return <WebSearchCard item={item} done={done} />;
    case 'imageView':
      return <ImageViewCard item={item} />;
    case 'imageGeneration':
      return <ImageCard item={item} done={done} />;
    case 'collabAgentToolCall':
      return <CollabCard item={item} />;
    case 'subAgentActivity':
      return <SubAgentCard item={item} />;
    case 'contextCompaction':
      return <CompactionCard id={item.id} done={done} />;
    case 'enteredReviewMode':
    case 'exitedReviewMode':
      return <ReviewModeCard item={item} />;
    case 'hookPrompt':
      return (
        <NoteCard
          id={item.id}
          icon="zap"
          title="A hook added a note"
          text={item.fragments.map(({ text }) => text).join('\n\n')}
        />
      );
    case 'sleep':
      return (
        <NoteCard id={item.id} icon="watch" title={`Waited ${Math.round(item.durationMs / 1000)} s`} text={null} />
      );
    default:
      return <UnknownCard item={item} turnId={turnId} ask={ask} />;
  }
}
