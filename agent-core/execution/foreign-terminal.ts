/** Terminals where the sandbox's helper does not make them: macOS and Windows, by node-pty when it is installed. */
import { createRequire } from 'node:module';
import * as z from 'zod/mini';
import type { OpenedTerminal, OpenTerminal } from '../../sandbox/index.ts';
import { AgentError } from '../protocol/index.ts';

type NodePty = {
  spawn(program: string, args: string[], options: Record<string, unknown>): OpenedTerminal;
};

const nodePty = z.looseObject({ spawn: z.custom<NodePty['spawn']>((value) => typeof value === 'function') });

/** Throws `AgentError('notSupported', …)` where node-pty is not installed or does not load. */
export function loadOpenTerminal(load: (name: string) => unknown = createRequire(import.meta.url)): OpenTerminal {
  let pty: NodePty;
  try {
    pty = nodePty.parse(load('@lydell/node-pty'));
  } catch (cause) {
    throw new AgentError(
      'notSupported',
      `Commands cannot have a terminal on ${process.platform}-${process.arch}: @lydell/node-pty is not installed beside Gantry. Run the command without one ("tty": false).`,
      { cause },
    );
  }
  return (program, args, { cwd, env, size }) =>
    pty.spawn(program, args, {
      name: env.TERM ?? 'xterm-256color',
      cols: size.columns,
      rows: size.rows,
      cwd,
      env,
      encoding: null, // bytes: characters are put together where they are shown
    });
}
