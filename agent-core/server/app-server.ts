/** `gantry app-server`: the core on this process's own streams. */
import { createCore } from './core.ts';
import { createLog } from './log.ts';
import { serveStdio } from './stdio.ts';

export type AppServerOptions = { version: string; overrides: readonly string[] };

/** Serves until stdin ends or a signal comes, then exits with 0 once every command it started is gone. */
export async function appServer({ version, overrides }: AppServerOptions): Promise<void> {
  const log = createLog(process.env.GANTRY_LOG, (line) => void process.stderr.write(line));
  const core = createCore({ version, env: process.env, cwd: process.cwd(), log, overrides });

  let isLeaving = false;
  const leave = async (): Promise<void> => {
    if (isLeaving) return;
    isLeaving = true;
    await core.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void leave());
  process.on('uncaughtException', (error) => log('error', 'a defect', error));
  process.on('unhandledRejection', (error) => log('error', 'a defect', error));
  // Nobody reads the log any more; that is no reason to end.
  process.stderr.on('error', () => {});

  await serveStdio(core, process.stdin, process.stdout);
  await leave();
}
