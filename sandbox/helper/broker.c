#include "sbx.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int send_descriptor(int socket, int fd) { (void)socket; (void)fd; return -1; }
int receive_descriptor(int socket) { (void)socket; return -1; }
void broker_start(int listener) { (void)listener; }
void broker_handle(void) {}
bool path_is_under(const char *path, const char *root) {
  size_t n = strlen(root);
  return n == 1 || (!strncmp(path, root, n) && (!path[n] || path[n] == '/'));
}
