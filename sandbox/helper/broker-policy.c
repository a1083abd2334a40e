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

static bool ends_with_ignoring_case(const char *text, const char *end) {
  size_t length = strlen(text), wanted = strlen(end);
  return length >= wanted && !strcasecmp(text + length - wanted, end);
}

// Inside a '.git' that may be changed: what makes git run programs, or points it to another git directory or machine.
bool is_git_trigger(const char *below, enum change exact) {
  static const char *const closed[] = {"hooks",     "config", "config.worktree", "config.lock",
                                       "commondir", "gitdir", "info"};
  static const char *const old_remotes[] = {"remotes", "branches"}; // where "git fetch NAME" also looks
  static const char *const todo[] = {"git-rebase-todo"};             // "exec" lines
  static const char *const refs[] = {"refs"};
  if (exact == LINKED) return true;
  if (!strncasecmp(below, "/sl", 3) && (!below[3] || below[3] == '/')) return true; // Sapling's own config
  bool in_worktree = !strncasecmp(below, "/worktrees/", 11);
  bool any_depth = in_worktree || !strncasecmp(below, "/modules/", 9);
  const char *last = strrchr(below, '/') + 1;
  if (part_is_one_of(last, todo, 1) && exact != INSTALL && exact != REMOVE) return true;
  if (ends_with_ignoring_case(below, "/rebase-merge/strategy") && exact != REMOVE) return true; // see broker-worktree.c
  if (ends_with_ignoring_case(below, "/sequencer/opts") && exact != INSTALL && exact != REMOVE) return true;
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

// Characters that file systems of macOS leave out when they compare names, as UTF-8.
static size_t ignorable(const char *at) {
  const unsigned char *byte = (const unsigned char *)at;
  if (byte[0] == 0xef) return byte[1] == 0xbb && byte[2] == 0xbf ? 3 : 0;
  if (byte[0] != 0xe2) return 0;
  bool is = (byte[1] == 0x80 && ((byte[2] >= 0x8c && byte[2] <= 0x8f) || (byte[2] >= 0xaa && byte[2] <= 0xae))) ||
            (byte[1] == 0x81 && byte[2] >= 0xaa && byte[2] <= 0xaf);
  return is ? 3 : 0;
}

// Whether some file system takes this part of a path for the name: they may ignore case, dots and spaces at the end, what
// comes after a colon, or know a file as "GIT~1" besides.
static bool part_means(const char *part, size_t length, const char *name) {
  char plain[256];
  size_t size = 0, wanted = strlen(name);
  bool may = !strncasecmp(part, name, 1) || !strncasecmp(part, name + 1, 1) || (unsigned char)*part >= 0xe2;
  if (!may) return false; // nearly all
  for (size_t i = 0; i < length && part[i] != ':' && size < sizeof plain - 1;) {
    size_t skipped = ignorable(part + i);
    if (!skipped) plain[size++] = part[i];
    i += skipped ? skipped : 1;
  }
  while (size && (plain[size - 1] == ' ' || plain[size - 1] == '.')) size--;
  if (size == wanted && !strncasecmp(plain, name, size)) return true;
  size_t stem = wanted - 1 < 6 ? wanted - 1 : 6;
  return *name == '.' && size == stem + 2 && !strncasecmp(plain, name + 1, stem) && !strncmp(plain + stem, "~1", 2);
}

// A name other than '.git' counts below the outermost writable tree only: a worktree may lie in an agent's own home.
static const char *where_it_counts(const char *path, const char *name) {
  size_t shortest = strlen(path);
  if (!strcasecmp(name, ".git")) return path;
  for (int i = 0; i < options.write.count; i++)
    if (path_is_under(path, options.write.items[i]) && strlen(options.write.items[i]) < shortest)
      shortest = strlen(options.write.items[i]);
  return path + shortest;
}

static bool name_is_protected(const char *path, const char *name, enum change change) {
  for (const char *at = where_it_counts(path, name); (at = strchr(at, '/')); ) {
    at++;
    size_t part = strcspn(at, "/");
    if (!part_means(at, part, name)) continue;
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
