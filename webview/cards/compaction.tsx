import { Step } from '../ui/step.tsx';

export function CompactionCard({ done }: { done: boolean }) {
  return (
    <Step
      id="compaction"
      icon="fold"
      tone={done ? 'muted' : 'running'}
      className="divider"
      title={done ? 'Earlier messages were summarised to make room' : 'Summarising earlier messages to make room'}
    />
  );
}
