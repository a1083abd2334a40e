import { LONG, type Task } from '../task.ts';

const SPEC = `# Cache

\`src/cache.mjs\` exports \`createCache({ capacity, ttlMs, now })\`. \`now()\` returns milliseconds. The cache has:

- \`set(key, value)\`: stores; a key that is set again is new again and has its time anew.
- \`get(key)\`: the value, or \`undefined\`; makes the key the most recently used. An entry is gone once \`ttlMs\` have
  passed since it was set (at exactly \`ttlMs\` it is gone). Reading does not make it live longer.
- \`size\`: a property, how many entries are alive now.
- With more than \`capacity\` entries the least recently used living one goes. Entries that are gone by time never count
  against the capacity.
- A capacity that is not a positive integer throws a \`RangeError\`.
`;
const GOOD = `export function createCache({ capacity, ttlMs, now }) {
  if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError('capacity must be a positive integer');
  const entries = new Map();
  const sweep = () => {
    for (const [key, { at }] of entries) if (now() - at >= ttlMs) entries.delete(key);
  };
  return {
    set(key, value) {
      sweep();
      entries.delete(key);
      entries.set(key, { value, at: now() });
      if (entries.size > capacity) entries.delete(entries.keys().next().value);
    },
    get(key) {
      sweep();
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    get size() {
      sweep();
      return entries.size;
    },
  };
}
`;
const SCRIPT = `const { createCache } = await import('./src/cache.mjs');
let t = 0;
const make = (capacity, ttlMs = 100) => createCache({ capacity, ttlMs, now: () => t });
const seen = [];
const a = make(2); a.set('x', 1); a.set('y', 2); a.get('x'); a.set('z', 3);
seen.push([a.get('x') ?? null, a.get('y') ?? null, a.get('z') ?? null, a.size]);
const b = make(3); b.set('x', 1); t = 60; b.get('x'); t = 99; seen.push(b.get('x') ?? null); t = 100; seen.push([b.get('x') ?? null, b.size]);
t = 0; const c = make(2); c.set('old', 1); t = 50; c.set('keep', 2); c.get('old'); t = 100; c.set('new', 3); seen.push([c.get('keep') ?? null, c.get('new') ?? null]);
t = 0; const d = make(1); d.set('x', undefined); seen.push(d.size); d.set('x', 5); t = 50; d.set('x', 6); t = 120; seen.push(d.get('x') ?? null);
for (const bad of [0, -1, 1.5, NaN, '2']) { try { make(bad); seen.push('taken'); } catch (error) { seen.push(error instanceof RangeError); } }
report(seen);`;
const EXPECTED = [[1, null, 3, 2], 1, [null, 0], [2, 3], 1, 6, true, true, true, true, true];

export const featureFromSpec: Task = {
  name: 'feature-from-spec',
  measures: 'builds a module to the letter of a specification',
  prompt: 'Write src/cache.mjs as SPEC.md says, all of it.',
  files: { 'SPEC.md': SPEC, 'package.json': '{ "type": "module" }\n' },
  limits: LONG,
  mayChange: [/^src\//, /^test\//],
  check: (work) => work.probe('the cache', SCRIPT, EXPECTED),
  proof: {
    solution: { write: { 'src/cache.mjs': GOOD } },
    misses: {
      'what is gone by time counts against the capacity': {
        write: { 'src/cache.mjs': GOOD.replace('    set(key, value) {\n      sweep();', '    set(key, value) {') },
      },
      'reading makes it live longer': {
        write: {
          'src/cache.mjs': GOOD.replace('entries.set(key, entry)', 'entries.set(key, { ...entry, at: now() })'),
        },
      },
      'one millisecond too long': { write: { 'src/cache.mjs': GOOD.replace('>= ttlMs', '> ttlMs') } },
    },
  },
};
