import { SHORT, type Task } from '../task.ts';

const SHAPES = `const tau = 2 * Math.PI;

export function circle(radius) {
  return (tau * radius ** 2) / 2;
}

export function square(side) {
  return side * side;
}

function degrees(angle) {
  return (angle * 360) / tau;
}

export function triangle(base, height) {
  return (base * height) / 2;
}

export function hexagon(side) {
  return 6 * triangle(side, rootOfThree * side / 2);
}

function pentagonOld(side) {
  return degrees(side);
}

const rootOfThree = Math.sqrt(3);
`;
const MAIN = `import * as shapes from './shapes.mjs';

// The name comes from the command line: circle, square or hexagon.
const [name, size] = process.argv.slice(2);
if (!['circle', 'square', 'hexagon'].includes(name)) throw new Error(\`no shape \${name}\`);
console.log(shapes[name](Number(size)).toFixed(2));
`;
const cut = (text: string, ...names: string[]) =>
  names.reduce((rest, name) => rest.replace(new RegExp(`(export )?function ${name}[\\s\\S]*?\\n}\\n\\n`), ''), text);

export const deadCode: Task = {
  name: 'dead-code',
  measures: 'removes what nothing uses, and keeps what is only called by a name made at run time',
  prompt:
    'Remove the functions of src/shapes.mjs that nothing uses, directly or indirectly. src/main.mjs is the only program that imports it; it must go on to work for all its shapes.',
  files: { 'src/shapes.mjs': SHAPES, 'src/main.mjs': MAIN },
  limits: SHORT,
  mayChange: [/^src\/shapes\.mjs$/],
  async check(work) {
    const problems: string[] = [];
    for (const [name, expected] of [
      ['circle', '12.57\n'],
      ['square', '4.00\n'],
      ['hexagon', '10.39\n'],
    ] as const) {
      const { stdout } = await work.node(['src/main.mjs', name, '2']);
      if (stdout !== expected) problems.push(`${name} printed ${JSON.stringify(stdout)}`);
    }
    const text = work.text('src/shapes.mjs') ?? '';
    for (const name of ['degrees', 'pentagonOld']) if (text.includes(name)) problems.push(`${name} is still there`);
    return problems;
  },
  proof: {
    solution: { write: { 'src/shapes.mjs': cut(SHAPES, 'degrees', 'pentagonOld') } },
    misses: {
      'what is called by its name removed': {
        write: { 'src/shapes.mjs': cut(SHAPES, 'degrees', 'pentagonOld', 'square') },
      },
      'what is used indirectly removed': {
        write: { 'src/shapes.mjs': cut(SHAPES, 'degrees', 'pentagonOld', 'triangle') },
      },
      'only the first layer': { write: { 'src/shapes.mjs': cut(SHAPES, 'pentagonOld') } },
    },
  },
};
