/** A policy, and what of it this machine enforces, in plain words. */
import { existsSync } from 'node:fs';
import type { Blocked, SandboxReport } from '../../../sandbox/index.ts';
import { DEFAULT_LIMITS, entryFor } from '../../../sandbox/index.ts';
import type { Planned } from './policy.ts';

const LEVELS: Readonly<Record<SandboxReport['level'], string>> = {
  namespaces: 'namespaces, Landlock and seccomp',
  landlock: 'Landlock and seccomp, without namespaces',
  seatbelt: 'Seatbelt',
  none: 'nothing: commands are refused here unless the mode is danger-full-access',
};

function list(title: string, entries: readonly string[], none: string): string {
  return `${title}\n${(entries.length === 0 ? [none] : entries).map((entry) => `  ${entry}`).join('\n')}\n`;
}

function networkLines({ network }: Planned['policy']): string[] {
  if (network === 'off') return ['off'];
  if (network === 'on') return ['on: everything can be reached'];
  return [
    ...network.hosts.map((host) => `${host} (through the proxy)`),
    ...(network.denied ?? []).map((host) => `never ${host}`),
    'nothing else; no private, loopback or metadata address, whatever name leads to it',
  ];
}

/** For a terminal. Paths that are kept or denied and do not exist are counted, not listed. */
export function explainPolicy({ policy, root, mode, profile }: Planned, report: SandboxReport): string {
  const head = `Mode: ${mode}${profile === null ? '' : `, permission profile ${profile}`}\nWorkspace: ${root}\n`;
  if (policy.unconfined) return `${head}No sandbox: a command can do whatever you can.\n`;
  const { processes, memory } = policy.limits ?? DEFAULT_LIMITS;
  const there = (paths: readonly string[]): string[] => {
    const found = [...new Set(paths)].filter((path) => existsSync(path));
    const missing = new Set(paths).size - found.length;
    return missing === 0 ? found : [...found, `and ${missing} more that do not exist here`];
  };
  // Kept wherever it may lie; where nothing around it can be written there is nothing to say.
  const isInside = (place: string): boolean => policy.write.some((folder) => place.startsWith(`${folder}/`));
  return [
    head,
    list(
      'May write:',
      [...policy.write, `${policy.privateTemp.join(', ') || 'a temp directory'} (its own, empty)`],
      '',
    ),
    list('Cannot change, inside of it:', there(policy.protect.filter(isInside)), 'nothing'),
    `.git: ${policy.git === 'commit' ? 'commits work; hooks and settings are kept' : 'read-only'}\n`,
    list('May read:', policy.read === 'all' ? ['everything but what follows'] : policy.read, ''),
    list('Cannot read:', there(policy.denyRead), 'nothing is denied'),
    list('Network:', networkLines(policy), ''),
    list(
      'Limits:',
      [
        `processes: ${processes ?? 'none'}`,
        `memory: ${memory === null ? 'none' : `${Math.round(memory / 1024 / 1024)} MiB`}`,
      ],
      '',
    ),
    `This machine enforces by ${LEVELS[report.level]}${report.reason === null ? '' : ` (${report.reason})`}.`,
    list('Holds:', report.enforced, 'nothing'),
    list('Does not hold here:', report.missing, 'nothing is missing'),
  ].join('\n');
}

const REASONS: Readonly<Record<string, string>> = {
  unknown: 'it is not among the hosts that may be reached; --allow-host opens it',
  denied: 'it is forbidden',
  address: 'it leads to an address that is not public',
  malformed: 'it is no host',
};

/** One line for `--log`. */
export function explainBlocked(blocked: Blocked): string {
  if (blocked.type !== 'host') {
    return `blocked: ${blocked.type === 'write' ? 'writing' : 'connecting to'} ${blocked.path}`;
  }
  const name = entryFor(blocked.host, blocked.port);
  return `blocked: reaching ${name} (${blocked.protocol}): ${REASONS[blocked.reason] ?? blocked.reason}`;
}
