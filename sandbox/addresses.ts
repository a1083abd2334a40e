// Which addresses belong to the public internet. Everything else (this machine, its networks, a cloud's metadata service)
// is refused, whatever name led to it.
import { BlockList, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

const NOT_PUBLIC_V4: readonly (readonly [network: string, bits: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // carriers' networks
  ['127.0.0.0', 8],
  ['169.254.0.0', 16], // link-local, and the metadata services of clouds
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
];

// Inside 2000::/3, beside which nothing is public.
const NOT_PUBLIC_V6: readonly (readonly [network: string, bits: number])[] = [
  ['2001::', 23], // Teredo, ORCHID and others
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4: an IPv4 address in disguise
  ['3fff::', 20],
];

const listOf = (networks: readonly (readonly [string, number])[], family: 'ipv4' | 'ipv6'): BlockList => {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, family);
  return list;
};

const notPublicV4 = listOf(NOT_PUBLIC_V4, 'ipv4');
const notPublicV6 = listOf(NOT_PUBLIC_V6, 'ipv6');
const global = listOf([['2000::', 3]], 'ipv6');

/** The eight groups of an IPv6 address, in whatever form it is written; null for what is none, or has a zone. */
export function groupsOf(address: string): number[] | null {
  if (address.includes('%')) return null;
  let written: string;
  try {
    written = new URL(`http://[${address}]/`).hostname.slice(1, -1); // hexadecimal, compressed, lower case
  } catch {
    return null;
  }
  const [head = '', tail] = written.split('::');
  const parse = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const before = parse(head);
  if (tail === undefined) return before;
  const after = parse(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

const inDots = (high: number, low: number): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');

/** The IPv4 address that an IPv6 one stands for (mapped, or translated by NAT64), else null. */
function embeddedV4(groups: readonly number[]): string | null {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups;
  const mapped = !(a || b || c || d || e) && f === 0xffff;
  const translated = a === 0x64 && b === 0xff9b && !(c || d || e || f);
  return mapped || translated ? inDots(g, h) : null;
}

/** Whether an IP address (not a name) is one of the public internet's. */
export function isPublic(address: string): boolean {
  if (isMetadata(address)) return false;
  if (isIPv4(address)) return !notPublicV4.check(address, 'ipv4');
  const groups = groupsOf(address);
  if (groups === null) return false;
  const v4 = embeddedV4(groups);
  if (v4 !== null) return isPublic(v4);
  return global.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
}

/** Where clouds keep what a machine is and may, besides the link-local addresses. Some look public. */
const METADATA: readonly string[] = [
  '168.63.129.16', // Azure
  '100.100.100.200', // Alibaba
  '192.0.0.192', // Oracle
  'fd00:ec2::254', // AWS
  'fd20:ce::254', // Google
];

const isSame = (one: string, other: string): boolean => groupsOf(one)?.join() === groupsOf(other)?.join();

/** Link-local addresses and what else metadata services have. Nobody can open these. */
export function isMetadata(address: string): boolean {
  if (isIPv4(address)) return address.startsWith('169.254.') || METADATA.includes(address);
  const groups = groupsOf(address);
  if (groups === null) return true; // it has a zone, as only link-local ones do
  const v4 = embeddedV4(groups);
  if (v4 !== null) return isMetadata(v4);
  return ((groups[0] ?? 0) & 0xffc0) === 0xfe80 || METADATA.some((one) => one.includes(':') && isSame(one, address));
}

type Interfaces = Readonly<Record<string, readonly { address: string; cidr: string | null }[] | undefined>>;

/**
 * Whether a public address is this machine's own, or, as every device of a home or office has one with IPv6, of the network
 * that it is on.
 */
export function isOfThisNetwork(address: string, interfaces: Interfaces = networkInterfaces()): boolean {
  const groups = groupsOf(address);
  const v4 = groups === null ? null : embeddedV4(groups);
  if (v4 !== null) return isOfThisNetwork(v4, interfaces);
  const own = Object.values(interfaces).flatMap((each) => each ?? []);
  if (isIPv4(address)) return own.some((one) => one.address === address);
  const networks = new BlockList();
  for (const { address: at, cidr } of own) {
    const bits = Number(cidr?.split('/')[1] ?? 128);
    // A prefix that is shorter than a site's is no network that somebody is on.
    if (at.includes(':') && !at.includes('%')) networks.addSubnet(at, bits < 48 ? 128 : bits, 'ipv6');
  }
  return networks.check(address, 'ipv6');
}
