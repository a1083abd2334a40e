/** Patches and the files that they are for, from a seed: right ones, nearly right ones and garbage. (pure) */

export type PatchCase = { files: Record<string, string>; patch: string };

export type Random = { below(limit: number): number; chance(of: number): boolean; pick<T>(from: readonly T[]): T };

/** The same numbers for the same seed, on every machine. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return {
    below: (limit) => Math.floor(next() * limit),
    chance: (of) => next() < of,
    pick: (from) => from[Math.floor(next() * from.length)] as never,
  };
}

const LINES = [
  'a',
  'b',
  'c',
  '',
  '  a',
  '\tb',
  'a ',
  'x = “y” — ‘z’',
  "it's",
  'f()',
  '  f()',
  'end',
  'ü',
  '* item',
  '@@ x',
  '+y',
  '- z',
  'a\u00A0b',
  '***',
  '\u0085n',
];
const FRESH = ['new', '  new', '', 'NEW “q”', '\tnew', 'a', '+', '*** x', 'é'];
const NAMES = ['f.txt', 'g.txt', 'dir/h.txt', 'dir/deep/i.txt', 'sp ace.txt'];

const many = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: random.below(most + 1) }, make);

function fileText(random: Random): { text: string; lines: string[] } {
  const distinct = random.chance(0.5);
  const lines = Array.from({ length: random.below(12) }, (_, index) =>
    distinct && random.chance(0.7)
      ? `${random.pick(['', '  ', '\t'])}line ${index}${random.pick(['', '', ' '])}`
      : random.pick(LINES),
  );
  const kind = random.below(10);
  const end = () => (kind === 0 ? '\r\n' : kind === 1 ? random.pick(['\n', '\r\n']) : '\n');
  const last = random.chance(0.15) ? '' : end();
  const text = lines.map((line, index) => line + (index === lines.length - 1 ? last : end())).join('');
  return { text: random.chance(0.03) ? `\uFEFF${text}` : text, lines };
}

const plain = (line: string) =>
  line.replace(/[“”]/g, '"').replace(/[‘’]/g, "'").replace(/—/g, '-').replaceAll('\u00A0', ' ');

function nearly(random: Random, line: string): string {
  switch (random.below(30)) {
    case 0:
      return `${line} `;
    case 1:
      return line.trim();
    case 2:
      return `  ${line}`;
    case 3:
      return plain(line);
    case 4:
      return plain(line.trim());
    case 5:
      return random.chance(0.3) ? `${line}?` : line;
    default:
      return line;
  }
}

function hunk(random: Random, lines: readonly string[], from: number): { text: string[]; to: number } {
  const at = Math.min(lines.length, from + random.below(4));
  const size = Math.min(lines.length - at, 1 + random.below(4));
  const body: string[] = [];
  for (const line of lines.slice(at, at + size)) {
    const given = nearly(random, line);
    const how = random.below(3);
    if (how === 0) body.push(`-${given}`, ...many(random, 2, () => `+${random.pick(FRESH)}`));
    else body.push(given === '' && random.chance(0.3) ? '' : ` ${given}`);
    if (how === 2 && random.chance(0.4)) body.push(`+${random.pick(FRESH)}`);
  }
  if (size === 0 || random.chance(0.2)) body.push(`+${random.pick(FRESH)}`);
  if (random.chance(0.05)) body.push(' ');
  const above = at > 0 && random.chance(0.25) ? nearly(random, lines[random.below(at)] ?? '') : null;
  const mark = above === null ? random.pick(['@@', '@@', '@@', '@@ ']) : `@@ ${above}`;
  const end = (at + size === lines.length && random.chance(0.5)) || random.chance(0.04) ? ['*** End of File'] : [];
  return { text: [mark, ...body, ...end], to: at + size };
}

function update(random: Random, name: string, lines: readonly string[]): string[] {
  const move = random.chance(0.15) ? [`*** Move to: ${random.pick([...NAMES, 'moved/new.txt', name])}`] : [];
  const out: string[] = [];
  let from = 0;
  const count = random.pick([1, 1, 1, 2, 2, 3, 0]);
  for (let index = 0; index < count; index++) {
    const made = hunk(random, lines, random.chance(0.08) ? 0 : from);
    from = made.to;
    out.push(...made.text);
    if (random.chance(0.04)) out.push('');
  }
  if (out[0]?.startsWith('@@') && random.chance(0.1)) out.shift();
  return [`*** Update File: ${name}`, ...move, ...out];
}

const GARBAGE = [
  '',
  'garbage',
  '*** Frobnicate File: x',
  '@@',
  '@@ a',
  '+a',
  '-a',
  ' a',
  '***',
  '*** End of File',
  '*** End Patch',
  '*** Begin Patch',
  '*** Move to: q',
  '*** Add File: ',
  '\\ No newline at end of file',
  '*** Delete File: dir',
];

export function patchCase(seed: number): PatchCase {
  const random = createRandom(seed);
  const files: Record<string, string> = {};
  const known = new Map<string, string[]>();
  for (const name of NAMES) {
    if (!random.chance(0.6)) continue;
    const { text, lines } = fileText(random);
    files[name] = text;
    known.set(name, lines);
  }
  const some = () => (known.size > 0 && random.chance(0.93) ? random.pick([...known.keys()]) : random.pick(NAMES));
  const operation = (): string[] => {
    const kind = random.below(10);
    if (kind < 2) {
      const name = random.chance(0.7)
        ? random.pick(['new.txt', 'dir/new.txt', 'f.txt/x', 'dir', 'made/up/new.txt'])
        : some();
      return [`*** Add File: ${name}`, ...many(random, 4, () => `+${random.pick([...LINES, ...FRESH])}`)];
    }
    if (kind === 2) return [`*** Delete File: ${some()}`];
    const name = some();
    return update(random, name, known.get(name) ?? ['a', 'b']);
  };
  const body = Array.from({ length: random.pick([1, 1, 1, 1, 2, 2, 3, 0]) }, operation).flat();
  if (random.chance(0.06)) body.splice(random.below(body.length + 1), 0, random.pick(GARBAGE));
  if (random.chance(0.04)) body.splice(random.below(body.length + 1), 1);
  return { files, patch: wrapped(random, body) };
}

function wrapped(random: Random, body: readonly string[]): string {
  const pad = () => (random.chance(0.05) ? ' ' : '');
  const lines = [`${pad()}*** Begin Patch${pad()}`, ...body, `${pad()}*** End Patch${pad()}`];
  if (random.chance(0.02)) lines.pop();
  if (random.chance(0.02)) lines.shift();
  if (random.chance(0.03)) {
    const open = random.pick(["<<'EOF'", '<<EOF', '<<"EOF"', "<<'X'"]);
    lines.unshift(open);
    lines.push(random.pick(['EOF', ' EOF', 'EOF\n']));
  }
  return lines.join(random.chance(0.05) ? '\r\n' : '\n') + random.pick(['', '\n', '\n\n']);
}
