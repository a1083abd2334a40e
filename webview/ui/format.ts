/** "0.4 s", "12 s", "3 min 5 s", "1 h 2 min"; long: in words for a screen reader. */
export function duration(ms: number, style: 'short' | 'long' = 'short'): string {
  const [s, min, h] = style === 'long' ? [' seconds', ' minutes', ' hours'] : [' s', ' min', ' h'];
  const one = (text: string) => (style === 'long' ? text.replace(/\b1 (second|minute|hour)s/g, '1 $1') : text);
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 1) return style === 'long' ? 'less than a second' : `${Math.max(0.1, seconds).toFixed(1)}${s}`;
  if (seconds < 10 && style === 'short') return `${seconds.toFixed(1)}${s}`;
  const whole = Math.round(seconds);
  if (whole < 60) return one(`${whole}${s}`);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return one(`${minutes}${min}${whole % 60 ? ` ${whole % 60}${s}` : ''}`);
  return one(`${Math.floor(minutes / 60)}${h}${minutes % 60 ? ` ${minutes % 60}${min}` : ''}`);
}

/** A clock for something that runs: "0:07", "12:34", "1:02:03". */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, index) => (index ? String(part).padStart(2, '0') : String(part))).join(':');
}

/** "now", "5 min", "3 h", "2 d", else a date; both in milliseconds. */
export function ago(thenMs: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - thenMs) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  if (minutes < 7 * 24 * 60) return `${Math.floor(minutes / 1440)} d`;
  const then = new Date(thenMs);
  const sameYear = then.getFullYear() === new Date(nowMs).getFullYear();
  return then.toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  });
}

/** "812", "8.4k", "128k", "1.2M". */
export function tokens(count: number): string {
  if (count < 1000) return String(count);
  if (count < 10_000) return `${(count / 1000).toFixed(1)}k`;
  return count < 1_000_000 ? `${Math.round(count / 1000)}k` : `${(count / 1_000_000).toFixed(1)}M`;
}

/** "$1.24", "$0.012", "less than $0.001". */
export function dollars(usd: number): string {
  if (usd > 0 && usd < 0.001) return 'less than $0.001';
  return `$${usd < 0.1 ? usd.toFixed(3) : usd.toFixed(2)}`;
}

/** What calls cost, with what is not known of it said. */
export function moneyText({ costUsd, unpriced }: { costUsd: number | null; unpriced: number }): string {
  if (costUsd === null) return 'price unknown';
  return unpriced > 0 ? `${dollars(costUsd)} and ${plural(unpriced, 'call')} of unknown price` : dollars(costUsd);
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

/** `path` below `cwd` without it; with `/` always; anything else unchanged. */
export function relativePath(path: string, cwd: string | null): string {
  const slashes = (text: string) => text.replaceAll('\\', '/');
  const [full, base] = [slashes(path), cwd ? slashes(cwd).replace(/\/$/, '') : ''];
  return base && full.startsWith(`${base}/`) ? full.slice(base.length + 1) : full;
}

/** A path in two parts, so that the directory can be shortened and the name stays. */
export function splitPath(path: string): { dir: string; name: string } {
  const at = path.lastIndexOf('/');
  return { dir: at < 0 ? '' : path.slice(0, at + 1), name: path.slice(at + 1) };
}
