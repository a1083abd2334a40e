// The one way out of a command's network: a socket that listens where the command can reach it, and that the caller
// accepts from. It is created here, in the command's network, and handed over as Node hands sockets between processes:
// one line of JSON with the descriptor beside it.
#define _GNU_SOURCE
#include "sbx.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 511

static int listen_there(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  CHECK(fd, "proxy");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(options.proxy_port)};
  address.sin_addr.s_addr = options.proxy_address;
  CHECK(bind(fd, (struct sockaddr *)&address, sizeof address), "proxy address");
  CHECK(listen(fd, BACKLOG), "proxy");
  return fd;
}

void open_proxy(void) {
  static char line[] = "{\"cmd\":\"NODE_HANDLE\",\"type\":\"net.Server\",\"msg\":\"proxy\"}\n";
  int fd = listen_there();
  char control[CMSG_SPACE(sizeof(int))];
  memset(control, 0, sizeof control);
  struct iovec part = {line, sizeof line - 1};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (sendmsg(HANDLES, &message, MSG_NOSIGNAL) != sizeof line - 1) fail("proxy: the caller's channel");
  close(fd); // the caller has the only one: a command can never accept from it
}
