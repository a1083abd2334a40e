/** What the listeners answer by HTTP itself, apart from the protocol that runs over them. */
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

const CHALLENGE = { 'www-authenticate': 'Bearer' };

/** Says what is wrong, as `{"error":{"message"}}`. */
export function answerProblem(response: ServerResponse, status: number, message: string): void {
  const body = JSON.stringify({ error: { message } });
  response.writeHead(status, { 'content-type': 'application/json', ...(status === 401 ? CHALLENGE : {}) }).end(body);
}

/** As `answerProblem`, for a request that wanted to become something else than HTTP. */
export function answerUpgrade(socket: Duplex, status: 401 | 403 | 426, message: string): void {
  const reasons = { 401: 'Unauthorized', 403: 'Forbidden', 426: 'Upgrade Required' };
  const body = JSON.stringify({ error: { message } });
  const lines = [
    `HTTP/1.1 ${status} ${reasons[status]}`,
    'Connection: close',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(status === 401 ? [`WWW-Authenticate: ${CHALLENGE['www-authenticate']}`] : []),
  ];
  socket.on('error', () => {});
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
