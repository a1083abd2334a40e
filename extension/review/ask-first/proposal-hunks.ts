/** The hunks of a proposal, and which of them are in its text as it reads now. Pure. */
import { createHash } from 'node:crypto';
import type { HunkView } from '../../../webview/bridge/panel-state.ts';
import { compose, inOrder, isSame, linesOf, type Replacement, replacementsOf, touches } from './line-hunks.ts';

/** `base` is the file's text, `offered` what was proposed for it, `now` what the proposal reads. */
export type ProposalTexts = { base: string; offered: string; now: string };

/**
 * One place that a person decides about. `offered` are the proposal's replacements there (none for a place that only
 * the person changed), `present` those in the text now (none when it is left out). Both are of the base.
 */
export type ProposedHunk = {
  id: string;
  state: HunkView['state'];
  offered: readonly Replacement[];
  present: readonly Replacement[];
};

const CONTEXT = 2;

/**
 * In the order of the file. `chosen` are the ids that were taken last: where they explain the text they count, since
 * a new diff may cut the same text in another way.
 */
export function hunksOf({ base, offered, now }: ProposalTexts, chosen: ReadonlySet<string> | null): ProposedHunk[] {
  const proposed = replacementsOf(base, offered);
  const ids = idsOf(base, proposed, '');
  const isTaken = (index: number) => chosen === null || chosen.has(ids[index] ?? '');
  if (
    compose(
      base,
      proposed.filter((_, index) => isTaken(index)),
    ) === now
  ) {
    return proposed.map((one, index) => {
      const taken = isTaken(index);
      return {
        id: ids[index] ?? '',
        state: taken ? 'taken' : 'dropped',
        offered: [one],
        present: taken ? [one] : [],
      };
    });
  }
  return byPlace(base, proposed, ids, replacementsOf(base, now));
}

function byPlace(
  base: string,
  proposed: readonly Replacement[],
  ids: readonly string[],
  present: readonly Replacement[],
): ProposedHunk[] {
  const hunks: ProposedHunk[] = [];
  const used = new Set<Replacement>();
  const seen = new Set<number>();
  for (const [index, first] of proposed.entries()) {
    if (seen.has(index)) continue;
    const group = { offered: [first], present: [] as Replacement[] };
    seen.add(index);
    for (let grown = true; grown; ) {
      grown = false;
      for (const one of present) {
        if (used.has(one) || !group.offered.some((two) => isSame(one, two) || touches(one, two))) continue;
        used.add(one);
        group.present.push(one);
        grown = true;
      }
      for (const [other, one] of proposed.entries()) {
        if (seen.has(other) || !group.present.some((two) => touches(one, two))) continue;
        seen.add(other);
        group.offered.push(one);
        grown = true;
      }
    }
    hunks.push({ id: ids[index] ?? '', state: stateOf(group), ...group });
  }
  const own = present.filter((one) => !used.has(one));
  const ownIds = idsOf(base, own, 'own-');
  for (const [index, one] of own.entries())
    hunks.push({ id: ownIds[index] ?? '', state: 'own', offered: [], present: [one] });
  return hunks.sort((a, b) => startOf(a) - startOf(b));
}

function stateOf({ offered, present }: Pick<ProposedHunk, 'offered' | 'present'>): HunkView['state'] {
  if (present.length === 0) return 'dropped';
  const same = present.length === offered.length && present.every((one) => offered.some((two) => isSame(one, two)));
  return same ? 'taken' : 'edited';
}

/** Those shown: what is there, or what would be. */
const shownOf = (hunk: ProposedHunk) => inOrder(hunk.present.length > 0 ? hunk.present : hunk.offered);
const startOf = (hunk: ProposedHunk) => shownOf(hunk)[0]?.start ?? 0;

/** The proposal's text with this hunk in it as it was offered, or left out; every other place stays as it is. */
export function textWith(base: string, hunks: readonly ProposedHunk[], id: string, take: boolean): string {
  const parts = hunks.flatMap((hunk) => (hunk.id !== id ? hunk.present : take ? hunk.offered : []));
  return compose(base, parts);
}

/** The same by content, so that buttons survive a diff that is made anew; equal hunks are numbered. */
function idsOf(base: string, replacements: readonly Replacement[], prefix: string): string[] {
  const lines = linesOf(base);
  const counts = new Map<string, number>();
  return replacements.map(({ start, count, lines: put }) => {
    const parts = [
      lines[start - 1] ?? '',
      ...lines.slice(start, start + count),
      '\0',
      ...put,
      '\0',
      lines[start + count],
    ];
    const hash = createHash('sha256').update(parts.join('')).digest('hex').slice(0, 16);
    const ordinal = counts.get(hash) ?? 0;
    counts.set(hash, ordinal + 1);
    return `${prefix}${hash}${ordinal > 0 ? `-${ordinal}` : ''}`;
  });
}

/** 0-based line of the text now at which the hunk is, or would be; `end` is the first line after it. */
export function placeOf(hunks: readonly ProposedHunk[], hunk: ProposedHunk): { start: number; end: number } {
  const shown = shownOf(hunk);
  const first = shown[0]?.start ?? 0;
  const shift = hunks
    .flatMap(({ present }) => present)
    .filter((one) => !hunk.present.includes(one) && one.start < first)
    .reduce((sum, one) => sum + one.lines.length - one.count, 0);
  const last = hunk.present.at(-1);
  if (!last) return { start: first + shift, end: first + shift };
  const base = last.start + last.count - first;
  const grown = hunk.present.reduce((sum, one) => sum + one.lines.length - one.count, 0);
  return { start: first + shift, end: first + shift + base + grown };
}

/** The hunk that the 0-based line belongs to; one that takes no line counts at the line it stands before. */
export function hunkAtLine(hunks: readonly ProposedHunk[], line: number): ProposedHunk | undefined {
  return hunks.find((hunk) => {
    const { start, end } = placeOf(hunks, hunk);
    return line >= start && line < Math.max(end, start + 1);
  });
}

/** As the card shows it: a unified diff with a little context. */
export function viewOf(base: string, hunks: readonly ProposedHunk[], hunk: ProposedHunk): HunkView {
  const lines = linesOf(base);
  const shown = shownOf(hunk);
  const [first, last] = [shown[0], shown.at(-1)];
  if (!first || !last) return { id: hunk.id, state: hunk.state, diff: '' };
  const from = Math.max(0, first.start - CONTEXT);
  const to = Math.min(lines.length, last.start + last.count + CONTEXT);
  const rows: string[] = [];
  let at = from;
  for (const { start, count, lines: put } of shown) {
    for (; at < start; at++) rows.push(` ${lines[at]}`);
    for (; at < start + count; at++) rows.push(`-${lines[at]}`);
    rows.push(...put.map((line) => `+${line}`));
  }
  for (; at < to; at++) rows.push(` ${lines[at]}`);
  const size = (without: string) => rows.filter((row) => !row.startsWith(without)).length;
  const newFrom = placeOf(hunks, hunk).start - (first.start - from);
  const head = `@@ -${from + 1},${size('+')} +${newFrom + 1},${size('-')} @@\n`;
  const body = rows.map((row) => (row.endsWith('\n') ? row : `${row}\n`)).join('');
  return { id: hunk.id, state: hunk.state, diff: head + body };
}
