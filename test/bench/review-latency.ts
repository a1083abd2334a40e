/** What the review of written changes costs the extension: the model and what is drawn, without an editor around it. */
import type { Hunk } from '../../extension/review/model/hunks.ts';
import { ReviewModel } from '../../extension/review/model/review-model.ts';
import { drawingOf } from '../../extension/review/surfaces/hunk-drawing.ts';
import { removedCode } from '../../extension/review/surfaces/hunk-text.ts';

const LINES = 5_000;
const ROUNDS = 60;
const KEYS = 200;
const TYPINGS = 5;

export type ReviewRow = { key: string; label: string; values: number[] };

const linesOfCode = Array.from(
  { length: LINES },
  (_, index) => `  const value${index} = compute(${index}, 'some text');`,
);
const original = linesOfCode.join('\n');

/** Every hunk changes one line of two and takes the other away. */
function edited(hunks: number): string {
  const every = Math.floor(LINES / hunks);
  return linesOfCode
    .map((line, index) => (index % every === 3 ? line.replace('compute', 'computed') : line))
    .filter((_, index) => index % every !== 4)
    .join('\n');
}

/** Lenses and decorations, with what the removed lines say on hover. */
function draw(hunks: readonly Hunk[], lineCount: number): number {
  const { added, removed } = drawingOf(hunks, lineCount);
  const hovers = removed.map(({ hunk }) => removedCode(hunk.baseLines, 'typescript'));
  return added.length + hovers.length;
}

function timed(work: () => unknown): number {
  const since = performance.now();
  work();
  return performance.now() - since;
}

function writeTimes(hunks: number): number[] {
  const text = edited(hunks);
  const once = () => {
    const model = new ReviewModel(original);
    return timed(() => {
      model.agentEdit(text);
      draw(model.hunks, model.lineCount);
    });
  };
  for (let round = 0; round < 5; round++) once();
  return Array.from({ length: ROUNDS }, once);
}

/**
 * One character at a time: into a hunk in the middle, or into a line of the person's. Typed five times over, and of each
 * key the quickest counts: one key takes so little that the slowest would tell of what else the machine does.
 */
function keyTimes(hunks: number, inside: boolean): number[] {
  const rounds = Array.from({ length: TYPINGS }, () => typing(hunks, inside));
  return Array.from({ length: KEYS }, (_, at) => Math.min(...rounds.map((values) => values[at]!)));
}

function typing(hunks: number, inside: boolean): number[] {
  const model = new ReviewModel(original);
  model.agentEdit(edited(hunks));
  const target = model.hunks[Math.floor(hunks / 2)];
  if (!target) throw new Error(`The model found no hunks where ${hunks} were made.`);
  const line = target.start + (inside ? 0 : 2);
  return Array.from({ length: KEYS }, (_, at) =>
    timed(() => {
      const range = { startLine: line, startCharacter: at, endLine: line, endCharacter: at };
      model.userEdit([{ range, text: 'x' }]);
      draw(model.hunks, model.lineCount);
    }),
  );
}

/** In milliseconds. */
export function measureReview(): ReviewRow[] {
  return [
    { key: 'write', label: 'hunks of a write into a 5,000-line file', values: writeTimes(20) },
    { key: 'write500', label: '— with 500 hunks', values: writeTimes(500) },
    { key: 'key', label: 'a key with 200 hunks, elsewhere', values: keyTimes(200, false) },
    { key: 'keyInside', label: '— inside a hunk', values: keyTimes(200, true) },
    { key: 'key500', label: 'a key with 500 hunks, inside one', values: keyTimes(500, true) },
  ];
}
