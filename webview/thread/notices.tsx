import { useActions, usePanel } from '../state/context.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';

const NO_MESSAGE = {
  starting: 'Starting the agent…',
  restarting: 'The agent stopped; starting it again…',
  failed: 'The agent could not be started.',
  ready: '',
};

/** What stands between a person and working: the agent's own state, then what the host has to say. */
export function Notices() {
  const { post } = useActions();
  const core = usePanel((panel) => panel.core);
  const notices = usePanel((panel) => panel.notices);
  if (core.status === 'ready' && notices.length === 0) return null;
  return (
    <section className="notices" aria-label="Notices">
      {core.status !== 'ready' && (
        <div className={`notice ${core.status === 'failed' ? 'error' : 'info'}`}>
          <Icon name={core.status === 'failed' ? 'error' : 'loading'} />
          <p>{core.message ?? NO_MESSAGE[core.status]}</p>
          {core.status === 'failed' && (
            <div className="notice-actions">
              <Button
                kind="primary"
                label="Restart"
                onClick={() => post({ type: 'command', command: 'gantry.restartAgent' })}
              />
              <Button label="Show Log" onClick={() => post({ type: 'command', command: 'gantry.showLog' })} />
            </div>
          )}
        </div>
      )}
      {notices.map(({ id, severity, text, action }) => (
        <div key={id} className={`notice ${severity}`}>
          <Icon name={severity} />
          <p>{text}</p>
          {action && (
            <div className="notice-actions">
              <Button label={action.label} onClick={() => post({ type: 'command', command: action.command })} />
            </div>
          )}
        </div>
      ))}
    </section>
  );
}
