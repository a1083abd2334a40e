import { SHORT, type Task } from '../task.ts';

const WRONG = 1777;

function lines(isRight: boolean): string {
  const all = Array.from({ length: 2500 }, (_, index) => {
    const step = index === WRONG && !isRight ? '-' : '+';
    return `export function step${index}(value) {\n  // ${'shifts the value by a number of its own'}\n  return value ${step} ${index};\n}\n`;
  });
  return `${all.join('\n')}\nexport const steps = { step0, step${WRONG}, step2499 };\n`;
}
const SITE = (sign: string) => `export function step${WRONG}(value) {
  // shifts the value by a number of its own
  return value ${sign} ${WRONG};`;

export const bigFile: Task = {
  name: 'big-file',
  measures: 'changes one place in a file of 12,500 lines, and not one byte elsewhere',
  prompt: `In src/steps.mjs each function stepN adds N to its value, but one of them subtracts. Find it and fix it. Change nothing else in the file.`,
  files: { 'src/steps.mjs': lines(false) },
  limits: SHORT,
  mayChange: [/^src\/steps\.mjs$/],
  check: async (work) => work.hasText('src/steps.mjs', lines(true)),
  proof: {
    solution: { replace: [['src/steps.mjs', SITE('-'), SITE('+')]] },
    misses: {
      'the file cut short': { write: { 'src/steps.mjs': lines(true).slice(0, 100_000) } },
      'a comment added': { replace: [['src/steps.mjs', SITE('-'), `${SITE('+')} // fixed`]] },
    },
  },
};
