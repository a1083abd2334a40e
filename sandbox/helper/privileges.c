// What a process may do whatever it opens: capabilities, the seccomp filter, descriptors, limits.
#define _GNU_SOURCE
#include "sbx.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

#define FILTER_MAX 4096

static struct sock_filter filter[FILTER_MAX];
static struct sock_fprog program = {0, filter};

static void read_exactly(int fd, void *buffer, size_t size) {
  char *at = buffer;
  while (size) {
    ssize_t n = read(fd, at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("filter");
    if (n == 0) fail_text("filter", "channel closed too early");
    at += n;
    size -= (size_t)n;
  }
}

// The filter comes as a 32-bit count (this machine's byte order) and that many 8-byte instructions.
void read_filter(int channel) {
  uint32_t count;
  read_exactly(channel, &count, sizeof count);
  if (count == 0 || count > FILTER_MAX) fail_text("filter", "bad length");
  read_exactly(channel, filter, count * sizeof *filter);
  program.len = (unsigned short)count;
}

int install_filter(void) {
  if (!options.broker) {
    CHECK(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), "seccomp");
    return -1;
  }
  // Once the broker has a call in hand only a fatal signal interrupts it: a mkdir must not be done twice.
  unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER;
  long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
  if (fd < 0 && errno == EINVAL) fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  CHECK(fd, "seccomp listener");
  return (int)fd;
}

// Root in a container keeps what lets it work on files of other owners; every other power goes.
void drop_capabilities(bool keep_file_caps) {
  uint64_t keep = 0;
  if (keep_file_caps) keep = 1u << CAP_DAC_OVERRIDE | 1u << CAP_FOWNER | 1u << CAP_CHOWN;
  for (int cap = 0; cap < 64; cap++)
    if (!(keep >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0 && errno == EINVAL) break;
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct held[2], wanted[2];
  CHECK(syscall(SYS_capget, &header, held), "capget");
  memset(wanted, 0, sizeof wanted);
  wanted[0].permitted = wanted[0].effective = (uint32_t)keep & held[0].permitted;
  CHECK(syscall(SYS_capset, &header, wanted), "capset");
}

void close_from(int first) {
  if (syscall(SYS_close_range, first, ~0u, 0) == 0) return;
  long max = sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < max; fd++) close(fd);
}

void no_new_privileges(void) { CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs"); }
