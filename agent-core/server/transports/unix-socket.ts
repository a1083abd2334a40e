/** The path of a Unix socket: made ready for a server, and open to its owner alone. */
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import path from 'node:path';
import { AgentError } from '../../protocol/index.ts';

/** What every Unix has room for in a socket's address. */
const MAX_PATH_BYTES = 103;

/** Where `unix://` without a path listens. */
export const defaultSocketPath = (home: string): string =>
  path.join(home, 'app-server-control', 'app-server-control.sock');

/**
 * Listens at `socketPath`; only the user of this process can connect. What a core that was killed left there is
 * replaced. Throws `AgentError` when another one still listens, or when something else has the name.
 */
export async function listenAt(server: Server, socketPath: string): Promise<void> {
  const refuse = (reason: string): AgentError => new AgentError('invalidRequest', `${socketPath} ${reason}`);
  if (process.platform === 'win32')
    throw refuse('cannot be served: Windows has no Unix sockets; use ws://127.0.0.1:0.');
  if (Buffer.byteLength(socketPath) > MAX_PATH_BYTES) {
    throw refuse(`is too long for a socket (${MAX_PATH_BYTES} bytes); give a shorter one: --listen unix://PATH.`);
  }
  mkdirSync(path.dirname(socketPath), { recursive: true, mode: 0o700 });
  const there = lstatSync(socketPath, { throwIfNoEntry: false });
  if (there && !there.isSocket()) throw refuse('exists and is no socket; remove it or give another path.');
  if (there && (await answers(socketPath))) {
    throw refuse('is in use by a core that runs; connect to that one, or end it first.');
  }
  if (there) rmSync(socketPath, { force: true });
  // From the first moment on nobody else may connect, so the mode cannot be left to chmod alone.
  const before = process.umask(0o177);
  try {
    const listening = new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socketPath, () => {
        server.off('error', reject);
        resolve();
      });
    });
    process.umask(before);
    await listening;
  } finally {
    process.umask(before);
  }
  chmodSync(socketPath, 0o600);
}

/** Whether somebody accepts connections there. */
function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // Anything but a refusal may hide somebody who is alive.
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT');
    });
  });
}
