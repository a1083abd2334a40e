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
  it('asks once for a session, yes or no, and again after a yes to one command', async () => {
    const { gate, asked } = gateWith(['acceptForSession', 'accept', 'decline', 'cancel', 'decline']);
    const answers = [];
    for (const host of ['a.com', 'a.com', 'b.com', 'b.com', 'b.com', 'c.com', 'c.com', 'c.com'])
      answers.push(await gate()(asks(host)));
    assert.deepEqual(
      [answers, asked],
      [
        [true, true, true, false, false, false, false, false],
        ['a.com', 'b.com', 'b.com', 'c.com', 'c.com'],
      ],
    );
  });

  it('asks once for what several commands want at the same time', async () => {
    const { gate, asked } = gateWith(['accept']);
    assert.deepEqual(await Promise.all([gate()(asks('a.com')), gate()(asks('a.com'))]), [true, true]);
    assert.deepEqual(asked, ['a.com']);
  });

  it('takes a question back when no command waits for it, and not before', async () => {
    const answers: HostAnswers = new Map();
    const signals: AbortSignal[] = [];
    const gate = createHostGate({
      approvalPolicy: 'on-request',
      answers,
      ask: (_question, unwanted) => {
        signals.push(unwanted);
        return new Promise((resolve) => unwanted.addEventListener('abort', () => resolve('acceptForSession')));
      },
      remember: () => {},
    });
    const [one, two] = [new AbortController(), new AbortController()];
    const both = [gate(asks('a.com'), one.signal), gate(asks('a.com'), two.signal)];
    one.abort();
    assert.deepEqual(
      signals.map(({ aborted }) => aborted),
      [false],
    );
    two.abort();
    assert.deepEqual(await Promise.all(both), [false, false]);
    assert.deepEqual([signals[0]?.aborted, answers.size], [true, 0]);
    assert.equal(await gate(asks('a.com'), AbortSignal.abort()), false);
    assert.equal(signals.length, 1);
  });

  it('takes a wider answer for what it covers', async () => {
    const { gate, asked, kept } = gateWith([
      { always: 'allow', host: '**.a.com' },
      { always: 'allow', host: 'no host' },
    ]);
    const answers = [await gate()(asks('x.a.com')), await gate()(asks('x.a.com')), await gate()(asks('b.com:8080'))];
    assert.deepEqual(
      [answers, asked, kept],
      [
        [true, true, false],
        ['x.a.com', 'b.com:8080'],
        ['allow **.a.com', 'allow no host'],
      ],
    );
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
