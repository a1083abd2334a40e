// Terminals and the other devices. At level 2 all of them are the machine's.
#define _GNU_SOURCE
#include "broker.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define PSEUDO_TERMINAL 136 // the kernel's major number

// The number of the caller's controlling one among pseudo-terminals; -1: it has none, or another kind.
static int terminal_of_caller(void) {
  char path[64], text[1024];
  snprintf(path, sizeof path, "/proc/%d/stat", call->pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return -1;
  text[size] = 0;
  unsigned device;
  char *after = strrchr(text, ')'); // the name before it may hold anything
  if (!after || sscanf(after + 1, " %*c %*d %*d %*d %u", &device) != 1) return -1;
  if ((device >> 8 & 0xfff) != PSEUDO_TERMINAL) return -1;
  return (int)((device & 0xff) | (device >> 12 & 0xfff00));
}

// /dev/tty is the broker's own terminal if it opens it itself; the command's is its controlling one, else one of its
// streams.
void find_terminal(char *absolute) {
  if (strcmp(absolute, "/dev/tty")) return;
  int number = terminal_of_caller();
  if (number >= 0) {
    snprintf(absolute, PATH_SIZE, "/dev/pts/%d", number);
    return;
  }
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

// The slaves of the pseudo-terminals whose masters the command has opened. At level 2 the others in /dev/pts are those of
// the user's own terminals: what is typed there is not the command's to read.
enum { TERMINALS_MAX = 256 };
static int terminals[TERMINALS_MAX]; // 0: none
static unsigned next_terminal;

static bool is_gone(int fd) {
  struct stat info;
  return fstat(fd, &info) < 0 || info.st_nlink == 0;
}

void remember_terminal(int master, const char *canonical) {
  int number;
  if (options.level != 2 || (strcmp(canonical, "/dev/ptmx") && strcmp(canonical, "/dev/pts/ptmx"))) return;
  if (ioctl(master, TIOCGPTN, &number) < 0) return;
  char path[64];
  snprintf(path, sizeof path, "/dev/pts/%d", number);
  int slave = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (slave <= 0) return;
  unsigned slot = 0;
  while (slot < TERMINALS_MAX && terminals[slot] && !is_gone(terminals[slot])) slot++;
  if (slot == TERMINALS_MAX) slot = next_terminal++ % TERMINALS_MAX;
  if (terminals[slot]) close(terminals[slot]);
  terminals[slot] = slave;
}

static bool is_own_terminal(int handle, const char *canonical) {
  struct stat wanted, info;
  int number = terminal_of_caller();
  char own[64];
  snprintf(own, sizeof own, "/dev/pts/%d", number);
  if (number >= 0 && !strcmp(canonical, own)) return true;
  if (fstat(handle, &wanted) < 0) return false;
  for (unsigned i = 0; i < TERMINALS_MAX; i++)
    if (terminals[i] && fstat(terminals[i], &info) == 0 && info.st_nlink && info.st_dev == wanted.st_dev &&
        info.st_ino == wanted.st_ino)
      return true;
  return false;
}

// At level 2 the devices are the machine's: they may be written to, but stay as they are.
bool may_change_device(int handle, const char *canonical, enum change change) {
  if (options.level != 2) return true;
  if (!strncmp(canonical, "/dev/pts/", 9) && strcmp(canonical, "/dev/pts/ptmx")) return is_own_terminal(handle, canonical);
  return change != METADATA;
}
