// macOS: a Seatbelt profile. Everything is denied but what is listed; later rules win over earlier ones.
import { gitRules } from './git.ts';
import { createResolver, denyAround, outermost, type Resolver, sorted } from './paths.ts';
import type { SandboxPolicy } from './policy.ts';

export const SANDBOX_EXEC = '/usr/bin/sandbox-exec';

/** A string literal of the profile language. */
export function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/** A regular expression literal that matches `name` as a path component, or below it; with a `root`, only below that. */
export function nameExpression(name: string, root?: string): string {
  return root === undefined ? `#"/${escaped(name)}(/|$)"` : `#"^${escaped(root)}/(.*/)?${escaped(name)}(/|$)"`;
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/"/g, '\\"');

const subpath = (path: string): string => `(subpath ${quote(path)})`;
const literal = (path: string): string => `(literal ${quote(path)})`;

/** What every command needs and nobody is harmed by. No keychain, no Apple events, no launching of other programs. */
const BASE = `(version 1)
(deny default)
(allow process-exec)
(allow process-fork)
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))
(allow sysctl-read)
(allow user-preference-read)
(allow ipc-posix-sem)
(allow pseudo-tty)
(allow file-read* file-write* (literal "/dev/ptmx") (regex #"^/dev/ttys[0-9]+$"))
(allow file-ioctl (literal "/dev/ptmx") (literal "/dev/tty") (regex #"^/dev/ttys[0-9]+$"))
(allow file-write* (literal "/dev/null") (literal "/dev/zero") (literal "/dev/tty") (literal "/dev/dtracehelper"))
(allow mach-lookup
  (global-name "com.apple.system.opendirectoryd.libinfo")
  (global-name "com.apple.system.logger")
  (global-name "com.apple.system.notification_center")
  (global-name "com.apple.PowerManagement.control"))
(allow iokit-open (iokit-registry-entry-class "RootDomainUserClient"))`;

const NETWORK_ON = `(allow network-outbound (remote ip "*:*"))
(allow network-inbound (local ip "*:*"))
(allow network-bind (local ip "*:*"))
(allow network-outbound (literal "/private/var/run/mDNSResponder"))
(allow system-socket)
(allow mach-lookup
  (global-name "com.apple.SystemConfiguration.configd")
  (global-name "com.apple.trustd.agent")
  (global-name "com.apple.networkd"))`;

// A command's own servers on its own loopback: it cannot be told from the host's, so nothing is opened.
const NETWORK_OFF = '(deny network*)';

/** The profile for a policy. `temp` is the command's private temp directory. */
export function seatbeltProfile(policy: SandboxPolicy, temp: string): string {
  const resolver = createResolver();
  const { realish, entryAndTarget } = resolver;
  const roots = policy.roots.map(realish);
  const git = roots.map((root) => gitRules(root, policy.git, resolver));
  const canWrite = policy.write.length > 0;
  const commit = policy.git === 'commit' && canWrite;
  const write = sorted([
    ...policy.write.map(realish),
    ...(commit ? git.flatMap((rules) => rules.write) : []),
    realish(temp),
  ]);
  const protect = sorted([...policy.protect.flatMap(entryAndTarget), ...git.flatMap((rules) => rules.protect)]);
  const deny = denyAround(policy.denyRead.map(realish), [...roots, ...write]);
  const lines = [
    BASE,
    readRules(policy, [...roots, ...write], resolver),
    `(allow file-write* ${write.map(subpath).join(' ')})`,
  ];
  lines.push(policy.network === 'on' ? NETWORK_ON : NETWORK_OFF);
  // Sockets that the command makes in its own places may be connected to.
  lines.push(`(allow network-bind network-outbound ${write.map(subpath).join(' ')})`);
  lines.push(...protectionRules(policy, protect, commit, outermost(policy.write.map(realish))));
  if (deny.length > 0) lines.push(`(deny file-read* file-write* ${deny.map(subpath).join(' ')})`);
  return `${lines.join('\n')}\n`;
}

function readRules(policy: SandboxPolicy, always: readonly string[], { realish }: Resolver): string {
  if (policy.read === 'all') return '(allow file-read*)';
  const system = ['/usr', '/bin', '/sbin', '/System', '/Library', '/opt', '/private/etc', '/private/var/db', '/dev'];
  const trees = sorted([...system, ...policy.read.map(realish), ...always]).map(subpath);
  return `(allow file-read-metadata)\n(allow file-read* (literal "/") ${trees.join(' ')})`;
}

function protectionRules(
  policy: SandboxPolicy,
  protect: readonly string[],
  commit: boolean,
  roots: readonly string[],
): string[] {
  const rules: string[] = [];
  if (protect.length > 0) {
    rules.push(`(deny file-write* ${protect.map(subpath).join(' ')})`);
    // A parent that is moved away would take the protection with it.
    const parents = sorted(protect.flatMap((path) => ancestors(path)));
    rules.push(`(deny file-write-unlink ${parents.map(literal).join(' ')})`);
  }
  for (const name of policy.protectNames) {
    if (name === '.git' && commit) {
      rules.push(
        '(deny file-write* (regex #"/\\.git/(.*/)?(hooks|config|config\\.worktree|config\\.lock|info|commondir|gitdir)(/|$)"))',
      );
      rules.push('(deny file-write-create file-write-unlink (regex #"/\\.git$"))');
    } else if (name === '.git') {
      rules.push(`(deny file-write* (regex ${nameExpression(name)}))`);
    } else {
      rules.push(...roots.map((root) => `(deny file-write* (regex ${nameExpression(name, root)}))`));
    }
  }
  return rules;
}

function ancestors(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, i) => `/${parts.slice(0, i + 1).join('/')}`);
}
