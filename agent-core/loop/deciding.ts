/** An approver that remembers: what is asked just now, and what the user decided against the agent's proposal. */
import type { Approver, CommandApproval, FileChangeApproval, RecordLine } from '../ports.ts';

const MOST_CHARS = 300;

const short = (text: string): string => (text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS - 1)}…`);
const commandText = ({ command }: CommandApproval): string => short(command.join(' '));
const filesText = ({ changes }: FileChangeApproval): string => short(changes.map(({ path }) => path).join(', '));

export type DecidingOptions = {
  approver: Approver;
  /** By item; filled while the user is asked. */
  open: Map<string, string>;
  /** Yeses that hold for the session. */
  standing: Set<string>;
  turnId: string;
  record: RecordLine;
  now: () => number;
};

export function createDecidingApprover({ approver, open, standing, turnId, record, now }: DecidingOptions): Approver {
  const decided = (text: string) => record({ type: 'decision', at: now(), turnId, text });
  const whileOpen = async <T>(itemId: string, text: string, ask: () => Promise<T>): Promise<T> => {
    open.set(itemId, text);
    try {
      return await ask();
    } finally {
      open.delete(itemId);
    }
  };
  return {
    async command(request, signal) {
      const text = commandText(request);
      const ask = () => approver.command(request, signal);
      const decision = await whileOpen(request.itemId, `whether this command may run: ${text}`, ask);
      if (decision === 'acceptForSession') standing.add(`the command: ${text}`);
      if (typeof decision === 'object') standing.add(`commands that begin with: ${decision.acceptRule.join(' ')}`);
      if (decision === 'decline') decided(`Did not allow the command: ${text}`);
      if (decision === 'cancel') decided(`Stopped the turn when asked for the command: ${text}`);
      return decision;
    },
    async fileChange(request, signal) {
      const text = filesText(request);
      const ask = () => approver.fileChange(request, signal);
      const decision = await whileOpen(request.itemId, `whether this change may be written: ${text}`, ask);
      if (decision.type === 'acceptForSession') standing.add(`edits of ${text}`);
      if (decision.type === 'decline') decided(`Rejected the proposed change of ${text}`);
      if (decision.type === 'cancel') decided(`Stopped the turn when asked for the change of ${text}`);
      if (decision.type === 'acceptPartial') {
        const kept = decision.files.map(({ path }) => path).join(', ') || 'nothing';
        const why = decision.note ? ` Their words: ${short(decision.note)}` : '';
        decided(`Of the proposed change of ${text}, accepted in their own version: ${short(kept)}.${why}`);
      }
      return decision;
    },
    async host(request, signal) {
      const decision = await whileOpen(request.itemId, `whether a command may reach ${request.host}`, () =>
        approver.host(request, signal),
      );
      if (decision === 'decline') decided(`Did not let a command reach ${request.host}`);
      if (typeof decision === 'object')
        decided(`From now on commands may${decision.always === 'allow' ? '' : ' not'} reach ${decision.host}`);
      return decision;
    },
    async questions(request, signal) {
      const asked = short(request.questions.map(({ question }) => question).join(' / '));
      const answers = await whileOpen(request.itemId, `an answer to: ${asked}`, () =>
        approver.questions(request, signal),
      );
      for (const { id, question, isSecret } of request.questions) {
        const answer = answers?.[id]?.join(', ');
        if (answer && !isSecret) decided(`Asked "${short(question)}", answered: ${short(answer)}`);
      }
      return answers;
    },
    clientTool: (request, signal) => approver.clientTool(request, signal),
    async elicitation(request, signal) {
      const text = short(request.message);
      const answer = await whileOpen(`elicitation:${request.serverName}`, `an answer to: ${text}`, () =>
        approver.elicitation(request, signal),
      );
      if (answer.action === 'decline') decided(`Said no to: ${text}`);
      return answer;
    },
  };
}
