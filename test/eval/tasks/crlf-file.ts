import { SHORT, type Task } from '../task.ts';

const LINES = [
  '; settings of the reader',
  '[reader]',
  'timeout=30',
  'retries=2',
  '',
  '[writer]',
  'timeout=30',
  'retries=2',
  'flush=never',
];
const crlf = (lines: readonly string[]) => `${lines.join('\r\n')}\r\n`;
const after = LINES.with(6, 'timeout=90').toSpliced(9, 0, 'sync=yes');

export const crlfFile: Task = {
  name: 'crlf-file',
  measures: 'edits a file with Windows line ends and keeps all of them',
  prompt:
    'In settings.ini, set the timeout of the [writer] section to 90 and add a line sync=yes at the end of that section. Nothing else.',
  files: { 'settings.ini': crlf(LINES) },
  limits: SHORT,
  mayChange: [/^settings\.ini$/],
  check: async (work) => work.hasText('settings.ini', crlf(after)),
  proof: {
    solution: { write: { 'settings.ini': crlf(after) } },
    misses: {
      'the line ends changed': { write: { 'settings.ini': `${after.join('\n')}\n` } },
      'the new line with another end': { write: { 'settings.ini': `${crlf(after.slice(0, -1))}sync=yes\n` } },
      'the other section': { write: { 'settings.ini': crlf(LINES.with(2, 'timeout=90').toSpliced(9, 0, 'sync=yes')) } },
    },
  },
};
