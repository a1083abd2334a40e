import { SHORT, type Task } from '../task.ts';

const block = (limit: string) => `  if (amount > ${limit}) {
    log('amount too high');
    return { ok: false, reason: 'limit' };
  }
  log('accepted');
  return { ok: true };
`;
const handlers = (limit: (name: string) => string) =>
  `const log = () => {};\n\n${['Payment', 'Refund', 'Transfer', 'Payout']
    .map((name) => `export function handle${name}(amount) {\n${block(limit(name))}}\n`)
    .join('\n')}`;
const BEFORE = handlers(() => '1000');
const AFTER = handlers((name) => (name === 'Transfer' ? '5000' : '1000'));

export const ambiguousDuplicates: Task = {
  name: 'ambiguous-duplicates',
  measures: 'edits the right one of four equal pieces of code',
  prompt: 'In src/handlers.mjs, raise the limit in handleTransfer to 5000. The other handlers keep theirs.',
  files: { 'src/handlers.mjs': BEFORE },
  limits: SHORT,
  mayChange: [/^src\/handlers\.mjs$/],
  check: async (work) => work.hasText('src/handlers.mjs', AFTER),
  proof: {
    solution: { write: { 'src/handlers.mjs': AFTER } },
    misses: {
      'the first of them': { write: { 'src/handlers.mjs': BEFORE.replace('1000', '5000') } },
      'all of them': { write: { 'src/handlers.mjs': BEFORE.replaceAll('1000', '5000') } },
    },
  },
};
