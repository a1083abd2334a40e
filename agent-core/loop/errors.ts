/** What goes wrong in a turn, in the wire's terms and in words that say what to do. (pure) */

import type { ModelError, ModelErrorCode, ModelInfo } from '../models/model-client.ts';
import type { CodexErrorInfo, TurnError } from '../protocol/index.ts';

const retryable: ReadonlySet<ModelErrorCode> = new Set<ModelErrorCode>([
  'rateLimited',
  'overloaded',
  'serverError',
  'connectionFailed',
  'streamDisconnected',
  'idleTimeout',
  'badResponse',
]);

export const isRetryable = (error: ModelError) => retryable.has(error.code);

/** True for failures of an answer that had begun; they have their own number of retries. */
export const isStreamFailure = (error: ModelError) =>
  error.code === 'streamDisconnected' || error.code === 'idleTimeout';

export function turnError(
  message: string,
  codexErrorInfo: CodexErrorInfo = 'other',
  details: string | null = null,
): TurnError {
  return { message, codexErrorInfo, additionalDetails: details };
}

export function modelTurnError(error: ModelError, info: ModelInfo): TurnError {
  return turnError(messageOf(error, info), errorInfo(error), error.details);
}

function messageOf(error: ModelError, info: ModelInfo): string {
  if (error.code === 'unauthorized') {
    return `The key for ${info.providerName} was refused. Set another (in the editor with "Gantry: Set API Key", elsewhere in the environment variable that the provider's env_key in config.toml names), then send your message again.`;
  }
  return (
    error.message || `${info.providerName} failed (${error.code}). Send your message again, or choose another model.`
  );
}

export function errorInfo(error: ModelError): CodexErrorInfo {
  const httpStatusCode = error.httpStatus;
  switch (error.code) {
    case 'unauthorized':
    case 'connectionFailed':
      return { httpConnectionFailed: { httpStatusCode } };
    case 'modelNotFound':
      return 'modelNotFound';
    case 'rateLimited':
      return { responseTooManyFailedAttempts: { httpStatusCode } };
    case 'usageLimit':
      return 'usageLimitExceeded';
    case 'overloaded':
      return 'serverOverloaded';
    case 'serverError':
      return 'internalServerError';
    case 'badRequest':
      return 'badRequest';
    case 'contextWindowExceeded':
      return 'contextWindowExceeded';
    case 'streamDisconnected':
    case 'idleTimeout':
      return { responseStreamDisconnected: { httpStatusCode } };
    case 'contentFilter':
    case 'badResponse':
    case 'cancelled':
      return 'other';
  }
}

const FIRST_DELAY_MS = 200;
const MAX_DELAY_MS = 30_000;
const MAX_ASKED_DELAY_MS = 10 * 60_000;

/** How long to wait before try number `failures` + 1; `random` is in [0, 1). */
export function retryDelay(error: ModelError, failures: number, random: number): number {
  if (error.retryAfterMs !== null) return Math.min(Math.max(0, error.retryAfterMs), MAX_ASKED_DELAY_MS);
  const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), MAX_DELAY_MS);
  return Math.round(delay * (0.75 + random / 2));
}
