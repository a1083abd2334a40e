import type { TurnError } from '../../agent-core/protocol/index.ts';
import type { WebviewCommand } from '../bridge/panel-state.ts';
import { useActions } from '../state/context.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';

type Advice = { hint: string; actions: { label: string; command: WebviewCommand }[] };

const KEY = { label: 'Set API Key', command: 'gantry.setApiKey' } as const;
const MODEL = { label: 'Choose Model', command: 'gantry.selectModel' } as const;
const CONFIG = { label: 'Open config.toml', command: 'gantry.openConfig' } as const;
const LOG = { label: 'Show Log', command: 'gantry.showLog' } as const;

/** What a person can do about a failed turn. */
export function adviceFor(error: TurnError): Advice {
  const info = error.codexErrorInfo;
  const status = statusOf(info);
  if (info === 'unauthorized' || status === 401 || status === 403)
    return { hint: 'The provider refused the API key. Set a valid one and send again.', actions: [KEY, CONFIG] };
  if (info === 'contextWindowExceeded')
    return {
      hint: 'The thread has outgrown the model. Send again (it is summarised first), or start a new thread.',
      actions: [MODEL],
    };
  if (info === 'usageLimitExceeded' || info === 'sessionBudgetExceeded')
    return { hint: 'A usage limit is reached. Wait until it resets, or choose another model.', actions: [MODEL] };
  if (info === 'rateLimitExceeded' || info === 'serverOverloaded' || status === 429 || status === 503)
    return { hint: 'The provider is busy. Send again in a moment, or choose another model.', actions: [MODEL] };
  if (info === 'modelNotFound' || status === 404)
    return { hint: 'The provider does not know this model. Choose another one.', actions: [MODEL, CONFIG] };
  if (info === 'sandboxError') return { hint: 'The sandbox could not be set up. The log says why.', actions: [LOG] };
  if (isConnection(info))
    return {
      hint: 'Check that the address of the model server is right and reachable, then send again.',
      actions: [CONFIG, LOG],
    };
  return { hint: 'Nothing is lost: you can send again, or look into the log.', actions: [LOG] };
}

function statusOf(info: TurnError['codexErrorInfo']): number | null {
  if (!info || typeof info !== 'object') return null;
  const [detail] = Object.values(info) as ({ httpStatusCode?: number | null } | undefined)[];
  return detail?.httpStatusCode ?? null;
}

const isConnection = (info: TurnError['codexErrorInfo']) =>
  Boolean(info) &&
  typeof info === 'object' &&
  ('httpConnectionFailed' in (info as object) ||
    'responseStreamConnectionFailed' in (info as object) ||
    'responseStreamDisconnected' in (info as object));

/** Why a turn failed and what to do about it. */
export function ErrorCard({ error }: { error: TurnError }) {
  const { post } = useActions();
  const { hint, actions } = adviceFor(error);
  return (
    <section className="error-card" aria-label="Error">
      <p className="error-title">
        <Icon name="error" />
        <strong>{error.message}</strong>
      </p>
      {error.additionalDetails && <p className="error-details">{error.additionalDetails}</p>}
      <p className="hint">{hint}</p>
      <div className="error-actions">
        {actions.map(({ label, command }) => (
          <Button key={command} label={label} onClick={() => post({ type: 'command', command })} />
        ))}
      </div>
    </section>
  );
}
