/** Answers of plan mode: what stands in a `<proposed_plan>` block becomes a plan item, and the rest stays the answer. */
import type { TurnItems } from './items.ts';

const OPEN = '<proposed_plan>';
const CLOSE = '</proposed_plan>';

type Piece = { isPlan: boolean; text: string };

/** The text so far in pieces; a tail that may become a tag is held back unless `isEnd`. (pure) */
export function planPieces(text: string, isEnd: boolean): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let isPlan = false;
  for (;;) {
    const tag = isPlan ? CLOSE : OPEN;
    const found = text.indexOf(tag, at);
    if (found < 0) break;
    pieces.push({ isPlan, text: text.slice(at, found) });
    at = found + tag.length;
    isPlan = !isPlan;
  }
  const rest = text.slice(at);
  pieces.push({ isPlan, text: isEnd ? rest : rest.slice(0, rest.length - heldBack(rest, isPlan ? CLOSE : OPEN)) });
  return pieces;
}

function heldBack(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (tag.startsWith(text.slice(-length))) return length;
  }
  return 0;
}

const joined = (pieces: readonly Piece[], isPlan: boolean): string =>
  pieces
    .filter((piece) => piece.isPlan === isPlan)
    .map(({ text }) => text)
    .join('');

type Shown = { raw: string; text: string; plan: string; planId: string | null };

/** As `items`, for answers that may hold a plan. */
export function planAnswers(items: TurnItems): TurnItems {
  const answers = new Map<string, Shown>();
  const shownOf = (itemId: string): Shown => {
    const known = answers.get(itemId) ?? { raw: '', text: '', plan: '', planId: null };
    answers.set(itemId, known);
    return known;
  };
  const showPlan = (shown: Shown, plan: string) => {
    if (shown.planId === null) {
      shown.planId = items.claimId('');
      items.started({ type: 'plan', id: shown.planId, text: '' });
    }
    // A retried answer may differ; the completed item then has the truth.
    if (plan.startsWith(shown.plan) && plan.length > shown.plan.length) {
      items.planDelta(shown.planId, plan.slice(shown.plan.length));
    }
    shown.plan = plan;
  };
  return {
    ...items,
    open: items.open,
    textDelta(itemId, delta) {
      const shown = shownOf(itemId);
      shown.raw += delta;
      const pieces = planPieces(shown.raw, false);
      const text = joined(pieces, false);
      if (text.length > shown.text.length) items.textDelta(itemId, text.slice(shown.text.length));
      shown.text = text;
      if (pieces.length > 1) showPlan(shown, joined(pieces, true));
    },
    completed(item) {
      if (item.type !== 'agentMessage') return items.completed(item);
      const shown = shownOf(item.id);
      const pieces = planPieces(item.text, true);
      if (pieces.length > 1) {
        showPlan(shown, joined(pieces, true));
        if (shown.planId !== null) items.completed({ type: 'plan', id: shown.planId, text: shown.plan.trim() });
      }
      const text = pieces.length > 1 ? joined(pieces, false).trim() : item.text;
      items.completed({ ...item, text });
    },
  };
}
