/** JSON-RPC's own codes, the one that the wire adds for a full request queue, and ours for what an editor refuses. */
export const rpcErrorCodes = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  overloaded: -32001,
  hostFs: -32010,
} as const;

export interface RpcErrorObject {
  code: number;
  message: string;
  data?: unknown;
}

/** Every way in which a request can fail that a caller may tell apart, with the code it has on the wire. */
const wireCodeOf = {
  parseError: rpcErrorCodes.parseError,
  invalidRequest: rpcErrorCodes.invalidRequest,
  methodNotFound: rpcErrorCodes.methodNotFound,
  invalidParams: rpcErrorCodes.invalidParams,
  internalError: rpcErrorCodes.internalError,
  overloaded: rpcErrorCodes.overloaded,
  notInitialized: rpcErrorCodes.invalidRequest,
  alreadyInitialized: rpcErrorCodes.invalidRequest,
  experimentalRequired: rpcErrorCodes.invalidRequest,
  gantryRequired: rpcErrorCodes.invalidRequest,
  threadNotFound: rpcErrorCodes.invalidRequest,
  threadNotLoaded: rpcErrorCodes.invalidRequest,
  noRollout: rpcErrorCodes.invalidRequest,
  invalidThreadId: rpcErrorCodes.invalidRequest,
  turnMismatch: rpcErrorCodes.invalidRequest,
  noActiveTurn: rpcErrorCodes.invalidRequest,
  inputEmpty: rpcErrorCodes.invalidRequest,
  inputTooLarge: rpcErrorCodes.invalidParams,
  unknownProvider: rpcErrorCodes.invalidRequest,
  noModel: rpcErrorCodes.invalidRequest,
  configWrite: rpcErrorCodes.invalidRequest,
  notSupported: rpcErrorCodes.invalidRequest,
  storage: rpcErrorCodes.internalError,
  fileSystem: rpcErrorCodes.internalError,
  hostFs: rpcErrorCodes.hostFs,
  mcp: rpcErrorCodes.internalError,
  closed: rpcErrorCodes.internalError,
  aborted: rpcErrorCodes.internalError,
  invalidResponse: rpcErrorCodes.internalError,
} as const satisfies Record<string, number>;

export type AgentErrorCode = keyof typeof wireCodeOf;

/**
 * A failure that is meant for the other side: its message is shown to a person and says what to do.
 * Anything else that is thrown is a defect, and reaches the wire as a bare internal error.
 */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly code: AgentErrorCode;
  readonly data: unknown;

  constructor(code: AgentErrorCode, message: string, options: { data?: unknown; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.data = options.data;
  }

  toRpcError(): RpcErrorObject {
    const error: RpcErrorObject = { code: wireCodeOf[this.code], message: this.message };
    return this.data === undefined ? error : { ...error, data: this.data };
  }
}

/** The other side answered a request of ours with an error; `code`, `message` and `data` are as it sent them. */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  readonly code: number;
  readonly data: unknown;

  constructor(error: RpcErrorObject) {
    super(error.message);
    this.code = error.code;
    this.data = error.data;
  }
}

/** The wire's limit for the text of one turn's input, in characters. */
export const maxInputChars = 1_048_576;

export function inputTooLarge(actualChars: number): AgentError {
  return new AgentError('inputTooLarge', `Input exceeds the maximum length of ${maxInputChars} characters.`, {
    data: { input_error_code: 'input_too_large', max_chars: maxInputChars, actual_chars: actualChars },
  });
}

/** Errors of the reference, whose messages clients match on. */
export const threadNotFound = (id: string) => new AgentError('threadNotFound', `thread not found: ${id}`);
export const threadNotLoaded = (id: string) => new AgentError('threadNotLoaded', `thread not loaded: ${id}`);
export const noRollout = (id: string) => new AgentError('noRollout', `no rollout found for thread id ${id}`);
export const notInitialized = () => new AgentError('notInitialized', 'Not initialized');
export const alreadyInitialized = () => new AgentError('alreadyInitialized', 'Already initialized');
export const experimentalRequired = (field: string) =>
  new AgentError('experimentalRequired', `${field} requires experimentalApi capability`);
/** The wire has it and Gantry has not: a client must be able to tell that from a method that nobody has. */
export const notBuilt = (method: string) =>
  new AgentError('notSupported', `${method} is not built into this version of Gantry yet.`);
export const turnMismatch = (expected: string, found: string) =>
  new AgentError('turnMismatch', `expected active turn id ${expected} but found ${found}`);
export const noActiveTurn = (verb: 'interrupt' | 'steer') =>
  new AgentError('noActiveTurn', `no active turn to ${verb}`);
export const inputEmpty = () => new AgentError('inputEmpty', 'input must not be empty');
