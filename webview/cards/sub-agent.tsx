import { memo } from 'react';
import type { CollabAgentToolCallThreadItem, SubAgentActivityThreadItem } from '../../agent-core/protocol/index.ts';
import { Markdown } from '../ui/markdown.tsx';
import { Step } from '../ui/step.tsx';

const VERBS: Record<CollabAgentToolCallThreadItem['tool'], string> = {
  spawnAgent: 'Started a helper agent',
  sendInput: 'Wrote to a helper agent',
  resumeAgent: 'Resumed a helper agent',
  wait: 'Waited for helper agents',
  closeAgent: 'Closed a helper agent',
  sendMessage: 'Wrote to a helper agent',
  followupTask: 'Gave a helper agent more to do',
  interruptAgent: 'Stopped a helper agent',
  listAgents: 'Listed helper agents',
};

const ACTIVITY: Record<SubAgentActivityThreadItem['kind'], string> = {
  started: 'Helper agent started',
  interacted: 'Helper agent was spoken to',
  interrupted: 'Helper agent stopped',
  completed: 'Helper agent finished',
};

export const CollabCard = memo(function CollabCard({ item }: { item: CollabAgentToolCallThreadItem }) {
  const tone = item.status === 'inProgress' ? 'running' : item.status === 'failed' ? 'failed' : 'normal';
  const states = Object.entries(item.agentsStates ?? {}).map(
    ([, { status, message }]) => `- ${status}${message ? `: ${message}` : ''}`,
  );
  const text = [item.prompt ?? '', states.join('\n')].filter(Boolean).join('\n\n');
  return (
    <Step
      id={item.id}
      icon="organization"
      tone={tone}
      title={
        <>
          <span className="step-verb">{VERBS[item.tool]}</span>{' '}
          <span className="step-detail">{item.prompt?.split('\n')[0] ?? ''}</span>
        </>
      }
    >
      {text ? <Markdown text={text} /> : undefined}
    </Step>
  );
});

export const SubAgentCard = memo(function SubAgentCard({ item }: { item: SubAgentActivityThreadItem }) {
  return (
    <Step
      id={item.id}
      icon="organization"
      tone="muted"
      title={
        <>
          <span className="step-verb">{ACTIVITY[item.kind]}</span> <span className="step-detail">{item.agentPath}</span>
        </>
      }
    />
  );
});
