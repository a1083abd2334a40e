// Attempts on the kernel's less known doors, on other processes, and on what a level shares with the machine.
#define _GNU_SOURCE
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// ---- files ----

static long through_path_descriptor(void) {
  char link[64];
  int fd = open(a, O_PATH);
  if (fd < 0) return -1;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  fd = open(link, O_WRONLY | O_TRUNC);
  return fd < 0 ? -1 : write(fd, "PWN", 3);
}
static long read_with_openat2(void) {
  uint64_t how[3] = {O_RDONLY, 0, 0};
  char buffer[16];
  int fd = (int)syscall(437, AT_FDCWD, a, how, sizeof how);
  return fd < 0 ? -1 : read(fd, buffer, sizeof buffer);
}
static long set_flags(void) {
  int flags, fd = open(a, O_RDONLY);
  if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0) return -1;
  return ioctl(fd, FS_IOC_SETFLAGS, &flags);
}
static long set_extended_flags(void) {
  struct fsxattr flags;
  int fd = open(a, O_RDONLY);
  if (fd < 0 || ioctl(fd, FS_IOC_FSGETXATTR, &flags) < 0) return -1;
  return ioctl(fd, FS_IOC_FSSETXATTR, &flags);
}
static long set_attribute_at(void) {
  struct {
    uint64_t value;
    uint32_t size, flags;
  } arguments = {(uint64_t)(uintptr_t) "1", 1, 0};
  return syscall(463, AT_FDCWD, a, 0, "user.pwn", &arguments, sizeof arguments);
}
static long character_device(void) { return mknod(a, S_IFCHR | 0666, 0x0101); } // /dev/mem
static long handle_of(void) {
  struct {
    struct file_handle head;
    char data[128];
  } handle = {.head = {.handle_bytes = 128}};
  int mount_id;
  return name_to_handle_at(AT_FDCWD, a, &handle.head, &mount_id, 0);
}
// One process keeps exchanging a file (or directory) with a link that leads out, while another writes by that name.
static long link_race(void) {
  pid_t child = fork();
  if (child == 0)
    for (;;) syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2);
  for (int i = 0; i < 2000; i++) {
    if (i % 64 == 0) usleep(100);
    int fd = open(c, O_WRONLY | O_CREAT, 0644);
    if (fd < 0) continue;
    (void)!write(fd, "PWN", 3);
    close(fd);
  }
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
  errno = EACCES;
  return -1; // the file outside tells
}

// ---- other processes ----

// Whatever the address: "bad address" comes after the permission was there.
static long memory_allowed(long result) { return result < 0 && errno != EFAULT ? -1 : 0; }
static long process_read(void) {
  char byte;
  struct iovec here = {&byte, 1}, there = {(void *)8, 1};
  return memory_allowed(process_vm_readv(atoi(a), &here, 1, &there, 1, 0));
}
static long process_write(void) {
  char byte = 0;
  struct iovec here = {&byte, 1}, there = {(void *)8, 1};
  return memory_allowed(process_vm_writev(atoi(a), &here, 1, &there, 1, 0));
}
static long compare_descriptors(void) { return syscall(SYS_kcmp, getpid(), atoi(a), 0, 0, 0); }
static long schedule_other(void) {
  struct sched_param parameters = {0};
  return syscall(SYS_sched_setscheduler, atoi(a), SCHED_BATCH, &parameters); // musl has only a stub
}
static long pin_other(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) < 0) return -1;
  return sched_setaffinity(atoi(a), sizeof set, &set);
}
static long new_privileges(void) {
  errno = EPERM;
  return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) ? -1 : 0;
}

// ---- what System V and POSIX messages share with the machine ----

static long shared_segment(void) {
  int id = shmget((key_t)atoi(a), 0, 0);
  return id < 0 ? -1 : (long)shmat(id, NULL, 0);
}
static long message_queue(void) {
  struct {
    long type;
    char text[4];
  } message = {1, "PWN"};
  int id = msgget((key_t)atoi(a), 0);
  return id < 0 ? -1 : msgsnd(id, &message, sizeof message.text, IPC_NOWAIT);
}
static long semaphore(void) {
  int id = semget((key_t)atoi(a), 0, 0);
  return id < 0 ? -1 : semctl(id, 0, SETVAL, 7);
}
static long posix_queue(void) { return mq_open(a, O_WRONLY); }
// Not an attack: makes one of each for the tests. Says "ready", removes them when its standard input ends.
static long serve_messages(void) {
  key_t key = (key_t)atoi(a);
  int shm = shmget(key, 4096, IPC_CREAT | 0666), queue = msgget(key, IPC_CREAT | 0666), sem = semget(key, 1, IPC_CREAT | 0666);
  mode_t before = umask(0);
  mqd_t posix = mq_open(b, O_CREAT | O_RDWR, 0666, NULL);
  umask(before);
  puts("ready");
  char byte;
  while (read(0, &byte, 1) > 0) continue;
  if (shm >= 0) shmctl(shm, IPC_RMID, NULL);
  if (queue >= 0) msgctl(queue, IPC_RMID, NULL);
  if (sem >= 0) semctl(sem, 0, IPC_RMID);
  if (posix >= 0) mq_unlink(b);
  exit(0);
}

// ---- kernel ----

static long any_socket(void) { return socket(atoi(a), atoi(b), atoi(c)); }
static long unshare_flags(void) { return unshare((int)strtoul(a, NULL, 0)); }
static long mount_attributes(void) {
  uint64_t attributes[4] = {0};
  return syscall(442, AT_FDCWD, "/", 0, attributes, sizeof attributes);
}
static long move_a_mount(void) { return reached(syscall(429, -1, "", -1, "", 0)); }
static long pick_file_system(void) { return syscall(433, AT_FDCWD, "/", 0); }
static long request_a_key(void) { return reached(syscall(SYS_request_key, "user", "none such", NULL, 0)); }
static long session_keyring(void) { return syscall(SYS_keyctl, 0, -3, 0); }
static long watch_everything(void) { return syscall(SYS_fanotify_init, 0, O_RDONLY); }
static long set_host_name(void) {
  char name[256];
  if (gethostname(name, sizeof name) < 0) return -1;
  return sethostname(name, strlen(name));
}
static long set_clock(void) {
  struct timespec never = {-1, -1};
  return reached(clock_settime(CLOCK_REALTIME, &never));
}
static long restart(void) { return reached(syscall(SYS_reboot, 1, 2, 3, 0)); } // wrong magic numbers
static long swap_off(void) { return reached(syscall(SYS_swapoff, "/nonexistent")); }
static long accounting(void) { return reached(syscall(SYS_acct, "/nonexistent")); }
static long quota(void) { return reached(syscall(SYS_quotactl, 0x80000200, "/nonexistent", 0, 0)); }
static long unload_module(void) { return reached(syscall(SYS_delete_module, "none_such", O_NONBLOCK)); }
static long console_input(void) {
  char request = 3; // paste
  return reached(ioctl(0, 0x541c, &request));
}
static long line_discipline(void) {
  int number = 0;
  return reached(ioctl(0, 0x5423, &number));
}

const struct attempt more_attempts[] = {
    {"through-path-descriptor", through_path_descriptor}, {"read-with-openat2", read_with_openat2},
    {"set-flags", set_flags}, {"set-extended-flags", set_extended_flags}, {"set-attribute-at", set_attribute_at},
    {"character-device", character_device}, {"handle-of", handle_of}, {"link-race", link_race},
    {"process-read", process_read}, {"process-write", process_write}, {"compare-descriptors", compare_descriptors},
    {"schedule-other", schedule_other}, {"pin-other", pin_other}, {"new-privileges", new_privileges},
    {"shared-segment", shared_segment}, {"message-queue", message_queue}, {"semaphore", semaphore},
    {"posix-queue", posix_queue}, {"serve-messages", serve_messages}, {"any-socket", any_socket},
    {"unshare", unshare_flags}, {"mount-attributes", mount_attributes}, {"move-a-mount", move_a_mount},
    {"pick-file-system", pick_file_system}, {"request-a-key", request_a_key}, {"session-keyring", session_keyring},
    {"watch-everything", watch_everything}, {"set-host-name", set_host_name}, {"set-clock", set_clock},
    {"restart", restart}, {"swap-off", swap_off}, {"accounting", accounting}, {"quota", quota},
    {"unload-module", unload_module}, {"console-input", console_input}, {"line-discipline", line_discipline},
};
const size_t more_count = sizeof more_attempts / sizeof *more_attempts;
