/** A policy, and what of it this machine enforces, in plain words. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Blocked, SandboxPolicy, SandboxReport } from '../../../sandbox/index.ts';
import { DEFAULT_LIMITS, entryFor, isUnder } from '../../../sandbox/index.ts';
import type { Planned } from './policy.ts';

const LEVELS: Readonly<Record<SandboxReport['level'], string>> = {
  namespaces: 'namespaces, Landlock and seccomp',
  landlock: 'Landlock and seccomp',
  seatbelt: 'Seatbelt',
  none: '',
};

/** What of the caller's environment a command does not get. */
export type LeftOut = { kept: number; names: readonly string[] };

type Env = Readonly<Record<string, string | undefined>>;

/** Null where everything is passed on. */
export function leftOut(before: Env, after: Env): LeftOut {
  const names = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  return { kept: Object.keys(after).length, names: names.sort() };
}

/** Whether a list of hosts is no network here. */
export function lacksHostList({ network }: SandboxPolicy, { level, broker }: SandboxReport): boolean {
  return typeof network !== 'string' && (level === 'seatbelt' || (level === 'landlock' && !broker));
}

function list(title: string, entries: readonly string[]): string {
  return `${title}\n${entries.map((entry) => `  ${entry}`).join('\n')}\n`;
}

const WIDTH = 100;

/** Words after each other, in lines that fit a terminal. */
function wrapped(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length + 2 <= WIDTH) lines[lines.length - 1] = `${last}, ${word}`;
    else lines.push(word);
  }
  return lines.map((line, at) => (at < lines.length - 1 ? `${line},` : line));
}

function writeLines({ write, privateTemp }: SandboxPolicy, { level }: SandboxReport): string[] {
  const own =
    level === 'namespaces' && privateTemp.length > 0
      ? `${privateTemp.join(', ')} (private: empty at first, gone when it ends)`
      : 'a temp directory of its own, in TMPDIR (gone when it ends)';
  return [...write, own];
}

const gitLine = ({ git }: SandboxPolicy): string =>
  git === 'commit'
    ? 'hooks and settings in .git, at any depth; the rest of it is open, so that commits work'
    : '.git, at any depth: no commits; --git commit opens what they need';

/** What stays as it is below the folders that may be written, by folder. */
function keptLines(policy: SandboxPolicy): string[] {
  const roots = [...new Set(policy.write)].sort((a, b) => b.length - a.length);
  const byRoot = new Map<string, string[]>();
  for (const place of new Set(policy.protect)) {
    const root = roots.find((one) => place !== one && isUnder(place, one));
    // Said above, for all of them.
    const isSaid = policy.protectNames.includes(path.basename(place));
    if (root !== undefined && !isSaid) byRoot.set(root, [...(byRoot.get(root) ?? []), path.relative(root, place)]);
  }
  const names = policy.protectNames.filter((name) => name !== '.git');
  const anywhere = names.length === 0 ? [] : [`${names.join(', ')}, at any depth`];
  return [
    gitLine(policy),
    ...anywhere,
    ...[...byRoot].flatMap(([root, names]) => [`in ${root}:`, ...indented(wrapped(names))]),
  ];
}

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** Paths that are there, and those that somebody named just now; the others are counted. */
function deniedLines({ policy, denyRead }: Planned): string[] {
  const places = [...new Set(policy.denyRead)];
  const shown = places.filter((place) => denyRead.includes(place) || existsSync(place));
  const lines = shown.map((place) => (existsSync(place) ? place : `${place} (not there yet)`));
  const missing = places.length - shown.length;
  return missing === 0 ? lines : [...lines, `and ${missing} more places where secrets often lie, not there now`];
}

function networkLines(policy: SandboxPolicy, report: SandboxReport): string[] {
  const { network } = policy;
  if (network === 'off') return ['off (--allow-host opens it to one host, --network to all)'];
  if (network === 'on') return ['on: everything can be reached'];
  if (lacksHostList(policy, report)) return ['off: this machine cannot hold a command to a list of hosts'];
  return [
    ...network.hosts.map((host) => `${host} (through the proxy)`),
    ...(network.denied ?? []).map((host) => `never ${host}`),
    'nothing else; no private, loopback or metadata address, whatever name leads to it',
  ];
}

const MOST_NAMES = 12;

function environmentLines({ kept, names }: LeftOut): string[] {
  if (names.length === 0) return [`all ${kept} variables of yours; none looks like a key`];
  const more = names.length - MOST_NAMES;
  const shown = more > 0 ? [...names.slice(0, MOST_NAMES), `and ${more} more`] : names;
  return [`${kept} harmless variables; left out:`, ...indented(wrapped(shown))];
}

function machineLines({ level, reason, enforced, missing }: SandboxReport): string {
  if (level === 'none')
    return `This machine has no sandbox, so nothing runs under this policy here. ${reason ?? ''}\nIn the editor each command is asked about.\n`;
  if (missing.length === 0) return list(`This machine enforces all of it, by ${LEVELS[level]}:`, enforced);
  return [
    list(`This machine enforces it only in part, by ${LEVELS[level]}. NOT enforced:`, missing),
    ...(reason === null ? [] : [`${reason}\n`]),
    list('Enforced:', enforced),
  ].join('\n');
}

/** For a terminal. */
export function explainPolicy(planned: Planned, report: SandboxReport, left: LeftOut): string {
  const { policy, root, mode, profile } = planned;
  const head = `Mode: ${mode}${profile === null ? '' : `, permission profile ${profile}`}\nWorkspace: ${root}\n`;
  if (policy.unconfined)
    return `${head}No sandbox: a command can do whatever you can. Only its environment is held back.\n\n${list('Environment:', environmentLines(left))}`;
  const { processes, memory } = policy.limits ?? DEFAULT_LIMITS;
  const limits = [
    `${processes ?? 'any number of'} processes and threads`,
    memory === null ? 'any amount of memory' : `${Math.round(memory / 1024 / 1024)} MiB of memory`,
  ];
  return [
    head,
    list('May write:', writeLines(policy, report)),
    ...(policy.write.length === 0
      ? []
      : [list('Cannot change there, nor make where it is missing:', keptLines(policy))]),
    list('May read:', policy.read === 'all' ? ['everything but what follows'] : policy.read),
    list('Cannot read:', deniedLines(planned)),
    list('Network:', networkLines(policy, report)),
    list('Environment:', environmentLines(left)),
    list('At most:', limits),
    machineLines(report),
  ].join('\n');
}

const REASONS: Readonly<Record<string, string>> = {
  unknown: 'it is not among the hosts that may be reached; --allow-host opens it',
  denied: 'it is forbidden',
  address: 'it leads to an address that is not public',
  malformed: 'it is no host',
};

function whyNotWritten(place: string, { git, write }: SandboxPolicy): string {
  if (place.split('/').includes('.git'))
    return git === 'commit' || /\.git\/(.+\/)?(hooks|config|info)(\.lock|\.worktree)?(\/|$)/.test(place)
      ? 'hooks and settings of git stay as they are'
      : '--git commit opens what commits need';
  return write.some((root) => isUnder(place, root)) ? 'it stays as it is' : '--write DIR opens a folder';
}

/** One line for `--log`. */
export function explainBlocked(blocked: Blocked, policy: SandboxPolicy): string {
  if (blocked.type === 'host') {
    const name = entryFor(blocked.host, blocked.port);
    return `blocked: reaching ${name} (${blocked.protocol}): ${REASONS[blocked.reason] ?? blocked.reason}`;
  }
  return blocked.type === 'socket'
    ? `blocked: connecting to ${blocked.path}`
    : `blocked: writing ${blocked.path}: ${whyNotWritten(blocked.path, policy)}`;
}
