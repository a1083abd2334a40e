import { useId } from 'react';
import { PlanSteps } from '../cards/plan.tsx';
import { useOpen, usePanel } from '../state/context.tsx';
import { isRunning } from '../state/selectors.ts';
import { Icon } from '../ui/icon.tsx';

/** The thread's plan above the composer: one line with the current step, opening to all of them. */
export function PlanStrip() {
  const plan = usePanel((panel) => panel.thread?.plan ?? null);
  const running = usePanel(isRunning);
  const [open, setOpen] = useOpen('plan', false);
  const id = useId();
  if (!plan || plan.steps.length === 0) return null;
  const done = plan.steps.filter(({ status }) => status === 'completed').length;
  const all = done === plan.steps.length;
  if (all && !running) return null;
  const current =
    plan.steps.find(({ status }) => status === 'inProgress') ?? plan.steps.find(({ status }) => status === 'pending');
  return (
    <section className={`plan-strip${open ? ' open' : ''}`} aria-label="Plan">
      <button
        type="button"
        className="step-toggle"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => setOpen(!open)}
      >
        <Icon name="checklist" className="step-icon" />
        <span className="step-title">
          <span className="step-verb">{open ? 'Plan' : (current?.step ?? 'All steps done')}</span>
        </span>
        <span className="step-meta">
          {done} of {plan.steps.length}
        </span>
        <Icon name="chevron-right" className="step-chevron" />
      </button>
      <div className="plan-progress" aria-hidden="true">
        <i style={{ width: `${(100 * done) / plan.steps.length}%` }} />
      </div>
      {open && (
        <div className="plan-body" id={id}>
          {plan.explanation && <p className="hint">{plan.explanation}</p>}
          <PlanSteps plan={plan} live={running} />
        </div>
      )}
    </section>
  );
}
