// A repository that the command makes itself, inside a writable tree ("git init", as project generators do). Its '.git' is
// known by its inode for as long as this command runs; afterwards it is like any other. What makes git run programs stays
// out of it: hooks other than samples, and a config with anything but the harmless keys below. The config that git reads
// is never the file that the command wrote: it is a copy, looked at before it is put in place.
#define _GNU_SOURCE
#include "broker.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define INSTALL_MAX (1 << 20)

enum { MADE_MAX = 256 };
static struct {
  dev_t device;
  ino_t inode;
} made[MADE_MAX];
static unsigned made_count;

void remember_git(int dir, const char *name) {
  struct stat info;
  if (strcmp(name, ".git") || fstatat(dir, name, &info, AT_SYMLINK_NOFOLLOW) < 0) return;
  made[made_count % MADE_MAX].device = info.st_dev;
  made[made_count++ % MADE_MAX].inode = info.st_ino;
}

// Whether the first `length` bytes of the path lead to a '.git' that the command has made.
static bool is_made_here(const char *canonical, size_t length) {
  if (!made_count) return false;
  char path[PATH_SIZE];
  snprintf(path, sizeof path, "%.*s", (int)length, canonical);
  int fd = open_path(path, O_NOFOLLOW, NULL);
  if (fd < 0) return false;
  struct stat info;
  bool found = false;
  if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode))
    for (unsigned i = 0; i < MADE_MAX && i < made_count; i++)
      if (made[i].device == info.st_dev && made[i].inode == info.st_ino) found = true;
  close(fd);
  return found;
}

static bool ends_with(const char *text, const char *end) {
  size_t length = strlen(text), wanted = strlen(end);
  return length >= wanted && !strcmp(text + length - wanted, end);
}

// "tXXXXXX": git tries out whether links can be made.
static bool is_link_trial(const char *name, size_t length) { return length == 7 && name[0] == 't'; }

// What git makes and needs at the top of '.git', beside hooks, info and config.
static bool is_plain_part(const char *name, size_t length) {
  // HEAD, MERGE_HEAD, AUTO_MERGE and so on; not "HOOKS", which may be "hooks" too.
  size_t letters = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
  bool is_state = !strncmp(name, "HEAD", letters > 4 ? letters : 4) || memchr(name, '_', letters);
  if (letters && is_state && (letters == length || (letters + 5 == length && !memcmp(name + letters, ".lock", 5)))) return true;
  if (!strncmp(name, "index.stash.", 12) || !strncmp(name, "next-index-", 11)) return true;
  static const char *const parts[] = {
      "description", "objects",     "refs",             "logs",            "index",  "index.lock", "gc.pid", "gc.pid.lock",
      "reftable",    "packed-refs", "packed-refs.lock", "packed-refs.new", "gc.log", "rr-cache",
  };
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (strlen(parts[i]) == length && !memcmp(parts[i], name, length)) return true;
  return is_link_trial(name, length);
}

static bool part_is(const char *part, size_t length, const char *name) {
  return strlen(name) == length && !memcmp(part, name, length);
}

// `below`: what follows '.git' in the path, "" or "/...".
static bool fits_made_git(const char *below, enum change change) {
  if (change == REMOVE) return true;
  if (!*below) return change == METADATA;
  const char *part = below + 1;
  size_t length = strcspn(part, "/");
  const char *rest = part + length;
  // git follows a link when it writes to it: later, in the user's name, and wherever it leads.
  if (change == LINKED) return !*rest && is_link_trial(part, length);
  if (part_is(part, length, "rebase-merge") || part_is(part, length, "sequencer")) return !is_git_trigger(below, change);
  if (part_is(part, length, "branches")) return !*rest; // where "git fetch NAME" also looks
  if (part_is(part, length, "config.lock")) return !*rest;
  if (part_is(part, length, "config")) return !*rest && (change == METADATA || change == INSTALL);
  if (part_is(part, length, "hooks")) {
    if (!*rest) return change == INIT || change == METADATA;
    return !strchr(rest + 1, '/') && ends_with(rest, ".sample");
  }
  if (part_is(part, length, "info")) return *rest ? !strcmp(rest, "/exclude") : change == INIT || change == METADATA;
  return is_plain_part(part, length);
}

// `at`: a component of the path that is a protected name, `length` long. Whether the command may do this all the same.
bool may_change_made_git(const char *canonical, const char *at, size_t length, enum change change) {
  if (length != 4 || memcmp(at, ".git", 4)) return false;
  const char *below = at + length;
  if (!*below && change == INIT) return true;
  return is_made_here(canonical, (size_t)(below - canonical)) && fits_made_git(below, change);
}

static const char *const allowed_keys[] = {
    "core.repositoryformatversion", "core.filemode",          "core.bare",           "core.logallrefupdates",
    "core.symlinks",                "core.ignorecase",        "core.precomposeunicode", "extensions.objectformat",
    "extensions.refstorage",        "user.name",              "user.email",
};

// How a cherry-pick or revert is to go on. "strategy" is not among it: its value names a program.
static const char *const allowed_options[] = {
    "options.no-commit",      "options.allow-empty",      "options.allow-empty-message",    "options.drop-redundant-commits",
    "options.edit",           "options.signoff",          "options.keep-redundant-commits", "options.record-origin",
    "options.allow-ff",       "options.mainline",         "options.strategy-option",        "options.gpg-sign",
    "options.committer-date-is-author-date",               "options.allow-rerere-auto",      "options.default-msg-cleanup",
};

static bool key_is_allowed(const char *section, const char *key, size_t length, const char *const keys[], size_t count) {
  char full[128];
  if (length > 48 || snprintf(full, sizeof full, "%s.%.*s", section, (int)length, key) >= (int)sizeof full) return false;
  for (size_t i = 0; i < count; i++)
    if (!strcasecmp(full, keys[i])) return true;
  return false;
}

// One line of a config, without its end. Only the plainest forms of what git itself writes are understood.
static bool line_is_harmless(char *line, char section[64], const char *const keys[], size_t count) {
  for (const char *at = line; *at; at++)
    if ((unsigned char)*at < ' ' && *at != '\t') return false;
  if (strpbrk(line, "\\\"")) return false; // a line that goes on, a subsection
  line += strspn(line, " \t");
  if (!*line) return true;
  if (*line == '[') {
    size_t length = strspn(line + 1, "abcdefghijklmnopqrstuvwxyz");
    if (!length || length > 32 || strcmp(line + 1 + length, "]")) return false;
    snprintf(section, 64, "%.*s", (int)length, line + 1);
    return true;
  }
  size_t length = 0;
  while (isalnum((unsigned char)line[length]) || line[length] == '-') length++;
  const char *after = line + length + strspn(line + length, " \t");
  return length && *section && *after == '=' && key_is_allowed(section, line, length, keys, count);
}

static bool holds_only(char *text, size_t size, const char *const keys[], size_t count) {
  if (memchr(text, 0, size)) return false;
  char section[64] = "";
  char *rest = text;
  for (char *line; (line = strsep(&rest, "\n"));)
    if (!line_is_harmless(line, section, keys, count)) return false;
  return true;
}

static bool config_is_harmless(char *text, size_t size) {
  return holds_only(text, size, allowed_keys, sizeof allowed_keys / sizeof *allowed_keys);
}

static bool options_are_harmless(char *text, size_t size) {
  return holds_only(text, size, allowed_options, sizeof allowed_options / sizeof *allowed_options);
}

// A list of what a rebase is to do, "exec" left out. What does not begin with a letter is a comment, or an error to git.
static bool todo_is_harmless(char *text, size_t size) {
  static const char *const known[] = {"pick", "p", "reword", "r", "edit",  "e", "squash", "s", "fixup",      "f", "drop", "d",
                                      "label", "l", "reset", "t", "merge", "m", "noop",   "break", "b", "update-ref", "u"};
  if (memchr(text, 0, size)) return false;
  char *rest = text;
  for (char *line; (line = strsep(&rest, "\n"));) {
    line += strspn(line, " \t");
    if (!isalpha((unsigned char)*line)) continue;
    size_t length = strcspn(line, " \t\r");
    bool found = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
      if (part_is(line, length, known[i])) found = true;
    if (!found) return false;
  }
  return true;
}

static int install_copy(int from_dir, const char *from, int to_dir, const char *to, bool (*is_harmless)(char *, size_t)) {
  static const char fresh[] = "config.new";
  static char text[INSTALL_MAX + 1], looked_at[INSTALL_MAX + 1];
  struct stat info;
  int fd = openat(from_dir, from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return -errno;
  ssize_t size = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? read(fd, text, sizeof text - 1) : -1;
  bool is_whole = size >= 0 && size < INSTALL_MAX;
  close(fd);
  if (!is_whole) return -EACCES;
  text[size] = 0;
  memcpy(looked_at, text, (size_t)size + 1);
  if (!is_harmless(looked_at, (size_t)size)) return -EACCES;
  unlinkat(to_dir, fresh, 0);
  fd = openat(to_dir, fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, info.st_mode & 0666);
  if (fd < 0) return -errno;
  int error = write(fd, text, (size_t)size) == size ? 0 : -EIO;
  close(fd);
  if (!error && renameat(to_dir, fresh, to_dir, to) < 0) error = -errno;
  if (error) unlinkat(to_dir, fresh, 0);
  else if (unlinkat(from_dir, from, 0) < 0) error = -errno;
  return error;
}

int install_checked(int from_dir, const char *from_canonical, int to_dir, const char *to_canonical) {
  const char *from = strrchr(from_canonical, '/') + 1, *to = strrchr(to_canonical, '/') + 1;
  if (!strcmp(to, "git-rebase-todo")) return install_copy(from_dir, from, to_dir, to, todo_is_harmless);
  if (ends_with(to_canonical, "/sequencer/opts")) return install_copy(from_dir, from, to_dir, to, options_are_harmless);
  size_t length = strlen(to_canonical);
  bool is_its_own = !strncmp(from_canonical, to_canonical, length) && !strcmp(from_canonical + length, ".lock");
  if (!is_its_own || !ends_with(to_canonical, "/.git/config")) return -EACCES;
  return install_copy(from_dir, from, to_dir, to, config_is_harmless);
}
