// Which canonical paths the broker may change.
#define _GNU_SOURCE
#include "broker.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

bool path_is_under(const char *path, const char *root) {
  size_t length = strlen(root);
  if (length == 1) return true; // "/"
  return !strncmp(path, root, length) && (path[length] == 0 || path[length] == '/');
}

static size_t longest_match(const char *path, const struct list *list, bool itself_counts) {
  size_t longest = 0;
  for (int i = 0; i < list->count; i++) {
    const char *root = list->items[i];
    if (!path_is_under(path, root) || (!itself_counts && !strcmp(path, root))) continue;
    if (strlen(root) > longest) longest = strlen(root);
  }
  return longest;
}

bool in_private_temp(const char *canonical) {
  size_t temp = longest_match(canonical, &options.temp, true);
  return temp && temp >= longest_match(canonical, &options.write, true);
}

static bool part_is_one_of(const char *part, const char *const names[], size_t count) {
  size_t length = strcspn(part, "/");
  for (size_t i = 0; i < count; i++)
    if (strlen(names[i]) == length && !strncasecmp(part, names[i], length)) return true;
  return false;
}

// Inside a '.git' that may be changed: what makes git run programs, or points it to another git directory or machine.
static bool is_git_trigger(const char *below, enum change exact) {
  static const char *const closed[] = {"hooks",     "config", "config.worktree", "config.lock",
                                       "commondir", "gitdir", "info"};
  static const char *const old_remotes[] = {"remotes", "branches"}; // where "git fetch NAME" also looks
  static const char *const todo[] = {"git-rebase-todo"};             // "exec" lines
  static const char *const refs[] = {"refs"};
  if (exact == LINKED) return true;
  bool in_worktree = !strncasecmp(below, "/worktrees/", 11);
  bool any_depth = in_worktree || !strncasecmp(below, "/modules/", 9);
  if (part_is_one_of(strrchr(below, '/') + 1, todo, 1) && exact != INSTALL && exact != REMOVE) return true;
  if (in_worktree && exact == REMOVE) return false; // "git worktree remove"
  const char *before = "";
  for (const char *part = below; part && *part; part = strchr(part + 1, '/')) {
    if (part != below && !any_depth) break;
    if (part_is_one_of(part + 1, closed, sizeof closed / sizeof *closed)) return true;
    if (part_is_one_of(part + 1, old_remotes, 2) && !part_is_one_of(before, refs, 1)) return true;
    before = part + 1;
  }
  return false;
}

static enum change plain_kind(enum change change) {
  switch (change) {
    case METADATA: return CONTENT;
    case REMOVE:
    case INIT: return ENTRY;
    case INSTALL:
    case LINKED: return REPLACE;
    default: return change;
  }
}

static bool name_is_protected(const char *path, const char *name, enum change change) {
  size_t length = strlen(name);
  for (const char *at = path; (at = strchr(at, '/')); ) {
    at++;
    size_t part = strcspn(at, "/");
    if (part != length || strncasecmp(at, name, length)) continue; // some file systems ignore case
    const char *below = at + part;
    if (may_change_made_git(path, at, part, change)) continue;
    if (!options.git_commit || strcasecmp(name, ".git")) return true;
    if (*below ? is_git_trigger(below, change) : change != METADATA && change != REMOVE) return true;
  }
  return false;
}

static bool is_listed(const char *path, enum change change) {
  for (int i = 0; i < options.protect.count; i++) {
    const char *protect = options.protect.items[i];
    if (path_is_under(path, protect)) return true;
    if (plain_kind(change) == REPLACE && path_is_under(protect, path)) return true;
  }
  return false;
}

static bool is_protected(const char *path, enum change change) {
  if (is_listed(path, change)) return true;
  for (int i = 0; i < options.name.count; i++)
    if (name_is_protected(path, options.name.items[i], change)) return true;
  return false;
}

static int judge_change(const char *canonical, enum change change) {
  for (int i = 0; i < options.hide.count; i++)
    if (path_is_under(canonical, options.hide.items[i])) return -EACCES;
  bool itself = plain_kind(change) == CONTENT;
  size_t write = longest_match(canonical, &options.write, itself);
  size_t temp = longest_match(canonical, &options.temp, itself);
  if (!write && !temp) return -EACCES;
  // The command's own temp directory holds nothing worth protecting; a workspace inside it does.
  if (temp && temp >= write) return 0;
  return is_protected(canonical, change) ? -EACCES : 0;
}

bool may_change(const char *canonical, enum change change) { return judge_change(canonical, change) == 0; }

bool may_point_to_git(const char *canonical) {
  char folder[PATH_SIZE];
  const char *end = strrchr(canonical, '/');
  if (!end || (size_t)(end - canonical) >= sizeof folder) return false;
  memcpy(folder, canonical, (size_t)(end - canonical));
  folder[end - canonical] = 0;
  return may_change(folder, ENTRY) && !is_listed(canonical, ENTRY);
}

int check_change(const char *canonical, enum change change) {
  int result = judge_change(canonical, change);
  if (result) tell_blocked("write", canonical);
  return result;
}

bool is_plain_device(const char *canonical) {
  static const char *const devices[] = {"/dev/null",    "/dev/zero", "/dev/full", "/dev/random",
                                        "/dev/urandom", "/dev/ptmx", "/dev/tty"};
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++)
    if (!strcmp(canonical, devices[i])) return true;
  return !strncmp(canonical, "/dev/pts/", 9);
}

// What is for all programs there; a workspace in it is judged as anywhere else.
bool is_in_shared_memory(const char *canonical) {
  if (strncmp(canonical, "/dev/shm/", 9)) return false;
  return !longest_match(canonical, &options.write, true) && !longest_match(canonical, &options.expose, true);
}

bool may_connect(const char *canonical) {
  for (int i = 0; i < options.socket.count; i++)
    if (!strcmp(canonical, options.socket.items[i])) return true;
  if (judge_change(canonical, CONTENT) == 0) return true;
  tell_blocked("socket", canonical);
  return false;
}

// Level 2 shares /dev/shm with the host: a command may only change what it has made there itself.
enum { OWN_MAX = 1024 };
static struct {
  dev_t device;
  ino_t inode;
} own[OWN_MAX];
static unsigned own_count;

void remember_shared_memory(int dir, const char *name) {
  struct stat info;
  if (fstatat(dir, name, &info, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0) return;
  own[own_count % OWN_MAX].device = info.st_dev;
  own[own_count++ % OWN_MAX].inode = info.st_ino;
}

// Directly in it, or in a directory that the command has made.
bool may_enter_shared_memory(int dir, const char *canonical) {
  return !strchr(canonical + sizeof "/dev/shm/" - 1, '/') || is_own_shared_memory(dir);
}

bool is_own_shared_memory(int fd) {
  if (options.level == 1) return true;
  struct stat info;
  if (fstat(fd, &info) < 0) return false;
  for (unsigned i = 0; i < OWN_MAX && i < own_count; i++)
    if (own[i].device == info.st_dev && own[i].inode == info.st_ino) return true;
  return false;
}
