/**
 * What a thread's lines add up to: its turns, and where everything that belongs to them is. Made from the heads of the
 * lines, so that it costs little for a thread of any size. (pure)
 */
import type { LineHead, LineHeads, RolloutProblem } from './line-heads.ts';

/** A line; `file` counts in `ThreadView.files`. */
export type LineRef = { file: number; offset: number; length: number };
export type ItemRef = LineRef & { id: string; type: string };

/** Whether `a` was written after `b`; what a fork shares comes first. */
export const isAfter = (a: LineRef, b: LineRef): boolean =>
  a.file > b.file || (a.file === b.file && a.offset > b.offset);

export type TurnView = {
  id: string;
  startedAtMs: number;
  start: LineRef;
  items: ItemRef[];
  /** Null while it runs, and for ever when it was cut off. */
  end: LineRef | null;
  diff: LineRef | null;
  /** The settings that it ran under. */
  settings: LineRef | null;
  /** Whether the model was told anything in it. */
  wasTold: boolean;
};

export type ThreadView = {
  /** The thread's own is the last one; before it, those of which it is a fork. */
  files: string[];
  first: LineRef | null;
  turns: TurnView[];
  history: { turnId: string | null; ref: LineRef }[];
  /** Plans and decisions, which outlive a compaction. */
  notes: { turnId: string | null; ref: LineRef }[];
  usage: { turnId: string | null; ref: LineRef }[];
  /** What the next turn runs under, as far as that was recorded. */
  settings: LineRef | null;
  name: LineRef | null;
  overrides: LineRef | null;
  gitInfo: LineRef | null;
  goal: LineRef | null;
  dynamicTools: LineRef | null;
  updatedAtMs: number;
  /** Of the thread's own file. */
  problems: RolloutProblem[];
};

/** The past that a fork shares: a view, of which the turns up to `lastTurnId` are meant (null: none; undefined: all). */
export type Past = { view: ThreadView; lastTurnId?: string | null };

type Draft = {
  view: ThreadView;
  turns: Map<string, TurnView>;
  items: Map<string, Map<string, number>>;
  current: TurnView | null;
};

function dropTurns(draft: Draft, from: number): void {
  const { view } = draft;
  const gone = new Set(view.turns.splice(from).map(({ id }) => id));
  for (const id of gone) draft.turns.delete(id);
  const stays = ({ turnId }: { turnId: string | null }) => turnId === null || !gone.has(turnId);
  view.history = view.history.filter(stays);
  view.notes = view.notes.filter(stays);
  draft.current = view.turns.at(-1) ?? null;
}

/** Where each item of a turn is among its items. */
function placesOf(draft: Draft, turn: TurnView): Map<string, number> {
  const known = draft.items.get(turn.id);
  if (known) return known;
  const places = new Map(turn.items.map(({ id }, index) => [id, index]));
  draft.items.set(turn.id, places);
  return places;
}

function addItem(draft: Draft, turn: TurnView, head: LineHead, { file, offset, length }: LineRef): void {
  const id = head.itemId ?? '';
  const places = placesOf(draft, turn);
  const known = places.get(id);
  const item: ItemRef = { file, offset, length, id, type: head.itemType ?? '' };
  if (known === undefined) places.set(id, turn.items.push(item) - 1);
  else turn.items[known] = item;
}

function add(draft: Draft, head: LineHead, ref: LineRef): void {
  const { view } = draft;
  view.updatedAtMs = Math.max(view.updatedAtMs, head.at);
  const turn = head.turnId === null ? undefined : draft.turns.get(head.turnId);
  switch (head.type) {
    case 'thread':
      view.first ??= ref;
      return;
    case 'settings':
      view.settings = ref;
      if (draft.current) draft.current.settings = ref;
      return;
    case 'turnStarted': {
      if (turn || head.turnId === null) return;
      const started: TurnView = {
        id: head.turnId,
        startedAtMs: head.at,
        start: ref,
        items: [],
        end: null,
        diff: null,
        settings: view.settings,
        wasTold: false,
      };
      draft.turns.set(started.id, started);
      view.turns.push(started);
      draft.current = started;
      return;
    }
    case 'item':
      if (turn) addItem(draft, turn, head, ref);
      return;
    case 'history':
    case 'compacted':
      if (turn) turn.wasTold = true;
      view.history.push({ turnId: head.turnId, ref });
      return;
    case 'plan':
    case 'decision':
      view.notes.push({ turnId: head.turnId, ref });
      return;
    case 'usage':
      view.usage.push({ turnId: head.turnId, ref });
      return;
    case 'turnCompleted':
      if (turn) turn.end = ref;
      return;
    case 'diff':
      if (turn) turn.diff = ref;
      return;
    case 'revert': {
      const index = view.turns.findIndex(({ id }) => id === head.turnId);
      if (index >= 0) dropTurns(draft, index);
      return;
    }
    case 'name':
    case 'overrides':
    case 'gitInfo':
    case 'goal':
    case 'dynamicTools':
      view[head.type] = ref;
      return;
    default:
      head.type satisfies never;
  }
}

function begin(past: Past | null): Draft {
  const view: ThreadView = {
    files: [],
    first: null,
    turns: [],
    history: [],
    notes: [],
    usage: [],
    settings: null,
    name: null,
    overrides: null,
    gitInfo: null,
    goal: null,
    dynamicTools: null,
    updatedAtMs: 0,
    problems: [],
  };
  const draft: Draft = { view, turns: new Map(), items: new Map(), current: null };
  if (!past) return draft;
  const { view: before, lastTurnId } = past;
  view.files = [...before.files];
  view.history = before.history;
  view.notes = before.notes;
  view.dynamicTools = before.dynamicTools;
  // Items that complete later belong to this thread's turns alone.
  view.turns = before.turns.map((turn) => ({ ...turn, items: [...turn.items] }));
  for (const turn of view.turns) draft.turns.set(turn.id, turn);
  if (lastTurnId !== undefined) dropTurns(draft, view.turns.findIndex(({ id }) => id === lastTurnId) + 1);
  view.usage = before.usage.filter(({ turnId }) => turnId === null || draft.turns.has(turnId));
  view.settings = view.turns.at(-1)?.settings ?? null;
  draft.current = null;
  return draft;
}

/** The thread in `file`, of which only the first `bytes` count when that is given. */
export function viewOf(
  file: string,
  heads: LineHeads,
  past: Past | null,
  bytes = Number.POSITIVE_INFINITY,
): ThreadView {
  const draft = begin(past);
  const index = draft.view.files.push(file) - 1;
  for (const head of heads.heads) {
    if (head.offset >= bytes) break;
    add(draft, head, { file: index, offset: head.offset, length: head.length });
  }
  return draft.view;
}

/**
 * Where a fork ends that takes the turns up to `lastTurnId` (null: none of them): the byte of the file behind the last
 * line that belongs to them.
 */
export function forkPoint(view: ThreadView, lastTurnId: string | null): { bytes: number; lastTurnId: string | null } {
  const file = view.files.length - 1;
  const last = lastTurnId === null ? -1 : view.turns.findIndex(({ id }) => id === lastTurnId);
  const kept = new Set(view.turns.slice(0, last + 1).map(({ id }) => id));
  let bytes = 0;
  const upTo = (ref: LineRef | null) => {
    if (ref?.file === file) bytes = Math.max(bytes, ref.offset + ref.length + 1);
  };
  for (const turn of view.turns.slice(0, last + 1)) {
    for (const ref of [turn.start, turn.settings, turn.end, turn.diff, ...turn.items.slice(-1)]) upTo(ref);
    for (const item of turn.items) upTo(item);
  }
  const isWhole = last === view.turns.length - 1;
  for (const { turnId, ref } of [...view.history, ...view.notes, ...view.usage]) {
    if (turnId === null ? isWhole : kept.has(turnId)) upTo(ref);
  }
  return { bytes, lastTurnId: view.turns[last]?.id ?? null };
}

/** Every line that a thread's turns are made of, in order, without its own first line, name and settings of its own. */
export function linesOf(view: ThreadView): LineRef[] {
  const alive = new Set(view.turns.map(({ id }) => id));
  const refs = new Map<string, LineRef>();
  const take = (ref: LineRef | null) => {
    if (ref) refs.set(`${ref.file}:${ref.offset}`, ref);
  };
  for (const turn of view.turns)
    for (const ref of [turn.start, turn.settings, turn.end, turn.diff, ...turn.items]) take(ref);
  const others = [...view.history, ...view.notes, ...view.usage];
  for (const { turnId, ref } of others) if (turnId === null || alive.has(turnId)) take(ref);
  take(view.dynamicTools);
  return [...refs.values()].sort((a, b) => a.file - b.file || a.offset - b.offset);
}

/** The same thread as it was at the end of a turn; null: before the first. */
export const cutView = (view: ThreadView, lastTurnId: string | null): ThreadView => begin({ view, lastTurnId }).view;

/**
 * The last turns of a thread, from the end of its file: complete from their first line on. Null when so much of the file
 * does not say which turns are the last ones, or holds fewer than are wanted.
 */
export function endView(file: string, heads: LineHeads, wanted: { turns: number; items: number }): ThreadView | null {
  const first = heads.heads.findIndex(({ type }) => type === 'turnStarted');
  if (first < 0) return null;
  const whole = heads.heads.slice(first);
  const begun = new Set<string | null>();
  for (const { type, turnId } of whole) {
    if (type === 'turnStarted') begun.add(turnId);
    // It goes back to before what is seen here.
    else if (type === 'revert' && !begun.has(turnId)) return null;
  }
  const view = viewOf(file, { ...heads, heads: whole }, null);
  return holds(view, wanted) ? view : null;
}

/** Whether a view has so many turns, and in them so many items. */
export function holds({ turns }: ThreadView, wanted: { turns: number; items: number }): boolean {
  const items = turns.reduce((sum, turn) => sum + turn.items.length, 0);
  return turns.length >= wanted.turns && items >= wanted.items;
}
