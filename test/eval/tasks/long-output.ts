import { SHORT, type Task } from '../task.ts';

const CHECK = `import { readFileSync } from 'node:fs';

// Checks every row and says so; one line among thousands is not like the others.
const rows = JSON.parse(readFileSync(new URL('./rows.json', import.meta.url), 'utf8'));
let bad = 0;
for (const [index, { id, sum, parts }] of rows.entries()) {
  const right = parts.reduce((total, part) => total + part, 0) === sum;
  if (!right) bad++;
  console.log(\`row \${String(index + 1).padStart(5, '0')} id=\${id} checksum \${right ? 'matches, nothing to do' : 'DIFFERS: the sum is wrong'}\`);
}
console.log(\`\${rows.length} rows checked, \${bad} bad\`);
process.exit(bad ? 1 : 0);
`;
const BAD = 3141;

function rows(wrong: boolean): string {
  const all = Array.from({ length: 6000 }, (_, index) => {
    const parts = [index % 7, index % 11, index % 13];
    const sum = parts.reduce((total, part) => total + part, 0);
    return { id: `r${(index * 7919) % 100_000}`, sum: wrong && index === BAD ? sum + 10 : sum, parts };
  });
  return `[\n${all.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`;
}
const ID = `r${(BAD * 7919) % 100_000}`;
const lineOf = (text: string) => text.split('\n')[BAD + 1] ?? '';

export const longOutput: Task = {
  name: 'long-output',
  measures: 'finds one line among thousands that a command prints, and acts on it',
  prompt:
    'Run `node check.mjs`. One row of rows.json has a wrong sum (its parts are right). Correct that sum in rows.json, leave every other byte of it as it is, and tell me the id of the row.',
  files: { 'check.mjs': CHECK, 'rows.json': rows(true) },
  limits: SHORT,
  mayChange: [/^rows\.json$/],
  check: async (work) => [...work.hasText('rows.json', rows(false)), ...work.says(new RegExp(`\\b${ID}\\b`))],
  proof: {
    solution: {
      replace: [['rows.json', lineOf(rows(true)), lineOf(rows(false))]],
      say: `The row ${ID} had a wrong sum; it is corrected.`,
    },
    misses: {
      'the parts made to fit': {
        replace: [['rows.json', lineOf(rows(true)), lineOf(rows(true)).replace('[', '[10,')]],
        say: `The row ${ID} is corrected.`,
      },
      'the file written anew': {
        write: { 'rows.json': JSON.stringify(JSON.parse(rows(false))) },
        say: `The row ${ID} is corrected.`,
      },
      'another id told': {
        replace: [['rows.json', lineOf(rows(true)), lineOf(rows(false))]],
        say: 'The row r3141 is corrected.',
      },
    },
  },
};
