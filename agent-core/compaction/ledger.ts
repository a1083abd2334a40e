/**
 * What a thread's lines say that must outlive every compaction, whatever a model's summary makes of it: the plan, the
 * files that were changed, what the user decided. The same fold serves a thread that runs and one that is loaded. (pure)
 */
import type { TurnPlanStep } from '../protocol/index.ts';
import type { RolloutLine } from '../threads/rollout.ts';

export type Ledger = {
  plan: { explanation: string | null; steps: TurnPlanStep[] } | null;
  /** Absolute paths with what was last done to them, in the order of the last change. */
  files: Map<string, 'add' | 'delete' | 'update'>;
  /** Sentences, oldest first. */
  decisions: string[];
};

const MOST_FILES = 300;
const MOST_DECISIONS = 40;

export const emptyLedger = (): Ledger => ({ plan: null, files: new Map(), decisions: [] });

/** Takes one more line into account. */
export function foldLedger(ledger: Ledger, line: RolloutLine): void {
  switch (line.type) {
    case 'plan':
      ledger.plan = { explanation: line.explanation, steps: line.plan };
      return;
    case 'decision':
      ledger.decisions.push(line.text);
      if (ledger.decisions.length > MOST_DECISIONS) ledger.decisions.shift();
      return;
    case 'item':
      if (line.item.type === 'fileChange' && line.item.status === 'completed') foldFiles(ledger, line.item.changes);
      return;
    default:
  }
}

function foldFiles(ledger: Ledger, changes: unknown): void {
  if (!Array.isArray(changes)) return;
  for (const change of changes as { path?: unknown; kind?: { type?: unknown; move_path?: unknown } }[]) {
    const kind = change.kind?.type;
    if (typeof change.path !== 'string' || (kind !== 'add' && kind !== 'delete' && kind !== 'update')) continue;
    const moved = change.kind?.move_path;
    touch(ledger, change.path, typeof moved === 'string' ? 'delete' : kind);
    if (typeof moved === 'string') touch(ledger, moved, 'add');
  }
}

function touch({ files }: Ledger, path: string, kind: 'add' | 'delete' | 'update'): void {
  const before = files.get(path);
  files.delete(path);
  // What the thread itself created is still new to the user when it is edited again.
  files.set(path, before === 'add' && kind === 'update' ? 'add' : kind);
  const oldest = files.keys().next().value;
  if (files.size > MOST_FILES && oldest !== undefined) files.delete(oldest);
}
