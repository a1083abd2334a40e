// More attempts on the machine: other processes, sockets, what the kernel offers, and what outlives the command.
import { type Escape, TOO_DANGEROUS } from './types.ts';

/** `sleep $MARK` in the background, further and further away from the command. */
const LEFT: readonly (readonly [id: string, run: string])[] = [
  ['background', 'sleep $MARK >/dev/null 2>&1 </dev/null & sleep 0.05'],
  ['no-hang-up', 'setsid nohup sleep $MARK >/dev/null 2>&1 </dev/null & sleep 0.05'],
  ['daemon', '(setsid bash -c "(sleep $MARK >/dev/null 2>&1 </dev/null &)"); sleep 0.05'],
  [
    'no-environment',
    '(env -i $(command -v setsid) bash -c "cd /; (exec -a kworker sleep $MARK) >/dev/null 2>&1 </dev/null &"); sleep 0.05',
  ],
  ['stopped', 'sleep $MARK >/dev/null 2>&1 </dev/null & sleep 0.05; kill -STOP $!'],
  ['deaf', '(trap "" TERM HUP INT; exec setsid sleep $MARK >/dev/null 2>&1 </dev/null) & sleep 0.05'],
];

/** Kernel switches; writing any of them is somebody else's code or somebody else's network. */
const SWITCHES: readonly (readonly [id: string, path: string])[] = [
  ['modprobe', '/proc/sys/kernel/modprobe'],
  ['uevent-helper', '/sys/kernel/uevent_helper'],
  ['binary-formats', '/proc/sys/fs/binfmt_misc/register'],
  ['trace-scope', '/proc/sys/kernel/yama/ptrace_scope'],
  ['forwarding', '/proc/sys/net/ipv4/ip_forward'],
  ['power', '/sys/power/state'],
  ['swappiness', '/proc/sys/vm/swappiness'],
];

/** Families and kinds of sockets that lead out of the machine's ordinary network, or into the kernel. */
const SOCKETS: readonly (readonly [id: string, numbers: string])[] = [
  ['vsock', '40 1 0'],
  ['express-data', '44 3 0'],
  ['device-events', '16 2 15'],
  ['firewall', '16 3 12'],
  ['connector', '16 2 11'],
  ['packet-datagram', '17 2 0'],
  ['can', '29 3 1'],
  ['bluetooth', '31 3 1'],
  ['tipc', '30 1 0'],
  ['raw6', '10 3 58'],
];

const NAMESPACES: readonly (readonly [id: string, flag: string])[] = [
  ['network', '0x40000000'],
  ['pids', '0x20000000'],
  ['messages', '0x08000000'],
  ['names', '0x04000000'],
  ['groups', '0x02000000'],
  ['time', '0x80'],
];

export const SYSTEM_ESCAPES: readonly Escape[] = [
  ...LEFT.map(([id, run]): Escape => ({ id: `left-${id}`, run, leaves: true })),
  ...SWITCHES.map(
    ([id, path]): Escape => ({
      id: `switch-${id}`,
      run: `v=$(cat ${path} 2>/dev/null); (echo "$v" > ${path}) 2>/dev/null && echo ESCAPED`,
      notPlain: TOO_DANGEROUS,
    }),
  ),
  ...SOCKETS.map(([id, numbers]): Escape => ({ id: `socket-${id}`, run: `$ATK any-socket ${numbers}` })),
  ...NAMESPACES.map(([id, flag]): Escape => ({ id: `unshare-${id}`, run: `$ATK unshare ${flag}` })),
  // other processes
  { id: 'process-read', run: '$ATK process-read $VICTIM' },
  { id: 'process-write', run: '$ATK process-write $VICTIM' },
  {
    id: 'parent-environment',
    run: 'tr "\\0" "\\n" < /proc/$PPID/environ | grep -q TESTSECRET && echo ESCAPED',
    notPlain: 'the runner itself is the parent there',
  },
  {
    id: 'parent-descriptors',
    run: 'for f in /proc/$PPID/fd/*; do (: < $f) 2>/dev/null && echo ESCAPED $f; done',
    notPlain: 'the runner itself is the parent there',
  },
  {
    id: 'left-without-parent',
    run: '(setsid sleep $MARK >/dev/null 2>&1 </dev/null &); kill -STOP $PPID; kill -KILL $PPID; kill -KILL 1; sleep 0.05',
    leaves: true,
    notPlain: 'it would end the tests',
  },
  { id: 'trace-runner', run: '$ATK trace $RUNNER' },
  { id: 'trace-parent', run: '$ATK trace $PPID' },
  { id: 'parent-memory', run: '$ATK open-memory $PPID' },
  { id: 'compare-descriptors', run: '$ATK compare-descriptors $RUNNER' },
  { id: 'schedule-other', run: '$ATK schedule-other $VICTIM' },
  { id: 'pin-other', run: '$ATK pin-other $VICTIM' },
  { id: 'renice-other', run: 'renice -n 5 -p $VICTIM >/dev/null && echo ESCAPED' },
  { id: 'memory-score-of-other', run: '(echo 500 > /proc/$VICTIM/oom_score_adj) 2>/dev/null && echo ESCAPED' },
  { id: 'read-other-map', run: 'grep -q . /proc/$VICTIM/maps && echo ESCAPED' },
  { id: 'read-other-folder', run: 'readlink /proc/$VICTIM/cwd >/dev/null && echo ESCAPED' },
  { id: 'read-other-command-line', run: 'tr "\\0" "\\n" < /proc/$VICTIM/cmdline | grep -qx sleep && echo ESCAPED' },
  { id: 'new-privileges', run: '$ATK new-privileges' },
  {
    id: 'capabilities',
    run: 'read -r _ h < <(grep CapEff /proc/self/status); test $((16#$h & ~0xb)) != 0 && echo ESCAPED',
  },
  { id: 'core-dumps', run: 'test "$(ulimit -Hc)" != 0 && echo ESCAPED' },
  // what is shared with the machine where there is no ipc namespace
  { id: 'shared-segment', run: '$ATK shared-segment $KEY' },
  { id: 'message-queue', run: '$ATK message-queue $KEY' },
  { id: 'semaphore', run: '$ATK semaphore $KEY' },
  { id: 'posix-queue', run: '$ATK posix-queue /$ABS' },
  // the network, as programs reach it
  {
    id: 'node-http',
    run: "node -e \"require('http').get('http://127.0.0.1:$TCP').on('error',()=>{})\"",
    reaches: 'tcp',
  },
  {
    id: 'node-datagram',
    run: "node -e \"const s=require('dgram').createSocket('udp4');s.on('error',()=>process.exit());s.send('x',$UDP,'127.0.0.1',()=>s.close())\"",
    reaches: 'udp',
  },
  { id: 'git-remote', run: 'timeout 5 git ls-remote git://127.0.0.1:$TCP/x', reaches: 'tcp' },
  {
    id: 'socket-of-an-agent',
    run: "SSH_AUTH_SOCK=$USOCK DOCKER_HOST=unix://$USOCK node -e \"require('net').connect(process.env.SSH_AUTH_SOCK).on('error',()=>{})\"",
    reaches: 'unix',
  },
  // the kernel
  { id: 'mount-attributes', run: '$ATK mount-attributes' },
  { id: 'move-mount', run: '$ATK move-a-mount' },
  { id: 'pick-file-system', run: '$ATK pick-file-system' },
  { id: 'request-key', run: '$ATK request-a-key' },
  { id: 'session-keyring', run: '$ATK session-keyring' },
  { id: 'watch-everything', run: '$ATK watch-everything' },
  { id: 'host-name', run: '$ATK set-host-name' },
  { id: 'clock', run: '$ATK set-clock' },
  { id: 'restart', run: '$ATK restart' },
  { id: 'swap-off', run: '$ATK swap-off' },
  { id: 'accounting', run: '$ATK accounting' },
  { id: 'quota', run: '$ATK quota' },
  { id: 'unload-module', run: '$ATK unload-module' },
  { id: 'console-input', run: '$ATK console-input' },
  { id: 'line-discipline', run: '$ATK line-discipline' },
  { id: 'kernel-message', run: '(echo sandbox test > /dev/kmsg) 2>/dev/null && echo ESCAPED' },
  { id: 'kernel-memory', run: '(head -c 4 /proc/kcore | grep -q ELF) 2>/dev/null && echo ESCAPED' },
  {
    id: 'devices',
    run: 'for d in /dev/fuse /dev/net/tun /dev/kvm /dev/loop-control /dev/uinput /dev/vhost-net /dev/vhost-vsock /dev/userfaultfd; do (: <>$d) 2>/dev/null && echo ESCAPED $d; done',
  },
  {
    id: 'control-group',
    run: 'for d in /sys/fs/cgroup /sys/fs/cgroup/pids; do mkdir $d/escape-$RUNNER && rmdir $d/escape-$RUNNER && test -e $d/cgroup.procs && echo ESCAPED; done 2>/dev/null',
  },
  {
    id: 'release-agent',
    run: 'for f in /sys/fs/cgroup/*/release_agent; do (echo "" >> $f) 2>/dev/null && echo ESCAPED; done',
    notPlain: TOO_DANGEROUS,
  },
];
