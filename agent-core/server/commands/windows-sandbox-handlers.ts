/** The set-up that Codex's sandbox on Windows needs. Gantry has none: commands there run after a person's yes. */
import type { ServerNotification } from '../../protocol/index.ts';
import type { Handlers } from '../wire/connection.ts';

const NOTHING_TO_SET_UP =
  process.platform === 'win32'
    ? 'Gantry has no sandbox for Windows that could be set up: each command asks first. Inside WSL the Linux sandbox works.'
    : 'The Windows sandbox can be set up on Windows only.';

export function windowsSandboxHandlers(
  announce: (notification: ServerNotification) => void,
): Pick<Handlers, 'windowsSandbox/readiness' | 'windowsSandbox/setupStart'> {
  return {
    'windowsSandbox/readiness': () => ({ status: 'notConfigured' }),
    'windowsSandbox/setupStart'({ mode }, { afterReply }) {
      afterReply(() =>
        announce({
          method: 'windowsSandbox/setupCompleted',
          params: { mode, success: false, error: NOTHING_TO_SET_UP },
        }),
      );
      return { started: true };
    },
  };
}
