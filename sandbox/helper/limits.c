// How much of the machine a command may take. Each limit is held by the cheapest means that holds it here:
// processes by the numbers of the private pid namespace (Linux 6.14, root too), else by RLIMIT_NPROC, and for root, whom
// that exempts, by the broker's count, or without a broker by a control group (joining one waits for the whole machine,
// some 15 ms); memory by a control group, else for each process by RLIMIT_DATA.
#define _GNU_SOURCE
#include "sbx.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#define RESERVED_NUMBERS 300 // a pid namespace never gives the first ones again
#define GROUP_ROOT "/sys/fs/cgroup"

enum { PIDS, MEMORY, KINDS };
static struct {
  char path[512]; // "" = there is none
  int members;    // its list of processes, open for writing before Landlock closes it
} groups[KINDS];

static bool put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
  close(fd);
  return done;
}

// Before 6.14 the number is the whole machine's, and root would change it there.
static bool numbers_are_private(void) {
  struct utsname name;
  int major, minor;
  if (options.level != 1 || uname(&name) < 0 || sscanf(name.release, "%d.%d", &major, &minor) != 2) return false;
  return major > 6 || (major == 6 && minor >= 14);
}

void limit_numbers(void) {
  if (!options.processes || !numbers_are_private()) return;
  char text[32];
  snprintf(text, sizeof text, "%d", options.processes + RESERVED_NUMBERS + 1);
  (void)!put("/proc/sys/kernel/pid_max", text);
}

static void limit_to(int resource, uint64_t most) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) < 0) return;
  if (limit.rlim_max > most) limit.rlim_max = most;
  if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
  setrlimit(resource, &limit);
}

void limit_resources(void) {
  limit_to(RLIMIT_CORE, 0);   // a core dump would be written by the host's core_pattern
  limit_to(RLIMIT_RTPRIO, 0); // some desktops let their users take a processor from everybody else
  struct sysinfo info;
  // What counts is all that the user runs, so the command's share comes on top of what runs already.
  if (options.processes && sysinfo(&info) == 0) limit_to(RLIMIT_NPROC, (uint64_t)options.processes + info.procs);
  if (options.memory && !*groups[MEMORY].path) limit_to(RLIMIT_DATA, options.memory);
  put("/proc/self/oom_score_adj", "500"); // when memory runs out, the command goes before the editor
}

static bool line_of(const char *file, const char *controller, char *result, size_t size) {
  FILE *lines = fopen(file, "re");
  if (!lines) return false;
  char line[512];
  bool found = false;
  while (!found && fgets(line, sizeof line, lines)) {
    line[strcspn(line, "\n")] = 0;
    char *names = strchr(line, ':'), *path = names ? strchr(names + 1, ':') : NULL;
    if (!path) continue;
    *path++ = 0;
    if (strcmp(names + 1, controller)) continue;
    found = snprintf(result, size, "%s", strcmp(path, "/") ? path : "") < (int)size;
  }
  fclose(lines);
  return found;
}

static bool make_group(int kind, const char *parent, const char *file, uint64_t most) {
  char path[640], text[32];
  char *group = groups[kind].path;
  snprintf(group, sizeof groups[kind].path, "%.400s/sandbox-%d", parent, getpid());
  if (mkdir(group, 0755) == 0) {
    snprintf(path, sizeof path, "%.512s/%s", group, file);
    snprintf(text, sizeof text, "%llu", (unsigned long long)most);
    bool limited = put(path, text);
    snprintf(path, sizeof path, "%.512s/cgroup.procs", group);
    groups[kind].members = open(path, O_WRONLY | O_CLOEXEC);
    if (limited && groups[kind].members >= 0) return true;
    rmdir(group);
  }
  *group = 0;
  return false;
}

static void make_for(int kind, const char *controller, const char *old_file, const char *new_file, uint64_t most) {
  char path[256], parent[400];
  if (line_of("/proc/self/cgroup", controller, path, sizeof path)) {
    snprintf(parent, sizeof parent, "%s/%s%s", GROUP_ROOT, controller, path);
    if (make_group(kind, parent, old_file, most)) return;
  }
  if (!line_of("/proc/self/cgroup", "", path, sizeof path)) return;
  snprintf(parent, sizeof parent, "%s%s", GROUP_ROOT, path);
  make_group(kind, parent, new_file, most);
}

void group_create(void) {
  bool root = geteuid() == 0;
  if (options.processes && root && !options.counted && !numbers_are_private())
    make_for(PIDS, "pids", "pids.max", "pids.max", (uint64_t)options.processes);
  if (options.memory) make_for(MEMORY, "memory", "memory.limit_in_bytes", "memory.max", options.memory);
}

void group_join(pid_t pid) {
  char text[32];
  snprintf(text, sizeof text, "%d", pid);
  for (int kind = 0; kind < KINDS; kind++)
    if (*groups[kind].path && write(groups[kind].members, text, strlen(text)) < 0) fail(groups[kind].path);
}

bool group_parent(int kind, char *parent, size_t size) {
  if (kind >= KINDS) return false;
  snprintf(parent, size, "%s", groups[kind].path);
  char *last = strrchr(parent, '/');
  if (last) *last = 0;
  return true;
}

void group_remove(void) {
  for (int kind = 0; kind < KINDS; kind++)
    if (*groups[kind].path) rmdir(groups[kind].path);
}
