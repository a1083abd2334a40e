/** `gantry app-server`: the core on this process's own streams, or on a socket. */
import { findHome } from '../config/home.ts';
import { imported } from '../late.ts';
import { AgentError } from '../protocol/index.ts';
import { createLog } from './about/log.ts';
import { createCore } from './core.ts';
import type { ServeOptions } from './transports/arguments.ts';
import type { Listener } from './transports/listener.ts';
import { serveStdio } from './transports/stdio.ts';

export type AppServerOptions = { version: string; overrides: readonly string[]; serve: ServeOptions };

/**
 * Serves until stdin ends (on stdio) or a signal comes, then exits with 0 once every command it started is gone and
 * every client was told. Exits with 1 when it cannot listen.
 */
export async function appServer({ version, overrides, serve }: AppServerOptions): Promise<void> {
  const log = createLog(process.env.GANTRY_LOG, (line) => void process.stderr.write(line));
  const { env } = process;
  const cwd = process.cwd();
  const core = createCore({ version, env, cwd, log, overrides: [...overrides, ...serve.overrides] });

  let listener: Listener | null = null;
  let isLeaving = false;
  const leave = async (): Promise<void> => {
    if (isLeaving) return;
    isLeaving = true;
    await core.close();
    await listener?.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void leave());
  process.on('uncaughtException', (error) => log('error', 'a defect', error));
  process.on('unhandledRejection', (error) => log('error', 'a defect', error));
  // Nobody reads the log any more; that is no reason to end.
  process.stderr.on('error', () => {});

  if (serve.listen.type === 'stdio') {
    await serveStdio(core, process.stdin, process.stdout);
    await leave();
    return;
  }
  try {
    const { createListener } = await imported(import('./transports/listener.ts'));
    const say = (lines: string) => void process.stderr.write(lines);
    listener = await createListener({ core, serve, home: findHome(env, cwd).home, log, say });
  } catch (error) {
    if (!(error instanceof AgentError)) throw error;
    process.stderr.write(`gantry: ${error.message}\n`);
    process.exit(1);
  }
}
