/** Hosts that a command asks for and its list does not know: whom to ask, and how long an answer holds. */
import { judgeHost, parseHostPattern } from '../../sandbox/index.ts';
import type { HostDecision, HostQuestion } from '../ports.ts';
import type { AskForApproval } from '../protocol/index.ts';
import { mayAsk } from './policy.ts';

/** A question that is open, and how many commands wait for the answer. */
export type OpenHostQuestion = { decision: Promise<HostDecision>; waiting: number; unwanted: AbortController };

/** What a person said of hosts, for as long as the session lasts, a no as much as a yes. One that is open is asked once. */
export type HostAnswers = Map<string, boolean | OpenHostQuestion>;

export type HostGate = {
  approvalPolicy: AskForApproval;
  answers: HostAnswers;
  /** The signal takes the question back: no command waits for it any more. */
  ask: (question: HostQuestion, unwanted: AbortSignal) => Promise<HostDecision>;
  /** Keeps an answer for good. Must not throw. */
  remember: (host: string, action: 'allow' | 'deny') => void;
};

const WEB_PORT = 443;

/** Whether an entry that a person allowed, which may be wider than what was asked for, covers a host. */
function covers(entry: string, host: string): boolean {
  const asked = parseHostPattern(host);
  if (asked === null) return false;
  const port = typeof asked.port === 'number' ? asked.port : WEB_PORT;
  return judgeHost({ hosts: [entry] }, asked.host, port) === 'allowed';
}

/** Whether a command may reach a host that is in no list. `gone`: the command waits no longer. Never rejects. */
export function createHostGate(gate: HostGate): (question: HostQuestion, gone?: AbortSignal) => Promise<boolean> {
  const { answers } = gate;

  const openQuestion = (question: HostQuestion): OpenHostQuestion => {
    const { host } = question;
    const unwanted = new AbortController();
    const decision = gate.ask(question, unwanted.signal).catch((): HostDecision => 'failed');
    const open: OpenHostQuestion = { decision: decision.then(settle), waiting: 0, unwanted };
    // Whoever waits, and also when nobody does: what a person said is kept once.
    function settle(said: HostDecision): HostDecision {
      if (answers.get(host) === open) answers.delete(host);
      if (unwanted.signal.aborted) return 'cancel';
      if (typeof said === 'object') {
        gate.remember(said.host, said.always);
        answers.set(said.host, said.always === 'allow');
        if (covers(said.host, host)) answers.set(host, said.always === 'allow');
      } else if (said === 'acceptForSession') answers.set(host, true);
      // A command that was told no tries again, and so does the next: the person has answered.
      else if (said === 'decline') answers.set(host, false);
      return said;
    }
    answers.set(host, open);
    return open;
  };

  return async (question, gone) => {
    const { host } = question;
    const known = answers.get(host);
    if (typeof known === 'boolean') return known;
    if (!mayAsk(gate.approvalPolicy) || gone?.aborted) return false;
    const open = known ?? openQuestion(question);
    open.waiting++;
    const leave = (): void => {
      if (--open.waiting > 0) return;
      if (answers.get(host) === open) answers.delete(host);
      open.unwanted.abort();
    };
    gone?.addEventListener('abort', leave, { once: true });
    const decision = await open.decision;
    gone?.removeEventListener('abort', leave);
    if (gone?.aborted) return false;
    if (typeof decision === 'object') return decision.always === 'allow' && covers(decision.host, host);
    return decision === 'accept' || decision === 'acceptForSession';
  };
}
