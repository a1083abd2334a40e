/** A thread's files: through the editor of whoever drives it, else on the disk. */
import { createDiskFs } from '../../execution/disk-fs.ts';
import { createHostFs } from '../../execution/host-fs.ts';
import type { Homes } from '../../execution/sandbox-settings.ts';
import type { WorkspaceFs } from '../../ports.ts';
import type { AgentPorts } from '../threads/live-thread.ts';

export function threadFiles(
  homes: Homes,
): (ports: Pick<AgentPorts, 'threadId' | 'editor' | 'emit' | 'log'>) => WorkspaceFs {
  const disk = createDiskFs(homes);
  return ({ threadId, editor, emit, log }) =>
    createHostFs({
      threadId,
      disk,
      homes,
      editor,
      log,
      onDiskWrite({ origin, path, oldText, newHash }) {
        // What was accepted before it was written waits for no review.
        if (origin.decided) return;
        const { turnId, itemId } = origin;
        const params = { threadId, turnId, itemId, path, source: 'tool' as const, oldText, newHash, isText: true };
        emit({ method: 'fileReview/changed', params });
      },
    });
}
