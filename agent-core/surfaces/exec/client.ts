/** A client of the core in the same process, over the same lines as any other. */
import { editorSide, type ServerNotification } from '../../protocol/index.ts';
import { Peer } from '../../protocol/rpc/peer.ts';
import type { Core } from '../../server/core.ts';

export type Client = Peer<typeof editorSide>;

/** What no event is made of, and need not be sent. */
export const UNHEARD = [
  'item/agentMessage/delta',
  'item/commandExecution/outputDelta',
  'item/reasoning/summaryPartAdded',
  'item/reasoning/summaryTextDelta',
  'item/reasoning/textDelta',
  'turn/diff/updated',
];

/** Tells `hear` what events are made of. Whatever the core asks is answered with no: nobody is there to be asked. */
export function connectInProcess(core: Core, hear: (notification: ServerNotification) => void): Client {
  const client: Client = new Peer({
    side: editorSide,
    role: 'client',
    // Not at once: a peer is not made to be called back while it sends.
    sink: { send: (line) => void queueMicrotask(() => connection.peer.receiveLine(line)) },
    requests: {
      'item/commandExecution/requestApproval': () => ({ decision: 'decline' }),
      'item/fileChange/requestApproval': () => ({ decision: 'decline' }),
      'item/permissions/requestApproval': () => ({ permissions: {}, scope: 'turn' }),
    },
    notifications: {
      'turn/started': (params) => hear({ method: 'turn/started', params }),
      'turn/completed': (params) => hear({ method: 'turn/completed', params }),
      'turn/plan/updated': (params) => hear({ method: 'turn/plan/updated', params }),
      'item/started': (params) => hear({ method: 'item/started', params }),
      'item/completed': (params) => hear({ method: 'item/completed', params }),
      'thread/tokenUsage/updated': (params) => hear({ method: 'thread/tokenUsage/updated', params }),
      'mcpServer/startupStatus/updated': (params) => hear({ method: 'mcpServer/startupStatus/updated', params }),
      error: (params) => hear({ method: 'error', params }),
      warning: (params) => hear({ method: 'warning', params }),
      configWarning: (params) => hear({ method: 'configWarning', params }),
      deprecationNotice: (params) => hear({ method: 'deprecationNotice', params }),
    },
  });
  const connection = core.connect({ send: (line) => void queueMicrotask(() => client.receiveLine(line)) });
  return client;
}
