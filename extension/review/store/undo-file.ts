/** Undoing in the document or on the disk: the review changes first, and back again where the writer refuses. */
import { createHash } from 'node:crypto';
import type { WriteResult } from '../../host-fs/document-writer.ts';
import type { UndoPlan } from '../model/hunks.ts';
import { ReviewModel } from '../model/review-model.ts';
import type { ReviewEntry } from './review-entry.ts';
import type { Outcome, UndoOptions } from './reviewed-file.ts';
import type { StorePorts } from './store-ports.ts';

type Ports = Pick<StorePorts, 'writer'>;

export async function undoHunk(ports: Ports, entry: ReviewEntry, id: string, options: UndoOptions): Promise<Outcome> {
  if (entry.kind === 'delete') return undoFile(ports, entry, options);
  if (entry.kind === 'add' && entry.model.hunks.length === 1 && entry.model.hunks[0]!.id === id)
    return undoFile(ports, entry, options);
  return undoText(ports, entry, (model) => model.undone(id, options));
}

/** Also brings back a deleted file, moves a moved one back, and deletes one that was made, unless text of the user's is in it. */
export async function undoFile({ writer }: Ports, entry: ReviewEntry, options: UndoOptions): Promise<Outcome> {
  if (entry.kind === 'delete') {
    const restored = await writer.restore(entry.uri);
    const made =
      restored.type === 'refused'
        ? await writer.create(entry.uri, { text: entry.model.baseline, origin: null })
        : restored;
    if (made.type !== 'written') return refusal(made);
    entry.model.undoneAll({ discardMine: true });
    entry.kind = 'update';
    return { type: 'done' };
  }
  if (entry.kind === 'add' && wouldBeEmpty(entry.model, options)) {
    const deleted = await writer.delete(entry.uri, { baseHash: hashOf(entry.model.text), origin: null });
    if (deleted.type !== 'written') return refusal(deleted);
    entry.model.undoneAll({ discardMine: true });
    entry.kind = 'update';
    return { type: 'done' };
  }
  const outcome = await undoText({ writer }, entry, (model) => model.undoneAll(options));
  if (outcome.type !== 'done') return outcome;
  if (entry.kind === 'rename' && entry.movedFrom) {
    const request = { newUri: entry.movedFrom, baseHash: hashOf(entry.model.text), origin: null };
    const moved = await writer.rename(entry.uri, request);
    if (moved.type !== 'written') return refusal(moved);
    entry.uri = entry.movedFrom;
    entry.movedFrom = null;
  }
  entry.kind = 'update';
  return outcome;
}

async function undoText(
  { writer }: Ports,
  entry: ReviewEntry,
  undo: (model: ReviewModel) => UndoPlan,
): Promise<Outcome> {
  const saved = entry.model.save();
  const plan = undo(entry.model);
  if (plan.type !== 'edits') return plan;
  if (plan.edits.length > 0) {
    const result = await writer.apply(entry.uri, plan.edits, saved.text);
    if (result.type !== 'written') {
      entry.model = ReviewModel.restore(saved);
      return refusal(result);
    }
    if (result.text !== entry.model.text) entry.model.userText(result.text, 'formatter');
  }
  return plan.left > 0 ? { type: 'overlap' } : { type: 'done' };
}

function wouldBeEmpty(model: ReviewModel, options: UndoOptions): boolean {
  if (model.baseline !== '') return false;
  const trial = ReviewModel.restore(model.save());
  const plan = trial.undoneAll(options);
  return plan.type === 'edits' && plan.left === 0 && trial.text === '';
}

function refusal(result: Exclude<WriteResult, { type: 'written' }>): Outcome {
  const why =
    result.type === 'refused' ? result.message : 'The file has changed meanwhile. Look at it again, then undo.';
  return { type: 'refused', why };
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
