import { SHORT, type Task } from '../task.ts';

const RULES = `# Working on this project

- Every public function throws \`AppError\` from src/errors.mjs, never another error, with a code in capitals.
- Every change gets one line at the top of the list in CHANGES.md, in the form \`- area: what\`, before the others.
- Names of functions in src/text.mjs begin with \`text\`.
`;
const ERRORS = `export class AppError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}
`;
const TEXT = `import { AppError } from './errors.mjs';

export function textUpper(text) {
  if (typeof text !== 'string') throw new AppError('NOT_TEXT', 'a text is needed');
  return text.toUpperCase();
}
`;
const CHANGES = '# Changes\n\n- text: add textUpper\n';
const MORE = `
export function textTruncate(text, most) {
  if (typeof text !== 'string') throw new AppError('NOT_TEXT', 'a text is needed');
  if (!Number.isInteger(most) || most < 1) throw new AppError('BAD_LENGTH', 'a positive length is needed');
  return text.length <= most ? text : \`\${text.slice(0, most - 1)}…\`;
}
`;
const NEW_CHANGES = CHANGES.replace('- text', '- text: add textTruncate\n- text');
const SCRIPT = `const texts = await import('./src/text.mjs');
const { AppError } = await import('./src/errors.mjs');
const cut = texts.textTruncate;
const thrown = (...args) => { try { cut(...args); return 'nothing'; } catch (error) { return [error instanceof AppError, /^[A-Z][A-Z_0-9]*$/.test(error.code)]; } };
report([Object.keys(texts).every((name) => name.startsWith('text')), cut('abcdef', 4), cut('abc', 3), cut('abc', 1), thrown(5, 4), thrown('abc', 0)]);`;

export const followRules: Task = {
  name: 'follow-rules',
  measures: "follows the project's own rules without being told of them again",
  prompt:
    'Add a function to src/text.mjs that shortens a text to at most N characters, the last of which is … when something was cut. It throws when the text is no string or N is not a positive integer. Call it Truncate, with the prefix that the project wants.',
  files: {
    'AGENTS.md': RULES,
    'CLAUDE.md': '@AGENTS.md\n',
    'src/errors.mjs': ERRORS,
    'src/text.mjs': TEXT,
    'CHANGES.md': CHANGES,
  },
  limits: SHORT,
  mayChange: [/^src\/text\.mjs$/, /^CHANGES\.md$/, /^test\//],
  async check(work) {
    const lines = (work.text('CHANGES.md') ?? '').split('\n').filter((line) => line.startsWith('- '));
    const isListed = lines.length === 2 && /^- \w+: \S/.test(lines[0] ?? '') && lines[1] === '- text: add textUpper';
    const [yes, good] = [[true, true], 'abc…'];
    return [
      ...(isListed ? [] : ['CHANGES.md has not one new line at the top of its list']),
      ...(await work.probe('textTruncate', SCRIPT, [true, good, 'abc', '…', yes, yes])),
    ];
  },
  proof: {
    solution: { write: { 'src/text.mjs': TEXT + MORE, 'CHANGES.md': NEW_CHANGES } },
    misses: {
      'no line in the changes': { write: { 'src/text.mjs': TEXT + MORE } },
      'the line at the end': {
        write: { 'src/text.mjs': TEXT + MORE, 'CHANGES.md': `${CHANGES}- text: add textTruncate\n` },
      },
      'another error': {
        write: {
          'src/text.mjs': TEXT + MORE.replace("new AppError('BAD_LENGTH', ", 'new RangeError('),
          'CHANGES.md': NEW_CHANGES,
        },
      },
    },
  },
};
