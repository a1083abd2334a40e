import { usePanel } from '../state/context.tsx';
import { tokens } from '../ui/format.ts';

const RADIUS = 5.5;
const AROUND = 2 * Math.PI * RADIUS;

/** How much of the model's context the last call filled, as a small ring. Nothing while that is unknown. */
export function ContextMeter() {
  const usage = usePanel((panel) => panel.thread?.usage ?? null);
  if (!usage?.contextWindow) return null;
  const share = Math.min(1, usage.lastTokens / usage.contextWindow);
  const percent = Math.round(share * 100);
  const label = `Context ${percent}% full: ${tokens(usage.lastTokens)} of ${tokens(usage.contextWindow)} tokens; ${tokens(usage.totalTokens)} used in this thread`;
  return (
    <span className={`meter${share > 0.8 ? ' high' : ''}`} role="img" aria-label={label} title={label}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
        <circle cx="8" cy="8" r={RADIUS} className="meter-track" />
        <circle
          cx="8"
          cy="8"
          r={RADIUS}
          className="meter-fill"
          strokeDasharray={`${share * AROUND} ${AROUND}`}
          transform="rotate(-90 8 8)"
        />
      </svg>
      {percent >= 50 && <span className="meter-text">{percent}%</span>}
    </span>
  );
}
