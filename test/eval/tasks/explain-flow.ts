import { SHORT, type Task } from '../task.ts';

const QUEUE = `import { BACKOFF, MAX_TRIES } from './limits.mjs';

/** Jobs wait here; a failed one comes back later, until it is parked. */
export class Queue {
  #parked = [];
  #waiting = [];

  add(job) {
    this.#waiting.push({ job, tries: 0, dueMs: 0 });
  }

  async step(nowMs) {
    const at = this.#waiting.findIndex(({ dueMs }) => dueMs <= nowMs);
    if (at < 0) return false;
    const [entry] = this.#waiting.splice(at, 1);
    try {
      await entry.job();
    } catch {
      entry.tries++;
      if (entry.tries >= MAX_TRIES) this.#parked.push(entry.job);
      else this.#waiting.push({ ...entry, dueMs: nowMs + BACKOFF.firstMs * BACKOFF.factor ** (entry.tries - 1) });
    }
    return true;
  }

  get parked() {
    return [...this.#parked];
  }
}
`;
const LIMITS = `const base = 250;

/** Overridden for production below. */
export const MAX_TRIES = 2 + 3;
export const BACKOFF = { firstMs: base * 2, factor: 3 };
`;
const ANSWER = `A job is tried at most 5 times: MAX_TRIES in src/limits.mjs is 2 + 3. After the third failure it waits
500 ms × 3² = 4500 ms. After its last failure it is put on the \`#parked\` list, which the getter \`parked\` returns.`;

export const explainFlow: Task = {
  name: 'explain-flow',
  measures: 'answers from the code, with the right facts, and changes nothing',
  prompt:
    'Explain how src/queue.mjs treats a job that always fails: how many times is it tried in all, how many milliseconds does it wait after its third failure, and where is it found in the end? Change nothing.',
  files: { 'src/queue.mjs': QUEUE, 'src/limits.mjs': LIMITS },
  limits: SHORT,
  mayChange: [],
  check: async (work) => work.says(/\b(5|five)\b/i, /\b4[\s.,'’]?500\b|\b4\.5\s*s/i, /parked/i),
  proof: {
    solution: { say: ANSWER },
    misses: {
      'the wait of one failure later': { say: ANSWER.replace('4500', '13500') },
      'a word too much done': { say: ANSWER, replace: [['src/limits.mjs', '2 + 3', '5']] },
    },
  },
};
