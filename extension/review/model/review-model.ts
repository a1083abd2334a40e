/**
 * The review of one file: the baseline, the live text and the hunks between them. Keeping a hunk moves the baseline,
 * undoing one changes the live text, and what the user does elsewhere happens to both, so that it is never the agent's.
 */
import { createHash } from 'node:crypto';
import { Alignment, type Region } from './alignment.ts';
import { withoutAgent, withUsersLines } from './blend.ts';
import type { Hunk, LineEdit, SavedMark, TextChange, UndoPlan } from './hunks.ts';
import { FULL_BUDGET, joinLines, KEY_BUDGET, lineDiff, splitLines } from './line-diff.ts';
import { Memory } from './memory.ts';
import { differences, type Replacement, replacementsOf, slides } from './replacements.ts';
import { type EditKind, remember, userReplaces } from './user-edit.ts';

/** `regions`: where each hunk begins and ends in the baseline and in the text. */
export type SavedReview = {
  baseline: string;
  text: string;
  regions: readonly (readonly number[])[];
  marks: readonly SavedMark[];
};

type Undone = { region: Region; lines: string[] };

/** Texts have `\n` for line breaks, and no byte order mark. */
export class ReviewModel {
  readonly #alignment: Alignment;
  readonly #memory = new Memory();
  #hunks: readonly Hunk[] | null = null;
  #text: string | null;
  #baseline: string | null;

  /** Everything between the two texts is the agent's. */
  constructor(baseline: string, text: string = baseline) {
    this.#baseline = baseline;
    this.#text = text;
    this.#alignment = new Alignment(splitLines(baseline), splitLines(text), FULL_BUDGET);
  }

  /** A review as it was saved. What does not fit the texts is left out. */
  static restore({ baseline, text, regions: places, marks }: SavedReview): ReviewModel {
    const model = new ReviewModel(baseline, text);
    model.#alignment.adopt(places);
    const { live, regions, marks: into } = model.#alignment;
    for (const { line, text: marked, ...mark } of marks) {
      if (live[line] === marked && regions.some(({ start, end }) => start <= line && line < end)) into[line] = mark;
    }
    return model;
  }

  get baseline(): string {
    this.#baseline ??= joinLines(this.#alignment.base);
    return this.#baseline;
  }

  get text(): string {
    this.#text ??= joinLines(this.#alignment.live);
    return this.#text;
  }

  get lineCount(): number {
    return this.#alignment.live.length;
  }

  /** The live text of one line, without building the whole. */
  lineAt(line: number): string | undefined {
    return this.#alignment.live[line];
  }

  /** In order. The same list until something changes. */
  get hunks(): readonly Hunk[] {
    this.#hunks ??= this.#listHunks();
    return this.#hunks;
  }

  get isWhole(): boolean {
    return this.#alignment.regions.some(({ isWhole }) => isWhole);
  }

  save(): SavedReview {
    const { marks, live, regions } = this.#alignment;
    const saved: SavedMark[] = [];
    marks.forEach((mark, line) => {
      if (mark) saved.push({ line, text: live[line]!, ...mark });
    });
    const places = regions.map(({ baseStart, baseEnd, start, end }) => [baseStart, baseEnd, start, end]);
    return { baseline: this.baseline, text: this.text, regions: places, marks: saved };
  }

  /** The agent wrote the file. What it wrote over and was the user's comes back when that is undone. */
  agentEdit(newText: string): void {
    const alignment = this.#alignment;
    const lines = splitLines(newText);
    const { changes } = lineDiff(alignment.live, lines, FULL_BUDGET);
    if (changes.length === 0) return;
    const dirty: { at: number }[] = [];
    for (const { baseStart, baseEnd, start, end } of changes.reverse()) {
      this.#bury(baseStart, baseEnd);
      const region = alignment.absorb(baseStart, baseEnd);
      alignment.within(region, baseStart, baseEnd, lines.slice(start, end));
      dirty.push({ at: start });
    }
    // Changes were made from the last to the first, so that now every one stands where it does in the new text.
    for (const { at } of dirty) {
      const region = alignment.regions.find((one) => one.isCoarse && one.start <= at && at <= one.end);
      if (region) alignment.tighten(region, FULL_BUDGET);
    }
    this.#changed();
  }

  /**
   * Edits of the user, another extension or a formatter, as an event of the editor tells them: the ranges of all are in
   * the text before the event. With `undoRedo` the hunks come back that an earlier text had.
   */
  userEdit(changes: readonly TextChange[], how: EditKind = 'typed'): void {
    const inOrder = [...changes].sort(
      ({ range: a }, { range: b }) => b.startLine - a.startLine || b.startCharacter - a.startCharacter,
    );
    for (const change of inOrder) {
      // What comes back by the editor's undo is to be known as the hunk that went.
      this.#userReplacesAll(replacementsOf(this.#alignment.live, change, how !== 'undoRedo'), how);
    }
    this.#changed();
  }

  /** The live text is another one, and nobody told what changed: the user's edit, as far as it can be told. */
  userText(newText: string, how: EditKind = 'typed'): void {
    this.#userReplacesAll(differences(this.#alignment.live, splitLines(newText)), how);
    this.#changed();
  }

  /** Looks for finer differences where a key press had no time for it. For idle moments. True when there are others now. */
  refine(): boolean {
    const coarse = this.#alignment.regions.filter(({ isCoarse, isWhole }) => isCoarse && !isWhole);
    for (const region of coarse) this.#alignment.tighten(region, FULL_BUDGET);
    if (coarse.length > 0) this.#changed();
    return coarse.length > 0;
  }

  /** False when there is no such hunk any more. The live text stays as it is. */
  keep(id: string): boolean {
    const region = this.#find(id);
    if (!region) return false;
    this.#keep(region);
    this.#changed();
    return true;
  }

  keepAll(): void {
    for (const region of [...this.#alignment.regions]) this.#keep(region);
    this.#changed();
  }

  /** The edits that take the agent's part back; nothing changes yet. With `discardMine` the user's part of the hunk goes, too. */
  undo(id: string, options: { discardMine?: boolean } = {}): UndoPlan {
    const region = this.#find(id);
    return region ? this.#plan([region], options).plan : { type: 'gone' };
  }

  /** `undo` of every hunk for which that is possible. */
  undoAll(options: { discardMine?: boolean } = {}): UndoPlan {
    return this.#plan(this.#alignment.regions, options).plan;
  }

  /** The edits of `undo` are made, in the document as well as here. */
  undone(id: string, options: { discardMine?: boolean } = {}): UndoPlan {
    const region = this.#find(id);
    return region ? this.#undo([region], options) : { type: 'gone' };
  }

  /** The edits of `undoAll` are made, in the document as well as here. */
  undoneAll(options: { discardMine?: boolean } = {}): UndoPlan {
    return this.#undo(this.#alignment.regions, options);
  }

  /** Whether undoing everything would leave text of the user's that the baseline does not have. */
  get hasUserText(): boolean {
    return this.#alignment.marks.some((mark) => mark !== undefined);
  }

  #plan(regions: readonly Region[], { discardMine = false }: { discardMine?: boolean }) {
    const { base, live } = this.#alignment;
    const undone: Undone[] = [];
    for (const region of regions) {
      const lines = discardMine ? base.slice(region.baseStart, region.baseEnd) : withoutAgent(this.#alignment, region);
      if (lines) undone.push({ region, lines });
    }
    const edits: LineEdit[] = undone.flatMap(({ region: { start, end }, lines }) =>
      lineDiff(live.slice(start, end), lines, KEY_BUDGET).changes.map((change) => ({
        startLine: start + change.baseStart,
        endLine: start + change.baseEnd,
        lines: lines.slice(change.start, change.end),
      })),
    );
    const left = regions.length - undone.length;
    const plan: UndoPlan = undone.length === 0 && left > 0 ? { type: 'overlap' } : { type: 'edits', edits, left };
    return { plan, undone };
  }

  #undo(regions: readonly Region[], options: { discardMine?: boolean }): UndoPlan {
    const { plan, undone } = this.#plan(regions, options);
    for (const { region, lines } of undone.reverse()) {
      const alignment = this.#alignment;
      const live = alignment.live.slice(region.start, region.end);
      const replaced = alignment.base.slice(region.baseStart, region.baseEnd);
      this.#memory.lines(live, alignment.marks.slice(region.start, region.end), replaced);
      for (const { baseStart, baseEnd, start, end } of lineDiff(lines, live, FULL_BUDGET).changes)
        this.#memory.hunk(lines.slice(baseStart, baseEnd), live.slice(start, end));
      alignment.within(region, region.start, region.end, lines);
      alignment.settle(region);
    }
    this.#changed();
    return plan;
  }

  #keep(region: Region): void {
    const { base, live } = this.#alignment;
    this.#memory.kept(base.slice(region.baseStart, region.baseEnd), live.slice(region.start, region.end));
    this.#alignment.settle(region);
  }

  #userReplacesAll(replacements: readonly Replacement[], how: EditKind): void {
    for (const { start, end } of replacements) remember(this.#alignment, this.#memory, start, end);
    for (const replacement of replacements) this.#userReplaces(replacement, how);
  }

  #userReplaces(replacement: Replacement, how: EditKind): void {
    const alignment = this.#alignment;
    const back = how === 'undoRedo' && this.#comesBack(replacement);
    if (back) {
      const { start, end, lines } = back;
      const marks = lines.map((line) => this.#memory.markOf(line) ?? undefined);
      const region = alignment.absorb(start, end);
      alignment.within(region, start, end, lines, marks);
      alignment.tighten(region, FULL_BUDGET);
      return;
    }
    userReplaces(alignment, replacement, this.#memory, how);
  }

  /** The place at which this is a hunk that went away. */
  #comesBack(replacement: Replacement): Replacement | undefined {
    const alignment = this.#alignment;
    for (const one of slides(alignment.live, replacement)) {
      const { start, end, lines } = one;
      if (alignment.regionAround(start) || alignment.runs(start, end).some(({ region }) => region)) continue;
      if (this.#memory.has(alignment.live.slice(start, end), lines)) return one;
    }
    return undefined;
  }

  /** Lines of the user's that the agent is about to write over become the baseline's, so that undo brings them back. */
  #bury(start: number, end: number): void {
    for (const run of this.#alignment.runs(start, end)) {
      if (!run.region) continue;
      if (!this.#alignment.marks.slice(run.start, run.end).some(Boolean)) continue;
      this.#alignment.setBase(run.region, withUsersLines(this.#alignment, run.region, run.start, run.end));
    }
  }

  #find(id: string): Region | undefined {
    const index = this.hunks.findIndex((hunk) => hunk.id === id);
    return this.#alignment.regions[index];
  }

  #listHunks(): Hunk[] {
    const { base, live, regions } = this.#alignment;
    const taken = new Set<string>();
    for (const { id } of regions) if (id) taken.add(id);
    return regions.map((region) => {
      const baseLines = base.slice(region.baseStart, region.baseEnd);
      const lines = live.slice(region.start, region.end);
      region.id ??= freeId([baseLines, lines, live[region.start - 1] ?? null, live[region.end] ?? null], taken);
      const { id, baseStart, start, isWhole } = region;
      return { id, baseStart, baseLines, start, lines, isWhole };
    });
  }

  #changed(): void {
    this.#alignment.fillBase();
    this.#hunks = null;
    this.#text = null;
    this.#baseline = null;
  }
}

function freeId(content: readonly unknown[], taken: Set<string>): string {
  for (let ordinal = 0; ; ordinal++) {
    const id = createHash('sha256')
      .update(JSON.stringify([content, ordinal]))
      .digest('hex')
      .slice(0, 16);
    if (taken.has(id)) continue;
    taken.add(id);
    return id;
  }
}
