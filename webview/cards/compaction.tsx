import { usePanel } from '../state/context.tsx';
import { Icon } from '../ui/icon.tsx';
import { Step } from '../ui/step.tsx';

/** Where the conversation was summed up for the model; the person still sees all of it. */
export function CompactionCard({ id, done }: { id: string; done: boolean }) {
  const ours = usePanel((panel) => panel.peer === 'gantry');
  return (
    <Step
      id={id}
      icon="fold"
      tone={done ? 'muted' : 'running'}
      className="divider"
      title={done ? 'Earlier messages were summed up to make room' : 'Summing up earlier messages to make room'}
    >
      {done ? (
        <p className="hint compaction-note">
          <Icon name="info" /> The model goes on with a summary, your own messages, the plan and the changed files. All
          of the conversation stays here.{ours ? ' /prompt shows what it gets now.' : ''}
        </p>
      ) : undefined}
    </Step>
  );
}
