/** Asks the clients of a thread. The first answer counts; the others are told that the question is settled. */

import { quoteWord } from '../../approvals/shell-words.ts';
import type {
  Approver,
  ClientToolResult,
  Clock,
  CommandApproval,
  CommandDecision,
  ElicitationAnswer,
  FileChangeApproval,
  FileChangeDecision,
  Log,
} from '../../ports.ts';
import type {
  CommandExecutionApprovalDecision,
  CommandExecutionRequestApprovalParams,
  GantryFileChangeApprovalDecision,
  GantryFileChangeRequestApprovalParams,
  PermissionsRequestApprovalResponse,
} from '../../protocol/index.ts';
import { AgentError } from '../../protocol/index.ts';
import type { Connection } from '../wire/connection.ts';
import { hostDecision, hostParams } from './approver-hosts.ts';
import { permissionsAnswer, permissionsParams } from './approver-permissions.ts';

export type ApproverOptions = {
  threadId: string;
  clock: Clock;
  log: Log;
  connections: () => Iterable<Connection>;
};

/** `Approver`, and what the thread's subscriptions need. */
export type ClientApprover = Approver & {
  /** A client that comes later is asked what is still open. */
  subscribed(connection: Connection): void;
  /** One that leaves is asked no more; the question stays open for whoever comes. */
  unsubscribed(connection: Connection): void;
};

type Answer<T> = { from: Connection; decision: T } | 'failed' | 'cancelled';
/** Null: the client is gone, and others may still answer. */
type Ask<T> = (
  connection: Connection,
  options: { signal: AbortSignal; onId: (id: number) => void },
) => Promise<T | null>;

class Question<T> {
  readonly answer: Promise<Answer<T>>;
  readonly #ask: Ask<T>;
  readonly #mayAnswer: (connection: Connection) => boolean;
  readonly #threadId: string;
  readonly #log: Log;
  readonly #settled = new AbortController();
  readonly #asked = new Map<Connection, { id: number; left: AbortController }>();
  #settle: (answer: Answer<T>) => void = () => {};

  constructor(ask: Ask<T>, threadId: string, log: Log, mayAnswer: (connection: Connection) => boolean = () => true) {
    this.#ask = ask;
    this.#mayAnswer = mayAnswer;
    this.#threadId = threadId;
    this.#log = log;
    this.answer = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  send(connection: Connection): void {
    if (this.#settled.signal.aborted || this.#asked.has(connection) || !this.#mayAnswer(connection)) return;
    const left = new AbortController();
    const options = {
      signal: AbortSignal.any([this.#settled.signal, left.signal]),
      onId: (id: number) => void this.#asked.set(connection, { id, left }),
    };
    this.#ask(connection, options).then(
      (decision) => {
        if (decision !== null && !left.signal.aborted) this.finish({ from: connection, decision });
      },
      (error: unknown) => {
        if (this.#settled.signal.aborted || left.signal.aborted) return;
        if (connection.peer.closed.aborted) {
          this.#asked.delete(connection);
          return;
        }
        this.#log('warn', 'an approval was answered with an error', error);
        this.finish('failed');
      },
    );
  }

  finish(answer: Answer<T>): void {
    if (this.#settled.signal.aborted) return;
    this.#settled.abort();
    for (const [connection, { id }] of this.#asked) this.#tellResolved(connection, id);
    this.#settle(answer);
  }

  withdraw(connection: Connection): void {
    const asked = this.#asked.get(connection);
    if (!asked || this.#settled.signal.aborted) return;
    this.#asked.delete(connection);
    asked.left.abort();
    this.#tellResolved(connection, asked.id);
  }

  #tellResolved(connection: Connection, requestId: number): void {
    connection.notify({ method: 'serverRequest/resolved', params: { threadId: this.#threadId, requestId } });
  }
}

function commandDecision(decision: CommandExecutionApprovalDecision): CommandDecision {
  if (typeof decision === 'string') return decision;
  if (!('acceptWithExecpolicyAmendment' in decision)) return 'failed';
  const words = decision.acceptWithExecpolicyAmendment.execpolicy_amendment;
  return words.length > 0 ? { acceptRule: words } : 'accept';
}

function fileDecision(
  decision: GantryFileChangeApprovalDecision,
  request: FileChangeApproval,
  isGantry: boolean,
): FileChangeDecision {
  if (typeof decision === 'string') return { type: decision };
  if (!isGantry) return { type: 'failed' };
  const { files, note } = decision.acceptPartial;
  const deleted = new Set(request.changes.filter(({ kind }) => kind.type === 'delete').map(({ path }) => path));
  const kept = files.flatMap(({ path, baseHash, finalText }) => {
    // Whatever ends the client's lines have: the file's own are put back when it is written.
    if (finalText !== null) return [{ path, baseHash, finalText: finalText.replaceAll('\r\n', '\n') }];
    // "Shall not exist" is a yes to a deletion, and a no to anything else.
    return deleted.has(path) ? [{ path, baseHash, finalText: '' }] : [];
  });
  return { type: 'acceptPartial', files: kept, note: note ?? null };
}

export function createApprover(options: ApproverOptions): ClientApprover {
  const { threadId, clock, log } = options;
  const open = new Set<Question<unknown>>();

  /** `mayAnswer`: clients that know this kind of question. Without one of them it has failed at once. */
  const ask = async <T>(
    one: Ask<T>,
    signal: AbortSignal,
    mayAnswer?: (connection: Connection) => boolean,
  ): Promise<Answer<T>> => {
    if (signal.aborted) return 'cancelled';
    if (mayAnswer && ![...options.connections()].some(mayAnswer)) return 'failed';
    const question = new Question<T>(one, threadId, log, mayAnswer);
    const cancel = () => question.finish('cancelled');
    signal.addEventListener('abort', cancel, { once: true });
    open.add(question as Question<unknown>);
    for (const connection of options.connections()) question.send(connection);
    const answer = await question.answer;
    signal.removeEventListener('abort', cancel);
    open.delete(question as Question<unknown>);
    return answer;
  };

  const invalidIsFailed = (error: unknown): never => {
    if (error instanceof AgentError && error.code === 'invalidResponse') log('warn', error.message);
    throw error;
  };

  return {
    async command(request, signal) {
      const startedAtMs = clock.now();
      const answer = await ask<CommandExecutionApprovalDecision>(async (connection, peerOptions) => {
        const params = commandParams(threadId, request, startedAtMs, connection.capabilities.experimentalApi);
        const { decision } = await connection
          .request('item/commandExecution/requestApproval', params, peerOptions)
          .catch(invalidIsFailed);
        return decision;
      }, signal);
      if (answer === 'cancelled') return 'cancel';
      return answer === 'failed' ? 'failed' : commandDecision(answer.decision);
    },

    async host(request, signal) {
      const startedAtMs = clock.now();
      const answer = await ask<CommandExecutionApprovalDecision>(async (connection, peerOptions) => {
        const params = hostParams({ threadId, startedAtMs, request }, connection.capabilities.experimentalApi);
        const { decision } = await connection
          .request('item/commandExecution/requestApproval', params, peerOptions)
          .catch(invalidIsFailed);
        return decision;
      }, signal);
      if (answer === 'cancelled') return 'cancel';
      return answer === 'failed' ? 'failed' : hostDecision(answer.decision);
    },

    async permissions(request, signal) {
      const params = permissionsParams(threadId, request, clock.now());
      const answer = await ask<PermissionsRequestApprovalResponse>(
        (connection, peerOptions) =>
          connection.request('item/permissions/requestApproval', params, peerOptions).catch(invalidIsFailed),
        signal,
      );
      if (answer === 'cancelled') return 'cancel';
      return answer === 'failed' ? 'failed' : permissionsAnswer(request, answer.decision);
    },

    async fileChange(request, signal) {
      const startedAtMs = clock.now();
      const answer = await ask<GantryFileChangeApprovalDecision>(async (connection, peerOptions) => {
        const params = fileParams(threadId, request, startedAtMs, connection.capabilities.gantry !== null);
        const { decision } = await connection
          .request('item/fileChange/requestApproval', params, peerOptions)
          .catch(invalidIsFailed);
        return decision;
      }, signal);
      if (answer === 'cancelled') return { type: 'cancel' };
      if (answer === 'failed') return { type: 'failed' };
      return fileDecision(answer.decision, request, answer.from.capabilities.gantry !== null);
    },

    async questions(request, signal) {
      const answer = await ask<Record<string, string[]>>(
        async (connection, peerOptions) => {
          const params = { threadId, ...request, isBlocking: true, autoResolutionMs: null };
          const { answers } = await connection.request('item/tool/requestUserInput', params, peerOptions);
          return Object.fromEntries(Object.entries(answers).map(([id, { answers: given }]) => [id, given]));
        },
        signal,
        ({ capabilities }) => capabilities.experimentalApi || capabilities.gantry !== null,
      );
      return typeof answer === 'string' ? null : answer.decision;
    },

    async clientTool(request, signal) {
      const answer = await ask<ClientToolResult>(
        async (connection, peerOptions) => {
          const params = { threadId, ...request };
          const { contentItems, success } = await connection.request('item/tool/call', params, peerOptions);
          return { content: contentItems, success };
        },
        signal,
        // Only such a client could have offered a tool.
        ({ capabilities }) => capabilities.experimentalApi,
      );
      return typeof answer === 'string' ? null : answer.decision;
    },

    async elicitation({ call: _, ...request }, signal) {
      const answer = await ask<ElicitationAnswer>(async (connection, peerOptions) => {
        const params = { threadId, ...request };
        const { action, content, _meta } = await connection.request(
          'mcpServer/elicitation/request',
          params,
          peerOptions,
        );
        return { action, content, meta: _meta };
      }, signal);
      if (typeof answer !== 'string') return answer.decision;
      return { action: answer === 'cancelled' ? 'cancel' : 'failed', content: null, meta: null };
    },

    subscribed(connection) {
      for (const question of open) question.send(connection);
    },

    unsubscribed(connection) {
      for (const question of open) question.withdraw(connection);
    },
  };
}

/** A single word is no command line but a sentence about one. */
const shownCommand = (command: readonly string[]): string =>
  command.length === 1 ? (command[0] ?? '') : command.map(quoteWord).join(' ');

const availableDecisions = (rule: string[] | null): CommandExecutionApprovalDecision[] => [
  'accept',
  'acceptForSession',
  ...(rule === null ? [] : [{ acceptWithExecpolicyAmendment: { execpolicy_amendment: rule } }]),
  'decline',
  'cancel',
];

function commandParams(
  threadId: string,
  request: CommandApproval,
  startedAtMs: number,
  isExperimental: boolean,
): CommandExecutionRequestApprovalParams {
  const rule = request.proposedRule ?? null;
  return {
    threadId,
    turnId: request.turnId,
    itemId: request.itemId,
    startedAtMs,
    environmentId: 'local',
    kind: 'command',
    ...(request.reason === null ? {} : { reason: request.reason }),
    command: shownCommand(request.command),
    cwd: request.cwd,
    commandActions: request.commandActions,
    proposedExecpolicyAmendment: rule,
    ...(isExperimental ? { availableDecisions: availableDecisions(rule) } : {}),
  };
}

function fileParams(
  threadId: string,
  request: FileChangeApproval,
  startedAtMs: number,
  isGantry: boolean,
): GantryFileChangeRequestApprovalParams {
  const { turnId, itemId, reason, grantRoot } = request;
  const changes = request.changes.map(({ path, kind, oldText, newText, baseHash }) => ({
    path,
    kind,
    oldText,
    newText,
    baseHash,
  }));
  return { threadId, turnId, itemId, startedAtMs, reason, grantRoot, ...(isGantry ? { gantry: { changes } } : {}) };
}
