/** `gantry app-server proxy`: stdin and stdout become a connection to the Unix socket of a core that runs. */
import { connect } from 'node:net';
import path from 'node:path';
import { findHome } from '../../config/home.ts';
import { AgentError } from '../../protocol/index.ts';
import { defaultSocketPath } from './unix-socket.ts';

/** The socket that `args` mean: `--sock PATH`, else the default one. */
export function parseProxyArguments(args: readonly string[], cwd: string): { socket: string } | { problem: string } {
  const [first, second, ...more] = args;
  if (first === undefined) return { socket: defaultSocketPath(findHome(process.env, cwd).home) };
  const inline = /^--sock=(.+)$/s.exec(first)?.[1];
  const rest = inline === undefined ? more : args.slice(1);
  const given = inline ?? (first === '--sock' ? second : undefined);
  if (given !== undefined && rest.length === 0) return { socket: path.resolve(cwd, given) };
  return { problem: `app-server proxy takes --sock PATH and nothing else, not ${JSON.stringify(args.join(' '))}.` };
}

/**
 * Carries bytes both ways, unchanged: who is at the other end of stdin speaks WebSocket, as over `ssh`. Resolves when
 * the core has closed the connection. Throws `AgentError` when there is none.
 */
export async function proxy(socketPath: string): Promise<void> {
  const socket = connect(socketPath);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (error) =>
      reject(
        new AgentError(
          'invalidRequest',
          `no core listens at ${socketPath} (${error.message}); start one with gantry app-server --listen unix://.`,
        ),
      ),
    );
  });
  socket.on('error', () => socket.destroy());
  process.stdout.on('error', () => socket.destroy());
  process.stdin.pipe(socket);
  socket.pipe(process.stdout, { end: false });
  await new Promise((resolve) => socket.once('close', resolve));
  process.stdin.destroy();
}
