import assert from 'node:assert/strict';
import { windowsSandboxHandlers } from '../../../../agent-core/server/commands/windows-sandbox-handlers.ts';
import type { HandlerContext } from '../../../../agent-core/server/wire/connection.ts';

describe('windowsSandbox', () => {
  it('is never set up, and an attempt is answered before it is told to have failed', async () => {
    const told: unknown[] = [];
    const handlers = windowsSandboxHandlers((notification) => told.push(notification));
    const context = { afterReply: (action: () => void) => queueMicrotask(action) } as HandlerContext;
    assert.deepEqual(await handlers['windowsSandbox/readiness']?.(undefined, context), { status: 'notConfigured' });
    const answer = handlers['windowsSandbox/setupStart']?.({ mode: 'elevated' }, context);
    assert.deepEqual([answer, told], [{ started: true }, []]);
    await Promise.resolve();
    assert.deepEqual(told, [
      {
        method: 'windowsSandbox/setupCompleted',
        params: { mode: 'elevated', success: false, error: 'The Windows sandbox can be set up on Windows only.' },
      },
    ]);
  });
});
