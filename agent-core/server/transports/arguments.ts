/** The arguments of `gantry app-server`. (pure) */
import path from 'node:path';
import { isLoopback, type Listen, parseListen } from './listen.ts';

export type AuthSettings =
  | { mode: 'none' }
  | { mode: 'capabilityToken'; from: { file: string } | { sha256: string } }
  | {
      mode: 'signedBearerToken';
      secretFile: string;
      issuer: string | null;
      audience: string | null;
      maxClockSkewSeconds: number;
    };

export type ServeOptions = {
  listen: Listen;
  auth: AuthSettings;
  /** After which a session over HTTP ends that has no stream and no request. */
  idleSeconds: number;
  /** More `key=value` for the config. */
  overrides: string[];
};

type Problem = { problem: string };

export const APP_SERVER_HELP = `Usage: gantry app-server [OPTIONS]

  --listen URL     stdio:// (default), unix://, unix://PATH, ws://IP:PORT or http://IP:PORT; port 0 takes a free one,
                   and stderr says which
  --stdio          the same as --listen stdio://
  --ws-auth MODE   capability-token or signed-bearer-token; compulsory where other machines can connect
  --ws-token-file PATH, --ws-token-sha256 HEX
                   the capability token, or its SHA-256
  --ws-shared-secret-file PATH
                   the secret, 32 bytes or more, of tokens signed with HS256
  --ws-issuer NAME, --ws-audience NAME, --ws-max-clock-skew-seconds N
                   what a signed token must say, and by how much clocks may differ (30)
  --http-idle-seconds N
                   ends a session over HTTP that nobody has used for so long (600)
  --enable FEATURE, --disable FEATURE
                   the same as -c features.FEATURE=true or false; may be repeated

gantry app-server proxy [--sock PATH]
                   carries stdin and stdout to the Unix socket of a core that runs, as for ssh HOST gantry app-server proxy

generate-ts and generate-json-schema: see gantry --help.
`;

const VALUES = [
  'listen',
  'ws-auth',
  'ws-token-file',
  'ws-token-sha256',
  'ws-shared-secret-file',
  'ws-issuer',
  'ws-audience',
  'ws-max-clock-skew-seconds',
  'http-idle-seconds',
  'enable',
  'disable',
] as const;
type Name = (typeof VALUES)[number];
const isName = (name: string): name is Name => (VALUES as readonly string[]).includes(name);

const OF_SIGNED: readonly Name[] = ['ws-shared-secret-file', 'ws-issuer', 'ws-audience', 'ws-max-clock-skew-seconds'];
const OF_CAPABILITY: readonly Name[] = ['ws-token-file', 'ws-token-sha256'];

const DEFAULT_SKEW_SECONDS = 30;
const DEFAULT_IDLE_SECONDS = 600;

/** Reads the arguments after `app-server`; relative paths are taken from `cwd`. */
export function parseServeArguments(args: readonly string[], cwd: string): ServeOptions | Problem {
  const values = new Map<Name, string>();
  const overrides: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? '';
    if (arg === '--stdio') values.set('listen', 'stdio://');
    // There is nothing that it could switch on.
    else if (arg === '--analytics-default-enabled') continue;
    else {
      const [, name = '', inline] = /^--([a-z0-9-]+)(?:=(.*))?$/s.exec(arg) ?? [];
      if (!isName(name)) return { problem: `app-server does not know ${JSON.stringify(arg)}.` };
      const value = inline ?? args[++index];
      if (value === undefined) return { problem: `--${name} needs a value.` };
      if (name === 'enable' || name === 'disable') overrides.push(`features.${value}=${name === 'enable'}`);
      else values.set(name, value);
    }
  }

  const listen = parseListen(values.get('listen') ?? 'stdio://');
  if ('problem' in listen) return listen;
  const auth = parseAuth(values, cwd);
  if ('problem' in auth) return auth;
  const isOpen = (listen.type === 'ws' || listen.type === 'http') && !isLoopback(listen.host);
  if (isOpen && auth.mode === 'none') {
    return {
      problem:
        `other machines can reach ${values.get('listen')}, so clients must show a token: ` +
        'add --ws-auth capability-token --ws-token-file PATH, or listen on 127.0.0.1.',
    };
  }
  if (listen.type === 'stdio' && auth.mode !== 'none') {
    return { problem: '--ws-auth is for listeners; on stdio there is nobody to ask for a token.' };
  }
  const idleSeconds = seconds(values, 'http-idle-seconds', DEFAULT_IDLE_SECONDS);
  return typeof idleSeconds === 'object' ? idleSeconds : { listen, auth, idleSeconds, overrides };
}

function parseAuth(values: ReadonlyMap<Name, string>, cwd: string): AuthSettings | Problem {
  const given = (names: readonly Name[]) => names.filter((name) => values.has(name)).map((name) => `--${name}`);
  const mode = values.get('ws-auth');
  const file = values.get('ws-token-file');
  const sha256 = values.get('ws-token-sha256')?.trim().toLowerCase();
  const secretFile = values.get('ws-shared-secret-file');

  if (mode === undefined) {
    const [stray] = given([...OF_CAPABILITY, ...OF_SIGNED]);
    if (stray === undefined) return { mode: 'none' };
    return { problem: `${stray} needs --ws-auth capability-token or --ws-auth signed-bearer-token.` };
  }
  if (mode === 'capability-token') {
    const [stray] = given(OF_SIGNED);
    if (stray !== undefined) return { problem: `${stray} belongs to --ws-auth signed-bearer-token.` };
    if (file !== undefined && sha256 !== undefined) {
      return { problem: '--ws-token-file and --ws-token-sha256 say the same thing; give one of them.' };
    }
    if (sha256 !== undefined && !/^[0-9a-f]{64}$/.test(sha256)) {
      return { problem: '--ws-token-sha256 must be a SHA-256 in 64 hex digits.' };
    }
    if (sha256 !== undefined) return { mode: 'capabilityToken', from: { sha256 } };
    if (file !== undefined) return { mode: 'capabilityToken', from: { file: path.resolve(cwd, file) } };
    return { problem: '--ws-auth capability-token needs --ws-token-file or --ws-token-sha256.' };
  }
  if (mode !== 'signed-bearer-token') {
    return { problem: `--ws-auth must be capability-token or signed-bearer-token, not ${JSON.stringify(mode)}.` };
  }
  const [stray] = given(OF_CAPABILITY);
  if (stray !== undefined) return { problem: `${stray} belongs to --ws-auth capability-token.` };
  if (secretFile === undefined) return { problem: '--ws-auth signed-bearer-token needs --ws-shared-secret-file.' };
  const maxClockSkewSeconds = seconds(values, 'ws-max-clock-skew-seconds', DEFAULT_SKEW_SECONDS);
  if (typeof maxClockSkewSeconds === 'object') return maxClockSkewSeconds;
  return {
    mode: 'signedBearerToken',
    secretFile: path.resolve(cwd, secretFile),
    issuer: values.get('ws-issuer')?.trim() || null,
    audience: values.get('ws-audience')?.trim() || null,
    maxClockSkewSeconds,
  };
}

function seconds(values: ReadonlyMap<Name, string>, name: Name, otherwise: number): number | Problem {
  const text = values.get(name);
  if (text === undefined) return otherwise;
  return /^\d{1,6}$/.test(text) ? Number(text) : { problem: `--${name} must be a number of seconds.` };
}
