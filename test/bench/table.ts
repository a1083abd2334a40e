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
/** With the title of the table that it stands in. */
export type TabledResult = SandboxResult & { table: string };

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

/** One table after the other; the first row of each is the one that its others are compared with. */
export function sandboxTable(rows: readonly TabledResult[]): string {
  return [...new Set(rows.map(({ table }) => table))]
    .map((table) =>
      comparison(
        table,
        rows.filter((row) => row.table === table),
      ),
    )
    .join('\n\n');
}

function comparison(title: string, rows: readonly SandboxResult[]): string {
  const base = rows[0]?.summary?.median;
  const head = [title, 'median (best)', 'added', '÷ the first', 'n'];
  const body = rows.map(({ label, summary, samples }, i) => {
    const known = summary && base !== undefined && i > 0;
    const added = known ? `${formatNumber(summary.median - base)} ms` : '';
    const times = known && base > 0 ? (summary.median / base).toFixed(2) : '';
    return [label, formatSummary(summary, 'ms'), added, times, String(samples.length)];
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
