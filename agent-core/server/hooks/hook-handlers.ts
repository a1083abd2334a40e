/** `hooks/list`: which hooks there are in a folder, and whether the user trusts them. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type { FoundHooks } from '../../hooks/discover.ts';
import type { Hook } from '../../hooks/hook.ts';
import { type HookMetadata, type HooksListEntry, threadNotFound } from '../../protocol/index.ts';
import type { Handlers } from '../wire/connection.ts';

export type HookHandlerOptions = {
  /** The core's own folder. */
  cwd: string;
  /** With what a client said of the folder when it started a thread there. */
  discover: (cwd: string) => FoundHooks;
  /** Undefined when the thread is not loaded. */
  folderOf: (threadId: string) => string | undefined;
};

const wireHook = (hook: Hook): HookMetadata => ({
  handlerType: 'command',
  command: hook.command,
  async: hook.isAsync,
  key: hook.key,
  eventName: hook.event,
  matcher: hook.matcher,
  timeoutSec: Math.ceil(hook.timeoutSec),
  statusMessage: hook.statusMessage,
  source: hook.source,
  sourcePath: hook.sourcePath,
  currentHash: hook.hash,
  trustStatus: hook.trust,
  enabled: hook.isEnabled,
  isManaged: hook.trust === 'managed',
  displayOrder: hook.order,
});

export function hookHandlers({ cwd, discover, folderOf }: HookHandlerOptions): Pick<Handlers, 'hooks/list'> {
  const listIn = (folder: string): HooksListEntry => {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      const errors = [{ path: folder, message: 'is not a folder; pass one that exists' }];
      return { cwd: folder, hooks: [], errors, warnings: [] };
    }
    const { hooks, errors, warnings } = discover(folder);
    return { cwd: folder, hooks: hooks.map(wireHook), errors, warnings };
  };
  const ofThread = (threadId: string): string => {
    const folder = folderOf(threadId);
    if (folder === undefined) throw threadNotFound(threadId);
    return folder;
  };
  return {
    'hooks/list'({ threadId, cwds }) {
      const folders = threadId ? [ofThread(threadId)] : cwds?.length ? cwds : [cwd];
      return { data: folders.map((folder) => listIn(path.resolve(cwd, folder))) };
    },
  };
}
