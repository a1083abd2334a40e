// Landlock: which trees may be read and written, whatever mounts exist. It can only allow, so a hidden path is left out
// by allowing its neighbours one by one.
#define _GNU_SOURCE
#include "sbx.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

// Own copies of the kernel's numbers: distributions ship headers older than the kernels we meet.
enum {
  FS_EXECUTE = 1 << 0,
  FS_WRITE_FILE = 1 << 1,
  FS_READ_FILE = 1 << 2,
  FS_READ_DIR = 1 << 3,
  FS_REMOVE_DIR = 1 << 4,
  FS_MAKE_CHAR = 1 << 6,
  FS_MAKE_BLOCK = 1 << 11,
  FS_REFER = 1 << 13,
  FS_TRUNCATE = 1 << 14,
  FS_IOCTL_DEV = 1 << 15,
  FS_ALL = (1 << 16) - 1,
  FS_READ = FS_EXECUTE | FS_READ_FILE | FS_READ_DIR,
  FS_CHANGE = FS_ALL & ~(FS_MAKE_CHAR | FS_MAKE_BLOCK),
  FS_ON_FILES = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
  FS_DEVICE = FS_WRITE_FILE | FS_READ_FILE | FS_READ_DIR | FS_TRUNCATE | FS_IOCTL_DEV,
  SCOPE_ALL = 3,  // abstract unix sockets, signals
  NET_TCP_CONNECT = 2,
  NET_TCP_ALL = 3 // bind, connect
};

struct ruleset_attributes {
  uint64_t fs, net, scoped;
};

struct port_rule {
  uint64_t access, port;
};

struct path_rule {
  uint64_t access;
  int32_t fd;
} __attribute__((packed));

int landlock_abi(void) {
  static int known = -1;
  if (known < 0) known = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
  if (known < 0) known = 0;
  return known;
}

static uint64_t handled_by(int abi) {
  if (abi >= 5) return FS_ALL;
  if (abi >= 3) return FS_ALL & ~FS_IOCTL_DEV;
  if (abi >= 2) return FS_ALL & ~(FS_IOCTL_DEV | FS_TRUNCATE);
  return FS_ALL & ~(FS_IOCTL_DEV | FS_TRUNCATE | FS_REFER);
}

static void allow_fd(int ruleset, int fd, uint64_t access) {
  struct path_rule rule = {access & handled_by(landlock_abi()), fd};
  if (rule.access) CHECK(syscall(SYS_landlock_add_rule, ruleset, 1, &rule, 0), "landlock rule");
}

// A path that does not exist needs no rule.
static void allow_opened(int ruleset, int fd, uint64_t access) {
  struct stat info;
  if (fd < 0) return;
  if (fstat(fd, &info) == 0) allow_fd(ruleset, fd, S_ISDIR(info.st_mode) ? access : access & FS_ON_FILES);
  close(fd);
}

static void allow(int ruleset, const char *path, uint64_t access) {
  allow_opened(ruleset, open(path, O_PATH | O_CLOEXEC), access);
}

static void allow_real(int ruleset, const char *path, uint64_t access) {
  allow_opened(ruleset, open_real(path), access);
}

static bool is_hidden(const char *path) {
  for (int i = 0; i < options.hide.count; i++)
    if (path_is_under(path, options.hide.items[i])) return true;
  return false;
}

static bool contains_hidden(const char *path) {
  for (int i = 0; i < options.hide.count; i++)
    if (path_is_under(options.hide.items[i], path)) return true;
  return false;
}

static void allow_around_hidden(int ruleset, const char *path, uint64_t access);

static int kind_of(int dir, const struct dirent *entry) {
  struct stat info;
  if (entry->d_type != DT_UNKNOWN) return entry->d_type;
  return fstatat(dir, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) == 0 ? IFTODT(info.st_mode) : DT_UNKNOWN;
}

// The different names in a directory that are hidden, or lead to what is.
static int names_towards_hidden(const char *dir, const char **names) {
  size_t length = strcmp(dir, "/") ? strlen(dir) : 0;
  int count = 0;
  for (int i = 0; i < options.hide.count; i++) {
    const char *path = options.hide.items[i];
    if (strncmp(path, dir, length) || path[length] != '/') continue;
    const char *name = path + length + 1;
    size_t size = strcspn(name, "/");
    bool known = count && !strncmp(names[count - 1], name, size) && strcspn(names[count - 1], "/") == size; // they are sorted
    if (!known) names[count++] = name;
  }
  return count;
}

static bool is_among(const char *name, const char **names, int count) {
  size_t length = strlen(name);
  for (int i = 0; i < count; i++)
    if (!strncmp(names[i], name, length) && (names[i][length] == 0 || names[i][length] == '/')) return true;
  return false;
}

// There may be thousands, in a temp directory: each costs three calls to the kernel and no path that it must walk.
static void allow_children(int ruleset, const char *path, uint64_t access) {
  int handle = open_real(path);
  int listing = handle < 0 ? -1 : openat(handle, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = listing < 0 ? NULL : fdopendir(listing);
  if (handle >= 0) close(handle);
  if (!dir) return;
  const char *special[LIST_MAX];
  int count = names_towards_hidden(path, special);
  struct dirent *entry;
  char child[8192];
  while ((entry = readdir(dir))) {
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    int kind = kind_of(dirfd(dir), entry);
    // A rule on a link would be a rule on what it points to, which may be the hidden path; raw disks and the like belong
    // to whoever is root.
    if (kind == DT_LNK || kind == DT_BLK || kind == DT_CHR) continue;
    if (is_among(entry->d_name, special, count)) {
      int n = snprintf(child, sizeof child, "%s/%s", strcmp(path, "/") ? path : "", entry->d_name);
      if (n > 0 && n < (int)sizeof child) allow_around_hidden(ruleset, child, access);
      continue;
    }
    int fd = (int)syscall(SYS_openat, dirfd(dir), entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) continue;
    allow_fd(ruleset, fd, kind == DT_DIR ? access : access & FS_ON_FILES);
    close(fd);
  }
  closedir(dir);
}

static void allow_around_hidden(int ruleset, const char *path, uint64_t access) {
  if (is_hidden(path)) return;
  if (!contains_hidden(path)) {
    allow_real(ruleset, path, access);
    return;
  }
  allow_real(ruleset, path, FS_READ_DIR); // its listing stays readable, and with it the names of what is hidden
  allow_children(ruleset, path, access);
}

static void allow_devices(int ruleset, bool every_terminal) {
  static const char *const devices[] = {"/dev/null",   "/dev/zero",    "/dev/full", "/dev/random",
                                        "/dev/urandom", "/dev/tty",    "/dev/ptmx"};
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) allow(ruleset, devices[i], FS_DEVICE);
  allow(ruleset, "/dev/pts", every_terminal ? FS_DEVICE : FS_READ_DIR);
  allow(ruleset, "/dev/fd", FS_READ_DIR);
}

static void allow_list(int ruleset, const struct list *list, uint64_t access) {
  for (int i = 0; i < list->count; i++) allow_real(ruleset, list->items[i], access);
}

static int create_ruleset(bool scoped) {
  int abi = landlock_abi();
  struct ruleset_attributes attributes = {handled_by(abi), 0, 0};
  // Without a network namespace this is a second layer under the seccomp filter's socket families.
  if (!options.network && abi >= 4 && options.level == 2) attributes.net = NET_TCP_ALL;
  if (abi >= 6 && scoped) attributes.scoped = SCOPE_ALL;
  size_t size = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;
  int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
  CHECK(ruleset, "landlock");
  return ruleset;
}

static void enforce(int ruleset) {
  no_new_privileges();
  CHECK(syscall(SYS_landlock_restrict_self, ruleset, 0), "landlock");
  close(ruleset);
}

static void allow_reading(int ruleset) {
  if (options.level == 1) { // mounts hide what is hidden
    allow_list(ruleset, &options.read, FS_READ);
    allow_list(ruleset, &options.expose, FS_READ);
    return;
  }
  for (int i = 0; i < options.read.count; i++) allow_around_hidden(ruleset, options.read.items[i], FS_READ);
  for (int i = 0; i < options.expose.count; i++) allow_around_hidden(ruleset, options.expose.items[i], FS_READ);
}

static void allow_writing(int ruleset, const char *path) {
  if (options.level == 1) allow(ruleset, path, FS_CHANGE);
  else allow_around_hidden(ruleset, path, FS_CHANGE);
}

void confine_command_files(void) {
  if (!landlock_abi()) {
    no_new_privileges();
    return;
  }
  int ruleset = create_ruleset(true);
  allow_reading(ruleset);
  for (int i = 0; i < options.write.count; i++) allow_writing(ruleset, options.write.items[i]);
  allow_list(ruleset, &options.temp, FS_CHANGE);
  if (options.level == 1) allow(ruleset, "/dev/shm", FS_CHANGE); // in level 2 it is the host's: the broker knows what is whose
  // In level 2 the host's terminals are there: the broker knows which are the command's own, besides the one it runs in.
  bool known = options.level == 2 && options.broker;
  allow_devices(ruleset, !known);
  for (int stream = 0; known && stream < 3; stream++) {
    char link[32];
    snprintf(link, sizeof link, "/proc/self/fd/%d", stream);
    if (isatty(stream)) allow(ruleset, link, FS_DEVICE);
  }
  allow(ruleset, "/proc", FS_READ);
  enforce(ruleset);
}

// Level 2's supervisor acts for the command, so it lives in a domain of its own around the command's.
void confine_supervisor_files(void) {
  if (!landlock_abi()) return;
  int ruleset = create_ruleset(false);
  allow(ruleset, "/", FS_READ);
  allow_list(ruleset, &options.write, FS_CHANGE);
  allow_list(ruleset, &options.temp, FS_CHANGE);
  allow(ruleset, "/dev/shm", FS_CHANGE);
  allow_devices(ruleset, true);
  char parent[512];
  for (int kind = 0; group_parent(kind, parent, sizeof parent); kind++)
    if (*parent) allow(ruleset, parent, FS_REMOVE_DIR);
  if (options.proxy_port && landlock_abi() >= 4) {
    struct port_rule rule = {NET_TCP_CONNECT, options.proxy_port};
    CHECK(syscall(SYS_landlock_add_rule, ruleset, 2, &rule, 0), "landlock port");
  }
  enforce(ruleset);
}
