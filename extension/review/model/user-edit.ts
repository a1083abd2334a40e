/** An edit of the user's as it concerns a review: outside hunks it happens to both texts, inside to the live text alone. */
import type { Alignment, Mark, Region, Run } from './alignment.ts';
import { KEY_BUDGET } from './line-diff.ts';
import type { Memory } from './memory.ts';
import { type Replacement, slides } from './replacements.ts';

/**
 * Lines outside hunks that are replaced are replaced in the baseline, too. An edit across the border of a hunk is taken
 * apart: text that is wholly the user's goes outside where it can, a line that was glued to one of the agent's goes inside.
 */
export function userReplaces(alignment: Alignment, replacement: Replacement, memory: Memory, how: EditKind): void {
  replace(alignment, replacement, memory, how);
  alignment.tightenJoined();
}

function replace(alignment: Alignment, replacement: Replacement, memory: Memory, how: EditKind): void {
  const edit = new UserEdit(alignment, memory, how);
  const { start, end, lines } = replacement;
  if (start === end) {
    const around = alignment.regionAround(start);
    const missing = around || how !== 'undoRedo' ? null : edit.whereMissing(replacement);
    const own = lines.map(() => OWN);
    if (around) edit.inside(around, start, end, lines, own);
    else if (missing) edit.inside(missing.region, missing.start, missing.start, missing.lines, own);
    else alignment.mirror(start, end, lines);
    return;
  }
  const runs = alignment.runs(start, end);
  const only = runs[0]!;
  if (runs.length > 1 && how === 'undoRedo') {
    // Nobody says whose removal is taken back here: the baseline keeps what it has.
    const marks = edit.marksFor(replacement);
    edit.inside(alignment.absorb(start, end), start, end, lines, marks);
  } else if (runs.length > 1) edit.across(runs, replacement);
  else if (only.region) edit.inside(only.region, start, end, lines, edit.marksFor(replacement));
  else alignment.mirror(start, end, lines);
}

/** What leaves hunks may come back by the editor's undo. */
export function remember(alignment: Alignment, memory: Memory, start: number, end: number): void {
  const { base, live, marks } = alignment;
  for (const run of alignment.runs(start, end)) {
    if (!run.region) continue;
    const replaced = base.slice(run.region.baseStart, run.region.baseEnd);
    memory.lines(live.slice(run.start, run.end), marks.slice(run.start, run.end), replaced);
  }
}

/** `undoRedo`: the editor brings back an earlier text. `formatter`: what changes in a hunk stays whose it was. */
export type EditKind = 'typed' | 'undoRedo' | 'formatter';

const OWN: Mark = { isMixed: false, from: null };

class UserEdit {
  readonly #alignment: Alignment;
  readonly #memory: Memory;
  readonly #how: EditKind;

  constructor(alignment: Alignment, memory: Memory, how: EditKind) {
    this.#alignment = alignment;
    this.#memory = memory;
    this.#how = how;
  }

  /** The region that just these lines of the baseline are missing from, at its border. */
  whereMissing(inserted: Replacement): (Replacement & { region: Region }) | null {
    const { base, live, regions } = this.#alignment;
    for (const one of slides(live, inserted)) {
      const { start: place, lines } = one;
      const region = regions.find(({ baseStart, baseEnd, start, end }) => {
        if (start !== place && end !== place) return false;
        for (let from = baseStart; from + lines.length <= baseEnd; from++)
          if (lines.every((line, index) => line === base[from + index])) return true;
        return false;
      });
      if (region) return { ...one, region };
    }
    return null;
  }

  /** Replaces lines of one region and finds out what of it still is a difference. */
  inside(region: Region, start: number, end: number, lines: readonly string[], marks: (Mark | undefined)[]): void {
    const alignment = this.#alignment;
    const remembered =
      this.#how === 'undoRedo' ? lines.map((line, index) => this.#recalled(line, marks[index])) : marks;
    const base = alignment.base.slice(region.baseStart, region.baseEnd);
    const live = alignment.live.slice(region.start, region.end);
    alignment.within(region, start, end, lines, remembered);
    const found = alignment.tighten(region, KEY_BUDGET);
    if (found.length === 0) this.#memory.hunk(base, live);
    for (const one of found) if (this.#isUsers(one)) alignment.settle(one);
  }

  /** What the agent had put there is gone, only the user's own lines are left. */
  #isUsers({ baseStart, baseEnd, start, end }: Region): boolean {
    if (baseStart !== baseEnd) return false;
    return this.#alignment.marks.slice(start, end).every((mark) => mark && !mark.isMixed);
  }

  #recalled(line: string, mark: Mark | undefined): Mark | undefined {
    const known = this.#memory.markOf(line);
    return known === undefined ? mark : (known ?? undefined);
  }

  /** Which of the new lines are the user's, wholly or in part, when they replace lines of regions. */
  marksFor({ start, end, lines, headStays, tailStays }: Replacement): (Mark | undefined)[] {
    const isSingle = end - start === 1;
    const marks = this.#alignment.marks.slice(start, end);
    if (this.#how === 'formatter' && marks.length === lines.length) return marks;
    if (this.#how === 'formatter' && !marks.some(Boolean)) return lines.map(() => undefined);
    return lines.map((line, index) => {
      const isHead = index === 0 && (headStays || (isSingle && lines.length === 1 && !/\S/.test(line)));
      const isTail = index === lines.length - 1 && tailStays;
      const sources = [...(isHead ? [start] : []), ...(isTail ? [end - 1] : [])];
      const isMixed = sources.some((source) => this.#isAgents(source));
      if (!isMixed) return OWN;
      if (!isSingle || lines.length > 1) return { isMixed, from: null };
      const before = this.#alignment.marks[start];
      const from = before ? before.from : this.#alignment.live[start]!;
      return from === line ? undefined : { isMixed, from };
    });
  }

  /** Whether text of this line is the agent's. */
  #isAgents(line: number): boolean {
    if (!this.#alignment.regionOf(line)) return false;
    return this.#alignment.marks[line]?.isMixed ?? true;
  }

  across(runs: readonly Run[], replacement: Replacement): void {
    const { start, end, lines, headStays, tailStays } = replacement;
    const headIsAgents = headStays && this.#isAgents(start);
    const tailIsAgents = tailStays && this.#isAgents(end - 1);
    if (lines.length === 1 && (headIsAgents || tailIsAgents)) {
      // One line of both is left: what it was glued from is one difference.
      const region = this.#alignment.absorb(headStays ? start : firstInside(runs), tailStays ? end : lastInside(runs));
      this.#glue(region, replacement);
      return;
    }
    const mixed: Mark = { isMixed: true, from: null };
    const head = headIsAgents ? lines.slice(0, 1) : [];
    const tail = tailIsAgents ? lines.slice(-1) : [];
    const middle = lines.slice(head.length, lines.length - tail.length);
    const host = runs.find(({ region }) => !region) ?? runs[0]!;
    for (const run of [...runs].reverse()) {
      const put: string[] = [];
      const marks: Mark[] = [];
      const add = (more: readonly string[], mark: Mark) => {
        put.push(...more);
        marks.push(...more.map(() => mark));
      };
      if (run === runs[0]) add(head, mixed);
      if (run === host) add(middle, OWN);
      if (run === runs.at(-1)) add(tail, mixed);
      if (!run.region) this.#alignment.mirror(run.start, run.end, put);
      else {
        const region = this.#alignment.regionOf(run.start)!;
        this.inside(region, run.start, run.end, put, marks);
      }
    }
  }

  #glue(region: Region, { start, end, lines }: Replacement): void {
    // Lines before and behind the region that went wholly were the user's to remove, also from the baseline.
    const behind = { start: Math.max(region.end, start), end };
    const before = { start, end: Math.min(region.start, end) };
    const at = Math.max(start, region.start);
    this.inside(region, at, Math.min(end, region.end), lines, [{ isMixed: true, from: null }]);
    const grown = lines.length - (Math.min(end, behind.start) - at);
    this.#removeOutside(behind.start + grown, behind.end + grown);
    this.#removeOutside(before.start, before.end);
  }

  #removeOutside(start: number, end: number): void {
    for (const run of this.#alignment.runs(start, end).reverse()) this.#alignment.mirror(run.start, run.end, []);
  }
}

const firstInside = (runs: readonly Run[]): number => runs.find(({ region }) => region)!.start;
const lastInside = (runs: readonly Run[]): number => runs.findLast(({ region }) => region)!.end;
