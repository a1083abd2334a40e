/** An approver that remembers: what is asked just now, and what the user decided against the agent's proposal. */
import type { Approver, CommandApproval, FileChangeApproval, RecordLine } from '../ports.ts';
import type { TurnHooks } from './turn-hooks.ts';

const MOST_CHARS = 300;

const short = (text: string): string => (text.length <= MOST_CHARS ? text : `${text.slice(0, MOST_CHARS - 1)}…`);
const commandText = ({ command }: CommandApproval): string => short(command.join(' '));
const filesText = ({ changes }: FileChangeApproval): string => short(changes.map(({ path }) => path).join(', '));

export type DecidingOptions = {
  approver: Approver;
  /** Hooks may answer in the user's place. */
  hooks: TurnHooks | null;
  /** By item; filled while the user is asked. */
  open: Map<string, string>;
  /** Yeses that hold for the session. */
  standing: Set<string>;
  turnId: string;
  record: RecordLine;
  now: () => number;
};

export function createDecidingApprover(options: DecidingOptions): Approver {
  const { approver, hooks, open, standing, turnId, record, now } = options;
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
      const input = { command: request.command.join(' '), ...(request.reason ? { description: request.reason } : {}) };
      const about = { toolName: 'Bash', names: ['Bash'], toolInput: input, itemId: request.itemId };
      const word = (await hooks?.permission(about)) ?? null;
      if (word) decided(`A hook ${word.behavior === 'allow' ? 'allowed' : 'refused'} the command: ${text}`);
      if (word) return word.behavior === 'allow' ? 'accept' : 'decline';
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
      const input = {
        command: request.changes.map(({ diff }) => diff).join('\n'),
        files: request.changes.map(({ path }) => path),
      };
      const names = ['apply_patch', 'Edit', 'Write'];
      const about = { toolName: 'apply_patch', names, toolInput: input, itemId: request.itemId };
      const word = (await hooks?.permission(about)) ?? null;
      if (word) decided(`A hook ${word.behavior === 'allow' ? 'allowed' : 'refused'} the change of ${text}`);
      if (word) return { type: word.behavior === 'allow' ? 'accept' : 'decline' };
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
      const input = { command: request.command.join(' '), description: `network-access ${request.host}` };
      const about = { toolName: 'Bash', names: ['Bash'], toolInput: input, itemId: request.itemId };
      const word = (await hooks?.permission(about)) ?? null;
      if (word) decided(`A hook ${word.behavior === 'allow' ? 'allowed' : 'refused'} the host ${request.host}`);
      if (word) return word.behavior === 'allow' ? 'accept' : 'decline';
      const decision = await whileOpen(request.itemId, `whether a command may reach ${request.host}`, () =>
        approver.host(request, signal),
      );
      if (decision === 'decline') decided(`Did not let a command reach ${request.host}`);
      if (typeof decision === 'object')
        decided(`From now on commands may${decision.always === 'allow' ? '' : ' not'} reach ${decision.host}`);
      return decision;
    },
    async permissions(request, signal) {
      const { read, write, network } = request.asked;
      const text = short([...read, ...write, ...(network ? ['the network'] : [])].join(', '));
      const answer = await whileOpen(request.itemId, `whether commands may use: ${text}`, () =>
        approver.permissions(request, signal),
      );
      if (typeof answer === 'string') return answer;
      const { granted, scope } = answer;
      const isNo = granted.read.length + granted.write.length === 0 && !granted.network;
      if (isNo) decided(`Did not grant: ${text}`);
      else if (scope === 'session') standing.add(`permission for: ${text}`);
      return answer;
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
      // A question of the server itself is for a person alone.
      const word = (request.call && (await hooks?.permission(request.call))) ?? null;
      if (word) decided(`A hook ${word.behavior === 'allow' ? 'allowed' : 'refused'}: ${text}`);
      if (word) return { action: word.behavior === 'allow' ? 'accept' : 'decline', content: null, meta: null };
      const answer = await whileOpen(`elicitation:${request.serverName}`, `an answer to: ${text}`, () =>
        approver.elicitation(request, signal),
      );
      if (answer.action === 'decline') decided(`Said no to: ${text}`);
      return answer;
    },
  };
}
