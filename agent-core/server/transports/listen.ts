/** Where the core listens, as `--listen` says it. (pure) */
import { isIP } from 'node:net';

export type Address = { host: string; port: number };

export type Listen =
  | { type: 'stdio' }
  /** Null: the default path below the home. */
  | { type: 'unix'; path: string | null }
  | ({ type: 'ws' | 'http' } & Address);

const FORMS = 'stdio://, unix://, unix://PATH, ws://IP:PORT or http://IP:PORT';

/** Reads the value of `--listen`; a problem is a sentence for the person who wrote it. */
export function parseListen(value: string): Listen | { problem: string } {
  if (value === 'stdio://') return { type: 'stdio' };
  if (value === 'off') {
    return { problem: 'with --listen off nobody could reach the core, and it has no other way in; leave it out.' };
  }
  if (value.startsWith('unix://')) return { type: 'unix', path: value.slice('unix://'.length) || null };
  const scheme = /^(ws|http):\/\//.exec(value)?.[1];
  if (scheme !== 'ws' && scheme !== 'http') {
    return { problem: `--listen ${JSON.stringify(value)} is none of ${FORMS}.` };
  }
  const address = parseAddress(value.slice(scheme.length + 3));
  if (address === null) {
    return {
      problem: `--listen ${JSON.stringify(value)} must be ${scheme}://IP:PORT, such as ${scheme}://127.0.0.1:0.`,
    };
  }
  return { type: scheme, ...address };
}

function parseAddress(text: string): Address | null {
  const [, six, four, digits] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = six ?? four ?? '';
  const port = Number(digits);
  if (isIP(host) !== (six === undefined ? 4 : 6) || !(port <= 65_535)) return null;
  return { host, port };
}

/** `IP:PORT` as it stands in a URL. */
export const printAddress = ({ host, port }: Address): string =>
  isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;

/** Whether only this machine can reach the address. */
export function isLoopback(host: string): boolean {
  const plain = host.toLowerCase().replace(/^::ffff:(?=\d+\.)/, '');
  return plain === '::1' || /^127\./.test(plain);
}
