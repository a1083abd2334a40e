import assert from 'node:assert/strict';
import { type ApprovalQuestion, judgeToolCall, persistOf } from '../../../agent-core/mcp/approval.ts';

const question = (over: Partial<ApprovalQuestion>): ApprovalQuestion => ({
  mode: 'auto',
  annotations: {},
  approvalPolicy: 'on-request',
  sandboxPolicy: { type: 'readOnly', networkAccess: false },
  acceptedForSession: false,
  ...over,
});
const granular = (elicits: boolean): ApprovalQuestion['approvalPolicy'] => ({
  granular: {
    mcp_elicitations: elicits,
    rules: true,
    sandbox_approval: true,
    request_permissions: false,
    skill_approval: false,
  },
});

describe("whether a server's tool is asked about", () => {
  const cases: [string, Partial<ApprovalQuestion>, string][] = [
    ['one that says nothing of itself', {}, 'ask'],
    ['one that only reads', { annotations: { readOnlyHint: true } }, 'allow'],
    ['one that contradicts itself', { annotations: { readOnlyHint: true, destructiveHint: true } }, 'ask'],
    ['one that is harmless, it says, and yet writes', { annotations: { destructiveHint: false } }, 'ask'],
    ['one that only reads, where all are asked about', { mode: 'prompt', annotations: { readOnlyHint: true } }, 'ask'],
    ['one that the user approved for good', { mode: 'approve', annotations: { destructiveHint: true } }, 'allow'],
    ['one that the user approved for the session', { acceptedForSession: true }, 'allow'],
    ['where nobody may be asked', { approvalPolicy: 'never' }, 'refuse'],
    [
      'what only reads, where nobody may be asked',
      { approvalPolicy: 'never', annotations: { readOnlyHint: true } },
      'allow',
    ],
    ['under full access', { approvalPolicy: 'never', sandboxPolicy: { type: 'dangerFullAccess' } }, 'allow'],
    ['where servers may ask', { approvalPolicy: granular(true) }, 'ask'],
    ['where servers may not ask', { approvalPolicy: granular(false) }, 'refuse'],
  ];
  for (const [name, over, verdict] of cases) {
    it(`${name}: ${verdict}`, () => assert.equal(judgeToolCall(question(over)), verdict));
  }

  it('takes a yes for longer only where it says so', () => {
    const metas = [
      undefined,
      null,
      {},
      { persist: 'session' },
      { persist: 'always' },
      { persist: 'forever' },
      'always',
    ];
    assert.deepEqual(metas.map(persistOf), ['once', 'once', 'once', 'session', 'always', 'once', 'once']);
  });
});
