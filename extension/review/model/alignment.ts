/** Two texts side by side: equal lines, and between them regions that differ. Knows nothing of who made them differ. */
import { type DiffBudget, FULL_BUDGET, KEY_BUDGET, lineDiff, spliceLines } from './line-diff.ts';

/**
 * A line of a region that the user had a hand in. Not `isMixed`: all of it is the user's. `isMixed`: it holds text of the
 * agent's, too, and `from` is the line as the agent had left it, null where it was no single line.
 */
export type Mark = { isMixed: boolean; from: string | null };

export type Region = {
  baseStart: number;
  baseEnd: number;
  start: number;
  end: number;
  /** A finer difference was not found, or not looked for yet. */
  isCoarse: boolean;
  isWhole: boolean;
  /** Became one of two, which together may hold equal lines. */
  isJoined?: boolean;
  id: string | null;
};

/** A stretch of live lines that lies in one region, or in none. */
export type Run = { start: number; end: number; region: Region | null };

/**
 * Invariant: regions are in order and never touch; between them base and live are equal, line by line; marks are only on
 * lines of regions. `within` leaves equal lines in its region to `tighten`, `mirror` leaves them to `tightenJoined`.
 */
export class Alignment {
  base: string[];
  live: string[];
  marks: (Mark | undefined)[];
  regions: Region[] = [];

  constructor(base: string[], live: string[], budget: DiffBudget) {
    this.base = base;
    this.live = live;
    this.marks = new Array(live.length).fill(undefined);
    this.regions = regionsOf(base, live, budget, 0, 0);
  }

  /** The regions as they were saved, as far as they are some: each four places. */
  adopt(places: readonly (readonly number[])[]): void {
    const regions = places.map(([baseStart = 0, baseEnd = 0, start = 0, end = 0]) => ({
      ...{ baseStart, baseEnd, start, end },
      ...{ isCoarse: true, isWhole: this.regions.some((region) => region.isWhole), id: null },
    }));
    if (isAlignment(this.base, this.live, regions)) this.regions = regions;
  }

  /** The region that holds this live line. */
  regionOf(line: number): Region | undefined {
    return this.regions.find(({ start, end }) => start <= line && line < end);
  }

  /** Whether an insertion at this place has lines of one region on both sides. */
  regionAround(place: number): Region | undefined {
    return this.regions.find(({ start, end }) => start < place && place < end);
  }

  /** Where in the base the live place is that no region has on both sides; behind lines that were only removed there. */
  basePlace(place: number): number {
    const before = this.regions.findLast(({ end }) => end <= place);
    return before ? place - before.end + before.baseEnd : place;
  }

  runs(start: number, end: number): Run[] {
    const runs: Run[] = [];
    let at = start;
    for (const region of this.regions) {
      if (region.start >= end) break;
      if (region.end < at || (region.end === at && region.start < at)) continue;
      if (region.start > at) runs.push({ start: at, end: region.start, region: null });
      const from = Math.max(at, region.start);
      const to = Math.min(end, region.end);
      if (to > from) runs.push({ start: from, end: to, region });
      at = Math.max(at, to);
    }
    if (at < end) runs.push({ start: at, end, region: null });
    return runs;
  }

  /** Lines outside every region are replaced in both texts. */
  mirror(start: number, end: number, lines: readonly string[]): void {
    const base = this.basePlace(start);
    const grown = lines.length - (end - start);
    spliceLines(this.base, base, base + (end - start), lines);
    this.#spliceLive(start, end, lines, undefined);
    const behind = this.regions.findLastIndex((region) => region.end <= start) + 1;
    this.#shift(behind, grown, grown);
    this.#join(behind);
  }

  /** Lines of one region are replaced in the live text alone. */
  within(region: Region, start: number, end: number, lines: readonly string[], marks?: (Mark | undefined)[]): void {
    const grown = lines.length - (end - start);
    this.#spliceLive(start, end, lines, marks);
    region.end += grown;
    region.id = null;
    this.#shift(this.regions.indexOf(region) + 1, 0, grown);
  }

  /** The lines of a region's base are replaced. */
  setBase(region: Region, lines: readonly string[]): void {
    const grown = lines.length - (region.baseEnd - region.baseStart);
    spliceLines(this.base, region.baseStart, region.baseEnd, lines);
    region.baseEnd += grown;
    region.id = null;
    this.#shift(this.regions.indexOf(region) + 1, grown, 0);
  }

  /** One region of everything from `start` to `end` and of the regions that it touches. */
  absorb(start: number, end: number): Region {
    const first = this.regions.findIndex((region) => region.end >= start);
    const from = first < 0 ? this.regions.length : first;
    let to = from;
    while (to < this.regions.length && this.regions[to]!.start <= end) to++;
    const head = this.regions[from];
    const tail = this.regions[to - 1];
    const region: Region = {
      ...(to > from && head!.start <= start
        ? { baseStart: head!.baseStart, start: head!.start }
        : { baseStart: this.basePlace(start), start }),
      ...(to > from && tail!.end >= end
        ? { baseEnd: tail!.baseEnd, end: tail!.end }
        : { baseEnd: this.basePlace(end), end }),
      isCoarse: true,
      isWhole: this.regions.slice(from, to).some(({ isWhole }) => isWhole),
      id: null,
    };
    this.regions.splice(from, to - from, region);
    return region;
  }

  /** The region becomes the differences that are really in it; beyond the budget, one without equal ends. */
  tighten(region: Region, budget: DiffBudget): Region[] {
    const base = this.base.slice(region.baseStart, region.baseEnd);
    const live = this.live.slice(region.start, region.end);
    const found = regionsOf(base, live, budget, region.baseStart, region.start);
    // Too many differences for a key press are not too many for the file.
    for (const one of found) one.isWhole = one.isCoarse && (region.isWhole || budget === FULL_BUDGET);
    this.regions.splice(this.regions.indexOf(region), 1, ...found);
    let at = region.start;
    for (const { start, end } of [...found, { start: region.end, end: region.end }]) {
      for (; at < start; at++) this.marks[at] = undefined;
      at = end;
    }
    return found;
  }

  /** To be called after `mirror`, once no places of before are needed any more. */
  tightenJoined(): void {
    for (const region of this.regions.filter(({ isJoined }) => isJoined)) this.tighten(region, KEY_BUDGET);
  }

  /** The region is no difference any more: the base has what the live text has. */
  settle(region: Region): void {
    this.setBase(region, this.live.slice(region.start, region.end));
    for (let line = region.start; line < region.end; line++) this.marks[line] = undefined;
    this.regions.splice(this.regions.indexOf(region), 1);
  }

  /** A text has at least one line. Of the baseline the last one may have gone while the agent's lines are still there. */
  fillBase(): void {
    if (this.base.length > 0) return;
    this.base = [''];
    const whole = {
      baseStart: 0,
      baseEnd: 1,
      start: 0,
      end: this.live.length,
      isCoarse: true,
      isWhole: false,
      id: null,
    };
    this.regions = [whole];
    this.tighten(whole, KEY_BUDGET);
  }

  #spliceLive(start: number, end: number, lines: readonly string[], marks: (Mark | undefined)[] | undefined): void {
    spliceLines(this.live, start, end, lines);
    spliceLines(this.marks, start, end, marks ?? lines.map(() => undefined));
  }

  #shift(from: number, base: number, live: number): void {
    if (base === 0 && live === 0) return;
    for (let index = from; index < this.regions.length; index++) {
      const region = this.regions[index]!;
      region.baseStart += base;
      region.baseEnd += base;
      region.start += live;
      region.end += live;
    }
  }

  /** What a removed line had kept apart is one region now. */
  #join(index: number): void {
    const before = this.regions[index - 1];
    const region = this.regions[index];
    if (!before || !region || before.end !== region.start || before.baseEnd !== region.baseStart) return;
    before.end = region.end;
    before.baseEnd = region.baseEnd;
    before.isCoarse ||= region.isCoarse;
    before.isWhole ||= region.isWhole;
    before.id = null;
    before.isJoined = true;
    this.regions.splice(index, 1);
  }
}

/** Whether the texts are equal outside the regions, and the regions apart. */
function isAlignment(base: readonly string[], live: readonly string[], regions: readonly Region[]): boolean {
  let baseAt = 0;
  let at = 0;
  const end = { baseStart: base.length, baseEnd: base.length, start: live.length, end: live.length };
  for (const region of [...regions, end]) {
    const count = region.start - at;
    if (count < (at === 0 || region === end ? 0 : 1) || count !== region.baseStart - baseAt) return false;
    for (let line = 0; line < count; line++) if (base[baseAt + line] !== live[at + line]) return false;
    if (region.end < region.start || region.baseEnd < region.baseStart) return false;
    baseAt = region.baseEnd;
    at = region.end;
  }
  return true;
}

function regionsOf(base: string[], live: string[], budget: DiffBudget, baseAt: number, at: number): Region[] {
  const { changes, isWhole } = lineDiff(base, live, budget);
  return changes.map(({ baseStart, baseEnd, start, end }) => ({
    baseStart: baseStart + baseAt,
    baseEnd: baseEnd + baseAt,
    start: start + at,
    end: end + at,
    isCoarse: isWhole,
    isWhole,
    id: null,
  }));
}
