// The calls that the broker carries out. Each resolves its paths to descriptors, checks their canonical paths, and acts
// on those same descriptors, so changing a link or the path's memory in between gains nothing.
#define _GNU_SOURCE
#include "broker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

#define NO_DIR AT_FDCWD
#define FCHMODAT2 452
#define VALUE_MAX 65536

enum { MODE_NEW_FILE = 01777, MODE_NEW_DIR = 03777, SET_USER_ID = 04000 };

static bool in_shared_memory(const char *canonical) { return !strncmp(canonical, "/dev/shm/", 9); }

static void descriptor_link(char *link, size_t size, int fd) { snprintf(link, size, "/proc/self/fd/%d", fd); }

// ---- opening for writing ----

// A descriptor that the command can write to already may be opened again; one that it can only read is judged by its path,
// and only if that path leads to the same file in its own view.
static int check_own_descriptor(int own, int handle, const char *canonical) {
  char path[64], text[256];
  snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", call->pid, own);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -EBADF;
  ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return -EBADF;
  text[size] = 0;
  char *flags = strstr(text, "flags:");
  if (flags && (strtol(flags + 6, NULL, 8) & O_ACCMODE) != O_RDONLY) return 0;
  int again = open_path(canonical, O_NOFOLLOW, NULL);
  if (again < 0) return -EACCES;
  struct stat first, second;
  bool same = fstat(handle, &first) == 0 && fstat(again, &second) == 0 && first.st_dev == second.st_dev &&
              first.st_ino == second.st_ino;
  close(again);
  return same ? check_change(canonical, CONTENT) : -EACCES;
}

static int check_open(int handle, int own, const char *canonical) {
  if (canonical[0] != '/') return 0; // a pipe, a socket
  if (is_plain_device(canonical) || !strncmp(canonical, "/memfd:", 7)) return 0;
  if (own >= 0) return check_own_descriptor(own, handle, canonical);
  if (in_shared_memory(canonical)) return is_own_shared_memory(handle) ? 0 : -EACCES;
  return check_change(canonical, CONTENT);
}

struct opening {
  char link[64];
  int flags;
  bool close_on_exec;
};

static int open_and_give(const struct opening *opening, int mode) {
  int fd = open(opening->link, opening->flags, mode);
  if (fd < 0) return -errno;
  int result = give_descriptor(fd, opening->close_on_exec);
  close(fd);
  return result;
}

// Opening a FIFO waits for its other end, which the broker must not.
static void open_fifo(void *argument) {
  int result = open_and_give(argument, 0);
  if (result != ANSWERED) answer_call(result);
}

static int open_existing(int handle, int own, int flags, int mode, bool close_on_exec) {
  char canonical[PATH_SIZE];
  struct stat info;
  int error = canonical_path(handle, canonical);
  if (error) return error;
  if (fstat(handle, &info) < 0) return -errno;
  if (S_ISLNK(info.st_mode)) return -ELOOP;
  if ((error = check_open(handle, own, canonical))) return error;
  struct opening opening = {.flags = flags & ~(O_CREAT | O_EXCL | O_NOFOLLOW), .close_on_exec = close_on_exec};
  descriptor_link(opening.link, sizeof opening.link, handle);
  if (S_ISFIFO(info.st_mode)) return in_child(open_fifo, &opening);
  return open_and_give(&opening, mode & MODE_NEW_FILE & ~umask_of_caller());
}

// -EAGAIN if someone else created it first.
static int create_new(char *absolute, int flags, int mode, bool close_on_exec) {
  char canonical[PATH_SIZE], *last;
  int dir = open_parent(absolute, &last, canonical);
  if (dir < 0) return dir;
  bool shared = in_shared_memory(canonical);
  int result = shared ? 0 : check_change(canonical, ENTRY);
  if (result == 0) {
    int fd = openat(dir, last, flags | O_NOFOLLOW | O_EXCL, mode & MODE_NEW_FILE & ~umask_of_caller());
    if (fd < 0) {
      result = errno == EEXIST && !(flags & O_EXCL) ? -EAGAIN : -errno;
    } else {
      if (shared) remember_shared_memory(fd);
      result = give_descriptor(fd, close_on_exec);
      close(fd);
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

// /dev/tty is the broker's own terminal if it opens it itself; the command's is one of its streams.
static void find_terminal(char *absolute) {
  if (strcmp(absolute, "/dev/tty")) return;
  for (int stream = 0; stream < 3; stream++) {
    char link[64], target[PATH_SIZE];
    snprintf(link, sizeof link, "/proc/%d/fd/%d", call->pid, stream);
    ssize_t size = readlink(link, target, sizeof target - 1);
    if (size <= 0) continue;
    target[size] = 0;
    if (strncmp(target, "/dev/pts/", 9) && strncmp(target, "/dev/tty", 8)) continue;
    strcpy(absolute, link);
    return;
  }
}

static int do_open(int dir, uint64_t path_address, int flags, int mode) {
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
    int own = -1;
    int handle = open_path(absolute, (flags & O_NOFOLLOW) | (exclusive ? O_NOFOLLOW : 0), &own);
    if (handle >= 0) {
      int result = exclusive ? -EEXIST : open_existing(handle, own, flags, mode, close_on_exec);
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

// ---- entries ----

struct entry {
  int dir;
  char *last;
  char absolute[PATH_SIZE], canonical[PATH_SIZE];
};

// -EEXIST comes before any refusal: "mkdir -p" of a path through the root must find that the root is there.
static int find_entry(struct entry *entry, int dir, uint64_t path_address, enum change change, bool must_be_new) {
  char path[PATH_SIZE];
  int error = read_string(path_address, path);
  if (error) return error;
  if (!*path) return -ENOENT;
  if ((error = absolute_path(dir, path, entry->absolute))) return error;
  if (!call_is_alive()) return -ENOENT;
  entry->dir = open_parent(entry->absolute, &entry->last, entry->canonical);
  if (entry->dir == -EBUSY && must_be_new) return -EEXIST;
  if (entry->dir < 0) return entry->dir;
  struct stat info;
  bool exists = fstatat(entry->dir, entry->last, &info, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists && must_be_new) {
    error = -EEXIST;
  } else if (in_shared_memory(entry->canonical)) {
    int handle = exists ? openat(entry->dir, entry->last, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (exists && (handle < 0 || !is_own_shared_memory(handle))) error = -EACCES;
    if (handle >= 0) close(handle);
  } else {
    error = check_change(entry->canonical, change);
  }
  if (error) close(entry->dir);
  return error;
}

static int finish(struct entry *entry, int result) {
  int error = result < 0 ? -errno : 0;
  close(entry->dir);
  return error;
}

static int do_mkdir(int dir, uint64_t path, unsigned mode) {
  struct entry entry;
  int error = find_entry(&entry, dir, path, ENTRY, true);
  if (error) return error;
  return finish(&entry, mkdirat(entry.dir, entry.last, mode & MODE_NEW_DIR & ~(unsigned)umask_of_caller()));
}

static int do_unlink(int dir, uint64_t path, int flags) {
  struct entry entry;
  int error = find_entry(&entry, dir, path, ENTRY, false);
  if (error) return error;
  return finish(&entry, unlinkat(entry.dir, entry.last, flags));
}

static int do_symlink(uint64_t target_address, int dir, uint64_t path) {
  char target[PATH_SIZE];
  struct entry entry;
  int error = read_string(target_address, target);
  if (!error) error = find_entry(&entry, dir, path, REPLACE, true);
  if (error) return error;
  return finish(&entry, symlinkat(target, entry.dir, entry.last));
}

static int do_mknod(int dir, uint64_t path, unsigned mode) {
  unsigned kind = mode & S_IFMT;
  if (kind == S_IFBLK || kind == S_IFCHR) return -EPERM;
  struct entry entry;
  int error = find_entry(&entry, dir, path, ENTRY, true);
  if (error) return error;
  mode = kind | (mode & MODE_NEW_FILE & ~(unsigned)umask_of_caller());
  return finish(&entry, mknodat(entry.dir, entry.last, mode, 0));
}

static int do_rename(int from_dir, uint64_t from_path, int to_dir, uint64_t to_path, unsigned flags) {
  if (flags & ~3u) return -EINVAL; // only NOREPLACE and EXCHANGE
  static struct entry from, to;
  int error = find_entry(&from, from_dir, from_path, REPLACE, false);
  if (error) return error;
  error = find_entry(&to, to_dir, to_path, REPLACE, false);
  if (error) {
    close(from.dir);
    return error;
  }
  // A tree from the temp directory was not looked at when it was made: it has to be copied in.
  int result;
  if (in_private_temp(from.canonical) != in_private_temp(to.canonical)) {
    result = -1;
    errno = EXDEV;
  } else {
    result = (int)syscall(SYS_renameat2, from.dir, from.last, to.dir, to.last, flags);
  }
  error = finish(&from, result);
  close(to.dir);
  return error;
}

// ---- existing files ----

static int find_target(int dir, uint64_t path_address, int flags, char *canonical, int *own) {
  char path[PATH_SIZE] = "", absolute[PATH_SIZE];
  int error = path_address ? read_string(path_address, path) : 0;
  if (error) return error;
  int handle;
  if (*path) {
    if ((error = absolute_path(dir, path, absolute))) return error;
    handle = open_path(absolute, flags, own);
  } else {
    if (dir == AT_FDCWD) snprintf(absolute, sizeof absolute, "/proc/%d/cwd", call->pid);
    else snprintf(absolute, sizeof absolute, "/proc/%d/fd/%d", call->pid, dir);
    if (own) *own = dir;
    handle = open(absolute, O_PATH | O_CLOEXEC);
    if (handle < 0) handle = -EBADF;
  }
  if (handle < 0) return handle;
  error = call_is_alive() ? canonical_path(handle, canonical) : -ENOENT;
  if (!error) return handle;
  close(handle);
  return error;
}

static int do_link(int from_dir, uint64_t from_path, int to_dir, uint64_t to_path, int flags) {
  static struct entry to;
  char canonical[PATH_SIZE], link[64];
  int own = -1;
  int handle = find_target(from_dir, from_path, flags & AT_SYMLINK_FOLLOW ? 0 : O_NOFOLLOW, canonical, &own);
  if (handle < 0) return handle;
  int error = check_open(handle, own, canonical);
  if (!error) error = find_entry(&to, to_dir, to_path, ENTRY, true);
  if (!error) {
    descriptor_link(link, sizeof link, handle);
    error = finish(&to, linkat(AT_FDCWD, link, to.dir, to.last, AT_SYMLINK_FOLLOW));
  }
  close(handle);
  return error;
}

// The file a metadata call is about, if it may be changed.
static int changeable(int dir, uint64_t path, int flags, char *link, size_t size) {
  char canonical[PATH_SIZE];
  int handle = find_target(dir, path, flags, canonical, NULL);
  if (handle < 0) return handle;
  int error = check_open(handle, -1, canonical);
  if (error) {
    close(handle);
    return error == -EACCES ? -EPERM : error;
  }
  descriptor_link(link, size, handle);
  return handle;
}

static int done(int handle, int result) {
  int error = result < 0 ? -errno : 0;
  close(handle);
  return error;
}

static int do_truncate(uint64_t path, uint64_t length) {
  char link[64];
  int handle = changeable(NO_DIR, path, 0, link, sizeof link);
  return handle < 0 ? handle : done(handle, truncate(link, (off_t)length));
}

static int do_chmod(int dir, uint64_t path, int flags, unsigned mode) {
  if (mode & SET_USER_ID) return -EPERM;
  char link[64];
  int handle = changeable(dir, path, flags, link, sizeof link);
  return handle < 0 ? handle : done(handle, chmod(link, mode & 07777));
}

static int do_chown(int dir, uint64_t path, int flags, unsigned owner, unsigned group) {
  char link[64];
  int handle = changeable(dir, path, flags, link, sizeof link);
  return handle < 0 ? handle : done(handle, fchownat(handle, "", owner, group, AT_EMPTY_PATH));
}

static int do_utimens(int dir, uint64_t path, int flags, uint64_t times_address) {
  struct timespec times[2];
  if (times_address && read_memory(times_address, times, sizeof times) < 0) return -EFAULT;
  char link[64];
  int handle = changeable(dir, path, flags, link, sizeof link);
  if (handle < 0) return handle;
  struct timespec *given = times_address ? times : NULL;
  struct stat info;
  bool is_link = fstat(handle, &info) == 0 && S_ISLNK(info.st_mode);
  return done(handle, is_link ? utimensat(handle, "", given, AT_EMPTY_PATH) : utimensat(AT_FDCWD, link, given, 0));
}

static int do_setxattr(int dir, uint64_t path, int flags, const uint64_t *arguments) {
  char name[PATH_SIZE], link[64];
  uint64_t size = arguments[2];
  if (read_string(arguments[0], name) || strlen(name) > 255) return -ERANGE;
  if (size > VALUE_MAX) return -E2BIG;
  void *value = malloc(size ? size : 1);
  if (!value) return -ENOMEM;
  int result = size && read_memory(arguments[1], value, size) < 0 ? -EFAULT : 0;
  if (!result) {
    int handle = changeable(dir, path, flags, link, sizeof link);
    result = handle < 0 ? handle : done(handle, setxattr(link, name, value, size, (int)arguments[3]));
  }
  free(value);
  return result;
}

static int do_removexattr(int dir, uint64_t path, int flags, uint64_t name_address) {
  char name[PATH_SIZE], link[64];
  if (read_string(name_address, name) || strlen(name) > 255) return -ERANGE;
  int handle = changeable(dir, path, flags, link, sizeof link);
  return handle < 0 ? handle : done(handle, removexattr(link, name));
}

// ---- dispatch ----

static int no_follow(uint64_t flags) { return flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0; }

// Calls without a directory argument, which newer architectures do not have.
static int handle_old_call(const uint64_t *a) {
  (void)a;
  switch (call->data.nr) {
#ifdef SYS_open
    case SYS_open: return do_open(NO_DIR, a[0], (int)a[1], (int)a[2]);
    case SYS_creat: return do_open(NO_DIR, a[0], O_CREAT | O_WRONLY | O_TRUNC, (int)a[1]);
    case SYS_rename: return do_rename(NO_DIR, a[0], NO_DIR, a[1], 0);
    case SYS_mkdir: return do_mkdir(NO_DIR, a[0], (unsigned)a[1]);
    case SYS_rmdir: return do_unlink(NO_DIR, a[0], AT_REMOVEDIR);
    case SYS_unlink: return do_unlink(NO_DIR, a[0], 0);
    case SYS_link: return do_link(NO_DIR, a[0], NO_DIR, a[1], 0);
    case SYS_symlink: return do_symlink(a[0], NO_DIR, a[1]);
    case SYS_mknod: return do_mknod(NO_DIR, a[0], (unsigned)a[1]);
    case SYS_chmod: return do_chmod(NO_DIR, a[0], 0, (unsigned)a[1]);
    case SYS_chown: return do_chown(NO_DIR, a[0], 0, (unsigned)a[1], (unsigned)a[2]);
    case SYS_lchown: return do_chown(NO_DIR, a[0], O_NOFOLLOW, (unsigned)a[1], (unsigned)a[2]);
#endif
    default: return -ENOSYS; // utime and the like: callers fall back to utimensat
  }
}

static int handle_attribute_call(const uint64_t *a) {
  switch (call->data.nr) {
    case SYS_fchmod: return do_chmod((int)a[0], 0, 0, (unsigned)a[1]);
    case SYS_fchmodat: return do_chmod((int)a[0], a[1], 0, (unsigned)a[2]);
    case FCHMODAT2: return do_chmod((int)a[0], a[1], no_follow(a[3]), (unsigned)a[2]);
    case SYS_fchown: return do_chown((int)a[0], 0, 0, (unsigned)a[1], (unsigned)a[2]);
    case SYS_fchownat: return do_chown((int)a[0], a[1], no_follow(a[4]), (unsigned)a[2], (unsigned)a[3]);
    case SYS_utimensat: return do_utimens((int)a[0], a[1], no_follow(a[3]), a[2]);
    case SYS_setxattr: return do_setxattr(NO_DIR, a[0], 0, a + 1);
    case SYS_lsetxattr: return do_setxattr(NO_DIR, a[0], O_NOFOLLOW, a + 1);
    case SYS_fsetxattr: return do_setxattr((int)a[0], 0, 0, a + 1);
    case SYS_removexattr: return do_removexattr(NO_DIR, a[0], 0, a[1]);
    case SYS_lremovexattr: return do_removexattr(NO_DIR, a[0], O_NOFOLLOW, a[1]);
    case SYS_fremovexattr: return do_removexattr((int)a[0], 0, 0, a[1]);
    default: return handle_old_call(a);
  }
}

int handle_call(void) {
  const uint64_t *a = (const uint64_t *)call->data.args;
  switch (call->data.nr) {
    case SYS_openat: return do_open((int)a[0], a[1], (int)a[2], (int)a[3]);
    case SYS_truncate: return do_truncate(a[0], a[1]);
    case SYS_renameat: return do_rename((int)a[0], a[1], (int)a[2], a[3], 0);
    case SYS_renameat2: return do_rename((int)a[0], a[1], (int)a[2], a[3], (unsigned)a[4]);
    case SYS_mkdirat: return do_mkdir((int)a[0], a[1], (unsigned)a[2]);
    case SYS_unlinkat: return do_unlink((int)a[0], a[1], (int)a[2]);
    case SYS_linkat: return do_link((int)a[0], a[1], (int)a[2], a[3], (int)a[4]);
    case SYS_symlinkat: return do_symlink(a[0], (int)a[1], a[2]);
    case SYS_mknodat: return do_mknod((int)a[0], a[1], (unsigned)a[2]);
    case SYS_connect: return handle_connect((int)a[0], a[1], (unsigned)a[2]);
    case SYS_umask:
      broker_forget_umasks(); // the call has no path: letting it go on is safe
      return CONTINUE;
    default: return handle_attribute_call(a);
  }
}
