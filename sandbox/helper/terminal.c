// A terminal for the command. The command gets the slave; the supervisor keeps the master and carries bytes between it
// and the caller's pipes, so that the caller needs no native code, and no descriptor of a terminal leaves the sandbox.
#define _GNU_SOURCE
#include "sbx.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER 0x5441
#endif

#define FLOW_SIZE 65536
#define END_OF_INPUT 4 // Ctrl+D
#define LAST_OUTPUT_MS 1000

// Bytes on their way; full means that the other side is not read from, so that nothing grows.
struct flow {
  char data[FLOW_SIZE];
  size_t start, end;
};

static struct flow typed, printed;
static int input = -1, output = -1, master = -1, slave = -1;
static char last_typed = '\n';

static void set_size(int fd) {
  struct winsize size = {.ws_row = (unsigned short)options.rows, .ws_col = (unsigned short)options.columns};
  CHECK(ioctl(fd, TIOCSWINSZ, &size), "terminal size");
}

// Opened where it is called: at level 1 that is the sandbox's own /dev/pts.
void open_terminal(int *new_master, int *new_slave) {
  int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
  CHECK(fd, "terminal");
  int unlock = 0;
  CHECK(ioctl(fd, TIOCSPTLCK, &unlock), "terminal");
  int peer = ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
  CHECK(peer, "terminal");
  struct termios modes;
  if (tcgetattr(peer, &modes) == 0) {
    modes.c_iflag |= IUTF8; // backspace takes a character, not a byte
    tcsetattr(peer, TCSANOW, &modes);
  }
  set_size(fd);
  *new_master = fd;
  *new_slave = peer;
}

// The command's own session, with the terminal as its controlling one and as its three streams.
void enter_terminal(int fd) {
  setsid();
  CHECK(ioctl(fd, TIOCSCTTY, 0), "controlling terminal");
  for (int stream = 0; stream < 3; stream++) CHECK(dup2(fd, stream), "terminal");
}

static int keep(int fd) {
  int copy = fcntl(fd, F_DUPFD_CLOEXEC, 10);
  if (copy >= 0) fcntl(copy, F_SETFL, fcntl(copy, F_GETFL) | O_NONBLOCK);
  return copy;
}

// The slave is held too: a command that closes its streams and lives on would make the master report a hang-up forever.
void relay_start(int new_master, int new_slave) {
  signal(SIGPIPE, SIG_IGN);
  master = new_master;
  slave = new_slave;
  input = keep(0);
  output = keep(1);
  CHECK(fcntl(master, F_SETFL, fcntl(master, F_GETFL) | O_NONBLOCK), "terminal");
}

void relay_resize(int columns, int rows) {
  if (master < 0) return;
  options.columns = columns;
  options.rows = rows;
  set_size(master);
}

static void drop(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

// False once there is nothing more to come.
static bool fill(struct flow *flow, int fd) {
  flow->start = flow->end = 0;
  ssize_t size = read(fd, flow->data, FLOW_SIZE);
  if (size > 0) flow->end = (size_t)size;
  return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
}

// False once nobody takes it.
static bool empty(struct flow *flow, int fd) {
  ssize_t size = write(fd, flow->data + flow->start, flow->end - flow->start);
  if (size > 0) flow->start += (size_t)size;
  return size >= 0 || errno == EAGAIN || errno == EINTR;
}

static bool waits(const struct flow *flow) { return flow->start < flow->end; }

void relay_prepare(struct pollfd polls[RELAY_POLLS]) {
  short events = (short)((waits(&typed) ? POLLOUT : 0) | (waits(&printed) ? 0 : POLLIN));
  polls[0] = (struct pollfd){waits(&typed) ? -1 : input, POLLIN, 0};
  polls[1] = (struct pollfd){waits(&printed) ? output : -1, POLLOUT, 0};
  polls[2] = (struct pollfd){events ? master : -1, events, 0};
}

static void take_input(void) {
  if (fill(&typed, input)) {
    if (typed.end) last_typed = typed.data[typed.end - 1];
    return;
  }
  drop(&input);
  // In the middle of a line the first one only ends the line.
  if (last_typed != '\n') typed.data[typed.end++] = END_OF_INPUT;
  typed.data[typed.end++] = END_OF_INPUT;
}

void relay_handle(const struct pollfd polls[RELAY_POLLS]) {
  if (polls[0].revents) take_input();
  if (polls[2].revents & POLLOUT && !empty(&typed, master)) typed.start = typed.end;
  if (polls[2].revents & (POLLIN | POLLHUP) && !waits(&printed) && !fill(&printed, master)) drop(&master);
  if (polls[1].revents && !empty(&printed, output)) printed.start = printed.end; // nobody reads: let the command go on
}

// When the command has ended with all that it started: what it printed last. The caller may read slowly; when it is gone,
// writing fails and this ends.
void relay_finish(void) {
  drop(&slave);
  typed.start = typed.end;
  drop(&input);
  for (;;) {
    struct pollfd polls[RELAY_POLLS];
    relay_prepare(polls);
    if (polls[1].fd < 0 && polls[2].fd < 0) return;
    if (poll(polls, RELAY_POLLS, waits(&printed) ? -1 : LAST_OUTPUT_MS) == 0) return;
    relay_handle(polls);
  }
}
