/** What the model has to know before the first call of a turn. */
import { LOST_SUMMARY } from '../compaction/prompts.ts';
import type { HistoryItem, ResolvedModel } from '../models/model-client.ts';
import { note } from './history.ts';
import type { ThreadState } from './thread-state.ts';
import type { TurnFrame } from './turn-frame.ts';

/** Tells what changed since the model was last told, or everything when it was told nothing. */
export async function assemble(state: ThreadState, frame: TurnFrame, model: ResolvedModel): Promise<void> {
  const { prompt } = state.ports;
  const { settings, turnId } = frame;
  const before = state.settings;
  const told = before
    ? await prompt.changes(before, settings, state.history.snapshot(), model.info)
    : await prompt.initial(settings, model.info);
  state.history.append(turnId, told);
  const isOther = before !== null && before.model.provider !== settings.model.provider;
  if (isOther && state.history.snapshot().some(isSummaryOf(before.model.provider))) {
    state.history.append(turnId, [note('compaction', LOST_SUMMARY)]);
  }
  state.settings = settings;
}

/** What a provider made of the past in its own form, which no other can read. */
const isSummaryOf =
  (provider: string) =>
  (item: HistoryItem): boolean =>
    item.type === 'reasoning' &&
    item.provider === provider &&
    typeof item.opaque === 'object' &&
    item.opaque !== null &&
    'type' in item.opaque &&
    item.opaque.type === 'compaction';
