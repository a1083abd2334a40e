/** One answer of the model, with as many tries as it takes. */

import type { HistoryItem, ModelError, ModelRequest, ModelUsage, ResolvedModel } from '../models/model-client.ts';
import type { TurnError } from '../protocol/index.ts';
import type { Sleep } from '../tools/tool.ts';
import { errorInfo, isRetryable, isStreamFailure, modelTurnError, retryDelay, turnError } from './errors.ts';
import { type AnswerStream, createAnswerStream, type ToolCall } from './item-stream.ts';
import type { TurnItems } from './items.ts';

export type Answer =
  /** `isCut`: the provider ended it before the model did. */
  | { type: 'answered'; items: HistoryItem[]; calls: ToolCall[]; usage: ModelUsage | null; isCut: boolean }
  /** `signal` aborted; `items` is what had been said. */
  | { type: 'cut'; items: HistoryItem[] }
  | { type: 'failed'; error: TurnError };

export type CallPorts = {
  items: TurnItems;
  sleep: Sleep;
  random: () => number;
  onRetry: (error: TurnError) => void;
  /** Whether an answer without tool calls would end the turn now. */
  endsTurn: () => boolean;
};

export async function callModel(
  model: ResolvedModel,
  request: ModelRequest,
  signal: AbortSignal,
  ports: CallPorts,
): Promise<Answer> {
  const answer = createAnswerStream(ports.items);
  for (let failures = 1; ; failures++) {
    const attempt = await tryOnce(model, request, signal, answer);
    if (attempt.type === 'done') {
      const { items, calls } = answer.finish((count) => count === 0 && ports.endsTurn());
      return { type: 'answered', items, calls, usage: attempt.usage, isCut: attempt.isCut };
    }
    if (signal.aborted) return { type: 'cut', items: answer.abandon() };
    const { error, begun } = attempt;
    const tries = begun || isStreamFailure(error) ? model.streamMaxRetries : model.requestMaxRetries;
    if (!isRetryable(error) || failures > tries) {
      answer.abandon();
      return { type: 'failed', error: modelTurnError(error, model.info) };
    }
    answer.restart();
    ports.onRetry(turnError(`Reconnecting... ${failures}/${tries}`, errorInfo(error), error.details ?? error.message));
    await ports.sleep(retryDelay(error, failures, ports.random()), signal).catch(() => undefined);
    if (signal.aborted) return { type: 'cut', items: answer.abandon() };
  }
}

type Attempt =
  | { type: 'done'; usage: ModelUsage | null; isCut: boolean }
  | { type: 'failed'; error: ModelError; begun: boolean };

async function tryOnce(
  model: ResolvedModel,
  request: ModelRequest,
  signal: AbortSignal,
  answer: AnswerStream,
): Promise<Attempt> {
  let begun = false;
  if (!signal.aborted) {
    for await (const event of model.client.stream(request, signal)) {
      // What comes after a cut is not shown: the person has gone on.
      if (signal.aborted) break;
      if (event.type === 'done') return { type: 'done', usage: event.usage, isCut: event.stopReason === 'length' };
      if (event.type === 'failed') return { type: 'failed', error: event.error, begun };
      begun = true;
      answer.take(event);
    }
  }
  const message = 'The answer ended without an end.';
  const error: ModelError = {
    code: 'streamDisconnected',
    message,
    details: null,
    httpStatus: null,
    retryAfterMs: null,
  };
  return { type: 'failed', error, begun };
}
