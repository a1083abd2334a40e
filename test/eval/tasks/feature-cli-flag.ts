import { SHORT, type Task } from '../task.ts';

const MAIN = `import { readFileSync } from 'node:fs';
import { countWords } from './count.mjs';

const HELP = \`Usage: node src/main.mjs [--top N] FILE

  --top N   only the N most frequent words\`;

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(HELP);
  process.exit(0);
}
const at = args.indexOf('--top');
const top = at < 0 ? Infinity : Number(args.splice(at, 2)[1]);
const counts = countWords(readFileSync(args[0], 'utf8')).slice(0, top);
for (const [word, count] of counts) console.log(\`\${count} \${word}\`);
`;
const COUNT = `/** [word, count] pairs, the most frequent first, equal ones by the alphabet. */
export function countWords(text) {
  const counts = new Map();
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
`;
const JSON_LINE = 'if (isJson) console.log(JSON.stringify(counts.map(([word, count]) => ({ word, count }))));\nelse ';

export const featureCliFlag: Task = {
  name: 'feature-cli-flag',
  measures: 'adds an option to a command line, with its help, and keeps the rest',
  prompt:
    'Add an option `--json` to src/main.mjs: it prints one line, a JSON array of objects {"word": …, "count": …} in the same order as today. It must work together with --top in any order of the options, and stand in the help. Without it nothing changes.',
  files: { 'src/main.mjs': MAIN, 'src/count.mjs': COUNT, 'sample.txt': 'the cat and the dog and the bird\n' },
  limits: SHORT,
  mayChange: [/^src\/main\.mjs$/, /^test\//, /^README/],
  async check(work) {
    const cases: [string[], string][] = [
      [['sample.txt'], '3 the\n2 and\n1 bird\n1 cat\n1 dog\n'],
      [['--top', '1', 'sample.txt'], '3 the\n'],
      [['--json', '--top', '2', 'sample.txt'], '[{"word":"the","count":3},{"word":"and","count":2}]'],
      [['--top', '1', '--json', 'sample.txt'], '[{"word":"the","count":3}]'],
      [['sample.txt', '--json', '--top', '1'], '[{"word":"the","count":3}]'],
    ];
    const problems: string[] = [];
    for (const [args, expected] of cases) {
      const { stdout } = await work.node(['src/main.mjs', ...args]);
      const isRight = expected.startsWith('[') ? sameJson(stdout, expected) : stdout === expected;
      if (!isRight) problems.push(`${args.join(' ')} printed ${JSON.stringify(stdout.slice(0, 200))}`);
    }
    const { stdout: help } = await work.node(['src/main.mjs', '--help']);
    if (!/--json/.test(help) || !/--top N/.test(help)) problems.push('the help does not list the options');
    return problems;
  },
  proof: {
    solution: {
      replace: [
        ['src/main.mjs', '[--top N] FILE', '[--top N] [--json] FILE'],
        ['src/main.mjs', 'frequent words`', 'frequent words\n  --json    one JSON array`'],
        [
          'src/main.mjs',
          "const at = args.indexOf('--top');",
          "const jsonAt = args.indexOf('--json');\nconst isJson = jsonAt >= 0;\nif (isJson) args.splice(jsonAt, 1);\nconst at = args.indexOf('--top');",
        ],
        ['src/main.mjs', 'for (const [word', `${JSON_LINE}for (const [word`],
      ],
    },
    misses: {
      'only as the first argument, and not in the help': {
        replace: [
          [
            'src/main.mjs',
            "const at = args.indexOf('--top');",
            "const isJson = args[0] === '--json';\nif (isJson) args.shift();\nconst at = args.indexOf('--top');",
          ],
          ['src/main.mjs', 'for (const [word', `${JSON_LINE}for (const [word`],
        ],
      },
    },
  },
};

function sameJson(printed: string, expected: string): boolean {
  try {
    return printed.trim().split('\n').length === 1 && JSON.stringify(JSON.parse(printed)) === expected;
  } catch {
    return false;
  }
}
