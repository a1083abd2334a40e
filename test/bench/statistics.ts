/** Numbers of a measurement: medians, ratios, and how they are written. */

export type Unit = 'ms' | 'MB' | 'bytes' | 'count';

export type Summary = { n: number; median: number; min: number; max: number };

/** Throws a RangeError for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError('There is no median of nothing.');
  return (lower + upper) / 2;
}

/** Null for an empty list. */
export function summarize(values: readonly number[]): Summary | null {
  if (values.length === 0) return null;
  return { n: values.length, median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/** Ours as a part of theirs; null where one of them is missing or theirs is nothing. */
export function ratio(ours: Summary | null, theirs: Summary | null): number | null {
  return ours && theirs && theirs.median > 0 ? ours.median / theirs.median : null;
}

/** About three digits that count, more only before the point; thousands apart. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const UNIT_TEXT: Record<Unit, string> = { ms: ' ms', MB: ' MB', bytes: ' B', count: '' };

/** The median, for times with the least beside it, which a busy machine changes less. `-` for what was not measured. */
export function formatSummary(summary: Summary | null, unit: Unit): string {
  if (!summary) return '-';
  const best = unit === 'ms' ? ` (${formatNumber(summary.min)})` : '';
  return `${formatNumber(summary.median)}${UNIT_TEXT[unit]}${best}`;
}
