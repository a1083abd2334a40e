/** What kept a command from its work, and the least that would let it pass. */
import { statSync } from 'node:fs';
import path from 'node:path';
import { type Blocked, entryFor, explainDenial, parseHostPattern, type SandboxPolicy } from '../../sandbox/index.ts';
import type { CommandExit } from '../ports.ts';
import type { GantryBlocked, GantryOffer, GantryPermission } from '../protocol/index.ts';
import { type GrantHomes, grantFault } from './granted.ts';
import { createResolver, isUnder } from './real-paths.ts';

/** How a line begins that tells of something refused for certain. */
export const BLOCKED = 'Blocked by the sandbox:';

const MOST_TOLD = 5;

export type BlockedCommand = {
  itemId: string;
  cwd: string;
  /** All that it printed; the end is enough. */
  output: string;
  exit: CommandExit;
  /** What held it. */
  policy: SandboxPolicy;
  homes: GrantHomes;
};

/** What the proxy and the broker refused for certain, else what its output points to. Empty when nothing does. */
export function whatWasBlocked(command: BlockedCommand): GantryBlocked[] {
  const { policy, exit } = command;
  if (policy.unconfined) return [];
  const exact = distinct(exit.blocked ?? [], exit.code === 0).map((one) => known(one, command));
  if (exact.length > 0) return exact.slice(0, MOST_TOLD);
  const guess = exit.code === 0 ? null : guessed(command);
  return guess ? [guess] : [];
}

/** One line for each, as the output has them. Paths only of a command that failed: many try and do without. */
export function blockedLines(blocked: readonly Blocked[], succeeded: boolean): string[] {
  const lines = distinct(blocked, succeeded).map(sentenceOf);
  const more = lines.length - MOST_TOLD;
  return more > 0 ? [...lines.slice(0, MOST_TOLD), `${BLOCKED} ${more} more.`] : lines;
}

function distinct(blocked: readonly Blocked[], succeeded: boolean): Blocked[] {
  const telling = blocked.filter(({ type }) => type === 'host' || !succeeded);
  return [...new Map(telling.map((one) => [sentenceOf(one), one])).values()];
}

const HOST_REASONS = {
  unknown: 'was not allowed',
  denied: 'is forbidden',
  address: 'leads to an address that is not public',
  malformed: 'is no host name',
} as const;

function sentenceOf(one: Blocked): string {
  if (one.type === 'host') return `${BLOCKED} the host ${entryFor(one.host, one.port)} ${HOST_REASONS[one.reason]}.`;
  return `${BLOCKED} ${one.type === 'write' ? 'writing' : 'connecting to'} ${one.path}.`;
}

function known(one: Blocked, command: BlockedCommand): GantryBlocked {
  const told = { certainty: 'exact' as const, message: sentenceOf(one) };
  const outside = outsideOffer(command);
  if (one.type === 'host') {
    const host = entryFor(one.host, one.port);
    const offers = { unknown: [hostOffer(host)], denied: [], address: [outside], malformed: [] }[one.reason];
    return { what: 'host', target: host, ...told, offers };
  }
  if (one.type === 'socket') return { what: 'connect', target: one.path, ...told, offers: [outside] };
  return isGit(one.path)
    ? { what: 'git', target: one.path, ...told, offers: [...gitOffers(one.path, command), outside] }
    : { what: 'write', target: one.path, ...told, offers: [...writeOffers(one.path, command), outside] };
}

/** What a model can do about it; a person is offered permissions. */
const TO_THE_MODEL = / (Ask|Write there, or ask) to run it [^.]*\.$/;

function guessed(command: BlockedCommand): GantryBlocked | null {
  const { output, exit, policy } = command;
  const end = output.slice(-64 * 1024);
  const outside = outsideOffer(command);
  const secret = secretIn(end, command);
  if (secret !== null) {
    const message = `Probably blocked by the sandbox: a read of ${secret}, which may hold secrets.`;
    return { what: 'read', target: secret, certainty: 'probably', message, offers: readOffers(secret, command) };
  }
  const denial = explainDenial(end, exit.code, policy);
  if (!denial) return null;
  const told = { certainty: 'probably' as const, message: denial.hint.replace(TO_THE_MODEL, '') };
  switch (denial.blocked) {
    case 'network': {
      const host = hostIn(end);
      const one = host !== null && policy.network === 'off' ? [hostOffer(host)] : [];
      return { what: 'network', target: host, ...told, offers: [...one, networkOffer] };
    }
    case 'git':
      return { what: 'git', target: refusedPath(end, command), ...told, offers: [...gitOffers('', command), outside] };
    case 'socket':
      return { what: 'connect', target: null, ...told, offers: [outside] };
    default: {
      const target = refusedPath(end, command);
      const isOutside = target !== null && !isWritable(target, policy);
      const offers = isOutside ? [...writeOffers(target, command), outside] : [outside];
      if (!isOutside) return { what: 'other', target, ...told, offers };
      const message = `Probably blocked by the sandbox: writing ${target}.`;
      return { what: 'write', target, certainty: 'probably', message, offers };
    }
  }
}

/** An edit that this policy refuses, by the folder that would have to be opened; null where a grant cannot help. */
export function blockedEdit(file: string, policy: SandboxPolicy, homes: GrantHomes): GantryBlocked | null {
  if (policy.unconfined || isWritable(file, policy)) return null;
  const offers = writeOffers(file, { policy, homes });
  const message = `${BLOCKED} writing ${file}.`;
  return { what: 'write', target: file, certainty: 'exact', message, offers };
}

const offer = (label: string, permission: GantryPermission): GantryOffer => ({ label, permission });
const outsideOffer = ({ itemId }: BlockedCommand): GantryOffer =>
  offer('Run this command once outside the sandbox', { type: 'outside', itemId });
const hostOffer = (host: string): GantryOffer => offer(`Let commands reach ${host}`, { type: 'host', host });
const networkOffer: GantryOffer = offer('Let commands use the network', { type: 'network' });

/** Hooks and config of git are nobody's to open. */
function gitOffers(target: string, { policy }: BlockedCommand): GantryOffer[] {
  const isKept = /\.git\/(.+\/)?(hooks|config|info)(\/|$)/.test(target);
  return policy.git === 'commit' || isKept ? [] : [offer('Let commands commit to git', { type: 'git' })];
}

function writeOffers(target: string, { policy, homes }: Pick<BlockedCommand, 'policy' | 'homes'>): GantryOffer[] {
  const folder = existingFolder(target);
  return grantFault(folder, 'write', policy, homes) === null && grantFault(target, 'write', policy, homes) === null
    ? [offer(`Let commands and edits write to ${folder}`, { type: 'write', path: folder })]
    : [];
}

function readOffers(target: string, { policy, homes }: BlockedCommand): GantryOffer[] {
  return grantFault(target, 'read', policy, homes, true) === null
    ? [offer(`Let commands read ${target}`, { type: 'read', path: target })]
    : [];
}

/** Only what exists can be opened to commands. */
function existingFolder(target: string): string {
  for (let at = target; ; at = path.dirname(at)) if (isFolder(at) || at === path.dirname(at)) return at;
}

const isFolder = (at: string): boolean => statSync(at, { throwIfNoEntry: false })?.isDirectory() === true;

const isGit = (target: string): boolean => target.split(path.sep).includes('.git');

function isWritable(target: string, policy: SandboxPolicy): boolean {
  const look = createResolver();
  return policy.write.map(look.realish).some((root) => isUnder(look.realish(target), root));
}

const REFUSED = /permission denied|operation not permitted|read-only file ?system|EACCES|EPERM|EROFS/i;
/** What lies in a hidden folder is not there at all. */
const MISSING = /no such file|ENOENT|cannot access|not found/i;

/** The first path of a line that says "no". */
function refusedPath(output: string, command: BlockedCommand): string | null {
  return pathsIn(output, REFUSED, command)[0] ?? null;
}

function secretIn(output: string, command: BlockedCommand): string | null {
  const { policy } = command;
  const look = createResolver();
  const open = [...policy.roots, ...policy.write].map(look.realish);
  const denied = policy.denyRead.map(look.realish);
  const found = [...pathsIn(output, REFUSED, command), ...pathsIn(output, MISSING, command)];
  const isSecret = (place: string) =>
    denied.some((one) => isUnder(place, one) && !open.some((root) => isUnder(root, one) && isUnder(place, root)));
  return found.find((place) => isSecret(look.realish(place))) ?? null;
}

/** Paths as programs name them in complaints: quoted, or between colons. */
function pathsIn(output: string, complaint: RegExp, { cwd, homes }: BlockedCommand): string[] {
  const lines = output.split('\n').filter((line) => complaint.test(line));
  return lines.flatMap((line) => {
    const quoted = [...line.matchAll(/['"‘“`]([^'"’”`]+)['"’”`]/g)].map(([, name = '']) => name);
    const between = line.split(/:\s+/).map((part) => part.split(/\s+/).at(-1) ?? '');
    return [...quoted, ...between]
      .filter((name) => /^(\/|~\/|\.{1,2}\/)/.test(name) || (name.includes('/') && !/[\s:]/.test(name)))
      .map((name) => path.resolve(cwd, name.startsWith('~/') ? path.join(homes.user, name.slice(2)) : name));
  });
}

const HOST_COMPLAINTS = [
  /could not resolve (?:host|hostname|proxy):?\s+['"]?([\w.-]+)/i,
  /(?:ENOTFOUND|EAI_AGAIN)\s+([\w.-]+)/,
  /unable to (?:look up|resolve|access) ['"]?(?:https?:\/\/)?([\w.-]+)/i,
  /(?:resolving|resolve|lookup)\s+['"]?([\w-]+(?:\.[\w-]+)+)/i,
  /host(?:name)?\s*=?\s*['"]([\w.-]+)['"]/i,
];

function hostIn(output: string): string | null {
  for (const complaint of HOST_COMPLAINTS) {
    const host = complaint.exec(output)?.[1]?.replace(/\.$/, '');
    if (host?.includes('.') && parseHostPattern(host)) return host;
  }
  return null;
}
