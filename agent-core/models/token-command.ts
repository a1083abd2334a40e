/** Keys that a program of the user's hands out: `[model_providers.X.auth]` in config.toml. */
import { execFile } from 'node:child_process';

export type TokenCommand = {
  command: string;
  args: readonly string[];
  /** Where it runs; null: the core's own folder. */
  cwd: string | null;
  timeoutMs: number;
  /** How long what it printed is used; 0: until the server refuses it. */
  refreshIntervalMs: number;
};

/** Contract: `get` rejects with a `TokenProblem` whose message tells the user what to do. Calls share one run. */
export interface TokenSource {
  get(signal: AbortSignal): Promise<string>;
  /** The server did not take this one: the next `get` runs the command again. */
  refused(token: string): void;
  /** What was handed out of late: no message may show it. */
  readonly recent: readonly string[];
}

export class TokenProblem extends Error {
  override readonly name = 'TokenProblem';
}

const MOST_BYTES = 64 * 1024;

function run(command: TokenCommand, providerId: string): Promise<string> {
  const where = `model_providers.${providerId}.auth`;
  const { command: file, args, cwd, timeoutMs } = command;
  const options = {
    timeout: timeoutMs,
    maxBuffer: MOST_BYTES,
    windowsHide: true,
    encoding: 'utf8' as const,
    ...(cwd === null ? {} : { cwd }),
  };
  return new Promise((settle, fail) => {
    execFile(file, [...args], options, (error, stdout, stderr) => {
      const token = stdout.trim();
      if (!error && token !== '' && !/\s/.test(token)) return settle(token);
      // What it printed to stdout may be a secret, and is not shown.
      const why = !error
        ? token === ''
          ? 'it printed nothing'
          : 'it printed more than one word'
        : error.killed
          ? `it took longer than ${timeoutMs} ms`
          : error.code === 'ENOENT'
            ? 'it is not found'
            : stderr.trim().split('\n').at(-1)?.slice(0, 300) || `it ended with code ${error.code}`;
      fail(new TokenProblem(`The command of ${where} (${file}) gave no token: ${why}. Correct it in config.toml.`));
    });
  });
}

export function createTokenSource(
  command: TokenCommand,
  providerId: string,
  now: () => number = Date.now,
): TokenSource {
  let held: { token: string; at: number } | null = null;
  let running: Promise<string> | null = null;
  let recent: readonly string[] = [];
  const isFresh = (at: number): boolean => command.refreshIntervalMs === 0 || now() - at < command.refreshIntervalMs;
  const fetchToken = (): Promise<string> => {
    running ??= run(command, providerId)
      .then((token) => {
        held = { token, at: now() };
        recent = [token, ...recent].slice(0, 3);
        return token;
      })
      .finally(() => {
        running = null;
      });
    return running;
  };
  return {
    get recent() {
      return recent;
    },
    get: (signal) => {
      if (held && isFresh(held.at)) return Promise.resolve(held.token);
      return new Promise((settle, fail) => {
        const stop = (): void => fail(signal.reason);
        if (signal.aborted) return stop();
        signal.addEventListener('abort', stop, { once: true });
        fetchToken()
          .then(settle, fail)
          .finally(() => signal.removeEventListener('abort', stop));
      });
    },
    refused: (token) => {
      if (held?.token === token) held = null;
    },
  };
}
