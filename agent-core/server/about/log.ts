import type { Log } from '../../ports.ts';

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'];

function describe(data: unknown): string {
  if (data === undefined) return '';
  if (data instanceof Error) return ` ${data.stack ?? data.message}`;
  try {
    return ` ${JSON.stringify(data)}`;
  } catch {
    return ' (data that cannot be printed)';
  }
}

/** Logs to `write`, one line an entry, from `level` on; an unknown level means `warn`, `off` nothing. Never throws. */
export function createLog(level: string | undefined, write: (line: string) => void, now: () => number = Date.now): Log {
  const asked = LEVELS.indexOf(level?.toLowerCase() ?? '');
  const least = level?.toLowerCase() === 'off' ? LEVELS.length : asked < 0 ? LEVELS.indexOf('warn') : asked;
  return (entryLevel, message, data) => {
    if (LEVELS.indexOf(entryLevel) < least) return;
    write(`${new Date(now()).toISOString()} ${entryLevel.toUpperCase()} ${message}${describe(data)}\n`);
  };
}

export type LogMemory = { log: Log; entries(): readonly string[] };

const MOST_ENTRIES = 2_000;
const MOST_CHARS = 2_000;

/** Passes everything on to `log`, and keeps the last 2,000 entries whatever their level. */
export function rememberLog(log: Log, now: () => number): LogMemory {
  const entries: string[] = [];
  return {
    entries: () => entries,
    log(level, message, data) {
      log(level, message, data);
      const more = data instanceof Error ? ` ${data.stack ?? data.message}` : '';
      entries.push(`${new Date(now()).toISOString()} ${level} ${message}${more}`.slice(0, MOST_CHARS));
      if (entries.length > MOST_ENTRIES) entries.splice(0, entries.length - MOST_ENTRIES);
    },
  };
}
