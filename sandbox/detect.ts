// What this machine's sandbox can hold, found by running the real helper.
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { helperFolders, helperPath } from './helper.ts';
import type { SandboxPolicy } from './policy.ts';
import type { SandboxLevel, SandboxReport } from './report.ts';
import { SANDBOX_EXEC } from './seatbelt.ts';
import { spawnSandboxed } from './spawn.ts';

export type DetectOptions = {
  /** Take no better level than this, for tests and for users who meet a broken kernel. */
  forceLevel?: SandboxLevel;
  /** Folders to look for the helper in; `helperFolders()` when not given. */
  baseDirs?: readonly string[];
  /** Do without the broker. For tests. */
  withoutBroker?: boolean;
  /** Where to look for what forbids namespaces; this machine when not given. For tests. */
  machine?: Machine;
};

/**
 * Probes this machine. Takes some 20 ms and starts a few processes, so the caller keeps the result for its lifetime.
 * Never rejects: what cannot be had is said in the report.
 */
export async function detect(options: DetectOptions = {}): Promise<SandboxReport> {
  if (options.forceLevel === 'none') return none('The sandbox is switched off.');
  if (process.platform === 'linux') return detectLinux(options);
  if (process.platform === 'darwin') return detectMac();
  if (process.platform === 'win32') {
    return none(
      'There is no command sandbox on Windows yet: every command asks first. In WSL2 the Linux sandbox works.',
    );
  }
  return none(`There is no command sandbox for ${process.platform}: every command asks first.`);
}

function none(reason: string): SandboxReport {
  return {
    level: 'none',
    platform: process.platform,
    enforced: [],
    missing: ['writes kept to where they are allowed', 'secrets unreadable', 'network off', 'nothing left running'],
    reason,
    helper: null,
    broker: false,
    landlock: 0,
  };
}

function detectMac(): SandboxReport {
  try {
    accessSync(SANDBOX_EXEC, constants.X_OK);
  } catch {
    return none(`${SANDBOX_EXEC} is missing: every command asks first.`);
  }
  return {
    level: 'seatbelt',
    platform: process.platform,
    enforced: [
      'writes only where they are allowed',
      'protected files stay as they are',
      'well-known secrets unreadable',
      'no network but what is allowed',
    ],
    missing: [
      'a list of hosts (there is no network instead)',
      'limits on processes and memory',
      'an end of processes that leave their group',
      'a network of its own, for TCP between its own processes',
    ],
    reason: null,
    helper: null,
    broker: false,
    landlock: 0,
  };
}

async function detectLinux(options: DetectOptions): Promise<SandboxReport> {
  const found = helperPath(options.baseDirs ?? helperFolders());
  if (found.path === null) return none(`${found.reason} Every command asks first.`);
  const broker = !options.withoutBroker;
  const failures: string[] = [];
  for (const level of ['namespaces', 'landlock'] as const) {
    if (level === 'namespaces' && options.forceLevel === 'landlock') continue;
    for (const withBroker of broker ? [true, false] : [false]) {
      const base = { ...none(''), level, helper: found.path, broker: withBroker };
      const probe = await runProbe(base);
      if (probe.landlock !== null) {
        return describe({ ...base, landlock: probe.landlock }, failures, options.machine ?? thisMachine);
      }
      failures.push(probe.failure);
    }
  }
  return none(
    `Neither user namespaces nor Landlock can be used here (${failures.at(-1)}): every command asks first. Linux 5.13 or newer has Landlock.`,
  );
}

type Probe = { landlock: number; failure: '' } | { landlock: null; failure: string };

// The helper runs itself as the command: it reports what it sees, and opens a device for writing through the broker.
async function runProbe(report: SandboxReport): Promise<Probe> {
  const { helper } = report;
  if (!helper) return { landlock: null, failure: 'no helper' };
  const policy: SandboxPolicy = {
    roots: [dirname(helper)],
    read: 'all',
    expose: [],
    write: ['/nonexistent'],
    protect: [],
    protectNames: ['.git'],
    denyRead: [],
    network: 'off',
    git: 'ro',
    privateTemp: ['/tmp'],
    tempFrom: null,
  };
  const child = spawnSandboxed({ argv: [helper, '--features'], cwd: '/', env: {}, policy, report });
  let output = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    output += bytes.toString('utf8');
  });
  child.stderr?.resume();
  const exit = await child.exited;
  const match = /^landlock (\d+) open 1$/m.exec(output);
  if (exit.code === 0 && match) return { landlock: Number(match[1]), failure: '' };
  return { landlock: null, failure: exit.failure ?? `the probe ended with ${exit.code ?? exit.signal}` };
}

/** Where it shows what forbids user namespaces. */
export type Machine = {
  /** A file's text without the space around it; empty when it cannot be read. */
  setting(path: string): string;
  has(path: string): boolean;
};

const thisMachine: Machine = {
  setting(path) {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      return '';
    }
  },
  has: existsSync,
};

/** What forbids user namespaces on a machine, as far as it shows, and what would give the full sandbox. */
export function howToUpgrade({ setting, has }: Machine): string {
  const own = setting('/proc/self/status');
  // A container has the filter and not the flag.
  if (/^NoNewPrivs:\t1$/m.test(own) && /^Seccomp:\t2$/m.test(own))
    return 'This already runs in a sandbox, which forbids them: started outside of it, it has the full sandbox.';
  if (setting('/proc/sys/user/max_user_namespaces') === '0')
    return 'user.max_user_namespaces is 0: sysctl -w user.max_user_namespaces=15000 gives the full sandbox.';
  if (has('/.dockerenv') || has('/run/.containerenv'))
    return 'This is a container, whose default profile forbids them: one that permits them (docker run --security-opt seccomp=PROFILE, with unshare, clone and mount allowed) gives the full sandbox.';
  if (setting('/proc/sys/kernel/unprivileged_userns_clone') === '0')
    return 'kernel.unprivileged_userns_clone is 0: setting it to 1 gives the full sandbox.';
  if (setting('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1')
    return 'AppArmor restricts them, as on Ubuntu 24.04: an AppArmor profile with "userns," for the editor, or kernel.apparmor_restrict_unprivileged_userns=0, gives the full sandbox.';
  return 'Allowing unprivileged user namespaces gives the full sandbox.';
}

function describe(report: SandboxReport, failures: readonly string[], machine: Machine): SandboxReport {
  const { landlock, broker } = report;
  const level1 = report.level === 'namespaces';
  const enforced = [
    'writes only where they are allowed',
    'well-known secrets unreadable',
    'no network but what is allowed',
    'dangerous system calls refused',
  ];
  const missing: string[] = [];
  if (level1) enforced.push('other processes out of sight', 'a /tmp and a network of its own');
  else
    missing.push(
      'a network of its own, for TCP between its own processes',
      'a private /tmp (TMPDIR is used instead)',
      "names of secret files and of others' processes hidden",
    );
  if (level1 || broker) enforced.push('a list of hosts, held by a proxy', 'a limit on processes');
  else missing.push('a list of hosts (there is no network instead)');
  if (broker)
    enforced.push(
      '.git and other protected names kept at any depth',
      'docker, ssh-agent and other local sockets closed',
    );
  else missing.push('protected names kept from being made', 'docker, ssh-agent and other local sockets closed');
  if (!level1 && !broker)
    missing.push('protected files kept inside writable folders', 'modes, owners and times of files outside kept');
  if (landlock === 0) missing.push('Landlock as a second layer');
  if (!level1 && landlock < 6) missing.push('signals to processes outside refused (Linux 6.12)');
  if (!level1 && landlock < 3) missing.push('truncation of files outside refused (Linux 6.2)');
  const reason = level1
    ? failures.length > 0
      ? `The broker could not be started (${failures[0]}).`
      : landlock === 0
        ? 'This kernel has no Landlock; Linux 5.13 or newer has it.'
        : null
    : `User namespaces cannot be used here${failures[0] ? ` (${failures[0]})` : ''}. ${howToUpgrade(machine)}`;
  return { ...report, enforced, missing, reason };
}
