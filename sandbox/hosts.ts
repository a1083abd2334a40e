// Names of hosts: one spelling for each, and the list of those that may be reached.
import { isIP } from 'node:net';

/** Through the caller's proxy, and no other way. */
export type HostList = {
  /** See `parseHostPattern` for what an entry may be. */
  hosts: readonly string[];
  /** Goes before `hosts` and whatever the caller says of a host. */
  denied?: readonly string[];
};

export type HostPattern = {
  /** In its one spelling; without the `*.` of a wildcard. An IPv6 address has no brackets. */
  host: string;
  /** `below`: names below it, itself not among them. `any`: every host of the public internet. */
  match: 'itself' | 'below' | 'itself and below' | 'any';
  /** Null: the ports of the web, 80 and 443. */
  port: number | 'any' | null;
};

const WEB_PORTS: readonly number[] = [80, 443];

/**
 * The one spelling of a host that a client named: lower case, ASCII, without the root's dot; an address in its usual
 * notation, whatever its digits were written in. Null for what is no host.
 */
export function canonicalHost(text: string): string | null {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  if (isIP(bare) === 6) return new URL(`http://[${bare.split('%')[0]}]/`).hostname.slice(1, -1);
  if (bare !== text || text.length === 0 || text.length > 512) return null;
  // What could end a host in a URL, hide another one in it, or be decoded to something else.
  if (/[\s/?#@\\:%[\]<>^|`{}\u0000-\u001f\u007f]/.test(text)) return null;
  let host: string;
  try {
    host = new URL(`http://${text}/`).hostname;
  } catch {
    return null;
  }
  if (host.endsWith('.')) host = host.slice(0, -1);
  const fits =
    host.length <= 253 && host.split('.').every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));
  return fits ? host : null;
}

/**
 * An entry of a list: `example.com`, `*.example.com` (names below it), `**.example.com` (itself too), `*` (everything public),
 * an IP address; each with `:PORT` or `:*` for ports other than 80 and 443. Null for anything else.
 */
export function parseHostPattern(text: string): HostPattern | null {
  const parts = /^(\[[^\]]+\]|[^:]+|[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*)(?::(\d{1,5}|\*))?$/i.exec(text.trim());
  if (!parts?.[1]) return null;
  const port = parts[2] === undefined ? null : parts[2] === '*' ? 'any' : Number(parts[2]);
  if (typeof port === 'number' && (port < 1 || port > 65535)) return null;
  if (parts[1] === '*') return { host: '', match: 'any', port };
  const wildcard = /^(\*\*?)\.(.+)$/.exec(parts[1]);
  const host = canonicalHost(wildcard?.[2] ?? parts[1]);
  if (host === null || (wildcard && isIP(host))) return null;
  return { host, match: wildcard ? (wildcard[1] === '*' ? 'below' : 'itself and below') : 'itself', port };
}

/** What is wrong with an entry of a list of hosts, as a sentence. */
export const hostFault = (text: string): string =>
  `${JSON.stringify(text)} is no host: write example.com, *.example.com (names below it), **.example.com (itself too), an IP address or *, each with :PORT for another port than 80 and 443`;

function matches(pattern: HostPattern, host: string): boolean {
  if (pattern.match === 'any') return true;
  const below = isIP(host) === 0 && host.endsWith(`.${pattern.host}`);
  if (pattern.match === 'itself') return host === pattern.host;
  return below || (pattern.match === 'itself and below' && host === pattern.host);
}

const matchesPort = ({ port }: HostPattern, asked: number): boolean =>
  port === 'any' || (port === null ? WEB_PORTS.includes(asked) : port === asked);

export type HostVerdict = 'allowed' | 'denied' | 'unknown';

/** What a list says of a host (in its one spelling) and a port. A refusal counts for all ports unless it names one. */
export function judgeHost(list: HostList, host: string, port: number): HostVerdict {
  const parse = (texts: readonly string[] = []): HostPattern[] =>
    texts.map(parseHostPattern).filter((pattern) => pattern !== null);
  if (parse(list.denied).some((one) => matches(one, host) && (one.port === null || matchesPort(one, port))))
    return 'denied';
  return parse(list.hosts).some((one) => matches(one, host) && matchesPort(one, port)) ? 'allowed' : 'unknown';
}

/** Whether the list names this very address, and not only a pattern that it fits. */
export function namesAddress(list: HostList, address: string): boolean {
  return list.hosts.some((text) => {
    const pattern = parseHostPattern(text);
    return pattern?.match === 'itself' && pattern.host === address;
  });
}

/** A host as an entry that allows it at this port. */
export function entryFor(host: string, port: number): string {
  const written = isIP(host) === 6 ? `[${host}]` : host;
  return WEB_PORTS.includes(port) ? written : `${written}:${port}`;
}
