/** Tokens of servers that somebody signed in to: in a file that only its owner may read, in Gantry's home. */
import path from 'node:path';
import * as z from 'zod/mini';
import { readJson, writeJson } from '../threads/json-file.ts';

const entry = z.looseObject({
  url: z.string(),
  redirectUrl: z.string(),
  /** As the library has them. */
  clientInformation: z.optional(z.looseObject({ client_id: z.string() })),
  tokens: z.optional(z.looseObject({ access_token: z.string(), token_type: z.string() })),
  discoveryState: z.optional(z.looseObject({ authorizationServerUrl: z.string() })),
});
export type OAuthEntry = z.infer<typeof entry>;

const file = z.looseObject({ version: z.literal(1), servers: z.record(z.string(), z.unknown()) });

export type OAuthStore = {
  /** Null when nobody signed in to this server, at this address. */
  read(name: string, url: string): OAuthEntry | null;
  /** Null forgets it. Throws what the file system throws. */
  write(name: string, url: string, value: OAuthEntry | null): void;
};

export function createOAuthStore(home: string): OAuthStore {
  const at = path.join(home, 'mcp-oauth.json');
  const load = (): Record<string, unknown> => {
    const parsed = file.safeParse(readJson(at));
    return parsed.success ? parsed.data.servers : {};
  };
  // A token is for an address: another server of the same name does not get it.
  const keyOf = (name: string, url: string): string => `${name} ${url}`;
  return {
    read(name, url) {
      const parsed = entry.safeParse(load()[keyOf(name, url)]);
      return parsed.success ? parsed.data : null;
    },
    write(name, url, value) {
      const { [keyOf(name, url)]: _, ...rest } = load();
      writeJson(at, { version: 1, servers: value === null ? rest : { ...rest, [keyOf(name, url)]: value } });
    },
  };
}
