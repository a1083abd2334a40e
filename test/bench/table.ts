/** Results as Markdown. */
import type { Row } from './measurement.ts';
import { formatNumber, formatSummary, type Summary } from './statistics.ts';

export type ResultRow = Row & {
  measurement: string;
  gantry: Summary | null;
  codex: Summary | null;
  /** Gantry's median as a part of codex's. */
  ratio: number | null;
  samples: { gantry: number[]; codex: number[] };
};

export type SandboxResult = { key: string; label: string; summary: Summary | null; samples: number[] };

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** `codex`: its version, or null to leave its columns out. */
export function serverTable(rows: readonly ResultRow[], codex: string | null): string {
  const head = ['', 'Gantry', ...(codex ? [`codex ${codex}`, 'Gantry ÷ codex'] : []), 'n'];
  const body = rows.map(({ label, unit, gantry, codex: theirs, ratio, samples }) => [
    label,
    formatSummary(gantry, unit),
    ...(codex ? [formatSummary(theirs, unit), ratio === null ? '-' : ratio.toFixed(2)] : []),
    String(Math.max(samples.gantry.length, samples.codex.length)),
  ]);
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...body.map(line)].join('\n');
}

/** The first row is the one that the others are compared with. */
export function sandboxTable(rows: readonly SandboxResult[]): string {
  const base = rows[0]?.summary?.median;
  const head = ['`bash -c true` started by', 'median (best)', 'added', 'n'];
  const body = rows.map(({ label, summary, samples }, i) => {
    const added = summary && base !== undefined && i > 0 ? `${formatNumber(summary.median - base)} ms` : '';
    return [label, formatSummary(summary, 'ms'), added, String(samples.length)];
  });
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...body.map(line)].join('\n');
}

export function reviewTable(rows: readonly SandboxResult[]): string {
  const head = ['the review of written changes, in the extension', 'median (best)', 'slowest', 'n'];
  const body = rows.map(({ label, summary, samples }) => {
    return [label, formatSummary(summary, 'ms'), `${formatNumber(Math.max(...samples))} ms`, String(samples.length)];
  });
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '--:'))), ...body.map(line)].join('\n');
}
