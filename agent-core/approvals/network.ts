/** Hosts that a command asks for and its list does not know: whom to ask, and how long an answer holds. */
import type { HostDecision, HostQuestion } from '../ports.ts';
import type { AskForApproval } from '../protocol/index.ts';
import { mayAsk } from './policy.ts';

/** What a person said of hosts, for as long as the session lasts. A question that is open is asked once. */
export type HostAnswers = Map<string, boolean | Promise<HostDecision>>;

export type HostGate = {
  approvalPolicy: AskForApproval;
  answers: HostAnswers;
  ask: (question: HostQuestion) => Promise<HostDecision>;
  /** Keeps an answer for good. Must not throw. */
  remember: (host: string, action: 'allow' | 'deny') => void;
};

/** Whether a command may reach a host that is in no list. Never rejects. */
export function createHostGate(gate: HostGate): (question: HostQuestion) => Promise<boolean> {
  const { answers } = gate;
  return async (question) => {
    const { host } = question;
    const known = answers.get(host);
    if (typeof known === 'boolean') return known;
    if (!mayAsk(gate.approvalPolicy)) return false;
    const open = known ?? gate.ask(question).catch((): HostDecision => 'failed');
    if (known === undefined) answers.set(host, open);
    const decision = await open;
    if (answers.get(host) === open) answers.delete(host);
    if (typeof decision === 'object') {
      if (known === undefined) gate.remember(decision.host, decision.always);
      answers.set(decision.host, decision.always === 'allow');
      return decision.always === 'allow' && decision.host === host;
    }
    if (decision === 'acceptForSession') answers.set(host, true);
    return decision === 'accept' || decision === 'acceptForSession';
  };
}
