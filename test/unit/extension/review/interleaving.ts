/**
 * Random lives of a reviewed file, held against what can be known without the model: the document, every word of the
 * user's (of the file as it was, and typed since), every word of the agent's that nobody else had a hand in, and that
 * baseline and hunks make the text. Each step draws from its own seed, so that steps can be left out without changing the
 * others: a failing life shrinks to the steps that matter.
 */
import assert from 'node:assert/strict';
import type { Hunk, LineEdit, TextChange } from '../../../../extension/review/model/hunks.ts';
import { ReviewModel } from '../../../../extension/review/model/review-model.ts';

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
}

const STEPS = 10;

/** Throws where the model broke a promise, with the steps that are enough to see it. */
export function liveOne(seed: number): void {
  const all = Array.from({ length: STEPS }, (_, step) => step);
  const failure = failureOf(seed, all);
  if (!failure) return;
  let steps = all;
  for (const step of all) {
    const fewer = steps.filter((one) => one !== step);
    if (failureOf(seed, fewer)) steps = fewer;
  }
  const story: string[] = [];
  const last = failureOf(seed, steps, story);
  throw new Error(`seed ${seed}, steps ${steps.join(' ')}:\n${story.join('\n')}\n${(last ?? failure).message}`);
}

function failureOf(seed: number, steps: readonly number[], story?: string[]): Error | null {
  try {
    const life = new Life(seed);
    story?.push(`text ${JSON.stringify(life.text)}`);
    for (const step of steps) {
      const what = life.step(new Random(Math.imul(seed, 7919) + step * 104_729));
      story?.push(
        `${what}\n  -> base ${JSON.stringify(life.model.baseline)}\n     text ${JSON.stringify(life.model.text)}`,
      );
      life.check();
    }
    life.end(seed % 3);
    return null;
  } catch (error) {
    return error as Error;
  }
}

class Life {
  model: ReviewModel;
  text: string;
  #tokens = 0;
  /** The user's, and not taken away by a decision or an edit of the user's: in the text or in the baseline. */
  #typed: Set<string>;
  /** Those of the user's words that are on no line that the agent wrote since: in the text. */
  #untouched: Set<string>;
  /** The agent's words in lines that are as the agent left them, not kept: never in the baseline. */
  #agents = new Set<string>();
  #history: string[] = [];
  #future: string[] = [];

  constructor(seed: number) {
    const random = new Random(seed);
    const lines = Array.from({ length: random.below(7) }, (_, index) => `b${index}_ c${index}_ d${index}_`);
    this.text = lines.join('\n') + (random.below(2) ? '\n' : '');
    this.model = new ReviewModel(this.text);
    this.#typed = new Set(usersIn(this.text));
    this.#untouched = new Set(this.#typed);
  }

  step(random: Random): string {
    const dice = random.below(100);
    if (dice < 30) return this.#agent(random);
    if (dice < 65) return this.#user(random);
    if (dice < 72) return this.#keep(random);
    if (dice < 82) return this.#undo(random, false);
    if (dice < 85) return this.#undo(random, true);
    if (dice < 90) return this.#reload();
    if (dice < 93) return this.#editorUndo(random);
    if (dice < 96) return this.#outside(random);
    this.model.refine();
    return 'idle';
  }

  check(): void {
    const { model } = this;
    assert.equal(model.text, this.text, 'the live text is not the document');
    const base = model.baseline.split('\n');
    const live = model.text.split('\n');
    const ids = new Set(model.hunks.map(({ id }) => id));
    assert.equal(ids.size, model.hunks.length, 'two hunks have one id');
    const made: string[] = [];
    let at = 0;
    let liveAt = -1;
    for (const hunk of model.hunks) {
      assert.deepEqual(base.slice(hunk.baseStart, hunk.baseStart + hunk.baseLines.length), hunk.baseLines);
      assert.deepEqual(live.slice(hunk.start, hunk.start + hunk.lines.length), hunk.lines);
      assert.ok(hunk.start > liveAt, 'hunks touch or are out of order');
      assert.notDeepEqual(hunk.baseLines, hunk.lines, 'a hunk without a difference');
      made.push(...base.slice(at, hunk.baseStart));
      assert.equal(made.length, hunk.start, 'a hunk is not where its baseline says');
      made.push(...hunk.lines);
      at = hunk.baseStart + hunk.baseLines.length;
      liveAt = hunk.start + hunk.lines.length;
    }
    made.push(...base.slice(at));
    assert.deepEqual(made, live, 'baseline and hunks do not make the text');
    for (const token of this.#typed) {
      assert.ok(this.text.includes(token) || model.baseline.includes(token), `the user's ${token} is lost`);
    }
    for (const token of this.#untouched) assert.ok(this.text.includes(token), `the user's ${token} left the text`);
    for (const token of this.#agents)
      assert.ok(!model.baseline.includes(token), `the agent's ${token} is taken for the user's`);
  }

  /** How a review ends: by keeping all, by undoing all, or by undoing all with the user's part of overlaps. */
  end(how: number): void {
    const before = this.text;
    const { baseline } = this.model;
    if (how === 0) {
      this.model.keepAll();
      assert.deepEqual([this.model.text, this.model.baseline, this.model.hunks], [before, before, []]);
      return;
    }
    const plan = this.model.undoneAll({ discardMine: how === 2 });
    this.text = plan.type === 'edits' ? applied(before, plan.edits) : before;
    if (how === 2) {
      assert.deepEqual(
        [this.text, this.model.text, this.model.baseline, this.model.hunks],
        [baseline, baseline, baseline, []],
      );
      return;
    }
    this.check();
    if (plan.type !== 'edits' || plan.left > 0) return;
    assert.deepEqual([this.model.text, this.model.hunks], [this.model.baseline, []]);
    for (const token of this.#typed) assert.ok(this.text.includes(token), `undo all lost ${token}`);
    for (const token of this.#agents) assert.ok(!this.text.includes(token), `undo all left the agent's ${token}`);
  }

  #token(kind: 'a' | 'u'): string {
    let token = '';
    // Where words were cut and glued, one may be there that nobody wrote.
    do token = `${kind}${this.#tokens++}_`;
    while ([this.text, this.model.baseline, ...this.#history, ...this.#future].some((text) => text.includes(token)));
    if (kind === 'u') {
      this.#typed.add(token);
      this.#untouched.add(token);
    } else this.#agents.add(token);
    return token;
  }

  #agent(random: Random): string {
    const lines = this.text.split('\n');
    for (let count = 1 + random.below(3); count > 0; count--) {
      if (lines.length === 0) lines.push('');
      const at = random.below(lines.length);
      const kind = random.below(4);
      const put = () => Array.from({ length: 1 + random.below(2) }, () => `${this.#token('a')} end`);
      if (kind === 0) lines.splice(random.below(lines.length + 1), 0, ...put());
      if (kind === 1) lines.splice(at, 1 + random.below(2), ...put());
      if (kind === 2) lines.splice(at, 1 + random.below(2));
      if (kind === 3) lines[at] = inserted(lines[at]!, random.below(lines[at]!.length + 1), this.#token('a'), 0);
    }
    const text = lines.join('\n');
    const stays = unchangedLines(this.text, text);
    for (const token of this.#untouched) if (!stays.includes(token)) this.#untouched.delete(token);
    for (const token of this.#agents) if (!text.includes(token)) this.#agents.delete(token);
    this.#wrote(text);
    this.model.agentEdit(text);
    return 'agent';
  }

  /** What was typed counts on, also where the agent writes over it: it must come back when that is undone. */
  #wrote(text: string): void {
    this.#history.push(this.text);
    this.#future = [];
    this.text = text;
  }

  #user(random: Random): string {
    const lines = this.text.split('\n');
    const place = () => {
      const line = random.below(lines.length);
      const length = lines[line]!.length;
      return { line, character: random.pick([0, length, random.below(length + 1)]) };
    };
    const from = place();
    const to = random.below(3) ? from : place();
    const isBefore = from.line < to.line || (from.line === to.line && from.character <= to.character);
    const [start, end] = isBefore ? [from, to] : [to, from];
    const token = () => this.#token('u');
    const text = random.pick([
      token,
      () => `${token()}\n`,
      () => `\n${token()}`,
      () => '',
      () => `${token()}\n${token()}`,
    ])();
    const changes = [changeOf(start, end, text)];
    const other = random.below(lines.length);
    if (random.below(4) === 0 && (other < start.line || other > end.line))
      changes.push(
        changeOf({ line: other, character: 0 }, { line: other, character: 0 }, random.pick([token(), `${token()}\n`])),
      );
    const { hunks } = this.model;
    this.#edited(changes, 'typed');
    const isApart = hunks.every((hunk) =>
      changes.every(({ range }) => range.endLine < hunk.start - 1 || range.startLine > hunk.start + hunk.lines.length),
    );
    if (isApart) assert.deepEqual(shapes(this.model.hunks), shapes(hunks), 'the user’s edit is taken for the agent’s');
    return `user ${JSON.stringify(changes)}`;
  }

  #edited(changes: TextChange[], how: 'typed' | 'undoRedo'): void {
    const before = this.text;
    const after = changed(before, changes);
    if (how === 'typed') this.#wrote(after);
    this.text = after;
    this.#givenUp(before, after);
    for (const token of this.#typed)
      if (!before.includes(token) && !after.includes(token)) this.#forgetUnlessKnown(token);
    this.model.userEdit(changes, how);
  }

  /**
   * What a person's own edit takes away, or cuts apart, is not lost; where it was there twice, nobody says which one was
   * meant. A line of both is no more the agent's alone, nor is a word that the person made a copy of.
   */
  #givenUp(before: string, after: string): void {
    for (const token of this.#typed) {
      if (countOf(after, token) >= countOf(before, token)) continue;
      this.#typed.delete(token);
      this.#untouched.delete(token);
    }
    const stays = unchangedLines(before, after);
    for (const token of this.#agents)
      if (!stays.includes(token) || countOf(after, token) > countOf(before, token)) this.#agents.delete(token);
  }

  /** Typed and gone by one and the same edit (a second change over the first). */
  #forgetUnlessKnown(token: string): void {
    this.#untouched.delete(token);
    if (!this.model.baseline.includes(token)) this.#typed.delete(token);
  }

  #keep(random: Random): string {
    const { hunks, baseline } = this.model;
    const { below, hunk, text } = {
      below: random.below(6),
      hunk: hunks.length > 0 ? random.pick(hunks) : null,
      ...this,
    };
    if (below === 0) this.model.keepAll();
    else assert.equal(this.model.keep(hunk?.id ?? 'none'), hunk !== null);
    assert.equal(this.model.text, text, 'keep changed the document');
    const kept = below === 0 ? hunks : hunk ? [hunk] : [];
    const edits = kept.map(({ baseStart, baseLines, lines }) => ({
      ...{ startLine: baseStart, endLine: baseStart + baseLines.length, lines },
    }));
    const now = applied(baseline, edits);
    assert.equal(this.model.baseline, now, 'keep did more to the baseline than to copy the hunk');
    // Whoever keeps a hunk gives up what it replaced. A copy that the agent made of it is the agent's.
    for (const token of this.#typed)
      if (baseline.includes(token) && !now.includes(token) && !this.#untouched.has(token)) this.#typed.delete(token);
    for (const token of this.#agents) if (now.includes(token)) this.#agents.delete(token);
    return 'keep';
  }

  #undo(random: Random, discardMine: boolean): string {
    const { hunks } = this.model;
    if (hunks.length === 0) return 'nothing to undo';
    const hunk = random.pick(hunks);
    const { id } = hunk;
    const before = this.text;
    const planned = this.model.undo(id, { discardMine });
    assert.equal(this.model.text, before, 'planning changed the text');
    const plan = this.model.undone(id, { discardMine });
    assert.deepEqual(plan, planned);
    if (discardMine) assert.equal(plan.type, 'edits');
    if (plan.type !== 'edits') {
      assert.deepEqual(plan, { type: 'overlap' });
      return 'undo overlaps';
    }
    const after = applied(before, plan.edits);
    this.#wrote(after);
    const lines = before.split('\n');
    const rest = [lines.slice(0, hunk.start), lines.slice(hunk.start + hunk.lines.length)] as const;
    const put = linesBetween(after, ...rest);
    if (discardMine) {
      assert.deepEqual(put, hunk.baseLines);
      for (const token of usersIn(hunk.lines.join('\n'))) {
        if (after.includes(token)) continue;
        this.#untouched.delete(token);
        if (!this.model.baseline.includes(token)) this.#typed.delete(token);
      }
    }
    for (const token of agentsIn(hunk.lines.join('\n')))
      assert.ok(!this.#agents.delete(token) || !after.includes(token), `undo left the agent's ${token}`);
    assert.ok(!this.model.hunks.some((one) => one.id === id), 'the undone hunk is still there');
    if (random.below(2)) this.#undoUndone(before);
    return `undo${discardMine ? ' with mine' : ''}`;
  }

  /** The editor's undo brings the hunk back, its redo takes it away again. */
  #undoUndone(before: string): void {
    const { text, hunks, baseline } = this.model;
    this.model.userEdit([difference(text, before)], 'undoRedo');
    assert.deepEqual(
      [this.model.text, this.model.baseline],
      [before, baseline],
      'a hunk that came back is not pending',
    );
    this.model.userEdit([difference(before, text)], 'undoRedo');
    assert.deepEqual([this.model.text, this.model.baseline], [text, baseline], 'undo, undo, redo is not undo');
    assert.deepEqual(shapes(this.model.hunks), shapes(hunks));
  }

  #reload(): string {
    const { hunks } = this.model;
    this.model = ReviewModel.restore(JSON.parse(JSON.stringify(this.model.save())));
    assert.deepEqual(this.model.hunks.map(withoutId), hunks.map(withoutId));
    this.#history = [];
    this.#future = [];
    return 'reload';
  }

  #editorUndo(random: Random): string {
    const isRedo = random.below(3) === 0;
    const text = (isRedo ? this.#future : this.#history).pop();
    if (text === undefined) return 'nothing for the editor to undo';
    (isRedo ? this.#history : this.#future).push(this.text);
    const before = this.text;
    this.#edited([difference(before, text)], 'undoRedo');
    for (const token of usersIn(text)) if (countOf(text, token) > countOf(before, token)) this.#typed.add(token);
    return isRedo ? 'redo' : 'undo by the editor';
  }

  /** Another program changed the file. */
  #outside(random: Random): string {
    const lines = this.text.split('\n');
    lines.splice(random.below(lines.length + 1), random.below(2), this.#token('u'));
    const before = this.text;
    this.#wrote(lines.join('\n'));
    this.#givenUp(before, this.text);
    this.model.userText(this.text);
    return 'another program';
  }
}

const usersIn = (text: string): string[] => text.match(/[bcdu]\d+_/g) ?? [];
const agentsIn = (text: string): string[] => text.match(/a\d+_/g) ?? [];
const countOf = (text: string, token: string): number => text.split(token).length - 1;
const shapes = (hunks: readonly Hunk[]) => hunks.map(({ baseLines, lines }) => [baseLines, lines]);
const withoutId = ({ id: _, ...hunk }: Hunk) => hunk;

/** The lines that both texts have, as one text: words are in one line each. */
function unchangedLines(before: string, after: string): string {
  const lines = new Set(after.split('\n'));
  return before
    .split('\n')
    .filter((line) => lines.has(line))
    .join('\n');
}

/** What stands between lines that must be there. */
function linesBetween(text: string, head: readonly string[], tail: readonly string[]): string[] {
  const lines = text.split('\n');
  const end = lines.length - tail.length;
  assert.deepEqual([lines.slice(0, head.length), lines.slice(end)], [head, tail], 'undo changed other lines');
  return lines.slice(head.length, end);
}

const inserted = (line: string, at: number, text: string, removed: number): string =>
  line.slice(0, at) + text + line.slice(at + removed);

type Place = { line: number; character: number };

const changeOf = (start: Place, end: Place, text: string): TextChange => ({
  range: { startLine: start.line, startCharacter: start.character, endLine: end.line, endCharacter: end.character },
  text,
});

/** The changes made to the text by offsets, from the last to the first: nothing of it is the model's. */
function changed(text: string, changes: readonly TextChange[]): string {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  const offsets = changes.map(({ range, text: put }) => ({
    start: starts[range.startLine]! + range.startCharacter,
    end: starts[range.endLine]! + range.endCharacter,
    put,
  }));
  let result = text;
  for (const { start, end, put } of offsets.sort((a, b) => b.start - a.start))
    result = result.slice(0, start) + put + result.slice(end);
  return result;
}

export function applied(text: string, edits: readonly LineEdit[]): string {
  const lines = text.split('\n');
  for (const { startLine, endLine, lines: put } of [...edits].reverse())
    lines.splice(startLine, endLine - startLine, ...put);
  return lines.join('\n');
}

/** One change that makes the one text of the other, as an editor would tell of an undo. */
function difference(from: string, to: string): TextChange {
  let head = 0;
  while (head < from.length && head < to.length && from[head] === to[head]) head++;
  let tail = 0;
  while (tail < from.length - head && tail < to.length - head && from.at(-1 - tail) === to.at(-1 - tail)) tail++;
  const place = (offset: number): Place => {
    const before = from.slice(0, offset).split('\n');
    return { line: before.length - 1, character: before.at(-1)!.length };
  };
  return changeOf(place(head), place(from.length - tail), to.slice(head, to.length - tail));
}
