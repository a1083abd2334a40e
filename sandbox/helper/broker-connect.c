// connect(): to sockets of the command's own places only, whatever the socket's path is a link to.
#define _GNU_SOURCE
#include "broker.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#define PIDFD_OF_THREAD O_EXCL // Linux 6.9

struct attempt {
  int socket;
  struct sockaddr_storage address;
  socklen_t length;
};

int take_descriptor(int fd) {
  int process = (int)syscall(SYS_pidfd_open, call->pid, PIDFD_OF_THREAD);
  if (process < 0) process = (int)syscall(SYS_pidfd_open, status_number("Tgid:", 10), 0);
  if (process < 0) return -EACCES;
  int copy = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
  int error = -errno;
  close(process);
  if (copy < 0) return error;
  if (call_is_alive()) return copy;
  close(copy);
  return -ENOENT;
}

static void connect_and_answer(void *argument) {
  struct attempt *attempt = argument;
  int result;
  do result = connect(attempt->socket, (struct sockaddr *)&attempt->address, attempt->length);
  while (result < 0 && errno == EINTR); // by the look at whether anybody still waits
  int error = result < 0 ? -errno : 0;
  close(attempt->socket); // before the command goes on: its own close must be the last
  answer_call(error);
}

// The address is replaced by the descriptor of what was checked, so that a link cannot be changed in between.
static int pin_unix_address(struct attempt *attempt, int *target) {
  struct sockaddr_un *unix_address = (struct sockaddr_un *)&attempt->address;
  size_t prefix = offsetof(struct sockaddr_un, sun_path);
  // Abstract names belong to a network namespace: with one of its own the command meets only itself there.
  if (attempt->length <= prefix || unix_address->sun_path[0] == 0)
    return options.level == 1 && !options.network ? 0 : -EPERM;
  char path[sizeof unix_address->sun_path + 1] = "", absolute[PATH_SIZE], canonical[PATH_SIZE];
  size_t size = attempt->length - prefix;
  if (size > sizeof unix_address->sun_path) return -EINVAL;
  memcpy(path, unix_address->sun_path, size);
  int error = absolute_path(AT_FDCWD, path, absolute);
  if (error) return error;
  int fd = open_path(absolute, 0, NULL);
  if (fd < 0) return fd;
  error = canonical_path(fd, canonical);
  if (!error && !may_connect(canonical)) error = -EACCES;
  if (error) {
    close(fd);
    return error;
  }
  *target = fd;
  snprintf(unix_address->sun_path, sizeof unix_address->sun_path, "/proc/self/fd/%d", fd);
  attempt->length = (socklen_t)(prefix + strlen(unix_address->sun_path) + 1);
  return 0;
}

// Level 2 shares the host's network: of it the command gets the proxy's socket, and nothing else.
static int check_inet_address(const struct attempt *attempt) {
  if (options.level == 1 || options.network) return 0;
  const struct sockaddr_in *address = (const struct sockaddr_in *)&attempt->address;
  bool proxy = options.proxy_port && attempt->length >= sizeof *address && address->sin_family == AF_INET &&
               address->sin_addr.s_addr == options.proxy_address && address->sin_port == htons(options.proxy_port);
  return proxy ? 0 : -EACCES;
}

// A socket is an entry too. The kernel makes it, by the path that it is given: whoever changes that path in between has a
// socket in the place of a protected name, which nobody runs or reads.
int handle_bind(uint64_t address, unsigned length) {
  struct sockaddr_un given;
  memset(&given, 0, sizeof given);
  size_t prefix = offsetof(struct sockaddr_un, sun_path);
  if (length <= prefix || length > sizeof given || read_memory(address, &given, length) < 0) return CONTINUE;
  if (given.sun_family != AF_UNIX || !given.sun_path[0]) return CONTINUE;
  char path[sizeof given.sun_path + 1] = "", absolute[PATH_SIZE], canonical[PATH_SIZE], *last;
  memcpy(path, given.sun_path, length - prefix);
  if (absolute_path(AT_FDCWD, path, absolute)) return CONTINUE; // what is wrong with it the kernel says
  int dir = open_parent(absolute, &last, canonical);
  if (dir < 0) return CONTINUE;
  close(dir);
  return is_in_shared_memory(canonical) || check_change(canonical, ENTRY) == 0 ? CONTINUE : -EACCES;
}

// A socket that was never bound would listen on every address of the host.
int handle_listen(int fd, int backlog) {
  int copy = take_descriptor(fd);
  if (copy < 0) return copy;
  int family = 0;
  socklen_t size = sizeof family;
  int result = -EACCES;
  if (getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &family, &size) < 0) result = -errno;
  else if (family == AF_UNIX) result = listen(copy, backlog) < 0 ? -errno : 0;
  close(copy);
  return result;
}

int handle_connect(int fd, uint64_t address, unsigned length) {
  struct attempt attempt = {.length = length};
  memset(&attempt.address, 0, sizeof attempt.address);
  if (length < sizeof(sa_family_t) || length > sizeof attempt.address) return -EINVAL;
  if (read_memory(address, &attempt.address, length) < 0) return -EFAULT;
  attempt.socket = take_descriptor(fd);
  if (attempt.socket < 0) return attempt.socket;
  int target = -1;
  int result = 0;
  if (attempt.address.ss_family == AF_UNIX) result = pin_unix_address(&attempt, &target);
  else result = check_inet_address(&attempt);
  if (result == 0) {
    if (fcntl(attempt.socket, F_GETFL) & O_NONBLOCK) {
      result = connect(attempt.socket, (struct sockaddr *)&attempt.address, attempt.length) < 0 ? -errno : 0;
    } else {
      result = in_child(connect_and_answer, &attempt);
    }
  }
  if (target >= 0) close(target);
  close(attempt.socket);
  return result;
}
