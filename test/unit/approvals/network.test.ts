import assert from 'node:assert/strict';
import { createHostGate, type HostAnswers } from '../../../agent-core/approvals/network.ts';
import type { HostDecision } from '../../../agent-core/ports.ts';
import type { AskForApproval } from '../../../agent-core/protocol/index.ts';

const asks = (host: string) => ({ host, protocol: 'https' as const });

function gateWith(decisions: HostDecision[], approvalPolicy: AskForApproval = 'on-request') {
  const answers: HostAnswers = new Map();
  const asked: string[] = [];
  const kept: string[] = [];
  const gate = () =>
    createHostGate({
      approvalPolicy,
      answers,
      async ask({ host }) {
        asked.push(host);
        const decision = decisions.shift();
        if (decision === undefined) throw new Error('nobody is there');
        return decision;
      },
      remember: (host, action) => void kept.push(`${action} ${host}`),
    });
  return { gate, asked, kept };
}

describe('approval of hosts', () => {
  it('asks once for a session, and again after a yes to one command', async () => {
    const { gate, asked } = gateWith(['acceptForSession', 'accept', 'decline']);
    const answers = [];
    for (const host of ['a.com', 'a.com', 'b.com', 'b.com']) answers.push(await gate()(asks(host)));
    assert.deepEqual(
      [answers, asked],
      [
        [true, true, true, false],
        ['a.com', 'b.com', 'b.com'],
      ],
    );
  });

  it('asks once for what several commands want at the same time', async () => {
    const { gate, asked } = gateWith(['accept']);
    assert.deepEqual(await Promise.all([gate()(asks('a.com')), gate()(asks('a.com'))]), [true, true]);
    assert.deepEqual(asked, ['a.com']);
  });

  it('keeps what is meant for good, under the name that the answer has', async () => {
    const { gate, kept } = gateWith([
      { always: 'allow', host: 'a.com' },
      { always: 'deny', host: 'b.com' },
      { always: 'allow', host: 'other.com' },
    ]);
    const answers = [];
    for (const host of ['a.com', 'b.com', 'b.com', 'c.com', 'other.com']) answers.push(await gate()(asks(host)));
    assert.deepEqual(
      [answers, kept],
      [
        [true, false, false, false, true],
        ['allow a.com', 'deny b.com', 'allow other.com'],
      ],
    );
  });

  it('takes a failure for a no, and asks nobody where the policy forbids it', async () => {
    const failing = gateWith([]);
    assert.equal(await failing.gate()(asks('a.com')), false);
    const never = gateWith(['accept'], 'never');
    assert.deepEqual([await never.gate()(asks('a.com')), never.asked], [false, []]);
  });
});
