/** What of a client's `config` may be written to a thread's file: never a secret. (pure) */

/** Words of a key's name that make its value a secret; numbers, limits and names of variables are not. */
const SECRET =
  /(^|[_.-])(api_?key|key|token|secret|password|passwd|passphrase|credentials?|authorization|bearer|cookie)s?($|[_.-])/i;
const HARMLESS = /(env_key|env_var|key_env|max_.*tokens?|.*token_limit|auto_compact_token_limit|keymap|keybindings)$/i;
/** Tables whose values are headers or variables, which carry keys under any name. */
const CARRIERS = /(^|\.)(http_headers|query_params|env|set)$/;

const isSecret = (name: string): boolean => {
  const words = name.replace(/([a-z])([A-Z])/g, '$1_$2');
  return SECRET.test(words) && !HARMLESS.test(name);
};

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null) return value;
  return withoutSecrets(value as Record<string, unknown>);
}

/** The same config without keys, tokens and the like, at any depth and in dotted names. */
export function withoutSecrets(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept = Object.entries(config).filter(
    ([name]) => !isSecret(name) && !CARRIERS.test(name) && !/(^|\.)(http_headers|query_params|env|set)\./.test(name),
  );
  return Object.fromEntries(kept.map(([name, value]) => [name, cleaned(value)]));
}
