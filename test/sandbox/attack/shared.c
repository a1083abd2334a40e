// Attempts with what two threads, two processes or two kinds of sockets share.
#define _GNU_SOURCE
#include "attack.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sockaddr_un address_of(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  return address;
}

// The kernel makes a datagram socket of it.
static long raw_datagram(void) {
  struct sockaddr_un address = address_of(a);
  int fd = socket(AF_UNIX, SOCK_RAW, 0);
  return fd < 0 ? -1 : sendto(fd, "hello", 5, 0, (struct sockaddr *)&address, sizeof address);
}
static long raw_datagram_pair(void) {
  struct sockaddr_un address = address_of(a);
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_RAW, 0, pair) < 0) return -1;
  return sendto(pair[0], "hello", 5, 0, (struct sockaddr *)&address, sizeof address);
}
static long bind_name(void) {
  struct sockaddr_un address = address_of(a);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  return fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof address);
}

// One thread opens a descriptor again for writing, while another keeps exchanging what its number stands for: a file that
// could only be opened for reading, and one that was opened for writing.
static int first, second, flipped;
static volatile int is_over;
static void *flip(void *unused) {
  while (!is_over) dup2(first, flipped), dup2(second, flipped);
  return unused;
}
static long descriptor_race(void) {
  first = open(a, O_RDONLY);
  second = open(b, O_RDWR | O_CREAT, 0644);
  if (first < 0 || second < 0) return -1;
  struct stat wanted, info;
  if (fstat(first, &wanted) < 0 || (flipped = dup(first)) < 0) return -1;
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", flipped);
  pthread_t thread;
  pthread_create(&thread, NULL, flip, NULL);
  long result = -1;
  for (int i = 0; i < 3000 && result < 0; i++) {
    int fd = open(path, O_WRONLY | O_APPEND);
    if (fd < 0) continue;
    if (fstat(fd, &info) == 0 && info.st_ino == wanted.st_ino) result = write(fd, "PWN\n", 4);
    close(fd);
  }
  is_over = 1;
  pthread_join(thread, NULL);
  errno = EACCES;
  return result;
}

// Each does nothing but to be born and to have a child: whoever kills one has missed the next.
static long fork_chain(void) {
  for (int i = 0; i < 8; i++) {
    if (fork()) continue;
    setsid();
    for (int fd = 0; fd < 3; fd++) close(fd);
    for (;;)
      if (fork() > 0) _exit(0);
  }
  errno = 0;
  return -1; // what is left tells
}
// Callers that wait for a FIFO's other end, and are gone.
static long deserted_waits(void) {
  for (int i = 0; i < atoi(b); i++) {
    pid_t child = fork();
    if (child == 0) {
      (void)!open(a, O_WRONLY);
      _exit(0);
    }
    usleep(300);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
  }
  return 0;
}

static long whole_user_priority(void) { return setpriority(PRIO_USER, 0, atoi(a)); }
static long signal_by_owner(void) {
  int ends[2];
  if (pipe(ends) < 0 || fcntl(ends[0], F_SETOWN, atoi(a)) < 0) return -1;
  fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK);
  (void)!write(ends[1], "x", 1);
  errno = EPERM;
  return -1; // whether it has ended tells
}
static long old_abi(void) {
#ifdef __x86_64__
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20) : "memory");
  errno = ENOSYS;
  return result > 0 ? 0 : -1;
#else
  errno = ENOSYS;
  return -1;
#endif
}
// An inode's version, twice: as all file systems name it, and as ext4 does.
static long set_version(void) {
  long version = 7;
  int fd = open(a, O_RDONLY);
  if (fd < 0) return -1;
  int done = ioctl(fd, 0x40087602, &version);
  return done < 0 ? ioctl(fd, 0x40086604, &version) : done;
}

const struct attempt shared_attempts[] = {
    {"raw-datagram", raw_datagram}, {"raw-datagram-pair", raw_datagram_pair}, {"bind-name", bind_name},
    {"descriptor-race", descriptor_race}, {"fork-chain", fork_chain}, {"deserted-waits", deserted_waits},
    {"whole-user-priority", whole_user_priority}, {"signal-by-owner", signal_by_owner}, {"old-abi", old_abi},
    {"set-version", set_version},
};
const size_t shared_count = sizeof shared_attempts / sizeof *shared_attempts;
