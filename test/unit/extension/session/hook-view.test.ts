import assert from 'node:assert/strict';
import { hookName, hookState, hookWarning } from '../../../../extension/session/hook-view.ts';

const run = {
  id: 'x',
  displayOrder: 0,
  eventName: 'preToolUse',
  executionMode: 'sync',
  handlerType: 'command',
  scope: 'turn',
  sourcePath: '/h/hooks.json',
  startedAt: 1,
  source: 'user',
} as const;

describe('hooks for people', () => {
  it('are named, and their state said', () => {
    const state = (
      trustStatus: 'trusted' | 'modified' | 'untrusted',
      enabled = true,
      source: 'user' | 'project' = 'user',
    ) => hookState({ trustStatus, enabled, source }).words;
    assert.deepEqual(
      [
        hookName({ eventName: 'preToolUse', matcher: 'Bash' }),
        hookName({ eventName: 'stop', matcher: null }),
        state('trusted'),
        state('trusted', true, 'project'),
        state('untrusted'),
        state('untrusted', true, 'project'),
        state('modified'),
        state('trusted', false),
      ],
      [
        'pre tool use · Bash',
        'stop',
        'yours',
        'of the project, trusted',
        'not run, what it guards is closed: it runs a file of the workspace, and is not trusted',
        'not run: of the project, and not trusted',
        'not run, what it guards is closed: it has changed since you trusted it',
        'switched off',
      ],
    );
  });

  it('say what they did only when it matters to the user', () => {
    assert.equal(hookWarning({ ...run, status: 'completed', entries: [] }), null);
    assert.equal(
      hookWarning({ ...run, status: 'completed', entries: [{ kind: 'context', text: 'for the model' }] }),
      null,
    );
    assert.equal(
      hookWarning({ ...run, status: 'blocked', entries: [{ kind: 'feedback', text: 'Not that file.' }] }),
      'A hook (pre tool use) blocked this: Not that file.',
    );
  });
});
