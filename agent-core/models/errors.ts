/**
 * What went wrong with a model call, in words for people. One table for every wire; the messages say what to do and
 * never hold a key.
 */
import type { ModelError, ModelErrorCode } from './model-client.ts';

/** Who was asked for what; every message is made from it. */
export type CallContext = {
  providerId: string;
  providerName: string;
  baseUrl: string;
  model: string;
  /** How to set this provider's key, as a whole sentence. */
  keyHelp: string;
  /** Texts that no message may show: the key, secret headers. */
  secrets: readonly string[];
};

/** What a provider said, taken apart. */
export type ProviderFailure = {
  status: number | null;
  /** The provider's own code and type, in lower case, joined; empty when it gave none. */
  code: string;
  message: string;
  retryAfterMs: number | null;
};

const CONTEXT_TEXT =
  /context[_ ](length|window|size)|maximum (context|prompt)|prompt is too long|too many (input )?tokens|input (token count|is too long)|(request|prompt|input) (is )?too large|reduce the length|exceed context limit|exceeds? the (available |model'?s )?(context|maximum (number of )?tokens)/i;
const QUOTA_TEXT =
  /insufficient[_ ](quota|balance|funds|credit)|usage[_ ]limit|billing|credit balance|exceeded your current quota|out of credits|payment required|spending limit/i;
const KEY_TEXT =
  /(invalid|incorrect|missing|not valid|no)\b.{0,20}\b(api[_ ]?key|credential|token)|api[_ ]?key.{0,20}(invalid|not valid|missing|expired)|unauthenticated/i;
const MODEL_TEXT =
  /model[_ ]not[_ ](found|exist)|model .{0,80}(not found|does not exist|is not (supported|available)|not exist)|no such model|unknown model|not a valid model/i;
const OVERLOAD_TEXT = /overload|slow[_ ]down|at capacity|temporarily unavailable|currently loading|server is busy/i;
const FILTER_TEXT =
  /content[_ ](filter|policy)|responsible ?ai|safety (system|policy)|blocked by .{0,20}(safety|policy)|prohibited[_ ]content/i;
const RATE_TEXT = /rate[_ ]limit|too many requests|resource[_ ]exhausted/i;

function codeOf(failure: ProviderFailure): ModelErrorCode {
  const { status, code, retryAfterMs } = failure;
  const text = `${code} ${failure.message}`;
  if (status === 401 || (status !== 429 && KEY_TEXT.test(text) && (status ?? 400) < 500)) return 'unauthorized';
  if (status === 402) return 'usageLimit';
  if (status === 403) return FILTER_TEXT.test(text) ? 'contentFilter' : 'unauthorized';
  // A provider that says when to come again means a rate, whatever it calls it.
  if (status === 429 || (status === null && (RATE_TEXT.test(text) || QUOTA_TEXT.test(text)))) {
    const isQuota = /insufficient_quota|usage_limit/.test(code) || (QUOTA_TEXT.test(text) && retryAfterMs === null);
    return isQuota ? 'usageLimit' : 'rateLimited';
  }
  if (status === 413 && RATE_TEXT.test(code)) return 'rateLimited';
  if (CONTEXT_TEXT.test(text) || status === 413) return 'contextWindowExceeded';
  if (status === 404 || (MODEL_TEXT.test(text) && (status ?? 400) < 500)) return 'modelNotFound';
  if (status === 503 || status === 529 || OVERLOAD_TEXT.test(text)) return 'overloaded';
  if (FILTER_TEXT.test(text)) return 'contentFilter';
  if (status !== null && (status >= 500 || status === 408 || status === 409)) return 'serverError';
  if (QUOTA_TEXT.test(text)) return 'usageLimit';
  if (status === null && !/invalid|bad[_ ]request|unsupported/.test(code)) return 'serverError';
  return 'badRequest';
}

function wait(ms: number | null): string {
  return ms === null ? 'Wait a little' : `Wait ${Math.max(1, Math.ceil(ms / 1000))} s`;
}

function sentence(code: ModelErrorCode, failure: ProviderFailure, context: CallContext): string {
  const { providerName: name, baseUrl, model, keyHelp } = context;
  const status = failure.status === null ? '' : ` (HTTP ${failure.status})`;
  const said = failure.message ? ` It said: ${failure.message}` : '';
  switch (code) {
    case 'unauthorized':
      return failure.status === 403
        ? `${name} denies access to ${model} with this key${status}. Check what the key may use. ${keyHelp}${said}`
        : `${name} did not accept the API key${status}. ${keyHelp}`;
    case 'modelNotFound':
      return failure.status === 404 && !MODEL_TEXT.test(`${failure.code} ${failure.message}`)
        ? `${name} has nothing at ${baseUrl} for model ${model}${status}. Choose another model, or correct base_url, wire_api or model in config.toml.${said}`
        : `${name} does not offer the model ${model}${status}. Choose another model, or correct model in config.toml.`;
    case 'rateLimited':
      return `${name} limits how often it may be called${status}. ${wait(failure.retryAfterMs)} and send the message again.`;
    case 'usageLimit':
      return `The quota of this ${name} account is used up${status}. Add credit with the provider, or choose another model.${said}`;
    case 'overloaded':
      return `${name} is overloaded${status}. Wait a little and send the message again, or choose another model.`;
    case 'serverError':
      return `${name} failed${status}. Send the message again; if it goes on, choose another model.${said}`;
    case 'contextWindowExceeded':
      return `The conversation is longer than ${model} can take${status}. Compact the thread or start a new one.`;
    case 'contentFilter':
      return `${name} refused to answer because of its content policy${status}. Put the request in other words.`;
    default:
      return `${name} refused the request${status}. Check model and provider in config.toml.${said}`;
  }
}

function clean(text: string, context: CallContext): string {
  let cleaned = text;
  for (const secret of context.secrets) if (secret.length > 3) cleaned = cleaned.replaceAll(secret, '…');
  return cleaned.length > 600 ? `${cleaned.slice(0, 600)}…` : cleaned;
}

/** For what a provider said, by HTTP status or in its stream. */
export function providerError(failure: ProviderFailure, context: CallContext): ModelError {
  const shown = { ...failure, message: clean(failure.message, context) };
  const code = codeOf(failure);
  return {
    code,
    message: sentence(code, shown, context),
    details: shown.message || null,
    httpStatus: failure.status,
    retryAfterMs: failure.retryAfterMs,
  };
}

export function localError(code: ModelErrorCode, message: string, details: string | null = null): ModelError {
  return { code, message, details, httpStatus: null, retryAfterMs: null };
}

export function cancelledError(): ModelError {
  return localError('cancelled', 'The model call was stopped.');
}

export function idleError(context: CallContext, idleTimeoutMs: number): ModelError {
  const seconds = Math.round(idleTimeoutMs / 1000);
  const key = `model_providers.${context.providerId}.stream_idle_timeout_ms`;
  return localError(
    'idleTimeout',
    `${context.providerName} sent nothing for ${seconds} s. Send the message again; if the model is only slow, raise ${key} in config.toml.`,
  );
}

export function badResponseError(context: CallContext, details: string): ModelError {
  const message = `${context.providerName} sent an answer that Gantry cannot read. Send the message again; if it goes on, check base_url and wire_api in config.toml.`;
  return localError('badResponse', message, clean(details, context));
}

export function emptyAnswerError(context: CallContext, details: string | null = null): ModelError {
  const message = `${context.model} sent an empty answer. Send the message again, or choose another model.`;
  return localError('badResponse', message, details);
}

export function disconnectedError(context: CallContext, details: string | null): ModelError {
  const message = `The connection to ${context.providerName} broke in mid-answer. Send the message again.`;
  return localError('streamDisconnected', message, details === null ? null : clean(details, context));
}

export function contentFilterError(context: CallContext, details: string | null): ModelError {
  const failure = { status: null, code: 'content_filter', message: details ?? '', retryAfterMs: null };
  return { ...localError('contentFilter', sentence('contentFilter', failure, context)), details };
}

const TLS_CODE = /CERT|SSL|TLS|UNABLE_TO_(VERIFY|GET_ISSUER)|SELF_SIGNED|EPROTO/;
const DNS_CODE = /ENOTFOUND|EAI_/;
const STREAM_CODE = /UND_ERR_SOCKET|ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|UND_ERR_(BODY|RES)/;

/** The `code` of the innermost system error, and its text. */
function systemError(error: unknown): { code: string; text: string } {
  let text = '';
  let code = '';
  let at: unknown = error;
  for (let depth = 0; at instanceof Error && depth < 8; depth++) {
    text = at.message || text;
    if ('code' in at && typeof at.code === 'string') code = at.code;
    at = at instanceof AggregateError ? (at.errors[0] ?? at.cause) : at.cause;
  }
  return { code, text };
}

/** What a proxy had to do with it; null: nothing. */
function proxyProblem(error: unknown): string | null {
  let at: unknown = error;
  for (let depth = 0; at instanceof Error && depth < 8; depth++) {
    if ('code' in at && at.code === 'EPROXY') return at.message;
    at = at.cause;
  }
  return null;
}

/** For a thrown network error; `began` tells whether the answer had begun. */
export function networkError(error: unknown, context: CallContext, began: boolean): ModelError {
  const { code, text } = systemError(error);
  const details = clean([code, text].filter(Boolean).join(': '), context);
  const { providerName: name, baseUrl } = context;
  if (began) return disconnectedError(context, details);
  const proxy = proxyProblem(error);
  if (proxy) {
    const message = `${name} cannot be reached: ${clean(proxy, context)} Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY.`;
    return localError('connectionFailed', message, details);
  }
  if (code === 'ECONNREFUSED') {
    const start = context.providerId === 'ollama' ? 'Start it (ollama serve)' : 'Start the server';
    return localError(
      'connectionFailed',
      `Nothing answers at ${baseUrl} (${name}). ${start}, or correct its address in config.toml.`,
      details,
    );
  }
  if (DNS_CODE.test(code)) {
    const host = URL.canParse(baseUrl) ? new URL(baseUrl).hostname : baseUrl;
    return localError(
      'connectionFailed',
      `The host ${host} (${name}) is not found. Check the network, or correct base_url in config.toml.`,
      details,
    );
  }
  if (TLS_CODE.test(code)) {
    return localError(
      'connectionFailed',
      `The certificate of ${baseUrl} (${name}) is not trusted. If your network has its own certificates, set NODE_EXTRA_CA_CERTS to their file and restart.`,
      details,
    );
  }
  if (STREAM_CODE.test(code)) return disconnectedError(context, details);
  return localError(
    'connectionFailed',
    `${name} cannot be reached at ${baseUrl}. Check the network and proxy, then send the message again.`,
    details,
  );
}
