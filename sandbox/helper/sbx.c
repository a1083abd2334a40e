// Processes: who starts whom, who waits, who ends what.
//
//   caller --channel-- supervisor --+-- level 2: command (and its descendants, which the supervisor adopts)
//                                   +-- level 1: init (pid 1 of the new namespaces) -- command
//
// The channel carries the filter in, then lines "size COLSxROWS" for the terminal; lines "blocked WHAT PATH" out, and one at
// the end: "exit N", "signal N" or "error TEXT". When the caller closes it, or dies, everything is killed at once. TERM, INT
// and HUP are passed on, and what has not ended a second later is killed, unless the caller is patient; QUIT, USR1 and USR2
// are passed on.
#define _GNU_SOURCE
#include "sbx.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define GRACE_MS 1000

struct options options;

static int message_fd = -1; // the channel, once it is known

static void send_line(const char *line) {
  if (message_fd >= 0) (void)!send(message_fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT);
}

// Few enough to fit the channel whatever the caller does: the line that tells the end must find room.
void tell_blocked(const char *what, const char *path) {
  enum { MOST = 64, LONGEST = 1000 };
  static int told;
  static char last[LONGEST + 64];
  char line[sizeof last];
  if (told == MOST || strchr(path, '\n')) return;
  snprintf(line, sizeof line, "blocked %s %.*s\n", what, LONGEST, path);
  if (!strcmp(line, last)) return;
  strcpy(last, line);
  told++;
  send_line(line);
}

void fail_text(const char *what, const char *detail) {
  char line[512];
  snprintf(line, sizeof line, "error %.160s: %.320s\n", what, detail);
  send_line(line);
  dprintf(2, "sbx: %s", line + strlen("error "));
  _exit(EXIT_SETUP);
}

void fail(const char *what) { fail_text(what, strerror(errno)); }

static void report_status(int status) {
  char line[64];
  if (WIFSIGNALED(status)) snprintf(line, sizeof line, "signal %d\n", WTERMSIG(status));
  else snprintf(line, sizeof line, "exit %d\n", WEXITSTATUS(status));
  send_line(line);
}

static int exit_code(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

static void default_signals(void) {
  for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static void confine_command(int broker_socket) {
  limit_resources();
  drop_capabilities(options.level == 1 || options.broker);
  confine_command_files();
  int listener = install_filter();
  if (listener >= 0) CHECK(send_descriptor(broker_socket, listener), "listener");
}

static _Noreturn void run_command(int broker_socket, int terminal) {
  if (options.level == 2) group_join(0);
  // A session of its own, so that the whole group can be signalled; but never away from the user's terminal.
  if (terminal >= 0) enter_terminal(terminal);
  else if (!isatty(0)) setsid();
  CHECK(chdir(options.cwd), options.cwd);
  if (options.level > 0) confine_command(broker_socket);
  // The channel closes by itself with exec; until then it can still say why there was none.
  CHECK(fcntl(CHANNEL, F_SETFD, FD_CLOEXEC), "channel");
  close_from(CHANNEL + 1);
  default_signals();
  execvp(options.command[0], options.command);
  int code = errno == ENOENT ? 127 : 126;
  dprintf(2, "sbx: %s: %s\n", options.command[0], strerror(errno));
  _exit(code);
}

static sigset_t handled_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGHUP);
  sigaddset(&set, SIGQUIT);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, SIGCHLD);
  return set;
}

// Pid 1 of the namespaces: reaps, passes signals on, and takes everything with it when the command ends.
static _Noreturn void run_init(int supervisor, int start_pipe) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  char go;
  if (read(start_pipe, &go, 1) != 1) _exit(EXIT_SETUP); // the supervisor is gone already
  close(start_pipe);
  build_mounts();
  if (!options.network) bring_up_loopback();
  if (options.proxy_port) open_proxy();
  int terminal = -1;
  if (options.columns) {
    int master;
    open_terminal(&master, &terminal);
    CHECK(send_descriptor(supervisor, master), "terminal");
    CHECK(send_descriptor(supervisor, terminal), "terminal");
    close(master);
  }
  pid_t command = fork();
  CHECK(command, "fork");
  if (command == 0) run_command(supervisor, terminal);
  close_from(CHANNEL + 1);
  for (int fd = 0; fd < CHANNEL; fd++) close(fd);
  drop_capabilities(false);
  no_new_privileges();
  prctl(PR_SET_DUMPABLE, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t set = handled_signals();
  for (;;) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
      if (pid != command) continue;
      report_status(status);
      _exit(exit_code(status));
    }
    siginfo_t info;
    int number = sigwaitinfo(&set, &info);
    // What a shared terminal sends, it sends to the command too.
    if (number > 0 && number != SIGCHLD && info.si_code != SI_KERNEL && kill(-command, number) < 0) kill(command, number);
  }
}

static pid_t start_init(int supervisor) {
  unsigned long flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | SIGCHLD;
  if (!options.network) flags |= CLONE_NEWNET;
  int start[2];
  CHECK(pipe2(start, O_CLOEXEC), "pipe");
  pid_t child = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
  CHECK(child, "namespaces");
  if (child == 0) {
    close(start[1]);
    run_init(supervisor, start[0]);
  }
  close(start[0]);
  write_id_maps(child);
  group_join(child);
  if (write(start[1], "g", 1) != 1) fail("start");
  close(start[1]);
  return child;
}

static pid_t start_command(int supervisor, int terminal) {
  CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper");
  if (options.proxy_port && options.level == 2) open_proxy();
  if (options.broker) confine_supervisor_files();
  pid_t self = getpid();
  pid_t child = fork();
  CHECK(child, "fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != self) _exit(EXIT_SETUP);
    run_command(supervisor, terminal);
  }
  return child;
}

// One round of killing the supervisor's children, and by adoption their children's children. Returns how many there were.
static int kill_children(void) {
  char path[64], text[16384];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return 0;
  text[size] = 0;
  int count = 0;
  char *rest = text;
  for (char *word; (word = strsep(&rest, " "));) {
    pid_t pid = atoi(word);
    if (pid <= 0) continue;
    kill(pid, SIGKILL);
    count++;
  }
  return count;
}

static void kill_everything(void) {
  for (int round = 0; round < 5000; round++) {
    int count = kill_children();
    pid_t pid;
    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0) continue;
    if (count == 0 && pid < 0 && errno == ECHILD) return;
    nanosleep(&(struct timespec){0, 200000}, NULL);
  }
}

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct watch {
  pid_t child;
  int signals;
  int listener;
  long kill_at; // 0 = not asked to end
};

static void pass_signals(struct watch *watch) {
  struct signalfd_siginfo info;
  while (read(watch->signals, &info, sizeof info) == sizeof info) {
    int number = (int)info.ssi_signo;
    if (number == SIGCHLD || info.ssi_code == SI_KERNEL) continue;
    // Level 1's init passes it to the command's group; level 2's command leads its own group.
    if (options.level == 1 || kill(-watch->child, number) < 0) kill(watch->child, number);
    bool ends = number == SIGTERM || number == SIGINT || number == SIGHUP;
    if (ends && !options.patient && !watch->kill_at) watch->kill_at = now_ms() + GRACE_MS;
  }
}

// The first child's end is the command's end; others are orphans that the supervisor adopted.
static bool reap(struct watch *watch, int *status) {
  int one;
  pid_t pid;
  bool ended = false;
  while ((pid = waitpid(-1, &one, WNOHANG)) > 0) {
    broker_child_ended(pid);
    if (pid != watch->child) continue;
    *status = one;
    ended = true;
  }
  return ended;
}

// "size COLSxROWS" in one piece; false for anything else, and when the caller has gone.
static bool take_message(void) {
  char text[256];
  ssize_t size = recv(CHANNEL, text, sizeof text - 1, MSG_DONTWAIT);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size == 0 || text[size - 1] != '\n') return false;
  text[size] = 0;
  char *rest = text;
  for (char *line; (line = strsep(&rest, "\n")) && *line;) {
    int columns, rows;
    if (strncmp(line, "size ", 5) || !parse_size(line + 5, &columns, &rows)) return false;
    relay_resize(columns, rows);
  }
  return true;
}

static int supervise(struct watch *watch) {
  struct pollfd polls[3 + RELAY_POLLS] = {
      {watch->signals, POLLIN, 0}, {CHANNEL, POLLIN | POLLRDHUP, 0}, {watch->listener, POLLIN, 0}};
  for (;;) {
    int status;
    if (reap(watch, &status)) return status;
    int timeout = -1;
    if (watch->kill_at) {
      long left = watch->kill_at - now_ms();
      if (left <= 0) kill(watch->child, SIGKILL);
      timeout = left > 0 ? (int)left : GRACE_MS;
    }
    relay_prepare(polls + 3);
    if (poll(polls, 3 + RELAY_POLLS, timeout) < 0) {
      if (errno != EINTR) return SIGKILL;
      continue;
    }
    if (polls[0].revents) pass_signals(watch);
    relay_handle(polls + 3);
    if (polls[1].revents && ((polls[1].revents & ~POLLIN) || !take_message())) {
      kill(watch->child, SIGKILL);
      polls[1].fd = -1;
    }
    if (polls[2].revents & POLLIN) broker_handle();
    else if (polls[2].revents) polls[2].fd = -1;
  }
}

// Held here, they would stay open after the command closed them.
static void let_go_of_streams(void) {
  int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  CHECK(fd, "/dev/null");
  for (int stream = 0; stream < CHANNEL; stream++) dup2(fd, stream);
  close(fd);
}

static void take_channel(void) {
  if (options.channel != CHANNEL) {
    CHECK(dup2(options.channel, CHANNEL), "channel");
    options.channel = CHANNEL;
  }
  message_fd = CHANNEL;
  close_from(options.proxy_port ? HANDLES + 1 : CHANNEL + 1); // nothing that the caller had open reaches the command
  if (options.proxy_port) CHECK(fcntl(HANDLES, F_SETFD, FD_CLOEXEC), "--proxy");
  unsetenv("NODE_CHANNEL_FD");
  unsetenv("NODE_CHANNEL_SERIALIZATION_MODE");
  CHECK(fcntl(CHANNEL, F_SETFL, fcntl(CHANNEL, F_GETFL) & ~O_NONBLOCK), "channel");
  if (options.level > 0) read_filter(CHANNEL);
}

// "--features", run as a command in the sandbox: what this kernel offers, and whether opening for writing works.
static int print_features(void) {
  int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
  printf("landlock %d open %d\n", landlock_abi(), fd >= 0);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && !strcmp(argv[1], "--features")) return print_features();
  parse_options(argc, argv);
  take_channel();
  if (options.level == 2 && !landlock_abi()) fail_text("landlock", "not in this kernel");

  sigset_t set = handled_signals();
  sigprocmask(SIG_BLOCK, &set, NULL);
  struct watch watch = {.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), .listener = -1};
  CHECK(watch.signals, "signalfd");
  int pair[2] = {-1, -1}, master = -1, slave = -1;
  CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
  if (options.columns && options.level != 1) {
    open_terminal(&master, &slave);
    remember_terminal(master, "/dev/ptmx");
  }

  if (options.level > 0) group_create();
  watch.child = options.level == 1 ? start_init(pair[1]) : start_command(pair[1], slave);
  if (options.level > 0) drop_capabilities(true);
  no_new_privileges();
  close(pair[1]);
  if (options.columns && options.level == 1) {
    master = receive_descriptor(pair[0]);
    slave = receive_descriptor(pair[0]);
  }
  if (options.broker) watch.listener = receive_descriptor(pair[0]);
  close(pair[0]);
  // -1: the command never got that far, and its status says so
  if (watch.listener >= 0) broker_start(watch.listener);
  if (slave >= 0) relay_start(master, slave);
  let_go_of_streams();
  int status = supervise(&watch);
  if (options.level != 1) kill_everything();
  group_remove();
  relay_finish();
  // Level 1's init has said what became of the command, unless it was killed itself.
  if (options.level != 1 || WIFSIGNALED(status)) report_status(status);
  _exit(exit_code(status));
}
