// The system call filter, assembled here so that neither libseccomp nor a compiler is needed where it runs.
import { type Architecture, CALL_NUMBERS, type CallName } from './syscalls.ts';

export type { Architecture, CallName } from './syscalls.ts';

/** One BPF instruction: code, jump if true, jump if false, constant. */
export type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, constant: number];

export type FilterOptions = {
  /**
   * `unix`: only unix sockets (level 2 without network). `inet`: IPv4, IPv6 and unix sockets, and netlink's routing
   * family; in a network namespace of its own, or with the network on. `proxy`: unix sockets, and TCP over IPv4 that
   * the broker connects to the caller's proxy (level 2 with a list of hosts; needs the broker).
   */
  sockets: 'unix' | 'proxy' | 'inet';
  /**
   * Calls that the broker carries out instead of the command. `connect`: unix sockets. `create`: also what creates,
   * renames, links or opens for writing. `all`: also mode, owner, times and attributes, which Landlock cannot hold.
   */
  broker: 'none' | 'connect' | 'create' | 'all';
  /** The broker is asked before each process and thread is made. Needs a broker. */
  counts?: boolean;
  /** The command sees no processes but its own (level 1): it may change priorities and limits of all that it sees. */
  ownProcesses?: boolean;
  /** There is no ipc namespace: messages, semaphores and memory of System V, and POSIX queues, are the whole machine's. */
  sharedIpc?: boolean;
};

const AUDIT_ARCH: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };
const X32_BIT = 0x40000000;

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

const RET_ALLOW = 0x7fff0000;
const RET_NOTIFY = 0x7fc00000;
const RET_KILL_PROCESS = 0x80000000;

const load = (offset: number): Instruction => [0x20, 0, 0, offset];
const loadArgument = (index: number): Instruction => load(16 + 8 * index); // its low half; both machines are little endian
const ifEqual = (value: number, whenTrue: number, whenFalse: number): Instruction => [0x15, whenTrue, whenFalse, value];
const ifAtLeast = (value: number, whenTrue: number, whenFalse: number): Instruction => [
  0x35,
  whenTrue,
  whenFalse,
  value,
];
const ifAnyBit = (bits: number, whenTrue: number, whenFalse: number): Instruction => [0x45, whenTrue, whenFalse, bits];
const mask = (bits: number): Instruction => [0x54, 0, 0, bits];
const answer = (value: number): Instruction => [0x06, 0, 0, value];
const refuse = (errno: number): Instruction => answer(0x00050000 | errno);
const allow = answer(RET_ALLOW);
const notify = answer(RET_NOTIFY);

// CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}; CLONE_NEWTIME shares its bit with clone's exit signal.
const NAMESPACE_FLAGS = 0x7e020000;
const NEW_TIME = 0x80;

const CREATE_CALLS: readonly CallName[] = [
  'umask',
  'truncate',
  'rename',
  'renameat',
  'renameat2',
  'mkdir',
  'mkdirat',
  'link',
  'linkat',
  'symlink',
  'symlinkat',
  'mknod',
  'mknodat',
  'connect',
  'bind',
];

const REMOVE_CALLS: readonly CallName[] = ['rmdir', 'unlink', 'unlinkat'];

const METADATA_CALLS: readonly CallName[] = [
  'chmod',
  'fchmod',
  'fchmodat',
  'fchmodat2',
  'chown',
  'fchown',
  'lchown',
  'fchownat',
  'utime',
  'utimes',
  'futimesat',
  'utimensat',
  'setxattr',
  'lsetxattr',
  'fsetxattr',
  'removexattr',
  'lremovexattr',
  'fremovexattr',
  'setxattrat',
  'removexattrat',
];

/** The calls that reach the broker whatever their arguments; opening for writing is decided by its flags. */
export const BROKERED: Readonly<Record<FilterOptions['broker'], readonly CallName[]>> = {
  none: [],
  connect: ['connect'],
  create: CREATE_CALLS,
  all: [...CREATE_CALLS, ...REMOVE_CALLS, ...METADATA_CALLS],
};

// "Not implemented" makes callers fall back: io_uring would go round the filter, clone3 hides its flags from it.
const PRETEND_MISSING: readonly CallName[] = ['io_uring_setup', 'io_uring_enter', 'io_uring_register', 'clone3'];

/** Never allowed. */
export const FORBIDDEN: readonly CallName[] = [
  // mounts and namespaces
  'mount',
  'umount2',
  'pivot_root',
  'chroot',
  'setns',
  'open_tree',
  'open_tree_attr',
  'move_mount',
  'fsopen',
  'fsconfig',
  'fsmount',
  'fspick',
  'mount_setattr',
  // the machine
  'swapon',
  'swapoff',
  'reboot',
  'sethostname',
  'setdomainname',
  'iopl',
  'ioperm',
  'init_module',
  'delete_module',
  'finit_module',
  'kexec_load',
  'kexec_file_load',
  'acct',
  'quotactl',
  'quotactl_fd',
  'settimeofday',
  'clock_settime',
  'adjtimex',
  'clock_adjtime',
  'syslog',
  'vhangup',
  // kernel surface that commands do not need
  'add_key',
  'request_key',
  'keyctl',
  'bpf',
  'perf_event_open',
  'userfaultfd',
  'lookup_dcookie',
  'fanotify_init',
  'uselib',
  'nfsservctl',
  'modify_ldt',
  'file_setattr',
  // files by handle, past every path rule
  'open_by_handle_at',
  'name_to_handle_at',
];

/** Named by a number that anybody can guess, or by a name outside the file system: no other layer holds them. */
const IPC_CALLS: readonly CallName[] = [
  'shmget',
  'shmat',
  'shmctl',
  'semget',
  'semop',
  'semctl',
  'semtimedop',
  'msgget',
  'msgsnd',
  'msgrcv',
  'msgctl',
  'mq_open',
  'mq_unlink',
];

const OPEN_FOR_WRITING = 0x1 | 0x2 | 0x40 | 0x200 | 0x400000; // WRONLY RDWR CREAT TRUNC TMPFILE

const FORBIDDEN_IOCTLS = [
  // typing into the user's terminal, line disciplines; on the console also what its keys mean
  0x5412, 0x541c, 0x5423, 0x4b47, 0x4b49, 0x4b4b, 0x4b4d, 0x4bfb,
  // These change a file or directory through a descriptor that was only opened for reading: its attributes, version (twice),
  // encryption (twice), fs-verity, and what FAT calls attributes.
  0x40086602,
  0x401c5820, 0x40087602, 0x40086604, 0x800c6613, 0xc0506617, 0x40806685, 0x40047211,
];
/**
 * The kinds whose calls make, remove and copy whole subvolumes in any directory that was opened (btrfs, bcachefs), past
 * every path rule. Copying and comparing ranges of files are of the first kind too, and stay.
 */
const SUBVOLUME_KINDS = [0x94, 0xbc];
const COPYING_IOCTLS = [0x40049409, 0x4020940d, 0xc0189436];

const SET_USER_ID = 0o4000;

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;
const AF_NETLINK = 16;
const SOCK_STREAM = 1;
const SOCK_SEQPACKET = 5;
const IPPROTO_TCP = 6;
/** Connects without `connect`. */
const MSG_FASTOPEN = 0x20000000;

/** The filter as instructions. The first match decides; what nothing matches is allowed. */
export function assembleFilter(options: FilterOptions, architecture: Architecture): Instruction[] {
  const numbers = CALL_NUMBERS[architecture];
  const program: Instruction[] = [load(4), ifEqual(AUDIT_ARCH[architecture], 1, 0), answer(RET_KILL_PROCESS), load(0)];
  if (architecture === 'x64') program.push(ifAtLeast(X32_BIT, 0, 1), refuse(ENOSYS));

  const on = (call: CallName, ...body: Instruction[]): void => {
    const number = numbers[call];
    if (number !== undefined) program.push(ifEqual(number, 0, body.length), ...body);
  };
  const brokered = new Set(BROKERED[options.broker]);

  if (options.broker === 'create' || options.broker === 'all') {
    on('open', loadArgument(1), ifAnyBit(OPEN_FOR_WRITING, 0, 1), notify, allow);
    on('openat', loadArgument(2), ifAnyBit(OPEN_FOR_WRITING, 0, 1), notify, allow);
    on('creat', notify);
    on('openat2', refuse(ENOSYS)); // its flags lie in memory, out of the filter's sight
  }
  for (const call of brokered) on(call, notify);
  for (const call of PRETEND_MISSING) on(call, refuse(ENOSYS));
  for (const call of FORBIDDEN) on(call, refuse(EPERM));
  if (options.sharedIpc) for (const call of IPC_CALLS) on(call, refuse(ENOSYS));

  on('unshare', loadArgument(0), ifAnyBit(NAMESPACE_FLAGS | NEW_TIME, 0, 1), refuse(EPERM), allow);
  const birth = options.counts ? notify : allow;
  on('clone', loadArgument(0), ifAnyBit(NAMESPACE_FLAGS, 0, 1), refuse(EPERM), birth);
  if (options.counts) for (const call of ['fork', 'vfork'] as const) on(call, birth);
  const noDevices = [mask(0xf000), ifEqual(0x6000, 1, 0), ifEqual(0x2000, 0, 1), refuse(EPERM), allow];
  if (!brokered.has('mknod')) on('mknod', loadArgument(1), ...noDevices);
  if (!brokered.has('mknodat')) on('mknodat', loadArgument(2), ...noDevices);
  const noSetUserId = [ifAnyBit(SET_USER_ID, 0, 1), refuse(EPERM), allow];
  if (!brokered.has('chmod')) {
    on('chmod', loadArgument(1), ...noSetUserId);
    on('fchmod', loadArgument(1), ...noSetUserId);
    on('fchmodat', loadArgument(2), ...noSetUserId);
    on('fchmodat2', loadArgument(2), ...noSetUserId);
  }
  on(
    'ioctl',
    loadArgument(1),
    ...ifAnyOf(COPYING_IOCTLS, allow),
    ...ifAnyOf(FORBIDDEN_IOCTLS, refuse(EPERM)),
    mask(0xff00),
    ...ifAnyOf(
      SUBVOLUME_KINDS.map((kind) => kind << 8),
      refuse(EPERM),
    ),
    allow,
  );
  if (!options.ownProcesses) onlyOnSelf(on);
  limitSockets(on, options);
  program.push(allow);
  return program;
}

function ifAnyOf(values: readonly number[], then: Instruction): Instruction[] {
  const last = values.length - 1;
  return [...values.map((value, i) => ifEqual(value, last - i, i === last ? 1 : 0)), then];
}

/** Of the user's processes the whole machine's are meant, where there is no pid namespace. */
const WHOLE_USER = { setpriority: 2, ioprio_set: 3 } as const;

function onlyOnSelf(on: (call: CallName, ...body: Instruction[]) => void): void {
  const first: readonly CallName[] = [
    'prlimit64',
    'sched_setaffinity',
    'sched_setscheduler',
    'sched_setparam',
    'sched_setattr',
    'migrate_pages',
    'move_pages',
  ];
  for (const call of first) on(call, loadArgument(0), ifEqual(0, 1, 0), refuse(EPERM), allow);
  for (const call of ['setpriority', 'ioprio_set'] as const) {
    on(call, loadArgument(0), ifEqual(WHOLE_USER[call], 2, 0), loadArgument(1), ifEqual(0, 1, 0), refuse(EPERM), allow);
  }
}

function limitSockets(on: (call: CallName, ...body: Instruction[]) => void, options: FilterOptions): void {
  // A datagram names its receiver in sendto, where the broker does not look: with a broker there are none, nor what the
  // kernel makes one of (SOCK_RAW).
  const noDatagrams = [
    loadArgument(1),
    mask(0xf),
    ifEqual(SOCK_STREAM, 2, 0),
    ifEqual(SOCK_SEQPACKET, 1, 0),
    refuse(EPERM),
    allow,
  ];
  const unix = options.broker === 'none' ? [allow] : noDatagrams;
  if (options.sockets === 'unix') {
    on('socket', loadArgument(0), ifEqual(AF_UNIX, 1, 0), refuse(EPERM), ...unix);
  } else if (options.sockets === 'proxy') {
    const tcp = [
      loadArgument(1),
      mask(0xf),
      ifEqual(SOCK_STREAM, 0, 3),
      loadArgument(2),
      ifEqual(0, 2, 0),
      ifEqual(IPPROTO_TCP, 1, 0),
      refuse(EAFNOSUPPORT),
      allow,
    ];
    on(
      'socket',
      loadArgument(0),
      ifEqual(AF_UNIX, 1 + tcp.length, 0),
      ifEqual(AF_INET, 1, 0),
      refuse(EAFNOSUPPORT),
      ...tcp,
      ...unix,
    );
    const noConnecting = [ifAnyBit(MSG_FASTOPEN, 0, 1), refuse(EPERM), allow];
    on('sendto', loadArgument(3), ...noConnecting);
    on('sendmsg', loadArgument(2), ...noConnecting);
    on('sendmmsg', loadArgument(3), ...noConnecting);
    on('listen', notify);
  } else {
    on(
      'socket',
      loadArgument(0),
      ifEqual(AF_UNIX, 7, 0),
      ifEqual(AF_INET, 5, 0),
      ifEqual(AF_INET6, 4, 0),
      ifEqual(AF_NETLINK, 0, 2),
      loadArgument(2),
      ifEqual(0, 1, 0), // NETLINK_ROUTE: getifaddrs
      refuse(EAFNOSUPPORT),
      allow,
      ...unix,
    );
  }
  if (options.broker !== 'none') on('socketpair', ...noDatagrams);
}

/** The filter as the kernel takes it: eight bytes an instruction. */
export function encodeFilter(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8);
  program.forEach(([code, whenTrue, whenFalse, constant], i) => {
    bytes.writeUInt16LE(code, i * 8);
    bytes.writeUInt8(whenTrue, i * 8 + 2);
    bytes.writeUInt8(whenFalse, i * 8 + 3);
    bytes.writeUInt32LE(constant >>> 0, i * 8 + 4);
  });
  return bytes;
}
