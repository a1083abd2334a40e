// Level 1's view of the file system: everything read-only by one recursive call, writable trees cloned before and put
// back after, so nothing has to be bound one by one.
#define _GNU_SOURCE
#include "sbx.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

enum { TREE_CLONE = 1, TREE_RECURSIVE = 0x8000, MOVE_FROM_FD = 4 };
enum { ATTR_RDONLY = 1, ATTR_NOSUID = 2, ATTR_NODEV = 4 };

struct attributes { // the kernel's struct mount_attr
  uint64_t set, clear, propagation, userns_fd;
};

static int clone_tree(const char *path) {
  return (int)syscall(SYS_open_tree, AT_FDCWD, path, TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC);
}

static int clone_real(const char *path) {
  int fd = open_real(path);
  if (fd < 0) return -1;
  int tree = (int)syscall(SYS_open_tree, fd, "", TREE_CLONE | TREE_RECURSIVE | O_CLOEXEC | AT_EMPTY_PATH);
  close(fd);
  return tree;
}

static void set_attributes(int dir, const char *path, uint64_t set, unsigned flags) {
  struct attributes attributes = {set, 0, 0, 0};
  CHECK(syscall(SYS_mount_setattr, dir, path, flags | TREE_RECURSIVE, &attributes, sizeof attributes), "mount_setattr");
}

static void put_tree(int tree, const char *path) {
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_FROM_FD) < 0) fail(path);
  close(tree);
}

static void put_read_only(int tree, const char *path) {
  set_attributes(tree, "", ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV, AT_EMPTY_PATH);
  put_tree(tree, path);
}

static void write_text(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, text, strlen(text)) < 0) fail(path);
  close(fd);
}

// Root maps every id that it has itself, so that files of other owners stay what they are; others map only themselves.
static bool write_full_map(pid_t child, const char *which) {
  char path[64], line[128], map[4096] = "";
  snprintf(path, sizeof path, "/proc/self/%s", which);
  FILE *own = fopen(path, "re");
  if (!own) return false;
  size_t used = 0;
  while (fgets(line, sizeof line, own)) {
    unsigned inside, outside, count;
    if (sscanf(line, "%u %u %u", &inside, &outside, &count) != 3) continue;
    used += (size_t)snprintf(map + used, sizeof map - used, "%u %u %u\n", inside, inside, count);
    if (used >= sizeof map - 64) break;
  }
  fclose(own);
  snprintf(path, sizeof path, "/proc/%d/%s", child, which);
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  bool done = fd >= 0 && write(fd, map, used) == (ssize_t)used;
  if (fd >= 0) close(fd);
  return done;
}

static void write_one_id(pid_t child, const char *which, unsigned id) {
  char path[64], map[64];
  snprintf(path, sizeof path, "/proc/%d/%s", child, which);
  snprintf(map, sizeof map, "%u %u 1\n", id, id);
  write_text(path, map);
}

void write_id_maps(pid_t child) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/setgroups", child);
  write_text(path, "deny");
  bool root = geteuid() == 0;
  if (!root || !write_full_map(child, "uid_map")) write_one_id(child, "uid_map", geteuid());
  if (!root || !write_full_map(child, "gid_map")) write_one_id(child, "gid_map", getegid());
}

// A place to mount on. Needed only below what is mounted empty; elsewhere the path exists already.
static void make_mount_point(const char *path, bool directory) {
  char part[8192];
  snprintf(part, sizeof part, "%s", path);
  for (char *at = part + 1; *at; at++) {
    if (*at != '/') continue;
    *at = 0;
    mkdir(part, 0755);
    *at = '/';
  }
  if (directory) {
    mkdir(path, 0755);
    return;
  }
  int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  if (fd >= 0) close(fd);
}

static bool is_directory(int fd) {
  struct stat info;
  return fstat(fd, &info) == 0 && S_ISDIR(info.st_mode);
}

static void hide_path(const char *path, int null_device) {
  struct stat info;
  if (stat(path, &info) < 0) return;
  if (S_ISDIR(info.st_mode)) {
    CHECK(mount("tmpfs", path, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV, "mode=000,size=4k"), path);
    return;
  }
  int tree = (int)syscall(SYS_open_tree, null_device, "", TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH);
  CHECK(tree, "hide");
  put_tree(tree, path);
}

static void build_dev(void) {
  static const char *const devices[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                        "/dev/random", "/dev/urandom", "/dev/tty"};
  enum { COUNT = sizeof devices / sizeof *devices };
  int trees[COUNT];
  for (int i = 0; i < COUNT; i++) trees[i] = clone_tree(devices[i]);
  CHECK(mount("tmpfs", "/dev", "tmpfs", MS_NOSUID, "mode=755,size=64k"), "/dev");
  for (int i = 0; i < COUNT; i++) {
    if (trees[i] < 0) continue;
    make_mount_point(devices[i], false);
    put_tree(trees[i], devices[i]);
  }
  mkdir("/dev/pts", 0755);
  if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620") == 0)
    (void)!symlink("pts/ptmx", "/dev/ptmx");
  mkdir("/dev/shm", 01777);
  CHECK(mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"), "/dev/shm");
  (void)!symlink("/proc/self/fd", "/dev/fd");
  (void)!symlink("/proc/self/fd/0", "/dev/stdin");
  (void)!symlink("/proc/self/fd/1", "/dev/stdout");
  (void)!symlink("/proc/self/fd/2", "/dev/stderr");
}

// A new /proc shows only the sandbox's own processes. Its kernel switches are read-only even for root.
static void build_proc(void) {
  CHECK(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL), "/proc");
  limit_numbers();
  static const char *const switches[] = {"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus"};
  for (size_t i = 0; i < sizeof switches / sizeof *switches; i++) {
    int tree = clone_tree(switches[i]);
    if (tree >= 0) put_read_only(tree, switches[i]);
  }
}

static bool below_fresh(const char *path) {
  if (path_is_under(path, "/dev/shm")) return true;
  for (int i = 0; i < options.temp.count; i++)
    if (path_is_under(path, options.temp.items[i])) return true;
  return false;
}

static void put_back(int *trees, const struct list *list, uint64_t attributes) {
  for (int i = 0; i < list->count; i++) {
    if (trees[i] < 0) continue;
    if (below_fresh(list->items[i])) make_mount_point(list->items[i], is_directory(trees[i]));
    set_attributes(trees[i], "", attributes, AT_EMPTY_PATH);
    put_tree(trees[i], list->items[i]);
  }
}

static int *clone_all(const struct list *list) {
  int *trees = calloc((size_t)list->count + 1, sizeof *trees);
  if (!trees) fail("memory");
  for (int i = 0; i < list->count; i++) trees[i] = clone_real(list->items[i]);
  return trees;
}

static void cover(const struct list *list, uint64_t attributes) {
  for (int i = 0; i < list->count; i++) {
    int tree = clone_tree(list->items[i]);
    if (tree < 0) continue; // missing: the broker keeps it from being created
    set_attributes(tree, "", attributes, AT_EMPTY_PATH);
    put_tree(tree, list->items[i]);
  }
}

// Empty each time, or what earlier commands of the same caller left there.
static int *clone_temp(void) {
  int *trees = calloc((size_t)options.temp.count + 1, sizeof *trees);
  if (!trees) fail("memory");
  for (int i = 0; options.temp_from && i < options.temp.count; i++)
    CHECK(trees[i] = clone_real(options.temp_from), options.temp_from);
  return trees;
}

static void put_temp(int *trees) {
  for (int i = 0; i < options.temp.count; i++) {
    const char *path = options.temp.items[i];
    if (access(path, F_OK) < 0) continue;
    if (options.temp_from) {
      set_attributes(trees[i], "", ATTR_NOSUID | ATTR_NODEV, AT_EMPTY_PATH);
      put_tree(trees[i], path);
    } else CHECK(mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"), path);
  }
}

void build_mounts(void) {
  CHECK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private mounts");
  int *temp = clone_temp();
  int *writable = clone_all(&options.write);
  int *visible = clone_all(&options.expose);
  int null_device = open("/dev/null", O_PATH | O_CLOEXEC);
  set_attributes(AT_FDCWD, "/", ATTR_RDONLY | ATTR_NOSUID, 0);
  build_dev();
  put_temp(temp);
  free(temp);
  // Order matters: the temp directories may cover a workspace below them, and a writable root may lie in a visible one.
  put_back(visible, &options.expose, ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV);
  put_back(writable, &options.write, ATTR_NOSUID | ATTR_NODEV);
  free(visible);
  free(writable);
  cover(&options.pin, ATTR_NOSUID | ATTR_NODEV); // a mount point can neither be renamed nor removed
  cover(&options.protect, ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV);
  for (int i = 0; i < options.hide.count; i++) hide_path(options.hide.items[i], null_device);
  close(null_device);
  build_proc();
}

void bring_up_loopback(void) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  CHECK(fd, "loopback");
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  CHECK(ioctl(fd, SIOCSIFFLAGS, &request), "loopback");
  close(fd);
}
