// How many processes and threads the command has, where nothing in the kernel limits them: root's, without numbers of
// their own. The broker is asked before each birth, so none happens while it counts; and it counts only when as many
// have been born since the last time as were free then.
#define _GNU_SOURCE
#include "broker.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST 65536     // of the whole machine's processes; with more of them there is no room in any case
#define REFUSAL_MS 20  // for so long a full house stays full: counting again and again would cost more than the births

#define AT_FIRST 4 // the command, init, and two that the broker itself may have at work

enum { UNKNOWN, OURS, OTHERS };
static struct process {
  int pid, parent, threads, whose;
} seen[MOST];
static int seen_count;

static bool read_process(int proc, const char *name, struct process *process) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "%.20s/stat", name);
  int fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return false;
  text[size] = 0;
  process->pid = atoi(name);
  process->whose = UNKNOWN;
  char *after = strrchr(text, ')'); // the name before it may hold anything
  return after && sscanf(after + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %d",
                         &process->parent, &process->threads) == 2;
}

static bool read_processes(void) {
  DIR *dir = opendir("/proc");
  if (!dir) return false;
  seen_count = 0;
  struct dirent *entry;
  while (seen_count < MOST && (entry = readdir(dir)))
    if (isdigit((unsigned char)*entry->d_name) && read_process(dirfd(dir), entry->d_name, &seen[seen_count])) seen_count++;
  closedir(dir);
  return seen_count < MOST;
}

static int by_pid(const void *first, const void *second) {
  return ((const struct process *)first)->pid - ((const struct process *)second)->pid;
}

static struct process *find_process(int pid) {
  struct process key = {.pid = pid};
  return bsearch(&key, seen, (size_t)seen_count, sizeof *seen, by_pid);
}

// Whoever descends from the supervisor; also whose parent died while the list was read, as only ours are sure to have
// a parent: what is orphaned comes to the supervisor.
static int decide(const struct process *process, int supervisor) {
  for (int steps = 0; steps <= seen_count; steps++) {
    if (process->whose != UNKNOWN) return process->whose;
    if (process->pid == supervisor || process->parent == supervisor) return OURS;
    if (process->parent == 0) return OTHERS;
    process = find_process(process->parent);
    if (!process) return OURS;
  }
  return OURS;
}

static void decide_all(int supervisor) {
  for (int i = 0; i < seen_count; i++) {
    int whose = decide(&seen[i], supervisor);
    for (struct process *at = &seen[i]; at && at->whose == UNKNOWN; at = find_process(at->parent)) at->whose = whose;
  }
}

// All that are allowed where it cannot be known: then nothing more is born.
static int count_ours(void) {
  if (!read_processes()) return options.processes;
  qsort(seen, (size_t)seen_count, sizeof *seen, by_pid);
  int supervisor = getpid(), count = 0;
  decide_all(supervisor);
  for (int i = 0; i < seen_count; i++)
    if (seen[i].whose == OURS && seen[i].pid != supervisor) count += seen[i].threads > 1 ? seen[i].threads : 1;
  return count;
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool may_be_born(void) {
  // At first only the command and its keepers are there: no need to look.
  static int left = -1;
  static long full_until;
  if (left < 0) left = options.processes - AT_FIRST;
  if (left == 0) {
    long now = now_ms();
    if (now < full_until) return false;
    int free = options.processes - count_ours();
    left = free > 0 ? free : 0;
    if (!left) full_until = now + REFUSAL_MS;
  }
  if (left == 0) return false;
  left--;
  return true;
}
