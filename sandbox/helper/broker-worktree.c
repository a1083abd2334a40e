// What lies beside '.git': worktrees that "git worktree add" makes under the commit permission, and folders that git would
// take for a repository although they are not called '.git'.
//
// A worktree has three files that point to other places: 'commondir' and 'gitdir' below .git/worktrees/NAME, and the '.git'
// of its folder. What is in them decides whose config and hooks git uses, so the broker writes them itself, from what it
// has resolved, and the command writes to memory that nobody reads but to find which folder it means.
#define _GNU_SOURCE
#include "broker.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORKTREES = 16 };
static struct {
  int dir;     // .git/worktrees/NAME, made by this command; 0: none
  int pending; // what the command writes as its 'gitdir'; 0: nothing yet
} worktrees[WORKTREES];
static unsigned worktree_count;

// "…/.git/worktrees/NAME": from there '../..' is the git directory, whose config and hooks are closed.
static bool is_worktree_place(const char *canonical) {
  static const char middle[] = "/.git/worktrees/";
  const char *last = strrchr(canonical, '/');
  size_t length = sizeof middle - 1;
  if (!last || !last[1] || (size_t)(last + 1 - canonical) < length || strchr(canonical, '\n')) return false;
  return !strncmp(last + 1 - length, middle, length);
}

static void forget(unsigned slot) {
  if (worktrees[slot].dir) close(worktrees[slot].dir);
  if (worktrees[slot].pending) close(worktrees[slot].pending);
  memset(&worktrees[slot], 0, sizeof worktrees[slot]);
}

void remember_worktree(int parent, const char *name, const char *canonical) {
  if (!options.git_commit || !is_worktree_place(canonical)) return;
  int dir = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (dir <= 0) return;
  unsigned slot = worktree_count++ % WORKTREES;
  forget(slot);
  worktrees[slot].dir = dir;
}

static int find_worktree(int dir) {
  struct stat wanted, info;
  if (fstat(dir, &wanted) < 0) return -1;
  for (int i = 0; i < WORKTREES; i++)
    if (worktrees[i].dir && fstat(worktrees[i].dir, &info) == 0 && info.st_dev == wanted.st_dev &&
        info.st_ino == wanted.st_ino)
      return i;
  return -1;
}

static int memory_file(void) {
  int fd = memfd_create("git", MFD_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

static int write_new(int dir, const char *name, const char *text) {
  int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666 & ~umask_of_caller());
  if (fd < 0) return -errno;
  size_t size = strlen(text);
  int error = write(fd, text, size) == (ssize_t)size ? 0 : -EIO;
  close(fd);
  if (error) unlinkat(dir, name, 0);
  return error;
}

static bool is_empty(int dir) {
  int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *all = fd < 0 ? NULL : fdopendir(fd);
  if (!all) {
    if (fd >= 0) close(fd);
    return false;
  }
  int count = 0;
  while (readdir(all)) count++;
  closedir(all);
  return count == 2; // itself and its parent
}

// Whether what the command wrote as 'gitdir' means this '.git'; it may be relative to the worktree's own directory.
static bool means(int pending, const char *admin, const char *canonical) {
  char text[PATH_MAX + 1], path[PATH_SIZE], found[PATH_SIZE], *last;
  ssize_t size = pread(pending, text, PATH_MAX, 0);
  if (size <= 0) return false;
  text[size] = 0;
  text[strcspn(text, "\n")] = 0;
  int length = text[0] == '/' ? snprintf(path, sizeof path, "%s", text) : snprintf(path, sizeof path, "%s/%s", admin, text);
  if (length >= PATH_MAX) return false;
  int parent = open_parent(path, &last, found);
  if (parent < 0) return false;
  close(parent);
  return !strcmp(found, canonical);
}

static int make_pointer(int dir, const char *canonical) {
  for (unsigned i = 0; i < WORKTREES; i++) {
    char admin[PATH_SIZE], text[PATH_SIZE + 16];
    if (!worktrees[i].pending || canonical_path(worktrees[i].dir, admin) || !is_worktree_place(admin)) continue;
    if (!means(worktrees[i].pending, admin, canonical)) continue;
    if (strchr(canonical, '\n') || !may_point_to_git(canonical) || !is_empty(dir)) return NOT_MINE;
    snprintf(text, sizeof text, "%s\n", canonical);
    int error = write_new(worktrees[i].dir, "gitdir", text);
    snprintf(text, sizeof text, "gitdir: %s\n", admin);
    if (!error) error = write_new(dir, ".git", text);
    close(worktrees[i].pending);
    worktrees[i].pending = 0;
    return error ? error : memory_file();
  }
  return NOT_MINE;
}

// What is in it becomes part of a program's name ("git merge-STRATEGY") when the rebase goes on. A rebase with options for a
// strategy gets git's own one, and what the command writes goes to memory.
static int make_strategy(int dir, const char *canonical) {
  char beside[PATH_SIZE];
  static const char name[] = "/strategy", other[] = "/message";
  size_t length = strlen(canonical) - (sizeof name - 1);
  if (length < 13 || strncmp(canonical + length - 13, "/rebase-merge", 13)) return NOT_MINE;
  snprintf(beside, sizeof beside, "%.*s%s", (int)length, canonical, other);
  if (!strstr(canonical, "/.git/") || !may_change(beside, ENTRY)) return NOT_MINE;
  int error = write_new(dir, "strategy", "ort\n");
  return error ? error : memory_file();
}

int open_in_worktree(int dir, const char *last, const char *canonical) {
  if (!strcmp(last, "strategy")) return make_strategy(dir, canonical);
  if (!worktree_count) return NOT_MINE;
  if (!strcmp(last, ".git")) return make_pointer(dir, canonical);
  bool is_common = !strcmp(last, "commondir");
  if (!is_common && strcmp(last, "gitdir")) return NOT_MINE;
  char parent[PATH_SIZE];
  int slot = find_worktree(dir);
  if (slot < 0 || canonical_path(dir, parent) || !is_worktree_place(parent)) return NOT_MINE;
  if (is_common) {
    int error = write_new(dir, "commondir", "../..\n");
    return error ? error : memory_file();
  }
  int fd = memory_file();
  if (fd < 0) return fd;
  int own = fcntl(fd, F_DUPFD_CLOEXEC, 1);
  if (own < 0) {
    close(fd);
    return -EMFILE;
  }
  if (worktrees[slot].pending) close(worktrees[slot].pending);
  worktrees[slot].pending = own;
  return fd;
}

// ---- folders that git would take for a repository ----

static bool has(int dir, const char *name, const char *added) {
  return !strcasecmp(name, added) || faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool is_repository(int dir, const char *added) {
  if (!has(dir, "HEAD", added)) return false;
  return (has(dir, "objects", added) && has(dir, "refs", added)) || has(dir, "commondir", added);
}

static bool is_one_of(const char *name, const char *const names[], size_t count) {
  for (size_t i = 0; i < count; i++)
    if (!strcasecmp(name, names[i])) return true;
  return false;
}

static bool is_hooks(const char *canonical, size_t length) {
  return length > 6 && !strncasecmp(canonical + length - 6, "/hooks", 6);
}

bool makes_repository(int dir, const char *last, const char *canonical) {
  static const char *const parts[] = {"HEAD", "objects", "refs"};
  static const char *const triggers[] = {"config", "config.worktree", "commondir", "hooks"};
  if (!options.name.count || in_private_temp(canonical) || strcasestr(canonical, "/.git/")) return false;
  if (is_one_of(last, triggers, sizeof triggers / sizeof *triggers)) return is_repository(dir, last);
  if (is_one_of(last, parts, sizeof parts / sizeof *parts))
    return faccessat(dir, last, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && is_repository(dir, last);
  if (!is_hooks(canonical, (size_t)(strrchr(canonical, '/') - canonical))) return false;
  int above = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
  bool found = above >= 0 && is_repository(above, "hooks");
  if (above >= 0) close(above);
  return found;
}

bool changes_repository(const char *canonical) {
  char copy[PATH_SIZE], parent[PATH_SIZE], *last;
  const char *name = strrchr(canonical, '/');
  bool is_candidate = name && (!strncasecmp(name, "/config", 7) || !strcasecmp(name, "/commondir") ||
                               is_hooks(canonical, (size_t)(name - canonical)));
  if (!is_candidate) return false;
  snprintf(copy, sizeof copy, "%s", canonical);
  int dir = open_parent(copy, &last, parent);
  if (dir < 0) return false;
  bool found = makes_repository(dir, last, canonical);
  close(dir);
  return found;
}
