import { LONG, type Task } from '../task.ts';

const PYTHON = `"""Run-length coding of text, with an escape for digits."""


def encode(text):
    out = []
    i = 0
    while i < len(text):
        run = 1
        while i + run < len(text) and text[i + run] == text[i] and run < 99:
            run += 1
        letter = "\\\\" + text[i] if text[i].isdigit() or text[i] == "\\\\" else text[i]
        out.append(f"{run}{letter}" if run > 1 else letter)
        i += run
    return "".join(out)


def slots(count, parts):
    """Splits count as evenly as can be; the earlier parts get what is left over."""
    return [count // parts + (1 if i < count % parts else 0) for i in range(parts)]


def wrap(index, size):
    return index % size


def half(number):
    return round(number / 2)
`;
const JS = `export function encode(text) {
  const letters = [...text];
  let out = '';
  for (let i = 0; i < letters.length; ) {
    let run = 1;
    while (letters[i + run] === letters[i] && run < 99) run++;
    const letter = /[\\d\\\\]/.test(letters[i]) ? '\\\\' + letters[i] : letters[i];
    out += run > 1 ? run + letter : letter;
    i += run;
  }
  return out;
}

export function slots(count, parts) {
  return Array.from({ length: parts }, (_, i) => Math.floor(count / parts) + (i < wrap(count, parts) ? 1 : 0));
}

export function wrap(index, size) {
  return ((index % size) + size) % size;
}

export function half(number) {
  const down = Math.floor(number / 2);
  const rest = number / 2 - down;
  if (rest !== 0.5) return Math.round(number / 2);
  return down % 2 === 0 ? down : down + 1;
}
`;
const SCRIPT = `const { encode, half, slots, wrap } = await import('./src/coding.mjs');
report([encode('aaab'), encode(''), encode('11\\\\x'), encode('a'.repeat(100)), encode('👍👍'), slots(10, 4), slots(2, 3), wrap(-1, 5), wrap(7, 5), wrap(-5, 5) + 0, half(5), half(7), half(4), half(3)]);`;
const EXPECTED = ['3ab', '', '2\\1\\\\x', '99aa', '2👍', [3, 3, 2, 2], [1, 1, 0], 4, 2, 0, 2, 4, 2, 2];

export const portLanguage: Task = {
  name: 'port-language',
  measures: 'ports Python to JavaScript with what is different about remainders, rounding and letters',
  prompt:
    'Port legacy/coding.py to JavaScript as src/coding.mjs, with the same function names as exports and exactly the same results as in Python 3, also for negative indexes, for halves and for text beyond the basic plane. Python may not be installed here.',
  files: { 'legacy/coding.py': PYTHON },
  limits: LONG,
  mayChange: [/^src\//, /^test\//],
  check: (work) => work.probe('the port', SCRIPT, EXPECTED),
  proof: {
    solution: { write: { 'src/coding.mjs': JS } },
    misses: {
      "JavaScript's remainder": {
        write: { 'src/coding.mjs': JS.replace('((index % size) + size) % size', 'index % size') },
      },
      "JavaScript's rounding": {
        write: {
          'src/coding.mjs': JS.replace(/const down[\s\S]*?down \+ 1;/, 'return Math.round(number / 2);'),
        },
      },
      'halves of an emoji': { write: { 'src/coding.mjs': JS.replace('[...text]', "text.split('')") } },
    },
  },
};
