/** `fetch` for servers over HTTP: through the user's proxy, with text bodies as the library makes them. */
import { createNodeFetch } from '../models/node-fetch.ts';

export function createHttpFetch(env: Readonly<Record<string, string | undefined>>): typeof fetch {
  const send = createNodeFetch(env);
  return (input, init) => {
    const { body } = init ?? {};
    return send(input, { ...init, ...(body instanceof URLSearchParams ? { body: body.toString() } : {}) });
  };
}
