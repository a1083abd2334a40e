import assert from 'node:assert/strict';
import {
  commandAnswer,
  commandApprovalView,
  fileApprovalView,
  permissionsAnswer,
  permissionsApprovalView,
} from '../../../../extension/panel/approval-views.ts';

const place = { threadId: 't1', turnId: 'u1' };

describe('approval views', () => {
  it('say what would run and whether outside the sandbox', () => {
    const params = {
      ...place,
      itemId: 'c1',
      startedAtMs: 1,
      kind: 'command' as const,
      command: 'rm x',
      cwd: '/w',
      reason: 'To clean up',
      availableDecisions: [
        'accept' as const,
        'cancel' as const,
        { acceptWithExecpolicyAmendment: { execpolicy_amendment: [] } },
      ],
    };
    assert.deepEqual(commandApprovalView('a1', params, true), {
      id: 'a1',
      itemId: 'c1',
      turnId: 'u1',
      kind: 'command',
      reason: 'To clean up',
      command: 'rm x',
      cwd: '/w',
      unsandboxed: true,
      files: [],
      decisions: ['accept', 'decline', 'cancel'],
    });
    assert.equal(commandApprovalView('a1', { ...params, reason: null }, true).unsandboxed, false);
    assert.equal(commandApprovalView('a1', { ...params, reason: null }, false).unsandboxed, true);
  });

  it('list the files of a change, from the request or else from its item', () => {
    const params = { ...place, itemId: 'f1', startedAtMs: 1 };
    const update = { type: 'update' as const };
    const item = {
      type: 'fileChange' as const,
      id: 'f1',
      status: 'inProgress' as const,
      changes: [{ path: '/w/a', kind: update, diff: '' }],
    };
    const change = { path: '/w/b', kind: { type: 'add' as const }, oldText: null, newText: '', baseHash: null };
    const label = (path: string) => path.replace('/w/', '');
    assert.deepEqual(fileApprovalView('a', params, item, label).files, [{ path: '/w/a', label: 'a', kind: 'update' }]);
    assert.deepEqual(fileApprovalView('a', { ...params, gantry: { changes: [change] } }, item, label).files, [
      { path: '/w/b', label: 'b', kind: 'add' },
    ]);
    assert.deepEqual(fileApprovalView('a', params, undefined, label).files, []);
  });

  it('offer a rule where there is one, and say what it begins with', () => {
    const params = { ...place, itemId: 'c1', startedAtMs: 1, kind: 'command' as const, command: 'npm test' };
    const rule = ['npm', 'test'];
    const view = commandApprovalView('a', { ...params, proposedExecpolicyAmendment: rule }, true);
    assert.deepEqual(
      [view.rule, view.decisions],
      [rule, ['accept', 'acceptForSession', 'acceptAlways', 'decline', 'cancel']],
    );
    assert.deepEqual(commandAnswer(view, 'acceptAlways'), {
      acceptWithExecpolicyAmendment: { execpolicy_amendment: rule },
    });
    assert.equal(commandAnswer(view, 'acceptForSession'), 'acceptForSession');
    const refused = { ...params, proposedExecpolicyAmendment: rule, availableDecisions: ['accept' as const] };
    assert.deepEqual(commandApprovalView('a', refused, true).decisions, ['accept', 'decline']);
  });

  it('ask about a host as about a host, once, for the session and for good', () => {
    const host = 'registry.npmjs.org';
    const params = {
      ...{ ...place, itemId: 'c1', startedAtMs: 1, kind: 'command' as const, command: 'npm i' },
      reason: `The command wants to reach ${host}.`,
      networkApprovalContext: { host, protocol: 'https' as const },
      proposedNetworkPolicyAmendments: [
        { action: 'allow' as const, host },
        { action: 'deny' as const, host },
      ],
    };
    const view = commandApprovalView('a', params, true);
    assert.deepEqual(
      [view.host, view.unsandboxed, view.decisions],
      [host, false, ['accept', 'acceptForSession', 'acceptAlways', 'decline', 'declineAlways', 'cancel']],
    );
    const amendment = (action: 'allow' | 'deny') => ({
      applyNetworkPolicyAmendment: { network_policy_amendment: { action, host } },
    });
    assert.deepEqual(commandAnswer(view, 'acceptAlways'), amendment('allow'));
    assert.deepEqual(commandAnswer(view, 'declineAlways'), amendment('deny'));
    assert.equal(commandAnswer(view, 'accept'), 'accept');
  });

  it('name the permissions that are asked for, and grant all or none', () => {
    const permissions = {
      network: { enabled: true },
      fileSystem: {
        write: ['/w/out'],
        entries: [
          { access: 'write' as const, path: { type: 'path' as const, path: '/w/out' } },
          { access: 'read' as const, path: { type: 'special' as const, value: { kind: 'root' as const } } },
          { access: 'write' as const, path: { type: 'glob_pattern' as const, pattern: '*.log' } },
        ],
      },
    };
    const params = { ...place, itemId: 'i', cwd: '/w', permissions, startedAtMs: 1, reason: 'To build' };
    const view = permissionsApprovalView('a', params, (path) => path.replace('/w/', ''));
    assert.deepEqual(view, {
      ...{ id: 'a', itemId: 'i', turnId: 'u1', kind: 'permissions', reason: 'To build', command: null, cwd: '/w' },
      ...{ unsandboxed: false, files: [], decisions: ['accept', 'acceptForSession', 'decline'] },
      wanted: ['Use the network', 'Write out', 'Read any file of this computer', 'Write files that match *.log'],
    });
    assert.deepEqual(permissionsAnswer(params, 'accept'), { permissions, scope: 'turn' });
    assert.deepEqual(permissionsAnswer(params, 'acceptForSession'), { permissions, scope: 'session' });
    assert.deepEqual(permissionsAnswer(params, 'decline'), { permissions: {}, scope: 'turn' });
  });
});
