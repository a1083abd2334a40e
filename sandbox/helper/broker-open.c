// Opening for writing: the command gets a descriptor of exactly the file whose path was checked.
#define _GNU_SOURCE
#include "broker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A descriptor that the command can write to already may be opened again; one that it can only read is judged by its path,
// and only if that path leads to the same file in its own view.
static int check_read_descriptor(int handle, const char *canonical, enum change change) {
  int again = open_path(canonical, O_NOFOLLOW, NULL);
  if (again < 0) return -EACCES;
  struct stat first, second;
  bool same = fstat(handle, &first) == 0 && fstat(again, &second) == 0 && first.st_dev == second.st_dev &&
              first.st_ino == second.st_ino;
  close(again);
  return same ? check_change(canonical, change) : -EACCES;
}

int check_open(int handle, const struct own *own, const char *canonical, enum change change) {
  if (canonical[0] != '/') return 0; // a pipe, a socket
  if (!strncmp(canonical, "/memfd:", 7)) return 0;
  if (own && own->fd >= 0 && own->writable) return 0;
  if (is_plain_device(canonical)) return may_change_device(handle, canonical, change) ? 0 : -EACCES;
  if (own && own->fd >= 0) return check_read_descriptor(handle, canonical, change);
  if (is_in_shared_memory(canonical)) return is_own_shared_memory(handle) ? 0 : -EACCES;
  if (changes_repository(canonical)) {
    tell_blocked("write", canonical);
    return -EACCES;
  }
  return check_change(canonical, change);
}

struct opening {
  char link[64];
  int flags;
  bool close_on_exec;
};

// Opening a FIFO waits for its other end, and a file that somebody has a lease on for that to be given up: the broker must
// wait for neither.
static void open_patiently(void *argument) {
  const struct opening *opening = argument;
  int fd = open(opening->link, opening->flags);
  int result = fd < 0 ? -errno : give_descriptor(fd, opening->close_on_exec);
  if (result != ANSWERED) answer_call(result);
}

// "/dev/stderr" and the like. A socket, as callers use for streams, cannot be opened by path; it is the command's anyway.
static int give_again(int own, bool close_on_exec) {
  int fd = take_descriptor(own);
  if (fd < 0) return fd;
  return give_descriptor(fd, close_on_exec);
}

static int open_existing(int handle, const struct own *own, int flags, int mode, bool close_on_exec) {
  char canonical[PATH_SIZE];
  struct stat info;
  int error = canonical_path(handle, canonical);
  if (error) return error;
  if (fstat(handle, &info) < 0) return -errno;
  if (S_ISLNK(info.st_mode)) return -ELOOP;
  if (S_ISSOCK(info.st_mode) && own->fd >= 0) return give_again(own->fd, close_on_exec);
  if ((error = check_open(handle, own, canonical, CONTENT))) return error;
  struct opening opening = {.flags = flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW), .close_on_exec = close_on_exec};
  link_to_descriptor(opening.link, sizeof opening.link, handle);
  if (S_ISFIFO(info.st_mode)) return in_child(open_patiently, &opening);
  int fd = open(opening.link, opening.flags | O_NONBLOCK, mode & MODE_NEW_FILE & ~umask_of_caller());
  if (fd < 0 && errno == EWOULDBLOCK && !(flags & O_NONBLOCK)) return in_child(open_patiently, &opening);
  if (fd < 0) return -errno;
  remember_terminal(fd, canonical);
  if (!(flags & O_NONBLOCK)) fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  return give_descriptor(fd, close_on_exec);
}

// -EAGAIN if someone else created it first.
static int create_new(char *absolute, int flags, int mode, bool close_on_exec) {
  char canonical[PATH_SIZE], *last;
  int dir = open_parent(absolute, &last, canonical);
  if (dir < 0) return dir;
  int pointer = flags & O_EXCL ? NOT_MINE : open_in_worktree(dir, last, canonical);
  if (pointer != NOT_MINE) {
    close(dir);
    return pointer < 0 ? pointer : give_descriptor(pointer, close_on_exec);
  }
  bool shared = is_in_shared_memory(canonical);
  int result = !shared ? check_change(canonical, ENTRY) : may_enter_shared_memory(dir, canonical) ? 0 : -EACCES;
  if (!shared && !result && makes_repository(dir, last, canonical)) {
    tell_blocked("write", canonical);
    result = -EACCES;
  }
  if (result == 0) {
    int fd = openat(dir, last, flags | O_NOFOLLOW | O_EXCL, mode & MODE_NEW_FILE & ~umask_of_caller());
    if (fd < 0) {
      result = errno == EEXIST && !(flags & O_EXCL) ? -EAGAIN : -errno;
    } else {
      if (shared) remember_shared_memory(fd, "");
      result = give_descriptor(fd, close_on_exec);
    }
  }
  close(dir);
  return result;
}

// A link that dangles is followed by O_CREAT: where it leads is what gets created.
static int follow_dangling(char *absolute) {
  int handle = open_path(absolute, O_NOFOLLOW, NULL);
  if (handle < 0) return handle;
  char target[PATH_SIZE], joined[PATH_SIZE * 2];
  struct stat info;
  ssize_t size = -1;
  if (fstat(handle, &info) == 0 && S_ISLNK(info.st_mode)) size = readlinkat(handle, "", target, PATH_MAX - 1);
  close(handle);
  if (size < 0) return -EAGAIN;
  target[size] = 0;
  if (target[0] == '/') snprintf(joined, sizeof joined, "%s", target);
  else snprintf(joined, sizeof joined, "%.*s/%s", (int)(strrchr(absolute, '/') - absolute), absolute, target);
  if (strlen(joined) >= PATH_MAX) return -ENAMETOOLONG;
  strcpy(absolute, joined);
  return -EAGAIN;
}

int handle_open(int dir, uint64_t path_address, int flags, int mode) {
  char path[PATH_SIZE], absolute[PATH_SIZE];
  int error = read_string(path_address, path);
  if (error) return error;
  if (!*path) return -ENOENT;
  if ((error = absolute_path(dir, path, absolute))) return error;
  if (!call_is_alive()) return -ENOENT;
  bool close_on_exec = flags & O_CLOEXEC;
  bool unnamed = (flags & O_TMPFILE) == O_TMPFILE;
  flags |= O_CLOEXEC | O_NOCTTY;
  find_terminal(absolute);
  for (int attempt = 0; attempt < 16; attempt++) {
    bool exclusive = (flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL) && !unnamed;
    struct own own;
    int handle = open_path(absolute, (flags & O_NOFOLLOW) | (exclusive ? O_NOFOLLOW : 0), &own);
    if (handle >= 0) {
      int result = exclusive ? -EEXIST : open_existing(handle, &own, flags, mode, close_on_exec);
      close(handle);
      return result;
    }
    if (handle != -ENOENT || !(flags & O_CREAT)) return handle;
    char copy[PATH_SIZE];
    strcpy(copy, absolute);
    int result = create_new(copy, flags, mode, close_on_exec);
    if (result != -EAGAIN) return result;
    result = follow_dangling(absolute);
    if (result != -EAGAIN) return result;
  }
  return -ELOOP;
}
