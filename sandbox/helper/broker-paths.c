// The command's memory and paths, read from outside.
#define _GNU_SOURCE
#include "broker.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

int read_memory(uint64_t address, void *buffer, size_t size) {
  struct iovec here = {buffer, size}, there = {(void *)(uintptr_t)address, size};
  return process_vm_readv((pid_t)call->pid, &here, 1, &there, 1, 0) == (ssize_t)size ? 0 : -EFAULT;
}

// Page by page, as the string may end just before unmapped memory.
int read_string(uint64_t address, char *buffer) {
  if (!address) return -EFAULT;
  for (size_t done = 0; done < PATH_MAX;) {
    size_t part = 4096 - (address & 4095);
    if (part > PATH_MAX - done) part = PATH_MAX - done;
    if (read_memory(address, buffer + done, part) < 0) return -EFAULT;
    if (memchr(buffer + done, 0, part)) return 0;
    done += part;
    address += part;
  }
  return -ENAMETOOLONG;
}

int status_number(const char *key, int base) {
  char path[64], text[2048];
  snprintf(path, sizeof path, "/proc/%d/status", call->pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return -1;
  text[size] = 0;
  char *found = strstr(text, key);
  return found ? (int)strtol(found + strlen(key), NULL, base) : -1;
}

static struct {
  uint32_t pid;
  int umask;
} umasks[64];

void broker_forget_umasks(void) { memset(umasks, 0, sizeof umasks); }

int umask_of_caller(void) {
  unsigned slot = call->pid % 64;
  if (umasks[slot].pid != call->pid) {
    int value = status_number("Umask:", 8);
    umasks[slot].umask = value < 0 ? 022 : value;
    umasks[slot].pid = call->pid;
  }
  return umasks[slot].umask;
}

void link_to_descriptor(char *link, size_t size, int fd) { snprintf(link, size, "/proc/self/fd/%d", fd); }

int canonical_path(int fd, char *result) {
  char link[64];
  link_to_descriptor(link, sizeof link, fd);
  ssize_t size = readlink(link, result, PATH_MAX);
  if (size < 0) return -errno;
  if (size >= PATH_MAX) return -ENAMETOOLONG;
  result[size] = 0;
  return 0;
}

static int read_link(const char *link, char *result) {
  ssize_t size = readlink(link, result, PATH_MAX);
  if (size < 0) return -EBADF;
  if (size >= PATH_MAX) return -ENAMETOOLONG;
  result[size] = 0;
  return 0;
}

// "/proc/self/..." means the command, not the broker.
static void replace_self(char *path) {
  static const struct {
    const char *prefix, *format;
  } map[] = {{"/proc/self/fd/", "/proc/%d/fd/"}, {"/proc/thread-self/fd/", "/proc/%d/fd/"},
             {"/dev/fd/", "/proc/%d/fd/"},       {"/dev/stdin", "/proc/%d/fd/0"},
             {"/dev/stdout", "/proc/%d/fd/1"},   {"/dev/stderr", "/proc/%d/fd/2"}};
  for (size_t i = 0; i < sizeof map / sizeof *map; i++) {
    size_t length = strlen(map[i].prefix);
    if (strncmp(path, map[i].prefix, length)) continue;
    if (map[i].prefix[length - 1] != '/' && path[length]) continue;
    char rest[PATH_SIZE];
    snprintf(rest, sizeof rest, "%s", path + length);
    int used = snprintf(path, PATH_SIZE, map[i].format, call->pid);
    snprintf(path + used, (size_t)(PATH_SIZE - used), "%s", rest);
    return;
  }
}

// The number of one of the command's own descriptors, if the path names one; `rest` is what follows it.
static int own_descriptor(const char *path, const char **rest) {
  char prefix[64];
  int length = snprintf(prefix, sizeof prefix, "/proc/%d/fd/", call->pid);
  if (strncmp(path, prefix, (size_t)length) || !isdigit((unsigned char)path[length])) return -1;
  char *end;
  long fd = strtol(path + length, &end, 10);
  if ((*end && *end != '/') || fd > INT_MAX) return -1;
  *rest = end;
  return (int)fd;
}

int absolute_path(int dir, const char *path, char *result) {
  char base[PATH_SIZE] = "", link[64];
  if (path[0] != '/') {
    if (dir == AT_FDCWD) snprintf(link, sizeof link, "/proc/%d/cwd", call->pid);
    else snprintf(link, sizeof link, "/proc/%d/fd/%d", call->pid, dir);
    int error = read_link(link, base);
    if (error) return error;
    if (base[0] != '/') return -ENOTDIR;
  }
  int size = snprintf(result, PATH_SIZE, "%s%s%s", base, *base && *path ? "/" : "", path);
  if (size >= PATH_MAX) return -ENAMETOOLONG;
  replace_self(result);
  // A path below one of its descriptors goes on from where that descriptor is.
  const char *rest;
  int fd = own_descriptor(result, &rest);
  if (fd >= 0 && *rest) {
    snprintf(link, sizeof link, "/proc/%d/fd/%d", call->pid, fd);
    int error = read_link(link, base);
    if (error) return error;
    if (base[0] != '/') return -ENOTDIR;
    char tail[PATH_SIZE];
    snprintf(tail, sizeof tail, "%s", rest);
    if (strlen(base) + strlen(tail) >= PATH_MAX) return -ENAMETOOLONG;
    strcpy(result, base);
    strcat(result, tail);
  }
  return 0;
}

// All of the command's processes share one root: in level 1 that of its namespaces, in level 2 the host's.
static int command_root(void) {
  static int root = -1;
  if (root >= 0) return root;
  char path[64] = "/";
  if (options.level == 1) snprintf(path, sizeof path, "/proc/%d/root", call->pid);
  return root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

// Another thread may put another file under the number at any time: the file is taken once, and how it was opened is asked
// of that one. It is not kept: a program that is still open for writing cannot be executed.
int open_own(int number, struct own *own) {
  char link[64];
  int copy = take_descriptor(number);
  if (copy < 0) return copy;
  int flags = fcntl(copy, F_GETFL);
  own->fd = number;
  own->writable = flags >= 0 && !(flags & O_PATH) && (flags & O_ACCMODE) != O_RDONLY;
  link_to_descriptor(link, sizeof link, copy);
  int fd = open(link, O_PATH | O_CLOEXEC);
  int error = -errno;
  close(copy);
  return fd < 0 ? error : fd;
}

int open_path(const char *absolute, int flags, struct own *own) {
  const char *rest;
  struct own unused;
  if (!own) own = &unused;
  own->fd = -1;
  own->writable = false;
  int number = own_descriptor(absolute, &rest);
  if (number >= 0 && !(flags & O_NOFOLLOW)) {
    int fd = open_own(number, own);
    return fd == -EBADF ? -ENOENT : fd;
  }
  struct open_how how = {.flags = (uint64_t)(O_PATH | O_CLOEXEC | flags),
                         .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  int fd = (int)syscall(SYS_openat2, command_root(), absolute, &how, sizeof how);
  return fd < 0 ? -errno : fd;
}

// Splits off the last component (changing `absolute`), and resolves the rest: the entry's canonical path.
int open_parent(char *absolute, char **last, char *canonical) {
  size_t length = strlen(absolute);
  while (length > 1 && absolute[length - 1] == '/') absolute[--length] = 0;
  char *slash = strrchr(absolute, '/');
  if (!slash) return -EINVAL;
  *last = slash + 1;
  if (!**last || !strcmp(*last, ".") || !strcmp(*last, "..")) return -EBUSY;
  char dir[PATH_SIZE];
  size_t size = (size_t)(slash - absolute);
  memcpy(dir, absolute, size);
  dir[size] = 0;
  int fd = open_path(size ? dir : "/", O_DIRECTORY, NULL);
  if (fd < 0) return fd;
  int error = canonical_path(fd, canonical);
  if (!error && strlen(canonical) + strlen(*last) + 2 > PATH_MAX) error = -ENAMETOOLONG;
  if (error) {
    close(fd);
    return error;
  }
  if (strcmp(canonical, "/")) strcat(canonical, "/");
  strcat(canonical, *last);
  return fd;
}
