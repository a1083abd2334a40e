/** Models, and what they are told besides the conversation. */
import type { HistoryItem, ModelSelection, ResolvedModel } from '../models/model-client.ts';
import type { UserInput } from '../protocol/index.ts';
import type { TurnSettings } from './turn.ts';

export interface ModelSource {
  /**
   * Contract: never throws; `problem` says what to do when the model cannot be used. May ask the provider's server, for
   * ≤ 4 s; `signal` ends that at once.
   */
  resolve(
    selection: ModelSelection,
    signal?: AbortSignal,
  ): Promise<{ ok: true; model: ResolvedModel } | { ok: false; problem: string }>;
}

export interface PromptSource {
  /** Begins in the background with what `initial` takes longest for; left out: there is nothing to begin with. */
  ahead?(settings: TurnSettings): Promise<void>;
  /** Base and developer instructions, AGENTS.md, environment: what precedes the user's first message. */
  initial(settings: TurnSettings, model: ResolvedModel['info']): Promise<HistoryItem[]>;
  /**
   * What changed since the model was last told, by its own history, to be appended before the next message; empty when
   * nothing did. `previous` are the settings that it was told.
   */
  changes(
    previous: TurnSettings,
    next: TurnSettings,
    history: readonly HistoryItem[],
    model: ResolvedModel['info'],
  ): Promise<HistoryItem[]>;
  /** Skills that the input names, to follow it; `problems` say what could not be given, for the user and the model. */
  named(input: readonly UserInput[], settings: TurnSettings): Promise<{ items: HistoryItem[]; problems: string[] }>;
}
