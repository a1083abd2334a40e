/** How a server knows who asks, as the wire has it. */
import { discoverOAuthServerInfo } from '@modelcontextprotocol/client';
import type { McpAuthStatus } from '../protocol/index.ts';
import type { OAuthStore } from './oauth-store.ts';
import type { ServerState } from './server.ts';
import type { ServerSpec } from './server-config.ts';

const PATIENCE_MS = 3000;

/** Asks the server's address whether one can sign in there, unless that is known. Never rejects. */
export async function authStatus(
  { name, transport }: ServerSpec,
  state: ServerState,
  { store, fetch }: { store: OAuthStore; fetch: typeof globalThis.fetch },
): Promise<McpAuthStatus> {
  if (transport.type === 'stdio') return 'unsupported';
  const headers = Object.keys({ ...transport.headers, ...transport.headerVariables });
  if (transport.bearerVariable !== null || headers.some((header) => header.toLowerCase() === 'authorization')) {
    return 'bearerToken';
  }
  if (state !== 'authenticationRequired' && store.read(name, transport.url)?.tokens !== undefined) return 'oAuth';
  if (state === 'authenticationRequired') return 'notLoggedIn';
  if (state === 'failed') return 'unknown';
  try {
    const patient: typeof globalThis.fetch = (input, init) =>
      fetch(input, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
    const { authorizationServerMetadata } = await discoverOAuthServerInfo(transport.url, { fetchFn: patient });
    return authorizationServerMetadata === undefined ? 'unsupported' : 'notLoggedIn';
  } catch {
    return 'unsupported';
  }
}
