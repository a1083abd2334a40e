/** Streaming HTTP: `/rpc` takes messages by POST and gives them out as server-sent events. README.md is its contract. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../../ports.ts';
import type { Core } from '../core.ts';
import { answerProblem } from './http-answers.ts';
import { HttpSession } from './http-session.ts';

const SESSION_HEADER = 'Gantry-Session-Id';
const MAX_SESSIONS = 256;

export type StreamingHttp = {
  /** Answers a request for `/rpc`; it has been authorized. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Ends every session and with it every stream. */
  close(): void;
};

export function createStreamingHttp(core: Core, idleSeconds: number, log: Log): StreamingHttp {
  const sessions = new Map<string, HttpSession>();

  const create = (): HttpSession => {
    // Nobody shall guess it.
    const id = randomUUID();
    const session = new HttpSession({ id, core, idleSeconds, log, onEnd: () => sessions.delete(id) });
    sessions.set(id, session);
    return session;
  };

  /** The session that a request names; null: it was answered, for there is none. */
  const named = (request: IncomingMessage, response: ServerResponse): HttpSession | null => {
    const id = request.headers[SESSION_HEADER.toLowerCase()];
    const session = typeof id === 'string' ? sessions.get(id) : undefined;
    if (session) return session;
    if (id === undefined) {
      answerProblem(response, 400, `The header ${SESSION_HEADER} is missing; the answer to the first POST brought it.`);
    } else {
      const reason = 'it was deleted, nobody used it for a while, or its events were not fetched';
      const advice = `POST initialize without ${SESSION_HEADER}, then send thread/resume`;
      answerProblem(response, 404, `There is no such session (any more): ${reason}. ${advice}.`);
    }
    return null;
  };

  const post = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const isNew = request.headers[SESSION_HEADER.toLowerCase()] === undefined;
    if (isNew && sessions.size >= MAX_SESSIONS) {
      return answerProblem(response, 503, `There are ${MAX_SESSIONS} sessions already; retry later.`);
    }
    const session = isNew ? create() : named(request, response);
    if (session === null) return;
    try {
      await session.receive(request);
    } catch (error) {
      log('info', 'a request broke off', error);
      return;
    }
    if (!session.isInitialized) {
      session.end();
      return answerProblem(response, 400, 'The first message of a session must be initialize.');
    }
    response.writeHead(202, { [SESSION_HEADER]: session.id }).end();
  };

  const get = (request: IncomingMessage, response: ServerResponse): void => {
    const session = named(request, response);
    if (session === null) return;
    const given = request.headers['last-event-id'];
    const lastEventId = given === undefined || given === '' ? null : Number(given);
    if (session.attach(response, lastEventId)) return;
    const what = `The events after ${String(given)} are not kept any more, so the session has ended.`;
    answerProblem(response, 410, `${what} POST initialize without ${SESSION_HEADER}, then send thread/resume.`);
  };

  return {
    async handle(request, response) {
      if (request.method === 'POST') return post(request, response);
      if (request.method === 'GET') return get(request, response);
      if (request.method === 'DELETE') {
        const session = named(request, response);
        session?.end();
        if (session) response.writeHead(204).end();
        return;
      }
      response.setHeader('allow', 'GET, POST, DELETE');
      answerProblem(response, 405, 'Use POST to send, GET to listen, DELETE to end the session.');
    },
    close() {
      for (const session of [...sessions.values()]) session.end();
    },
  };
}
