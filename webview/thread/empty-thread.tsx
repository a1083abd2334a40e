import { useActions, usePanel } from '../state/context.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';

const EXAMPLES: { icon: IconName; text: string }[] = [
  { icon: 'checklist', text: 'Run the tests and fix what fails' },
  { icon: 'comment', text: 'Explain how this project is built' },
  { icon: 'search', text: 'Find TODO comments and list them' },
];

/** What the demo model understands: an example that leads nowhere would be a bad first word. */
const DEMO_EXAMPLES: typeof EXAMPLES = [
  { icon: 'checklist', text: 'Run the tests and fix what fails' },
  { icon: 'search', text: 'Find TODO' },
  { icon: 'terminal', text: 'run: git log --oneline -5' },
];

/** What a person sees before the first message: what Gantry is, and three ways to begin. */
export function EmptyThread() {
  const { send } = useActions();
  const workspace = usePanel((panel) => panel.workspace);
  const ready = usePanel((panel) => panel.core.status === 'ready');
  const demo = usePanel(({ model, models }) =>
    models.some((one) => one.isDemo && one.provider === model?.provider && one.model === model.model),
  );
  return (
    <div className="empty">
      <div className="empty-inner">
        <span className="empty-mark" aria-hidden="true">
          <Mark />
        </span>
        <h2>What should we build?</h2>
        <p>
          Gantry reads your code, runs commands in a sandbox and edits files
          {workspace ? (
            <>
              {' '}
              in <strong>{workspace}</strong>
            </>
          ) : (
            ''
          )}
          . You decide how much it may do without asking.
        </p>
        <ul className="examples" aria-label="Examples">
          {(demo ? DEMO_EXAMPLES : EXAMPLES).map(({ icon, text }) => (
            <li key={text}>
              <button type="button" className="example" disabled={!ready} onClick={() => send(text)}>
                <Icon name={icon} />
                <span>{text}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

/** The product's mark: a gantry crane. */
function Mark() {
  return (
    <svg
      viewBox="0 0 48 48"
      width="44"
      height="44"
      fill="none"
      stroke="currentColor"
      strokeWidth="2.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d="M5 13h38M9 13v28M39 13v28M5 41h8M35 41h8M9 21l6-8M39 21l-6-8" />
      <path d="M24 13v9" />
      <rect className="load" x="18.5" y="22" width="11" height="9" rx="1.5" />
    </svg>
  );
}
