import { SHORT, type Task } from '../task.ts';

const PARSE = `/** Minutes since midnight of "9:05" or "21:30". */
export function parseTime(text) {
  const [hours, minutes] = text.split(':');
  return Number(hours) * 60 + Number(minutes[0]);
}
`;
const SLOTS = `import { parseTime } from './parse-time.mjs';

/** Whether two ranges such as "9:00-10:30" overlap. */
export function overlap(a, b) {
  const [fromA, toA] = a.split('-').map(parseTime);
  const [fromB, toB] = b.split('-').map(parseTime);
  return fromA < toB && fromB < toA;
}
`;
const LENGTH = `import { parseTime } from './parse-time.mjs';

/** Minutes of a range such as "9:00-10:30". */
export function lengthOf(range) {
  const [from, to] = range.split('-').map(parseTime);
  return to - from;
}
`;

const SCRIPT = `const { overlap } = await import('./src/slots.mjs');
const { lengthOf } = await import('./src/length.mjs');
const { parseTime } = await import('./src/parse-time.mjs');
report([overlap('9:00-9:30', '9:25-10:00'), overlap('9:00-9:30', '9:30-10:00'), lengthOf('9:05-10:50'), parseTime('0:09'), parseTime('23:59')]);`;

export const fixRootCause: Task = {
  name: 'fix-root-cause',
  measures: 'follows a symptom into another file and mends the cause there',
  prompt:
    "In src/slots.mjs, overlap('9:00-9:30', '9:25-10:00') returns false although the two overlap by five minutes. Find out why and fix it properly.",
  files: { 'src/parse-time.mjs': PARSE, 'src/slots.mjs': SLOTS, 'src/length.mjs': LENGTH },
  limits: SHORT,
  mayChange: [/^src\//, /^test\//],
  check: (work) => work.probe('times', SCRIPT, [true, false, 105, 9, 1439]),
  proof: {
    solution: { replace: [['src/parse-time.mjs', 'Number(minutes[0])', 'Number(minutes)']] },
    misses: {
      'mended where it showed': {
        write: {
          'src/slots.mjs': `${SLOTS.replace(/^import.*\n/, "const parseTime = (text) => Number(text.split(':')[0]) * 60 + Number(text.split(':')[1]);\n")}`,
        },
      },
      'the comparison widened': { replace: [['src/slots.mjs', 'fromB < toA', 'fromB <= toA + 30']] },
    },
  },
};
