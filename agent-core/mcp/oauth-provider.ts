/** Hands the library the tokens that are stored, and takes those that it renews. */
import type {
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';
import { SignInNeeded } from './connect.ts';
import type { OAuthEntry, OAuthStore } from './oauth-store.ts';

export const clientMetadata = (redirectUrl: string, scopes: readonly string[] | null): OAuthClientMetadata => ({
  client_name: 'Gantry',
  redirect_uris: [redirectUrl],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  ...(scopes && scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
});

/** For connections: nobody is there to sign in, so what would lead to a browser is a `SignInNeeded`. Null: no tokens. */
export function storedProvider(store: OAuthStore, name: string, url: string): OAuthClientProvider | null {
  const first = store.read(name, url);
  if (!first?.tokens) return null;
  const entry = (): OAuthEntry => store.read(name, url) ?? { url, redirectUrl: first.redirectUrl };
  const save = (over: Partial<OAuthEntry>) => store.write(name, url, { ...entry(), ...over });
  const needed = (): never => {
    throw new SignInNeeded(`${name} wants you to sign in again.`);
  };
  return {
    redirectUrl: first.redirectUrl,
    clientMetadata: clientMetadata(first.redirectUrl, null),
    clientInformation: () => (entry().clientInformation as StoredOAuthClientInformation | undefined) ?? needed(),
    tokens: () => entry().tokens as StoredOAuthTokens | undefined,
    saveTokens: (tokens) => save({ tokens: { ...tokens } as OAuthEntry['tokens'] }),
    discoveryState: () => entry().discoveryState as OAuthDiscoveryState | undefined,
    saveDiscoveryState: (state) => save({ discoveryState: { ...state } }),
    redirectToAuthorization: needed,
    saveCodeVerifier: needed,
    codeVerifier: needed,
    invalidateCredentials(scope) {
      // The client's registration is kept: a new sign-in makes its own.
      if (scope === 'all' || scope === 'tokens' || scope === 'client') save({ tokens: undefined });
    },
  };
}
