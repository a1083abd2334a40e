/** Takes apart what providers send as errors: no two of them agree on the form. */
import type { ProviderFailure } from './errors.ts';

function asRecord(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** `{error:{…}}`, `[{error:{…}}]`, `{error:"…"}`, `{message}`, `{detail}` or no JSON at all → one plain error object. */
export function errorObject(body: unknown): Record<string, unknown> {
  const first = Array.isArray(body) ? body[0] : body;
  const record = asRecord(first);
  if (!record) return { message: asText(first) };
  const inner = asRecord(record.error);
  if (inner) return inner;
  const message = asText(record.error) || asText(record.message) || asText(record.detail);
  return { ...record, message: message || JSON.stringify(record) };
}

/** Milliseconds from `retry-after-ms`, `retry-after` (seconds or a date) or the provider's own words. */
function retryAfter(headers: Headers | null, error: Record<string, unknown>, now: number): number | null {
  const ms = Number(headers?.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return ms;
  const header = headers?.get('retry-after');
  if (header) {
    const seconds = Number(header);
    if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1000;
    const date = Date.parse(header);
    if (Number.isFinite(date)) return Math.max(0, date - now);
  }
  const details = Array.isArray(error.details) ? error.details : [];
  const delay = details.map((detail) => asText(asRecord(detail)?.retryDelay)).find(Boolean);
  const text = delay || /(?:try again|retry) in ([\d.]+ ?m?s)/i.exec(asText(error.message))?.[1] || '';
  const match = /^([\d.]+) ?(m?s)/i.exec(text);
  if (!match) return null;
  return Math.ceil(Number(match[1]) * (match[2]?.toLowerCase() === 'ms' ? 1 : 1000));
}

/** From a parsed error body or an error event of a stream. `error` is an `errorObject`. */
export function providerFailure(
  status: number | null,
  headers: Headers | null,
  error: Record<string, unknown>,
  now: number = Date.now(),
): ProviderFailure {
  const code = [error.code, error.type, error.status, error.param].map(asText).filter(Boolean).join(' ').toLowerCase();
  const metadata = asRecord(error.metadata);
  const raw = asText(metadata?.raw);
  const message = asText(error.message) || (Object.keys(error).length > 0 ? JSON.stringify(error) : '');
  return {
    status,
    code,
    message: raw && raw !== message ? `${message} (${raw})` : message,
    retryAfterMs: retryAfter(headers, error, now),
  };
}
