// Escape attempts and things that must keep working, as a table. A command runs with `bash -c` in $WS, a git repository
// and the only writable root. Variables: WS OUT HOME ATK TCP UDP USOCK UDGRAM ABS VICTIM RUNNER.

import { CONTROLS } from './cases/controls.ts';
import { FIRST_ESCAPES } from './cases/escapes.ts';
import { FILE_ESCAPES } from './cases/files-and-git.ts';
import { GIT_ESCAPES } from './cases/git-later.ts';
import { SHARED_ESCAPES } from './cases/shared.ts';
import { SYSTEM_ESCAPES } from './cases/system.ts';
import type { Escape } from './cases/types.ts';

export type { Control, Escape } from './cases/types.ts';
export { CONTROLS };
export const ESCAPES: readonly Escape[] = [
  ...FIRST_ESCAPES,
  ...FILE_ESCAPES,
  ...GIT_ESCAPES,
  ...SYSTEM_ESCAPES,
  ...SHARED_ESCAPES,
];

const NO_OWN_LOOPBACK = 'without a network namespace, the own loopback cannot be told from the host’s';

/** What a level cannot hold, and why. A case that starts to hold must leave this table. */
export const EXCEPTIONS: Record<'namespaces' | 'landlock', Readonly<Record<string, string>>> = {
  namespaces: {},
  landlock: {
    'tcp-local': NO_OWN_LOOPBACK,
    'node-tcp-server': NO_OWN_LOOPBACK,
    'renice-child': 'without a pid namespace, the own processes cannot be told from others of this user',
    'node-inspector': 'it listens on the own loopback, as above; gdb, strace and ptrace work',
    'read-names': 'Landlock hides contents, not names, where the folder around them must stay readable',
    'read-other-command-line':
      'without a pid namespace, /proc is the machine’s; its secrets (memory, environment, files) are closed',
  },
};

const of = (prefix: string): string[] => ESCAPES.map(({ id }) => id).filter((id) => id.startsWith(prefix));

/** Attempts that a kernel or a container may refuse to anyone, by its configuration: they may fail without a sandbox too. */
export const KERNEL_MAY_REFUSE: readonly string[] = [
  'read-disk',
  'kernel-crypto',
  'netlink-audit',
  'other-abi',
  'old-abi',
  'version-outside',
  'kexec',
  'load-module',
  'unload-module',
  'page-faults',
  'io-uring',
  'perf',
  'add-key',
  'request-key',
  'session-keyring',
  'terminal-input',
  'console-input',
  'line-discipline',
  'clone-user',
  'clone3-user',
  'devices',
  'control-group',
  'kernel-message',
  'kernel-memory',
  'core-dumps',
  'flags-outside',
  'extended-flags-outside',
  'attribute-at-outside',
  'handle',
  'compare-descriptors',
  'watch-everything',
  'quota',
  'accounting',
  'restart',
  'swap-off',
  'shared-segment',
  'message-queue',
  'semaphore',
  'posix-queue',
  ...of('socket-').filter((id) => id !== 'socket-outside' && id !== 'socket-of-an-agent'),
  ...of('unshare-'),
];

/** Attempts that only root can make. */
export const NEEDS_ROOT: readonly string[] = [
  'chown-outside',
  'block-device',
  'character-device',
  'read-shadow',
  'read-sudoers',
  'read-by-handle',
  'raw-icmp',
  'packet',
  'set-uid',
  'enter-namespace',
  'bpf',
  'change-root',
  'open-file-system',
  'open-tree',
  'kernel-log',
  'capabilities',
  'mount-attributes',
  'move-mount',
  'pick-file-system',
  'host-name',
  'clock',
  'write-to-others-descriptor', // which is root's there
];
