import assert from 'node:assert/strict';
import {
  allClientRequests,
  allServerRequests,
  describeIssues,
  type RequestTable,
} from '../../../../agent-core/protocol/index.ts';

function complaint(table: RequestTable, method: string, part: 'params' | 'result', value: unknown): string {
  const parsed = table[method]?.[part].safeParse(value);
  return parsed === undefined || parsed.success ? 'none' : describeIssues(parsed.error.issues, value);
}

describe('describeIssues', () => {
  const start = (params: unknown) => complaint(allClientRequests, 'turn/start', 'params', params);

  it('says where and what', () => {
    assert.equal(start({ input: [] }), 'threadId: missing, expected string');
    assert.equal(start({ threadId: 't', input: [{ type: 'text', text: 5 }] }), 'input[0].text: expected string, got 5');
    assert.equal(start({ threadId: 't', input: [{ type: 'image' }] }), 'input[0]: one of url, fileId must be given');
  });

  it('calls missing what may be anything but must be there', () => {
    const params = { threadId: 't' };
    assert.equal(
      complaint(allClientRequests, 'thread/approveGuardianDeniedAction', 'params', params),
      'event: missing',
    );
  });

  it('names what was found when no form fits', () => {
    assert.equal(
      complaint(allClientRequests, 'thread/start', 'params', { approvalPolicy: 'on-failure' }),
      'approvalPolicy: "on-failure" is none of the forms that are allowed here',
    );
  });

  it('picks the form that was meant', () => {
    assert.equal(
      complaint(allServerRequests, 'item/fileChange/requestApproval', 'result', {
        decision: { acceptPartial: { files: [{ path: 'a', baseHash: null }] } },
      }),
      'decision.acceptPartial.files[0].finalText: missing, expected string',
    );
  });
});
