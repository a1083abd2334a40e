/** One MCP server of another agent as Codex's `[mcp_servers.NAME]`, without its secrets. (pure) */
import { looksLikeSecret } from '../config/known-keys.ts';
import { isTable, type Table, textIn, textsOf } from './read-files.ts';

export type ServerTable =
  | { ok: true; table: Table; notes: string[] }
  /** Why it cannot be taken over, to follow its name. */
  | { ok: false; reason: string };

const VARIABLE = /^(?:\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(?::-[^}]*)?\}|\{env:([A-Za-z_][A-Za-z0-9_]*)\})$/;
const ANY_VARIABLE = /\$\{|\{env:/;
const SECRET_NAME = /key|token|secret|passw|credential|auth|cookie|session/i;

const variableOf = (value: string): string | null => {
  const found = VARIABLE.exec(value.trim());
  return found?.[1] ?? found?.[2] ?? null;
};

const shout = (...words: string[]): string =>
  words
    .join('_')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^(\d)/, '_$1');

const isSecret = (name: string, value: string): boolean => SECRET_NAME.test(name) || looksLikeSecret(value);

const refuse = (reason: string): ServerTable => ({ ok: false, reason });

/** Reads the shapes of Claude Code and Cursor (`command`, `args`, `env`, `url`, `headers`) and of OpenCode. */
export function mcpServer(name: string, given: unknown): ServerTable {
  if (!isTable(given)) return refuse('is no table');
  const notes: string[] = [];
  const table: Table = {};
  const words = Array.isArray(given.command) ? textsOf(given.command) : [textIn(given, 'command') ?? ''];
  const command = words[0] ?? '';
  const url = textIn(given, 'url') ?? textIn(given, 'serverUrl');
  if (given.type === 'sse') return refuse('speaks the old SSE transport, which has no place in config.toml');
  if (command !== '') {
    const args = [...words.slice(1), ...textsOf(given.args)];
    if ([command, ...args].some((word) => ANY_VARIABLE.test(word))) return refuse('has variables in its command line');
    if (args.some((word, index) => holdsSecret(word, args[index - 1]))) {
      return refuse('has a key on its command line; hand it over in a variable');
    }
    table.command = command;
    if (args.length > 0) table.args = args;
    const cwd = textIn(given, 'cwd');
    if (cwd !== null && !ANY_VARIABLE.test(cwd)) table.cwd = cwd;
    const reason = addEnvironment(table, { ...tableOf(given.env), ...tableOf(given.environment) }, notes);
    if (reason !== null) return refuse(reason);
  } else if (url !== null) {
    if (ANY_VARIABLE.test(url)) return refuse('has variables in its address');
    if (hasSecretAddress(url)) return refuse('has a key in its address; hand it over in a header');
    table.url = url;
    const reason = addHeaders(table, name, tableOf(given.headers), notes);
    if (reason !== null) return refuse(reason);
  } else return refuse('has neither a command nor an address');
  if (given.disabled === true || given.enabled === false) table.enabled = false;
  return { ok: true, table, notes };
}

const tableOf = (value: unknown): Table => (isTable(value) ? value : {});

function holdsSecret(word: string, before: string | undefined): boolean {
  const [, flag, value] = /^--?([\w-]+)=(.+)$/.exec(word) ?? [];
  if (flag !== undefined && value !== undefined) return isSecret(flag, value);
  const follows = before !== undefined && /^--?[\w-]+$/.test(before) && SECRET_NAME.test(before);
  return looksLikeSecret(word) || (follows && !word.startsWith('-'));
}

function hasSecretAddress(url: string): boolean {
  try {
    const { username, password, searchParams } = new URL(url);
    return username !== '' || password !== '' || [...searchParams].some(([key, value]) => isSecret(key, value));
  } catch {
    return false;
  }
}

/** What is not a plain value has no text: its `toString` may be anything. */
const plainText = (value: unknown): string => (isTable(value) || Array.isArray(value) ? '' : String(value));

function addEnvironment(table: Table, env: Table, notes: string[]): string | null {
  const kept: [string, string][] = [];
  const named: string[] = [];
  for (const [key, value] of Object.entries(env)) {
    const text = plainText(value);
    const variable = variableOf(text);
    if (variable === key) named.push(key);
    else if (ANY_VARIABLE.test(text)) return `takes ${key} from another variable, which config.toml cannot say`;
    else if (isSecret(key, text)) {
      named.push(key);
      notes.push(`the value of ${key} was not copied: set it in the environment`);
    } else kept.push([key, text]);
  }
  if (named.length > 0) table.env_vars = named;
  if (kept.length > 0) table.env = Object.fromEntries(kept);
  return null;
}

function addHeaders(table: Table, server: string, headers: Table, notes: string[]): string | null {
  const plain: [string, string][] = [];
  const named: [string, string][] = [];
  const missing = (what: string, variable: string) =>
    notes.push(`the value of ${what} was not copied: set ${variable} in the environment`);
  for (const [key, value] of Object.entries(headers)) {
    const text = plainText(value);
    const variable = variableOf(text);
    const bearer = /^authorization$/i.test(key) ? /^Bearer\s+(.+)$/i.exec(text)?.[1] : undefined;
    if (bearer !== undefined) {
      const own = variableOf(bearer);
      if (own === null && ANY_VARIABLE.test(bearer)) return `has variables inside of ${key}`;
      table.bearer_token_env_var = own ?? shout(server, 'token');
      if (own === null) missing(key, shout(server, 'token'));
    } else if (variable !== null) named.push([key, variable]);
    else if (ANY_VARIABLE.test(text)) return `has variables inside of ${key}`;
    else if (isSecret(key, text)) {
      named.push([key, shout(server, key)]);
      missing(key, shout(server, key));
    } else plain.push([key, text]);
  }
  if (plain.length > 0) table.http_headers = Object.fromEntries(plain);
  if (named.length > 0) table.env_http_headers = Object.fromEntries(named);
  return null;
}

export { isSecret as isSecretValue };
