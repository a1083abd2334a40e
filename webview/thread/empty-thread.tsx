import { useActions, usePanel } from '../state/context.tsx';
import { Button } from '../ui/button.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';

const EXAMPLES: { icon: IconName; text: string }[] = [
  { icon: 'checklist', text: 'Run the tests and fix what fails' },
  { icon: 'comment', text: 'Explain how this project is built' },
  { icon: 'search', text: 'Find TODO comments and list them' },
];

/** What a person sees before the first message: what Gantry is, and three ways to begin. */
export function EmptyThread() {
  const { send } = useActions();
  const workspace = usePanel((panel) => panel.workspace);
  const ready = usePanel((panel) => panel.core.status === 'ready');
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
          {EXAMPLES.map(({ icon, text }) => (
            <li key={text}>
              <button type="button" className="example" disabled={!ready} onClick={() => send(text)}>
                <Icon name={icon} />
                <span>{text}</span>
              </button>
            </li>
          ))}
        </ul>
        <DemoNotice />
      </div>
    </div>
  );
}

function DemoNotice() {
  const { post } = useActions();
  const demo = usePanel(({ model, models }) =>
    models.some((one) => one.isDemo && one.provider === model?.provider && one.model === model.model),
  );
  if (!demo) return null;
  return (
    <section className="demo" aria-label="Demo model">
      <p>
        <strong>Demo model: not an AI.</strong> It follows a script to show how Gantry works. For real work, set an API
        key, or start Ollama or LM Studio.
      </p>
      <Button
        kind="secondary"
        icon="lock"
        label="Set API Key"
        onClick={() => post({ type: 'command', command: 'gantry.setApiKey' })}
      />
    </section>
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
