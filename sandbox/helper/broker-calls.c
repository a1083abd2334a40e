// The calls that the broker carries out. Each resolves its paths to descriptors, checks their canonical paths, and acts
// on those same descriptors, so changing a link or the path's memory in between gains nothing.
#define _GNU_SOURCE
#include "broker.h"

#include <errno.h>
#include <limits.h>
#include <linux/fs.h>
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
  } else if (is_in_shared_memory(entry->canonical)) {
    int handle = exists ? openat(entry->dir, entry->last, O_PATH | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (exists ? handle < 0 || !is_own_shared_memory(handle) : !may_enter_shared_memory(entry->dir, entry->canonical))
      error = -EACCES;
    if (handle >= 0) close(handle);
  } else {
    error = check_change(entry->canonical, change);
    if (!error && change != REMOVE && makes_repository(entry->dir, entry->last, entry->canonical)) {
      tell_blocked("write", entry->canonical);
      error = -EACCES;
    }
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
  int error = find_entry(&entry, dir, path, INIT, true);
  if (error) return error;
  int result = mkdirat(entry.dir, entry.last, mode & MODE_NEW_DIR & ~(unsigned)umask_of_caller());
  int number = errno;
  if (result == 0) {
    if (is_in_shared_memory(entry.canonical)) remember_shared_memory(entry.dir, entry.last);
    remember_git(entry.dir, entry.last);
    remember_worktree(entry.dir, entry.last, entry.canonical);
  }
  errno = number;
  return finish(&entry, result);
}

static int do_unlink(int dir, uint64_t path, int flags) {
  struct entry entry;
  int error = find_entry(&entry, dir, path, REMOVE, false);
  if (error) return error;
  return finish(&entry, unlinkat(entry.dir, entry.last, flags));
}

static int do_symlink(uint64_t target_address, int dir, uint64_t path) {
  char target[PATH_SIZE];
  struct entry entry;
  int error = read_string(target_address, target);
  if (!error) error = find_entry(&entry, dir, path, LINKED, true);
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

// Below a directory or a link may lie what was never looked at: those do not go into a '.git', or about in it.
static int check_moved(const struct entry *from, const struct entry *to, bool exchange) {
  struct stat info;
  bool is_file = fstatat(from->dir, from->last, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode);
  if (exchange) is_file = is_file && fstatat(to->dir, to->last, &info, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(info.st_mode);
  if (is_file) return 0;
  int error = is_in_shared_memory(from->canonical) ? 0 : check_change(from->canonical, LINKED);
  return error || is_in_shared_memory(to->canonical) ? error : check_change(to->canonical, LINKED);
}

static int move(const struct entry *from, const struct entry *to, unsigned flags) {
  int error = check_moved(from, to, flags & RENAME_EXCHANGE);
  if (error) return error;
  if (!is_in_shared_memory(to->canonical) && !may_change(to->canonical, REPLACE))
    return flags ? -EACCES : install_checked(from->dir, from->canonical, to->dir, to->canonical);
  // A tree from the temp directory, or from shared memory, was not looked at when it was made: it has to be copied in.
  if (in_private_temp(from->canonical) != in_private_temp(to->canonical)) return -EXDEV;
  if (is_in_shared_memory(from->canonical) != is_in_shared_memory(to->canonical)) return -EXDEV;
  return syscall(SYS_renameat2, from->dir, from->last, to->dir, to->last, flags) < 0 ? -errno : 0;
}

static int do_rename(int from_dir, uint64_t from_path, int to_dir, uint64_t to_path, unsigned flags) {
  if (flags & ~(unsigned)(RENAME_NOREPLACE | RENAME_EXCHANGE)) return -EINVAL;
  static struct entry from, to;
  int error = find_entry(&from, from_dir, from_path, REPLACE, false);
  if (error) return error;
  error = find_entry(&to, to_dir, to_path, flags & RENAME_EXCHANGE ? REPLACE : INSTALL, false);
  if (!error) {
    error = move(&from, &to, flags);
    close(to.dir);
  }
  close(from.dir);
  return error;
}

// ---- existing files ----

static int find_target(int dir, uint64_t path_address, int flags, char *canonical, struct own *own) {
  char path[PATH_SIZE] = "", absolute[PATH_SIZE];
  int error = path_address ? read_string(path_address, path) : 0;
  if (error) return error;
  int handle;
  if (*path) {
    if ((error = absolute_path(dir, path, absolute))) return error;
    handle = open_path(absolute, flags, own);
  } else if (dir == AT_FDCWD) {
    own->fd = -1;
    snprintf(absolute, sizeof absolute, "/proc/%d/cwd", call->pid);
    handle = open(absolute, O_PATH | O_CLOEXEC);
    if (handle < 0) handle = -EBADF;
  } else {
    handle = open_own(dir, own);
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
  struct own own;
  int handle = find_target(from_dir, from_path, flags & AT_SYMLINK_FOLLOW ? 0 : O_NOFOLLOW, canonical, &own);
  if (handle < 0) return handle;
  int error = check_open(handle, &own, canonical, CONTENT);
  if (!error) error = find_entry(&to, to_dir, to_path, ENTRY, true);
  if (!error) {
    link_to_descriptor(link, sizeof link, handle);
    error = finish(&to, linkat(AT_FDCWD, link, to.dir, to.last, AT_SYMLINK_FOLLOW));
  }
  close(handle);
  return error;
}

// The file a metadata call is about, if it may be changed.
static int changeable(int dir, uint64_t path, int flags, enum change change, char *link, size_t size) {
  char canonical[PATH_SIZE];
  struct own own;
  int handle = find_target(dir, path, flags, canonical, &own);
  if (handle < 0) return handle;
  int error = check_open(handle, NULL, canonical, change); // whoever may write to a file may not change its mode
  if (error) {
    close(handle);
    return error == -EACCES ? -EPERM : error;
  }
  link_to_descriptor(link, size, handle);
  return handle;
}

static int done(int handle, int result) {
  int error = result < 0 ? -errno : 0;
  close(handle);
  return error;
}

static int do_truncate(uint64_t path, uint64_t length) {
  char link[64];
  int handle = changeable(NO_DIR, path, 0, CONTENT, link, sizeof link);
  return handle < 0 ? handle : done(handle, truncate(link, (off_t)length));
}

static int do_chmod(int dir, uint64_t path, int flags, unsigned mode) {
  if (mode & SET_USER_ID) return -EPERM;
  char link[64];
  int handle = changeable(dir, path, flags, METADATA, link, sizeof link);
  return handle < 0 ? handle : done(handle, chmod(link, mode & 07777));
}

static int do_chown(int dir, uint64_t path, int flags, unsigned owner, unsigned group) {
  char link[64];
  int handle = changeable(dir, path, flags, METADATA, link, sizeof link);
  return handle < 0 ? handle : done(handle, fchownat(handle, "", owner, group, AT_EMPTY_PATH));
}

static int do_utimens(int dir, uint64_t path, int flags, uint64_t times_address) {
  struct timespec times[2];
  if (times_address && read_memory(times_address, times, sizeof times) < 0) return -EFAULT;
  char link[64];
  int handle = changeable(dir, path, flags, METADATA, link, sizeof link);
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
    int handle = changeable(dir, path, flags, METADATA, link, sizeof link);
    result = handle < 0 ? handle : done(handle, setxattr(link, name, value, size, (int)arguments[3]));
  }
  free(value);
  return result;
}

static int do_removexattr(int dir, uint64_t path, int flags, uint64_t name_address) {
  char name[PATH_SIZE], link[64];
  if (read_string(name_address, name) || strlen(name) > 255) return -ERANGE;
  int handle = changeable(dir, path, flags, METADATA, link, sizeof link);
  return handle < 0 ? handle : done(handle, removexattr(link, name));
}

// ---- dispatch ----

static int no_follow(uint64_t flags) { return flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0; }

// Calls without a directory argument, which newer architectures do not have.
static int handle_old_call(const uint64_t *a) {
  (void)a;
  switch (call->data.nr) {
#ifdef SYS_open
    case SYS_open: return handle_open(NO_DIR, a[0], (int)a[1], (int)a[2]);
    case SYS_fork:
    case SYS_vfork: return may_be_born() ? CONTINUE : -EAGAIN;
    case SYS_creat: return handle_open(NO_DIR, a[0], O_CREAT | O_WRONLY | O_TRUNC, (int)a[1]);
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
    case SYS_openat: return handle_open((int)a[0], a[1], (int)a[2], (int)a[3]);
    case SYS_truncate: return do_truncate(a[0], a[1]);
    case SYS_renameat: return do_rename((int)a[0], a[1], (int)a[2], a[3], 0);
    case SYS_renameat2: return do_rename((int)a[0], a[1], (int)a[2], a[3], (unsigned)a[4]);
    case SYS_mkdirat: return do_mkdir((int)a[0], a[1], (unsigned)a[2]);
    case SYS_unlinkat: return do_unlink((int)a[0], a[1], (int)a[2]);
    case SYS_linkat: return do_link((int)a[0], a[1], (int)a[2], a[3], (int)a[4]);
    case SYS_symlinkat: return do_symlink(a[0], (int)a[1], a[2]);
    case SYS_mknodat: return do_mknod((int)a[0], a[1], (unsigned)a[2]);
    case SYS_bind: return handle_bind(a[1], (unsigned)a[2]);
    case SYS_listen: return handle_listen((int)a[0], (int)a[1]);
    case SYS_connect: return handle_connect((int)a[0], a[1], (unsigned)a[2]);
    case SYS_clone: return may_be_born() ? CONTINUE : -EAGAIN; // what it says lies in registers
    case SYS_umask:
      broker_forget_umasks(); // the call has no path: letting it go on is safe
      return CONTINUE;
    default: return handle_attribute_call(a);
  }
}
