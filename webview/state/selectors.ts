import type { ElicitationView } from '../bridge/elicitation.ts';
import type { ApprovalView, ItemView, PanelState, ThreadView, TurnView } from '../bridge/panel-state.ts';

import type { QuestionView, SaveView } from '../bridge/thread-extras.ts';

/** One row of the thread. `index` is the place in `thread.items`, which only ever grows within a thread. */
export type Row =
  | { kind: 'item'; key: string; id: string; index: number; turn: number; lead: boolean }
  | { kind: 'approval'; key: string; id: string }
  | { kind: 'question'; key: string; id: string }
  | { kind: 'elicitation'; key: string; id: string }
  | { kind: 'save'; key: string; id: string }
  | { kind: 'turnEnd'; key: string; id: string }
  | { kind: 'running'; key: string; id: string };

/** Makes a function from a thread to its rows that returns the same array as long as the rows are the same. */
export function createRowsSelector(): (panel: PanelState) => readonly Row[] {
  let rows: readonly Row[] = [];
  let items: readonly ItemView[] | undefined;
  let turns: readonly TurnView[] | undefined;
  let approvals: readonly ApprovalView[] | undefined;
  let questions: readonly QuestionView[] | undefined;
  let elicitations: readonly ElicitationView[] | undefined;
  let saves: readonly SaveView[] | undefined;
  return ({ thread }) => {
    const same =
      thread?.turns === turns &&
      thread?.approvals === approvals &&
      thread?.extras.questions === questions &&
      thread?.extras.elicitations === elicitations &&
      thread?.extras.saves === saves &&
      sameItems(items, thread?.items);
    items = thread?.items;
    turns = thread?.turns;
    approvals = thread?.approvals;
    questions = thread?.extras.questions;
    elicitations = thread?.extras.elicitations;
    saves = thread?.extras.saves;
    if (same) return rows;
    const next = thread ? rowsOf(thread) : [];
    if (!sameRows(rows, next)) rows = next;
    return rows;
  };
}

/** The rows of a thread: its items in order, the end of each turn after the turn's last item. */
export function rowsOf(thread: ThreadView): Row[] {
  const rows: Row[] = [];
  const turns = new Map(thread.turns.map((turn) => [turn.id, turn]));
  const ended = new Set<string>();
  const seen = new Set<string>();
  let number = 0;
  let current: string | null = null;
  const end = (turnId: string) => {
    const turn = turns.get(turnId);
    if (!turn || ended.has(turnId) || turn.status === 'inProgress') return;
    ended.add(turnId);
    rows.push({ kind: 'turnEnd', key: `end:${turnId}`, id: turnId });
  };
  let review: { turnId: string; text: string } | null = null;
  for (const [index, { item, turnId }] of thread.items.entries()) {
    if (item.type === 'exitedReviewMode') review = { turnId, text: item.review };
    // A review is told a second time, as a message; its card has said it.
    const repeats = item.type === 'agentMessage' && review?.turnId === turnId && item.text === review.text;
    const lead = turnId !== current;
    if (lead) {
      if (current !== null) end(current);
      current = turnId;
      number += 1;
    }
    seen.add(item.id);
    if (isVisible(item) && !repeats) rows.push({ kind: 'item', key: item.id, id: item.id, index, turn: number, lead });
  }
  for (const approval of thread.approvals) {
    if (!seen.has(approval.itemId)) rows.push({ kind: 'approval', key: `approval:${approval.id}`, id: approval.id });
  }
  for (const { id } of thread.extras.questions) rows.push({ kind: 'question', key: `question:${id}`, id });
  for (const { id } of thread.extras.elicitations) rows.push({ kind: 'elicitation', key: `elicitation:${id}`, id });
  for (const { id } of thread.extras.saves) rows.push({ kind: 'save', key: `save:${id}`, id });
  for (const turn of thread.turns) {
    if (turn.status === 'inProgress') rows.push({ kind: 'running', key: `running:${turn.id}`, id: turn.id });
    else end(turn.id);
  }
  return rows;
}

/** Reasoning without a word in it says nothing to anybody. */
function isVisible(item: ItemView['item']): boolean {
  if (item.type !== 'reasoning') return true;
  return [...(item.summary ?? []), ...(item.content ?? [])].some((part) => part.trim() !== '');
}

/** Whether the items make the same rows; the fast path of streaming, where one item's text grows. */
function sameItems(a: readonly ItemView[] | undefined, b: readonly ItemView[] | undefined): boolean {
  if (a === b) return true;
  if (!a || a.length !== b?.length) return false;
  return a.every((before, index) => {
    const after = b[index] as ItemView;
    if (before === after) return true;
    return (
      before.item.id === after.item.id &&
      before.turnId === after.turnId &&
      isVisible(before.item) === isVisible(after.item)
    );
  });
}

function sameRows(a: readonly Row[], b: readonly Row[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = a.length - 1; i >= 0; i--) {
    const [x, y] = [a[i] as Row, b[i] as Row];
    if (x.key !== y.key || x.kind !== y.kind) return false;
    if (x.kind === 'item' && y.kind === 'item' && (x.index !== y.index || x.lead !== y.lead)) return false;
  }
  return true;
}

/** The item of a row; undefined once the thread is another one. */
export function itemAt(panel: PanelState, index: number, id: string): ItemView | undefined {
  const view = panel.thread?.items[index];
  return view?.item.id === id ? view : undefined;
}

const NO_APPROVALS: readonly ApprovalView[] = [];

export const approvalsOf = (panel: PanelState): readonly ApprovalView[] => panel.thread?.approvals ?? NO_APPROVALS;

const NO_QUESTIONS: readonly QuestionView[] = [];

export const questionsOf = (panel: PanelState): readonly QuestionView[] =>
  panel.thread?.extras.questions ?? NO_QUESTIONS;

const NO_ELICITATIONS: readonly ElicitationView[] = [];

export const elicitationsOf = (panel: PanelState): readonly ElicitationView[] =>
  panel.thread?.extras.elicitations ?? NO_ELICITATIONS;

const NO_SAVES: readonly SaveView[] = [];

export const savesOf = (panel: PanelState): readonly SaveView[] => panel.thread?.extras.saves ?? NO_SAVES;

export function approvalOf(panel: PanelState, itemId: string): ApprovalView | undefined {
  return approvalsOf(panel).find((approval) => approval.itemId === itemId);
}

/** The turn that runs, if one does. */
export function runningTurn(panel: PanelState): TurnView | undefined {
  return panel.thread?.turns.findLast((turn) => turn.status === 'inProgress');
}

export const isRunning = (panel: PanelState): boolean => runningTurn(panel) !== undefined;

/** Text of the person's last message in this thread, for the arrow-up key. */
export function lastUserText(panel: PanelState): string | null {
  const last = panel.thread?.items.findLast(({ item }) => item.type === 'userMessage')?.item;
  if (last?.type !== 'userMessage') return null;
  return last.content.map((part) => (part.type === 'text' ? part.text : '')).join('') || null;
}
