/** Two changes of one line put together. */
import { diffArrays } from 'diff';

const MAX_LINE = 2_000;
const MAX_EDITS = 300;
const TOKENS = /[\p{L}\p{N}_]+|\s+|./gsu;

type Piece = { start: number; end: number; tokens: readonly string[] };

/**
 * `from` with both changes: the one that makes `one` of it and the one that makes `other`. Null where they touch the same
 * words or lie side by side, so that nobody could say what is meant, and for lines too long to be looked at.
 */
export function mergeLine(from: string, one: string, other: string): string | null {
  if (from === one) return other;
  if (from === other || one === other) return one;
  if (Math.max(from.length, one.length, other.length) > MAX_LINE) return null;
  const tokens = tokensOf(from);
  const ours = piecesOf(tokens, one);
  const theirs = piecesOf(tokens, other);
  if (!ours || !theirs) return null;
  if (ours.some((a) => theirs.some((b) => a.start <= b.end && b.start <= a.end))) return null;
  const merged = [...tokens];
  for (const { start, end, tokens: put } of [...ours, ...theirs].sort((a, b) => b.start - a.start)) {
    merged.splice(start, end - start, ...put);
  }
  return merged.join('');
}

/** Whether `line` is `from` without some of its words. */
export function isOnlyShorter(from: string, line: string): boolean {
  const all = tokensOf(from);
  let at = 0;
  for (const token of tokensOf(line)) {
    at = all.indexOf(token, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

const tokensOf = (line: string): string[] => line.match(TOKENS) ?? [];

function piecesOf(from: string[], to: string): Piece[] | null {
  const parts = diffArrays(from, tokensOf(to), { maxEditLength: MAX_EDITS });
  if (!parts) return null;
  const pieces: { start: number; end: number; tokens: string[] }[] = [];
  let at = 0;
  let isOpen = false;
  for (const { added, removed, value } of parts) {
    if (!added && !removed) {
      at += value.length;
      isOpen = false;
      continue;
    }
    if (!isOpen) pieces.push({ start: at, end: at, tokens: [] });
    isOpen = true;
    const piece = pieces.at(-1)!;
    if (added) piece.tokens.push(...value);
    else {
      at += value.length;
      piece.end = at;
    }
  }
  return pieces;
}
