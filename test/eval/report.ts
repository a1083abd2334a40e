/** Results as tables for people. (pure) */
import type { RunResult } from './results.ts';

export type Totals = {
  contestant: string;
  runs: number;
  passed: number;
  /** Runs that could not be judged; they count in nothing else. */
  broken: number;
  /** Sums over the judged runs; null: no run told. */
  rounds: number | null;
  input: number | null;
  cached: number | null;
  output: number | null;
  costUsd: number | null;
  seconds: number;
  malformedCalls: number | null;
  failedEdits: number | null;
};

function sum(values: readonly (number | null | undefined)[]): number | null {
  const told = values.filter((value) => value !== null && value !== undefined);
  return told.length === 0 ? null : told.reduce((all, value) => all + value, 0);
}

export function totalsOf(contestant: string, results: readonly RunResult[]): Totals {
  const own = results.filter((result) => result.contestant === contestant);
  const judged = own.filter(({ outcome }) => outcome !== 'broken');
  return {
    contestant,
    runs: own.length,
    passed: judged.filter(({ outcome }) => outcome === 'passed').length,
    broken: own.length - judged.length,
    rounds: sum(judged.map(({ rounds }) => rounds)),
    input: sum(judged.map(({ tokens }) => tokens?.input)),
    cached: sum(judged.map(({ tokens }) => tokens?.cached)),
    output: sum(judged.map(({ tokens }) => tokens?.output)),
    costUsd: sum(judged.map(({ costUsd }) => costUsd)),
    seconds: Math.round((sum(judged.map(({ seconds }) => seconds)) ?? 0) * 10) / 10,
    malformedCalls: sum(judged.map(({ malformedCalls }) => malformedCalls)),
    failedEdits: sum(judged.map(({ failedEdits }) => failedEdits)),
  };
}

const count = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toLocaleString('en-US');
const money = (value: number | null): string => (value === null ? '–' : `$${value.toFixed(value < 1 ? 4 : 2)}`);
const seconds = (value: number): string => `${value.toFixed(1)} s`;

const COUNTS = ['rounds', 'tokens in', 'cached', 'out', 'cost', 'time', 'malformed calls', 'failed edits'];

/** One row a contestant. */
export function totalRows(totals: readonly Totals[]): string[][] {
  const rows = totals.map((one) => [
    one.contestant,
    `${one.passed} of ${one.runs - one.broken}${one.broken > 0 ? ` (${one.broken} not run)` : ''}`,
    count(one.rounds),
    count(one.input),
    count(one.cached),
    count(one.output),
    money(one.costUsd),
    seconds(one.seconds),
    count(one.malformedCalls),
    count(one.failedEdits),
  ]);
  return [['', 'passed', ...COUNTS], ...rows];
}

/** One row a task of one contestant, its runs together. */
export function taskRows(contestant: string, results: readonly RunResult[]): string[][] {
  const own = results.filter((result) => result.contestant === contestant);
  const names = [...new Set(own.map(({ task }) => task))];
  const rows = names.map((name) => {
    const [, ...cells] =
      totalRows([
        totalsOf(
          contestant,
          own.filter(({ task }) => task === name),
        ),
      ])[1] ?? [];
    return [name, ...cells];
  });
  return [['task', 'passed', ...COUNTS], ...rows];
}

/** Why runs did not pass, a line each. */
export function troubles(results: readonly RunResult[]): string[] {
  return results
    .filter(({ outcome }) => outcome !== 'passed')
    .map(
      ({ contestant, task, run, outcome, problems }) =>
        `${contestant}, ${task} (run ${run}), ${outcome}: ${problems.join('; ')}`,
    );
}

export function plainTable(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number): string =>
    column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0);
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

export function markdownTable(rows: readonly string[][]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const [head = [], ...rest] = rows;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rest.map(line)].join('\n');
}

export type Report = { title: string; machine: string; contestants: readonly string[]; results: readonly RunResult[] };

export function markdown({ title, machine, contestants, results }: Report): string {
  const totals = contestants.map((label) => totalsOf(label, results));
  const failed = troubles(results);
  return [
    `# ${title}`,
    machine,
    markdownTable(totalRows(totals)),
    ...contestants.flatMap((label) => [`## ${label}`, markdownTable(taskRows(label, results))]),
    ...(failed.length > 0 ? ['## Not passed', failed.map((one) => `- ${one.replaceAll('\n', ' ')}`).join('\n')] : []),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}
