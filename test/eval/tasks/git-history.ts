import { SHORT, type Task } from '../task.ts';

const RETRY = (most: number, waitMs: number) => `export const MOST_RETRIES = ${most};
export const WAIT_MS = ${waitMs};
`;
const OTHER = (text: string) => `export const title = '${text}';\n`;
const files = (most: number, waitMs: number, title: string) => ({
  'src/retry.mjs': RETRY(most, waitMs),
  'src/title.mjs': OTHER(title),
});
const ANSWER =
  'MOST_RETRIES was lowered from 7 to 2 by Ines Costa, in the commit "Tidy up the page title"; src/retry.mjs is back at 7.';

export const gitHistory: Task = {
  name: 'git-history',
  measures: 'finds in the history who changed a value, in a commit that says something else',
  prompt:
    'MOST_RETRIES in src/retry.mjs was lowered at some time. Tell me who did it, with which commit message, and what it was before; then set it back to that. Do not commit.',
  history: [
    { message: 'Begin', author: 'Robin Meyer', files: files(5, 100, 'Shop') },
    { message: 'Try more often', author: 'Ola Lind', files: files(7, 100, 'Shop') },
    { message: 'Lower the waiting time between retries', author: 'Ola Lind', files: files(7, 50, 'Shop') },
    { message: 'Tidy up the page title', author: 'Ines Costa', files: files(2, 50, 'The Shop') },
    { message: 'Set MOST_RETRIES in one place', author: 'Kim Park', files: files(2, 50, 'The Shop!') },
  ],
  files: files(2, 60, 'The Shop!'),
  limits: SHORT,
  mayChange: [/^src\/retry\.mjs$/],
  check: async (work) => [
    ...work.hasText('src/retry.mjs', RETRY(7, 60)),
    ...work.says(/Ines/i, /Tidy up the page title/i, /\b(7|seven)\b/i),
  ],
  proof: {
    solution: { replace: [['src/retry.mjs', 'RETRIES = 2', 'RETRIES = 7']], say: ANSWER },
    misses: {
      'the first value': {
        replace: [['src/retry.mjs', 'RETRIES = 2', 'RETRIES = 5']],
        say: ANSWER.replaceAll('7', '5'),
      },
      'the file of that time': { write: { 'src/retry.mjs': RETRY(7, 50) }, say: ANSWER },
      'who else': {
        replace: [['src/retry.mjs', 'RETRIES = 2', 'RETRIES = 7']],
        say: 'Ola Lind lowered it from 7 in "Lower the waiting time between retries".',
      },
    },
  },
};
