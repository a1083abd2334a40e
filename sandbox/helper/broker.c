// Notifications: receiving, answering, and what may block.
#define _GNU_SOURCE
#include "broker.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#define NOTIFICATION_SIZE 4096 // newer kernels may fill more than today's struct
#define SET_FLAGS _IOW('!', 4, uint64_t)
#define SYNC_WAKE_UP 1ul

struct seccomp_notif *call;
static struct seccomp_notif_resp *response;
static int listener = -1;

int send_descriptor(int socket, int fd) {
  char byte = 'l', control[CMSG_SPACE(sizeof(int))];
  memset(control, 0, sizeof control);
  struct iovec part = {&byte, 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return (int)sendmsg(socket, &message, MSG_NOSIGNAL);
}

int receive_descriptor(int socket) {
  char byte, control[CMSG_SPACE(sizeof(int))];
  struct iovec part = {&byte, 1};
  struct msghdr message = {
      .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) <= 0) return -1;
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  int fd = -1;
  if (header && header->cmsg_type == SCM_RIGHTS) memcpy(&fd, CMSG_DATA(header), sizeof fd);
  return fd;
}

void broker_start(int fd) {
  listener = fd;
  umask(0); // modes come from the command, with its own umask
  call = calloc(1, NOTIFICATION_SIZE);
  response = calloc(1, NOTIFICATION_SIZE);
  if (!call || !response) fail("memory");
  ioctl(listener, SET_FLAGS, SYNC_WAKE_UP); // stays on one CPU; older kernels have no such flag
}

bool call_is_alive(void) { return ioctl(listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &call->id) == 0; }

static void send_response(int error, int value, uint32_t flags) {
  memset(response, 0, sizeof *response);
  response->id = call->id;
  response->error = error;
  response->val = value;
  response->flags = flags;
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, response);
}

// The kernel hands a descriptor over in the caller's own context: it is woken and waits again, and the broker with it. On a
// CPU that was idle each of the two wakings takes longer than all else that the broker does for an open, so both stay on
// the broker's one meanwhile. Where that cannot be had it is only slower.
static int add_descriptor(struct seccomp_notif_addfd *addition) {
  pid_t caller = (pid_t)call->pid;
  cpu_set_t here, mine, theirs;
  int cpu = sched_getcpu();
  bool known = cpu >= 0 && cpu < CPU_SETSIZE && sched_getaffinity(0, sizeof mine, &mine) == 0 &&
               sched_getaffinity(caller, sizeof theirs, &theirs) == 0 && CPU_ISSET(cpu, &theirs);
  CPU_ZERO(&here);
  if (known) CPU_SET(cpu, &here);
  bool moved = known && sched_setaffinity(0, sizeof here, &here) == 0;
  bool caller_moved = moved && sched_setaffinity(caller, sizeof here, &here) == 0;
  int number = ioctl(listener, SECCOMP_IOCTL_NOTIF_ADDFD, addition);
  int result = number < 0 ? -errno : number;
  if (caller_moved) sched_setaffinity(caller, sizeof theirs, &theirs);
  if (moved) sched_setaffinity(0, sizeof mine, &mine);
  return result;
}

// In two steps, so that the broker's own copy is closed before the command goes on: otherwise a program that was just
// written could not be executed yet ("Text file busy").
int give_descriptor(int fd, bool close_on_exec) {
  struct seccomp_notif_addfd addition = {
      .id = call->id, .srcfd = (uint32_t)fd, .newfd_flags = close_on_exec ? O_CLOEXEC : 0};
  int number = add_descriptor(&addition);
  close(fd);
  if (number < 0) return number;
  send_response(0, number, 0);
  return ANSWERED;
}

void answer_call(int error) { send_response(error, 0, 0); }

// These processes are the broker's, so no limit of the command's holds them: each ends soon after the call that it waits for,
// and there are never more than so many.
enum { WAITING_MAX = 1024, LOOK_MS = 250 };
static pid_t waiting[WAITING_MAX];

void broker_child_ended(pid_t child) {
  for (int i = 0; i < WAITING_MAX; i++)
    if (waiting[i] == child) waiting[i] = 0;
}

static void look_whether_anybody_waits(int number) {
  (void)number;
  if (!call_is_alive()) _exit(0);
}

static void look_now_and_then(void) {
  struct sigaction action = {.sa_handler = look_whether_anybody_waits, .sa_flags = SA_RESTART};
  struct itimerval timer = {{0, LOOK_MS * 1000}, {0, LOOK_MS * 1000}};
  sigaction(SIGALRM, &action, NULL);
  setitimer(ITIMER_REAL, &timer, NULL);
}

int in_child(void (*work)(void *), void *argument) {
  pid_t self = getpid();
  int slot = 0;
  while (slot < WAITING_MAX && waiting[slot]) slot++;
  if (slot == WAITING_MAX) return -EAGAIN;
  pid_t child = fork();
  if (child < 0) return -errno;
  if (child > 0) {
    waiting[slot] = child;
    return ANSWERED;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != self) _exit(0);
  look_now_and_then();
  work(argument);
  _exit(0);
}

void broker_handle(void) {
  memset(call, 0, sizeof *call);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, call) < 0) return; // the caller was killed meanwhile
  int result = handle_call();
  if (result == ANSWERED) return;
  if (result == CONTINUE) send_response(0, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
  else answer_call(result < 0 ? result : 0);
}
