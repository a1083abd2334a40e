// The filter is decoded from its bytes and run, so that what is tested is what the kernel gets.
import assert from 'node:assert/strict';
import {
  type Architecture,
  assembleFilter,
  encodeFilter,
  type FilterOptions,
  FORBIDDEN,
} from '../../../sandbox/seccomp.ts';
import { CALL_NUMBERS, type CallName } from '../../../sandbox/syscalls.ts';

const ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 };
const ALLOW = 'allow';

type Call = { number: number; arch?: number; args?: number[] };

/** The kernel's interpreter for the few instructions that are used. */
function evaluate(filter: Buffer, architecture: Architecture, { number, arch, args = [] }: Call): string {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(arch ?? ARCH[architecture], 4);
  for (const [i, value] of args.entries()) data.writeUInt32LE(value >>> 0, 16 + 8 * i);
  let accumulator = 0;
  for (let at = 0; at < filter.length / 8; at++) {
    const code = filter.readUInt16LE(at * 8);
    const whenTrue = filter.readUInt8(at * 8 + 2);
    const whenFalse = filter.readUInt8(at * 8 + 3);
    const constant = filter.readUInt32LE(at * 8 + 4);
    const jump = (yes: boolean): void => {
      at += yes ? whenTrue : whenFalse;
    };
    if (code === 0x20) accumulator = data.readUInt32LE(constant);
    else if (code === 0x54) accumulator = (accumulator & constant) >>> 0;
    else if (code === 0x15) jump(accumulator === constant);
    else if (code === 0x35) jump(accumulator >= constant);
    else if (code === 0x45) jump((accumulator & constant) !== 0);
    else if (code === 0x06) return describeResult(constant);
    else assert.fail(`instruction ${code.toString(16)}`);
  }
  return assert.fail('the filter ran off its end');
}

function describeResult(value: number): string {
  if (value === 0x7fff0000) return ALLOW;
  if (value === 0x7fc00000) return 'notify';
  if (value === 0x80000000) return 'kill';
  assert.equal(value >>> 16, 5);
  return `errno ${value & 0xffff}`;
}

for (const architecture of ['x64', 'arm64'] as const) {
  describe(`seccomp filter for ${architecture}`, () => {
    const numbers = CALL_NUMBERS[architecture];
    const decide = (options: FilterOptions, call: CallName | Call, ...args: number[]): string => {
      const filter = encodeFilter(assembleFilter(options, architecture));
      if (typeof call !== 'string') return evaluate(filter, architecture, call);
      const number = numbers[call];
      assert.ok(number !== undefined, call);
      return evaluate(filter, architecture, { number, args });
    };
    const plain: FilterOptions = { sockets: 'inet', broker: 'none' };
    const create: FilterOptions = { sockets: 'inet', broker: 'create' };
    const all: FilterOptions = { sockets: 'unix', broker: 'all' };

    it('kills calls of another architecture', () => {
      assert.equal(decide(plain, { number: 1, arch: 0x40000003 }), 'kill');
    });

    it('fits the kernel and ends in an answer, whatever the options', () => {
      for (const sockets of ['unix', 'proxy', 'inet'] as const) {
        for (const broker of ['none', 'connect', 'create', 'all'] as const) {
          const program = assembleFilter({ sockets, broker }, architecture);
          assert.ok(program.length < 4096);
          assert.deepEqual(program.at(-1), [6, 0, 0, 0x7fff0000]);
          for (let number = 0; number < 600; number++) decide({ sockets, broker }, { number });
        }
      }
    });

    it('refuses what no command needs', () => {
      const got = FORBIDDEN.filter((call) => numbers[call] !== undefined).map((call) => decide(plain, call));
      assert.deepEqual([...new Set(got)], ['errno 1']);
    });

    it('lets ordinary calls pass', () => {
      assert.equal(decide(plain, 'openat', 0, 0, 1), ALLOW);
      assert.equal(decide(plain, 'clone', 0x11), ALLOW);
      assert.equal(decide(plain, 'ptrace'), ALLOW);
      assert.equal(decide(plain, 'socketpair', 1, 2), ALLOW);
    });

    it('pretends that clone3 and io_uring do not exist', () => {
      for (const call of ['clone3', 'io_uring_setup'] as const) assert.equal(decide(plain, call), 'errno 38');
    });

    it('refuses new namespaces, by any flag', () => {
      for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
        assert.equal(decide(plain, 'clone', flag | 0x11), 'errno 1');
        assert.equal(decide(plain, 'unshare', flag), 'errno 1');
      }
      assert.equal(decide(plain, 'unshare', 0x80), 'errno 1');
    });

    it('asks the broker before a birth where it counts, and still refuses namespaces', () => {
      const counting: FilterOptions = { ...all, counts: true };
      assert.deepEqual([decide(counting, 'clone', 0x11), decide(all, 'clone', 0x11)], ['notify', ALLOW]);
      assert.equal(decide(counting, 'clone', 0x20000000 | 0x11), 'errno 1');
      if (numbers.fork !== undefined) assert.equal(decide(counting, 'fork'), 'notify');
    });

    it('refuses the messages of the whole machine where there is no ipc namespace', () => {
      for (const call of ['shmget', 'shmat', 'msgget', 'msgsnd', 'semget', 'semctl', 'mq_open'] as const) {
        assert.deepEqual([decide({ ...all, sharedIpc: true }, call), decide(plain, call)], ['errno 38', ALLOW], call);
      }
    });

    it('sends only opening for writing to the broker', () => {
      for (const flags of [0, 0x80000]) assert.equal(decide(create, 'openat', 0, 0, flags), ALLOW);
      for (const flags of [1, 2, 0x40, 0x200, 0x410000]) assert.equal(decide(create, 'openat', 0, 0, flags), 'notify');
      assert.equal(decide(create, 'openat2'), 'errno 38');
    });

    it('sends metadata to the broker only where no mount holds it', () => {
      assert.equal(decide(create, 'fchmod', 3, 0o644), ALLOW);
      assert.equal(decide(create, 'unlinkat'), ALLOW);
      assert.equal(decide(all, 'fchmod', 3, 0o644), 'notify');
      assert.equal(decide(all, 'unlinkat'), 'notify');
    });

    it('refuses set-user-id bits', () => {
      assert.equal(decide(create, 'fchmod', 3, 0o4755), 'errno 1');
      assert.equal(decide(create, 'fchmodat', 0, 0, 0o4755), 'errno 1');
    });

    it('leaves TCP to a proxy, connected by the broker, and nothing else of the network', () => {
      const proxied: FilterOptions = { sockets: 'proxy', broker: 'all' };
      const socket = (...args: number[]): string => decide(proxied, 'socket', ...args);
      assert.deepEqual([socket(2, 1, 0), socket(2, 0x80801, 6), socket(1, 1, 0)], [ALLOW, ALLOW, ALLOW]);
      const refused = [
        [2, 2, 0], // UDP
        [2, 3, 1], // raw
        [2, 1, 132], // SCTP
        [2, 1, 262], // MPTCP
        [10, 1, 0],
        [16, 3, 0],
        [17, 3, 0],
        [40, 1, 0],
      ];
      assert.deepEqual([...new Set(refused.map((args) => socket(...args)))], ['errno 97']);
      assert.deepEqual([decide(proxied, 'connect'), decide(proxied, 'listen')], ['notify', 'notify']);
      const open = 0x20000000;
      assert.deepEqual(
        [
          decide(proxied, 'sendto', 3, 0, 0, open | 0x4000),
          decide(proxied, 'sendmsg', 3, 0, open),
          decide(proxied, 'sendmmsg', 3, 0, 1, open),
          decide(proxied, 'sendto', 3, 0, 0, 0x4000),
        ],
        ['errno 1', 'errno 1', 'errno 1', ALLOW],
      );
    });

    it('limits socket families', () => {
      const family = (options: FilterOptions, domain: number, type = 1, protocol = 0): string =>
        decide(options, 'socket', domain, type, protocol);
      assert.deepEqual(
        [1, 2, 10, 16, 17, 38, 40].map((domain) => family(plain, domain)),
        [ALLOW, ALLOW, ALLOW, ALLOW, 'errno 97', 'errno 97', 'errno 97'],
      );
      assert.equal(family(plain, 16, 3, 9), 'errno 97');
      assert.deepEqual(
        [1, 2, 10, 16, 40].map((domain) => family(all, domain)),
        [ALLOW, 'errno 1', 'errno 1', 'errno 1', 'errno 1'],
      );
    });

    it('refuses unix datagrams where the broker cannot see their receiver', () => {
      assert.equal(decide(create, 'socket', 1, 2 | 0x80000), 'errno 1');
      assert.equal(decide(create, 'socketpair', 1, 2), 'errno 1');
      assert.equal(decide(create, 'socket', 2, 2), ALLOW);
      // The kernel makes a datagram socket of SOCK_RAW.
      assert.equal(decide(create, 'socket', 1, 3), 'errno 1');
      assert.equal(decide(create, 'socketpair', 1, 3), 'errno 1');
      assert.deepEqual([decide(create, 'socket', 1, 1), decide(create, 'socketpair', 1, 5 | 0x80000)], [ALLOW, ALLOW]);
      assert.equal(decide(all, 'socket', 1, 2), 'errno 1');
    });

    it('refuses typing into the terminal and attributes through ioctl', () => {
      for (const request of [0x5412, 0x541c, 0x5423, 0x40086602, 0x401c5820, 0x40087602, 0x4b49]) {
        assert.equal(decide(plain, 'ioctl', 0, request), 'errno 1');
      }
      assert.equal(decide(plain, 'ioctl', 0, 0x5401), ALLOW);
    });

    it('makes no subvolumes, and copies ranges of files', () => {
      const makesSubvolume = [0x5000940e, 0x50009418, 0x5000940f, 0x4010bc10];
      assert.deepEqual(
        makesSubvolume.map((request) => decide(plain, 'ioctl', 0, request)),
        makesSubvolume.map(() => 'errno 1'),
      );
      const copies = [0x40049409, 0x4020940d, 0xc0189436];
      assert.deepEqual(
        copies.map((request) => decide(plain, 'ioctl', 0, request)),
        copies.map(() => ALLOW),
      );
    });

    it('allows limits and priorities only for the caller itself', () => {
      assert.equal(decide(plain, 'prlimit64', 0), ALLOW);
      assert.equal(decide(plain, 'prlimit64', 42), 'errno 1');
      assert.equal(decide(plain, 'setpriority', 0, 42), 'errno 1');
      assert.deepEqual([decide(plain, 'setpriority', 0, 0), decide(plain, 'setpriority', 2, 0)], [ALLOW, 'errno 1']);
      const own = { ...plain, ownProcesses: true };
      assert.deepEqual([decide(own, 'setpriority', 0, 42), decide(own, 'prlimit64', 42)], [ALLOW, ALLOW]);
      assert.deepEqual([decide(plain, 'ioprio_set', 1, 0), decide(plain, 'ioprio_set', 3, 0)], [ALLOW, 'errno 1']);
    });

    if (architecture === 'x64') {
      it('has no x32 calls', () => {
        assert.equal(decide(plain, { number: 0x40000000 + 39 }), 'errno 38');
      });
    }
  });
}
