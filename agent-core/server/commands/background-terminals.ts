/** `thread/backgroundTerminals/*`: the commands of a thread that run, the agent's and the user's, and how to end them. */
import type { RunningRow } from '../../tools/command-table.ts';
import { readUse } from '../about/process-use.ts';
import type { LiveThread } from '../threads/live-thread.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import type { Handlers } from '../wire/connection.ts';
import { pageOf, pageSize } from '../wire/pages.ts';
import type { UserShell } from './shell-command.ts';

type Methods =
  | 'thread/backgroundTerminals/list'
  | 'thread/backgroundTerminals/terminate'
  | 'thread/backgroundTerminals/clean';

const USUAL_PAGE = 50;
const LARGEST_PAGE = 200;

export function backgroundTerminalHandlers(threads: ThreadRegistry, shell: UserShell): Pick<Handlers, Methods> {
  const running = (thread: LiveThread): RunningRow[] => [...thread.runningCommands, ...shell.list(thread)];
  const stop = (thread: LiveThread, { itemId }: RunningRow): void => {
    if (!shell.stop(thread, itemId)) thread.submit({ type: 'stopCommand', itemId });
  };
  return {
    'thread/backgroundTerminals/list'({ threadId, cursor, limit }) {
      const { data, nextCursor } = pageOf({
        all: running(threads.loaded(threadId)),
        idOf: ({ itemId }) => itemId,
        cursor: cursor ?? null,
        limit: pageSize(limit, USUAL_PAGE, LARGEST_PAGE),
        ascending: true,
      });
      const use = readUse(data.map(({ processId }) => Number(processId)));
      return {
        data: data.map(({ itemId, processId, command, cwd }) => {
          const osPid = Number(processId);
          const { cpuPercent = null, rssKb = null } = use.get(osPid) ?? {};
          return { itemId, processId, command, cwd, osPid, cpuPercent, rssKb };
        }),
        nextCursor,
      };
    },
    'thread/backgroundTerminals/terminate'({ threadId, processId }) {
      const thread = threads.loaded(threadId);
      const found = running(thread).find((row) => row.processId === processId);
      if (found) stop(thread, found);
      return { terminated: found !== undefined };
    },
    'thread/backgroundTerminals/clean'({ threadId }) {
      const thread = threads.loaded(threadId);
      for (const row of running(thread)) stop(thread, row);
      return {};
    },
  };
}
