/** A connection to one server: over the pipes of a process, or over HTTP. */
import { pathToFileURL } from 'node:url';
import type { OAuthClientProvider } from '@modelcontextprotocol/client';
import {
  Client,
  type ClientOptions,
  SdkHttpError,
  SSEClientTransport,
  StreamableHTTPClientTransport,
  type Tool,
  type Transport,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import * as z from 'zod/mini';
import { AgentError } from '../protocol/index.ts';
import { type Launched, type LaunchPlace, launch } from './launch.ts';
import type { HttpServer, ServerSpec } from './server-config.ts';
import { stdioTransport, Unusable } from './stdio-transport.ts';

/** The server wants to know who asks, and nobody has signed in, or the sign-in has run out. */
export class SignInNeeded extends Error {
  override readonly name = 'SignInNeeded';
}

/** What a server asks the person. */
export type ElicitRequest =
  | { mode: 'form'; message: string; requestedSchema: unknown; meta: unknown }
  | { mode: 'url'; message: string; url: string; elicitationId: string; meta: unknown };
export type ElicitAnswer = { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, unknown> };

export type ConnectOptions = {
  place: LaunchPlace;
  version: string;
  /** Null: nobody has signed in to this server. */
  authProvider: OAuthClientProvider | null;
  fetch: typeof fetch;
  elicit: (request: ElicitRequest, signal: AbortSignal) => Promise<ElicitAnswer>;
  onToolsChanged: () => void;
  onLog: (message: string, data?: unknown) => void;
};

export type ServerConnection = {
  client: Client;
  /** Of a server that is a command. */
  launched: Launched | null;
  /** Resolves when the connection is gone, whoever ended it. */
  closed: Promise<void>;
  close(): Promise<void>;
};

/** Far away: our own clocks decide. */
export const NO_TIMEOUT = 2 ** 31 - 1;

const formParams = z.looseObject({ message: z.string(), requestedSchema: z.unknown(), _meta: z.optional(z.unknown()) });
const urlParams = z.looseObject({
  mode: z.literal('url'),
  message: z.string(),
  url: z.string(),
  elicitationId: z.string(),
  _meta: z.optional(z.unknown()),
});

function elicitRequest(params: unknown): ElicitRequest {
  const url = urlParams.safeParse(params);
  if (url.success) return { ...url.data, mode: 'url', meta: url.data._meta };
  const form = formParams.parse(params);
  return { mode: 'form', message: form.message, requestedSchema: form.requestedSchema, meta: form._meta };
}

function createClient({ version, place, elicit, onToolsChanged }: ConnectOptions): Client {
  const options: ClientOptions = {
    capabilities: { roots: {}, elicitation: { form: {}, url: {} } },
    listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => onToolsChanged() } },
  };
  const client = new Client({ name: 'gantry', title: 'Gantry', version }, options);
  client.setRequestHandler('roots/list', () => ({
    roots: place.roots.map((root) => ({ uri: pathToFileURL(root).href })),
  }));
  client.setRequestHandler('elicitation/create', async (request, { mcpReq }) => {
    const { action, content } = await elicit(elicitRequest(request.params), mcpReq.signal);
    return { action, ...(content === undefined ? {} : { content: content as Record<string, string> }) };
  });
  return client;
}

/** Headers with the values of the variables that the configuration names. */
export function httpHeaders(
  { headers, headerVariables, bearerVariable }: HttpServer,
  env: LaunchPlace['env'],
): Record<string, string> {
  const named = Object.entries(headerVariables).flatMap(([header, variable]) => {
    const value = env[variable];
    return value ? [[header, value] as const] : [];
  });
  const token = bearerVariable === null ? undefined : env[bearerVariable];
  if (bearerVariable !== null && !token) {
    throw new AgentError(
      'mcp',
      `The environment variable ${bearerVariable} is not set: it holds the token of this server.`,
    );
  }
  return { ...headers, ...Object.fromEntries(named), ...(token ? { authorization: `Bearer ${token}` } : {}) };
}

const statusOf = (error: unknown): number | null => (error instanceof SdkHttpError ? error.status : null);

export const isUnauthorized = (error: unknown): boolean =>
  error instanceof UnauthorizedError || error instanceof SignInNeeded || statusOf(error) === 401;

/** The server has forgotten the session: a new one has to be begun. */
export const isSessionGone = (error: unknown): boolean => statusOf(error) === 404;

async function connectHttp(server: HttpServer, options: ConnectOptions, signal: AbortSignal): Promise<Client> {
  const url = new URL(server.url);
  const requestInit = { headers: httpHeaders(server, options.place.env) };
  const shared = {
    requestInit,
    fetch: options.fetch,
    ...(options.authProvider ? { authProvider: options.authProvider } : {}),
  };
  const attempt = async (transport: Transport): Promise<Client> => {
    const client = createClient(options);
    await client.connect(transport, { signal, timeout: NO_TIMEOUT });
    return client;
  };
  try {
    return await attempt(new StreamableHTTPClientTransport(url, shared));
  } catch (error) {
    const status = statusOf(error);
    // Servers of the old kind know no POST at this address.
    if (signal.aborted || status === null || ![400, 404, 405].includes(status)) throw error;
    try {
      return await attempt(new SSEClientTransport(url, shared));
    } catch {
      throw error;
    }
  }
}

/** Rejects with what went wrong; nothing is then left of it. Aborting ends it, also while it is connecting. */
export async function connect(
  spec: ServerSpec,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<ServerConnection> {
  const { transport } = spec;
  if (transport.type === 'http') return connectionOf(await connectHttp(transport, options, signal), null);
  const launched = await launch(spec.name, transport, options.place, signal);
  let unusable: Unusable | null = null;
  try {
    const client = createClient(options);
    client.onerror = (error) => {
      if (error instanceof Unusable) unusable = error;
      options.onLog(`${spec.name}: ${error.message}`);
    };
    await client.connect(stdioTransport(launched.process), { signal, timeout: NO_TIMEOUT });
    return connectionOf(client, launched);
  } catch (error) {
    await launched.process.kill();
    throw await withReason(unusable ?? error, launched);
  }
}

/** Why a process did not become a server; `detail` is its own words, and what the sandbox has to do with it. */
export class StartFailed extends Error {
  override readonly name = 'StartFailed';
  readonly detail: string;

  constructor(end: string, detail: string, cause: unknown) {
    super([end, detail].filter(Boolean).join('\n'), { cause });
    this.detail = detail;
  }
}

async function withReason(error: unknown, launched: Launched): Promise<Error> {
  const { failure, code } = await launched.process.exited;
  const message = error instanceof Error ? error.message : String(error);
  const end = failure ?? (code === null ? message : `it ended with exit code ${code}`);
  const said = launched.stderr();
  const detail = [said && `It said: ${said}`, launched.likely ?? launched.explain('')].filter(Boolean).join('\n');
  return new StartFailed(end, detail, error);
}

function connectionOf(client: Client, launched: Launched | null): ServerConnection {
  const closed = new Promise<void>((resolve) => {
    client.onclose = () => resolve();
  });
  return {
    client,
    launched,
    closed,
    async close() {
      await client.close().catch(() => undefined);
      await launched?.process.kill();
    },
  };
}

export type { Tool };
