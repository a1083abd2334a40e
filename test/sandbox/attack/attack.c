// What a hostile command would try, one attempt a run: "attack NAME ARGUMENTS". Prints ESCAPED if the attempt succeeded,
// else BLOCKED and why. Everything stays on this machine. "WORKS" comes from what a sandbox must leave alone.
#define _GNU_SOURCE
#include "attack.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

const char *a, *b, *c;

// ---- files ----

static long write_to(int fd) { return fd < 0 ? -1 : write(fd, "PWN", 3); }
static long open_write(void) { return write_to(open(a, O_WRONLY)); }
static long open_create(void) { return write_to(open(a, O_WRONLY | O_CREAT, 0755)); }
static long open_with_openat2(void) {
  uint64_t how[3] = {O_WRONLY, 0, 0};
  return write_to((int)syscall(437, AT_FDCWD, a, how, sizeof how));
}
static long unnamed_file(void) {
  char link[64];
  int fd = open(a, O_TMPFILE | O_RDWR, 0644);
  if (write_to(fd) < 0) return -1;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  return linkat(AT_FDCWD, link, AT_FDCWD, b, AT_SYMLINK_FOLLOW);
}
static long try_truncate(void) { return truncate(a, 0); }
static long try_chmod(void) { return chmod(a, 0777); }
static long try_fchmod(void) {
  int fd = open(a, O_RDONLY);
  return fd < 0 ? -1 : fchmod(fd, 0777);
}
static long try_fchmodat2(void) { return syscall(452, AT_FDCWD, a, 0777, 0); }
static long set_user_id(void) { return chmod(a, 04755); }
static long try_chown(void) { return lchown(a, 12345, 12345); }
static long try_utimes(void) {
  struct timespec times[2] = {{1000, 0}, {1000, 0}};
  return utimensat(AT_FDCWD, a, times, 0);
}
static long try_futimens(void) {
  struct timespec times[2] = {{1000, 0}, {1000, 0}};
  int fd = open(a, O_RDONLY);
  return fd < 0 ? -1 : futimens(fd, times);
}
static long try_xattr(void) { return setxattr(a, "user.pwn", "1", 1, 0); }
static long try_fxattr(void) {
  int fd = open(a, O_RDONLY);
  return fd < 0 ? -1 : fsetxattr(fd, "user.pwn", "1", 1, 0);
}
static long block_device(void) { return mknod(a, S_IFBLK | 0666, 0xfe00); }
static long try_link(void) { return link(a, b); }
static long try_rename(void) { return rename(a, b); }
static long try_exchange(void) { return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2); }
static long read_bytes(void) {
  char buffer[512];
  int fd = open(a, O_RDONLY);
  return fd < 0 ? -1 : read(fd, buffer, sizeof buffer);
}
static long by_handle(void) {
  struct {
    struct file_handle head;
    char data[128];
  } handle = {.head = {.handle_bytes = 128}};
  int mount_id;
  if (name_to_handle_at(AT_FDCWD, a, &handle.head, &mount_id, 0) < 0) return -1;
  return open_by_handle_at(open("/", O_RDONLY), &handle.head, O_RDONLY);
}
// A second process flips the path between a harmless and a protected name while the first opens it.
static long path_race(void) {
  char *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  strcpy(shared, a);
  pid_t child = fork();
  if (child == 0)
    for (;;) {
      memcpy(shared, b, strlen(b) + 1);
      memcpy(shared, a, strlen(a) + 1);
    }
  int hit = 0;
  for (int i = 0; i < 3000 && !hit; i++) {
    if (i % 64 == 0) usleep(100); // lets the other one run where there is one processor for both
    int fd = open(shared, O_WRONLY | O_CREAT, 0755);
    if (fd >= 0) close(fd);
    hit = access(b, F_OK) == 0;
  }
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  errno = EACCES;
  return hit ? 0 : -1;
}

// ---- network ----

static long dial(int type, int flags) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(b))};
  inet_pton(AF_INET, a, &address.sin_addr);
  int fd = socket(AF_INET, type, 0);
  if (fd < 0) return -1;
  if (type == SOCK_STREAM && !flags) return connect(fd, (struct sockaddr *)&address, sizeof address);
  return sendto(fd, "exfil", 5, flags, (struct sockaddr *)&address, sizeof address);
}
static long tcp(void) { return dial(SOCK_STREAM, 0); }
static long tcp_fast_open(void) { return dial(SOCK_STREAM, MSG_FASTOPEN); }
static long udp(void) { return dial(SOCK_DGRAM, 0); }
static long tcp6(void) {
  struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(b))};
  inet_pton(AF_INET6, a, &address.sin6_addr);
  int fd = socket(AF_INET6, SOCK_STREAM, 0);
  return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof address);
}
static long raw_icmp(void) { return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
static long packet(void) { return socket(AF_PACKET, SOCK_RAW, htons(3)); }
static long vsock(void) { return socket(40, SOCK_STREAM, 0); }
static long kernel_crypto(void) { return socket(AF_ALG, SOCK_SEQPACKET, 0); }
static long netlink_audit(void) { return socket(AF_NETLINK, SOCK_RAW, 9); }

static socklen_t unix_address(const char *path, struct sockaddr_un *address, int abstract) {
  memset(address, 0, sizeof *address);
  address->sun_family = AF_UNIX;
  memcpy(address->sun_path + abstract, path, strlen(path));
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + 1);
}
static long unix_stream(int abstract) {
  struct sockaddr_un address;
  socklen_t length = unix_address(a, &address, abstract);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, length);
}
static long unix_path(void) { return unix_stream(0); }
static long unix_abstract(void) { return unix_stream(1); }
static long unix_datagram(void) {
  struct sockaddr_un address;
  socklen_t length = unix_address(a, &address, 0);
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  return fd < 0 ? -1 : sendto(fd, "hello", 5, 0, (struct sockaddr *)&address, length);
}
static long unix_datagram_pair(void) {
  struct sockaddr_un address;
  socklen_t length = unix_address(a, &address, 0);
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0) return -1;
  return sendto(pair[0], "hello", 5, 0, (struct sockaddr *)&address, length);
}

// ---- processes ----

static long try_kill(void) { return kill(atoi(a), 0); }
static long thread_kill(void) { return syscall(SYS_tgkill, atoi(a), atoi(a), 0); }
static long pidfd_kill(void) {
  int fd = (int)syscall(434, atoi(a), 0);
  return fd < 0 ? -1 : syscall(424, fd, 0, 0, 0);
}
static long trace(void) {
  long result = ptrace(PTRACE_SEIZE, atoi(a), 0, 0);
  if (result == 0) ptrace(PTRACE_DETACH, atoi(a), 0, 0);
  return result;
}
static long open_memory(void) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%s/mem", a);
  return open(path, O_RDWR);
}
static long take_descriptor(void) {
  int fd = (int)syscall(434, atoi(a), 0);
  return fd < 0 ? -1 : syscall(438, fd, atoi(b), 0);
}
static long limit_other(void) {
  struct rlimit limit = {64, 64};
  return syscall(SYS_prlimit64, atoi(a), RLIMIT_NOFILE, &limit, NULL);
}
static long enter_namespace(void) {
  int fd = open(a, O_RDONLY);
  return fd < 0 ? -1 : setns(fd, 0);
}
static long set_uid(void) { return setuid((uid_t)atoi(a)); }
static long write_descriptor(void) { return write(atoi(a), "PWN", 3); }

// ---- kernel ----

static long add_key(void) { return syscall(SYS_add_key, "user", "pwn", "x", 1, -4); }
static long bpf_map(void) {
  int32_t attributes[32] = {2, 4, 4, 1};
  return syscall(SYS_bpf, 0, attributes, 72);
}
static long perf(void) {
  struct perf_event_attr event = {.size = sizeof event, .type = 1, .exclude_kernel = 1};
  return syscall(SYS_perf_event_open, &event, 0, -1, -1, 0);
}
static long page_faults(void) { return syscall(SYS_userfaultfd, 1); }
static long io_uring(void) {
  char parameters[256] = {0};
  return syscall(425, 4, parameters);
}
static long mount_new(void) { return mount("tmpfs", a, "tmpfs", 0, ""); }
static long remount(void) { return mount(NULL, a, NULL, MS_REMOUNT | MS_BIND, NULL); }
static long bind_mount(void) { return mount(a, b, NULL, MS_BIND, NULL); }
static long unmount(void) { return umount2(a, MNT_DETACH); }
static long pivot(void) { return syscall(SYS_pivot_root, a, a); }
static long change_root(void) { return chroot(a); }
static long open_file_system(void) { return syscall(430, "tmpfs", 0); }
static long open_tree(void) { return syscall(428, AT_FDCWD, "/", 1); }
static long unshare_user(void) { return unshare(CLONE_NEWUSER); }
static long unshare_mounts(void) { return unshare(CLONE_NEWUSER | CLONE_NEWNS); }
static long finish_clone(long child) {
  if (child == 0) _exit(0);
  if (child > 0) waitpid((pid_t)child, NULL, 0);
  return child;
}
static long clone_user(void) { return finish_clone(syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0)); }
static long clone3_user(void) {
  uint64_t arguments[11] = {CLONE_NEWUSER | CLONE_NEWNS, 0, 0, 0, SIGCHLD};
  return finish_clone(syscall(435, arguments, sizeof arguments));
}
static long other_abi(void) {
#ifdef __x86_64__
  return syscall(0x40000000 + SYS_getpid);
#else
  errno = ENOSYS;
  return -1;
#endif
}
long reached(long result) { return result < 0 && (errno == EPERM || errno == ENOSYS) ? -1 : 0; }
static long kexec(void) { return reached(syscall(SYS_kexec_file_load, -1, -1, 0, "", 0)); }
static long load_module(void) { return reached(syscall(SYS_finit_module, -1, "", 0)); }
static long kernel_log(void) {
  char buffer[16];
  return syscall(SYS_syslog, 3, buffer, sizeof buffer);
}
static long terminal_input(void) {
  return reached(ioctl(0, 0x5412, "#")); // TIOCSTI
}

// ---- what must work; run as "attack NAME" too, but prints WORKS ----

static long works(int yes) {
  puts(yes ? "WORKS" : "FAILS");
  exit(yes ? 0 : 1);
}
static long trace_child(void) {
  pid_t child = fork();
  int status = 0;
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    _exit(7);
  }
  waitpid(child, &status, 0);
  if (!WIFSTOPPED(status)) return works(0);
  ptrace(PTRACE_CONT, child, 0, 0);
  waitpid(child, &status, 0);
  return works(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}
static long unix_local(void) {
  struct sockaddr_un address;
  socklen_t length = unix_address(a, &address, 0);
  int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
  return works(bind(server, (struct sockaddr *)&address, length) == 0 && listen(server, 1) == 0 &&
               connect(client, (struct sockaddr *)&address, length) == 0);
}
static long tcp_local(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int server = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  return works(server >= 0 && bind(server, (struct sockaddr *)&address, length) == 0 && listen(server, 1) == 0 &&
               getsockname(server, (struct sockaddr *)&address, &length) == 0 &&
               connect(client, (struct sockaddr *)&address, length) == 0);
}
// Not an attack: a datagram receiver for the tests. Says "ready", ends with its standard input.
static long serve_datagrams(void) {
  struct sockaddr_un address;
  socklen_t length = unix_address(a, &address, 0);
  if (bind(socket(AF_UNIX, SOCK_DGRAM, 0), (struct sockaddr *)&address, length) < 0) return works(0);
  chmod(a, 0777);
  puts("ready");
  char byte;
  while (read(0, &byte, 1) > 0) continue;
  exit(0);
}

static const struct attempt attempts[] = {
    {"open-write", open_write}, {"open-create", open_create}, {"openat2", open_with_openat2},
    {"unnamed-file", unnamed_file}, {"truncate", try_truncate}, {"chmod", try_chmod}, {"fchmod", try_fchmod},
    {"fchmodat2", try_fchmodat2}, {"set-user-id", set_user_id}, {"chown", try_chown}, {"utimes", try_utimes},
    {"futimens", try_futimens}, {"xattr", try_xattr}, {"fxattr", try_fxattr}, {"block-device", block_device},
    {"link", try_link}, {"rename", try_rename}, {"exchange", try_exchange}, {"read", read_bytes},
    {"by-handle", by_handle}, {"path-race", path_race}, {"tcp", tcp}, {"tcp-fast-open", tcp_fast_open},
    {"udp", udp}, {"tcp6", tcp6}, {"raw-icmp", raw_icmp}, {"packet", packet}, {"vsock", vsock},
    {"kernel-crypto", kernel_crypto}, {"netlink-audit", netlink_audit}, {"unix", unix_path},
    {"unix-abstract", unix_abstract}, {"unix-datagram", unix_datagram}, {"unix-datagram-pair", unix_datagram_pair},
    {"kill", try_kill}, {"thread-kill", thread_kill}, {"pidfd-kill", pidfd_kill}, {"trace", trace},
    {"open-memory", open_memory}, {"take-descriptor", take_descriptor}, {"limit-other", limit_other},
    {"enter-namespace", enter_namespace}, {"set-uid", set_uid}, {"write-descriptor", write_descriptor},
    {"add-key", add_key}, {"bpf", bpf_map}, {"perf", perf}, {"page-faults", page_faults}, {"io-uring", io_uring},
    {"mount", mount_new}, {"remount", remount}, {"bind-mount", bind_mount}, {"unmount", unmount}, {"pivot", pivot},
    {"change-root", change_root}, {"open-file-system", open_file_system}, {"open-tree", open_tree},
    {"unshare-user", unshare_user}, {"unshare-mounts", unshare_mounts}, {"clone-user", clone_user},
    {"clone3-user", clone3_user}, {"other-abi", other_abi}, {"kexec", kexec}, {"load-module", load_module},
    {"kernel-log", kernel_log}, {"terminal-input", terminal_input}, {"trace-child", trace_child},
    {"unix-local", unix_local}, {"tcp-local", tcp_local}, {"serve-datagrams", serve_datagrams},
};

static const struct attempt *find(const char *name) {
  for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
    if (!strcmp(name, attempts[i].name)) return &attempts[i];
  for (size_t i = 0; i < more_count; i++)
    if (!strcmp(name, more_attempts[i].name)) return &more_attempts[i];
  for (size_t i = 0; i < shared_count; i++)
    if (!strcmp(name, shared_attempts[i].name)) return &shared_attempts[i];
  return NULL;
}

int main(int argc, char **argv) {
  setvbuf(stdout, NULL, _IONBF, 0);
  a = argc > 2 ? argv[2] : "";
  b = argc > 3 ? argv[3] : "";
  c = argc > 4 ? argv[4] : "";
  const struct attempt *found = argc > 1 ? find(argv[1]) : NULL;
  if (!found) {
    fprintf(stderr, "no such attempt\n");
    return 2;
  }
  long result = found->attempt();
  if (result >= 0) puts("ESCAPED");
  else printf("BLOCKED %s\n", strerror(errno));
  return result >= 0 ? 0 : 1;
}
