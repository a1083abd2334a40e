/** A region's base with what the user put into the region. */
import type { Alignment, Region } from './alignment.ts';
import { isOnlyShorter, mergeLine } from './merge-line.ts';

/**
 * The base lines with the user's lines at the places that they have among the agent's, and with the user's changes of the
 * agent's lines made to the lines that those replaced. Null where the latter cannot be told: the user's text would be lost.
 */
export function withoutAgent(alignment: Alignment, region: Region): string[] | null {
  return blend(alignment, region, region, userPart);
}

function userPart(base: string | null, { text, from }: Mixed): Blended {
  if (from !== null && isOnlyShorter(from, text)) return { instead: base };
  if (from === null || base === null) return null;
  const merged = mergeLine(from, base, text);
  return merged === null ? null : { instead: merged };
}

/**
 * The base lines with what the user put into the lines from `start` to `end`; where the user's part of a line cannot be
 * told from the agent's, the line as it reads now stands beside those of the base.
 */
export function withUsersLines(alignment: Alignment, region: Region, start: number, end: number): string[] {
  return blend(alignment, region, { start, end }, (base, line) => userPart(base, line) ?? { besides: line.text })!;
}

type Mixed = { text: string; from: string | null };
type Blended = { instead: string | null } | { besides: string } | null;

/** `mix` gets the base line that a line of agent and user replaced, null where lines do not stand against each other. */
function blend(
  { base, live, marks }: Alignment,
  region: Region,
  { start, end }: { start: number; end: number },
  mix: (base: string | null, line: Mixed) => Blended,
): string[] | null {
  const lines = base.slice(region.baseStart, region.baseEnd);
  let agents = 0;
  for (let line = region.start; line < region.end; line++) if (isAgents(marks[line])) agents++;
  const isPaired = agents === lines.length;
  /** Per base line, and behind the last, what stands before it. */
  const before: string[][] = Array.from({ length: lines.length + 1 }, () => []);
  const placeOf = (count: number) => (agents === 0 ? lines.length : Math.round((count * lines.length) / agents));
  let seen = 0;
  for (let line = region.start; line < region.end; line++) {
    const mark = marks[line];
    const isAsked = line >= start && line < end;
    if (mark && !mark.isMixed && isAsked) before[placeOf(seen)]!.push(live[line]!);
    if (mark?.isMixed && isAsked) {
      const blended = mix(isPaired ? lines[seen]! : null, { text: live[line]!, from: mark.from });
      if (!blended) return null;
      if ('besides' in blended) before[placeOf(seen)]!.push(blended.besides);
      else if (isPaired && blended.instead !== null) lines[seen] = blended.instead;
    }
    if (isAgents(mark)) seen++;
  }
  return before.flatMap((put, index) => (index < lines.length ? [...put, lines[index]!] : put));
}

const isAgents = (mark: { isMixed: boolean } | undefined): boolean => !mark || mark.isMixed;
