import { type Files, SHORT, type Task } from '../task.ts';

const HOSTS = ['alpha', 'beta', 'gamma', 'delta'];
const STATUS = [200, 200, 200, 304, 404, 200, 500, 200, 503];

const log = (day: number): string =>
  Array.from({ length: 400 }, (_, index) => {
    const n = index * 17 + day * 31;
    return `2024-05-${String(day).padStart(2, '0')}T${String(index % 24).padStart(2, '0')}:00:00Z ${HOSTS[n % 4]} GET /p/${n % 50} ${STATUS[(n * 7) % 9]} ${(n * 13) % 900}ms`;
  }).join('\n');

const FILES: Files = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [
    `logs/day-${String(index + 1).padStart(2, '0')}.log`,
    `${log(index + 1)}\n`,
  ]),
);

/** Requests with a status of 500 or more, by host, most first. */
function counts(from = 500, days = 12): string {
  const found = new Map<string, number>();
  for (const text of Object.values(FILES).slice(0, days)) {
    for (const line of text.split('\n')) {
      const [, host = '', , , status] = line.split(' ');
      if (Number(status) >= from) found.set(host, (found.get(host) ?? 0) + 1);
    }
  }
  const rows = [...found].sort(([a, many], [b, few]) => few - many || (a < b ? -1 : 1));
  return rows.map(([host, count]) => `${host} ${count}\n`).join('');
}

export const shellOnly: Task = {
  name: 'shell-only',
  measures: 'gets a number out of many files with commands alone',
  prompt:
    'Count over all files in logs/ how many requests of each host (second column) ended with a status of 500 or more (fifth column). Write result.txt with one line "host count" for each host that has any, the highest count first, equal counts by name. Create no other file.',
  files: FILES,
  limits: SHORT,
  mayChange: [/^result\.txt$/],
  check: async (work) => work.hasText('result.txt', counts()),
  proof: {
    solution: { write: { 'result.txt': counts() } },
    misses: {
      'one file forgotten': { write: { 'result.txt': counts(500, 11) } },
      '404 counted too': { write: { 'result.txt': counts(400) } },
      'a script left behind': { write: { 'result.txt': counts(), 'count.sh': 'awk\n' } },
    },
  },
};
