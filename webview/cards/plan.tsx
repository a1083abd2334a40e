import { memo } from 'react';
import type { PlanThreadItem } from '../../agent-core/protocol/index.ts';
import type { PlanView } from '../bridge/panel-state.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Markdown } from '../ui/markdown.tsx';
import { Step } from '../ui/step.tsx';

const ICONS: Record<PlanView['steps'][number]['status'], { icon: IconName; word: string }> = {
  completed: { icon: 'pass-filled', word: 'done' },
  inProgress: { icon: 'loading', word: 'in progress' },
  pending: { icon: 'circle', word: 'to do' },
};

/** The steps of a plan with where each stands. `live`: the turn runs, so a step in progress moves. */
export function PlanSteps({ plan, live }: { plan: PlanView; live: boolean }) {
  return (
    <ol className="plan-steps">
      {plan.steps.map(({ step, status }, index) => {
        const { icon, word } = ICONS[status];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two steps may have the same words
          <li key={index} className={status} aria-current={status === 'inProgress' ? 'step' : undefined}>
            <Icon name={icon === 'loading' && !live ? 'circle' : icon} />
            <span>{step}</span>
            <span className="sr-only">, {word}</span>
          </li>
        );
      })}
    </ol>
  );
}

export const PlanCard = memo(function PlanCard({ item, done }: { item: PlanThreadItem; done: boolean }) {
  return (
    <Step
      id={item.id}
      icon="checklist"
      tone={done ? 'normal' : 'running'}
      title={<span className="step-verb">{done ? 'Proposed a plan' : 'Writing a plan'}</span>}
      openByDefault
    >
      <Markdown text={item.text} live={!done} />
    </Step>
  );
});
