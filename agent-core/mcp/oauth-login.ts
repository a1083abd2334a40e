/** Signing in to a server: a page for the browser, and a port of this machine that it comes back to. */
import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  auth,
  type OAuthClientProvider,
  type OAuthDiscoveryState,
  type StoredOAuthClientInformation,
} from '@modelcontextprotocol/client';
import { AgentError } from '../protocol/index.ts';
import { clientMetadata } from './oauth-provider.ts';
import type { OAuthEntry, OAuthStore } from './oauth-store.ts';

export type LoginOptions = {
  name: string;
  url: string;
  /** Null: what the server says. */
  scopes: readonly string[] | null;
  /** Of a registration that was made by hand; null: Gantry registers itself. */
  clientId: string | null;
  timeoutMs: number;
  store: OAuthStore;
  fetch: typeof fetch;
  signal: AbortSignal;
};

export type Login = {
  /** For the browser. */
  authorizationUrl: string;
  /** Resolves when the tokens are stored; rejects with `AgentError`. */
  done: Promise<void>;
};

const PATH = '/callback';

/** Rejects with `AgentError` when the server offers no sign-in. Aborting, or the time's end, ends it. */
export async function startLogin(options: LoginOptions): Promise<Login> {
  const { name, url, scopes, store, signal } = options;
  const server = createServer();
  const redirectUrl = await listen(server);
  const provider = loginProvider(options, redirectUrl);
  const flow = { serverUrl: url, fetchFn: options.fetch, ...(scopes ? { scope: scopes.join(' ') } : {}) };
  try {
    const result = await auth(provider, flow);
    const { page } = provider;
    if (result !== 'REDIRECT' || page === null) throw new Error('it gave no page to sign in at');
    const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeoutMs)]);
    const done = (async () => {
      try {
        const callback = await returned(server, provider.sent, limit);
        await auth(provider, {
          ...flow,
          authorizationCode: callback.code,
          ...(callback.iss ? { iss: callback.iss } : {}),
        });
        if (provider.entry.tokens === undefined) throw new Error('it gave no token');
        store.write(name, url, provider.entry);
      } catch (error) {
        throw failure(name, error);
      } finally {
        close(server);
      }
    })();
    // Whoever waits for it hears of it; nobody has to.
    done.catch(() => undefined);
    return { authorizationUrl: page, done };
  } catch (error) {
    close(server);
    throw failure(name, error);
  }
}

const failure = (name: string, error: unknown): AgentError => {
  if (error instanceof AgentError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new AgentError('mcp', `Signing in to ${name} failed: ${message}.`, { cause: error });
};

function close(server: Server): void {
  server.close();
  server.closeAllConnections();
}

function listen(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve(`http://127.0.0.1:${port}${PATH}`);
    });
  });
}

type LoginProvider = OAuthClientProvider & {
  /** What is stored in the end. */
  entry: OAuthEntry;
  page: string | null;
  /** Proves that the answer is to our question. */
  sent: string;
};

function loginProvider({ url, scopes, clientId }: LoginOptions, redirectUrl: string): LoginProvider {
  let verifier = '';
  const provider: LoginProvider = {
    entry: { url, redirectUrl, ...(clientId === null ? {} : { clientInformation: { client_id: clientId } }) },
    page: null,
    sent: randomBytes(24).toString('base64url'),
    redirectUrl,
    clientMetadata: clientMetadata(redirectUrl, scopes),
    state: () => provider.sent,
    clientInformation: () => provider.entry.clientInformation as StoredOAuthClientInformation | undefined,
    saveClientInformation(information) {
      provider.entry.clientInformation = { ...information };
    },
    tokens: () => undefined,
    saveTokens(tokens) {
      provider.entry.tokens = { ...tokens };
    },
    discoveryState: () => provider.entry.discoveryState as OAuthDiscoveryState | undefined,
    saveDiscoveryState(state) {
      provider.entry.discoveryState = { ...state };
    },
    redirectToAuthorization(page) {
      provider.page = page.href;
    },
    saveCodeVerifier(code) {
      verifier = code;
    },
    codeVerifier: () => verifier,
  };
  return provider;
}

type Callback = { code: string; iss: string | null };

/** The first answer that carries our state; others are refused and waited past. */
function returned(server: Server, state: string, signal: AbortSignal): Promise<Callback> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new AgentError('mcp', 'Nobody signed in in time: start the sign-in again.'));
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    server.on('request', (request, response) => {
      const asked = new URL(request.url ?? '/', 'http://127.0.0.1');
      const say = (status: number, text: string) => {
        response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
        response.end(`${text}\n`);
      };
      if (asked.pathname !== PATH || asked.searchParams.get('state') !== state)
        return say(400, 'This is not the answer that is waited for.');
      const code = asked.searchParams.get('code');
      if (code === null) {
        const why = asked.searchParams.get('error_description') ?? asked.searchParams.get('error') ?? 'no code came';
        say(400, `Signing in failed: ${why}. You can close this page.`);
        response.once('close', () => reject(new Error(why)));
        return;
      }
      say(200, 'You are signed in. You can close this page and go back to your editor.');
      response.once('close', () => resolve({ code, iss: asked.searchParams.get('iss') }));
    });
  });
}
