// sbx: starts one command inside a sandbox, waits for it, and leaves nothing of it running.
// The parts: options.c (arguments), paths.c, mounts.c (level 1), landlock.c, privileges.c, limits.c, count.c, proxy.c, broker*.c, terminal.c,
// sbx.c (processes).
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LIST_MAX 4096
#define CHANNEL 3  // the descriptor of the channel, once it is taken
#define HANDLES 4  // Node's own channel to the caller, over which it gets the proxy's socket; only with --proxy
#define EXIT_SETUP 125 // the sandbox could not be set up; nothing was run

struct list {
  int count;
  const char *items[LIST_MAX];
};

struct options {
  int level;          // 1 = namespaces, 2 = Landlock and seccomp only, 0 = not confined (for its terminal and its end)
  int columns, rows;  // of the command's terminal; 0 = it has none
  bool network;       // share the host's network
  bool broker;        // a seccomp listener is expected: the filter has "notify" results
  bool patient;       // whoever asks the command to end decides for himself when to kill it
  bool git_commit;    // '.git' may be changed, but not its hooks, config and pointers
  int channel;        // socket to the caller: filter and sizes in, messages out; its end kills everything
  uint32_t proxy_address; // where the caller's proxy is reached, in network order; only with proxy_port
  uint16_t proxy_port;    // 0 = there is none
  int processes;          // at most so many, threads counted; 0 = no limit
  bool counted;           // the broker counts them: the filter tells it of every birth
  uint64_t memory;        // bytes; 0 = no limit
  const char *cwd;
  const char *temp_from; // level 1: a directory of the caller's that the temp directories show, instead of being empty
  struct list read;   // readable trees
  struct list write;  // writable trees
  struct list expose; // trees that stay visible (read-only) although a temp directory covers them
  struct list protect;// read-only paths inside writable trees; may be missing
  struct list pin;    // directories that may not be renamed or removed (level 1)
  struct list hide;   // paths that may not be read
  struct list temp;   // private temp directories: level 1 replaces them by empty ones, level 2 is given its own
  struct list name;   // file names that may not be created or changed at any depth
  struct list socket; // path-named unix sockets that may be connected to although they are outside
  char **command;
};

extern struct options options;

// options.c
void parse_options(int argc, char **argv);

// sbx.c
void tell_blocked(const char *what, const char *path); // for the caller's log: "write", "socket"
_Noreturn void fail(const char *what);            // "sbx: what: errno", exit 125
_Noreturn void fail_text(const char *what, const char *detail);
#define CHECK(call, what) \
  do { \
    if ((call) < 0) fail(what); \
  } while (0)

// paths.c: the caller has resolved every link; one that is there now was put in its place, by another of its commands
int open_real(const char *path); // O_PATH

// mounts.c: called as the first process of the new namespaces
void write_id_maps(pid_t child);
void build_mounts(void);
void bring_up_loopback(void);

// landlock.c
int landlock_abi(void);                           // 0 when the kernel has none
void confine_command_files(void);
void confine_supervisor_files(void);

// privileges.c
void read_filter(int channel);
int install_filter(void);                         // the listener's descriptor, or -1
void drop_capabilities(bool keep_file_caps);
void close_from(int first);
void no_new_privileges(void);

// limits.c
void limit_resources(void);                       // in the command, before it loses its powers
void limit_numbers(void);                         // as the first process of the namespaces, with its own /proc mounted
void group_create(void);                          // a control group, where no other limit holds
void group_join(pid_t pid);
bool group_parent(int kind, char *parent, size_t size); // where group_remove works, "" for nowhere; false: no such kind
void group_remove(void);                          // when nothing is left in it

// proxy.c
void open_proxy(void);                            // listens in this network namespace, and hands the socket to the caller

// terminal.c
#define RELAY_POLLS 3
void open_terminal(int *new_master, int *new_slave);
void enter_terminal(int fd);
void relay_start(int new_master, int new_slave); // takes over descriptors 0 and 1
void relay_resize(int columns, int rows);
void relay_prepare(struct pollfd polls[RELAY_POLLS]);
void relay_handle(const struct pollfd polls[RELAY_POLLS]);
void relay_finish(void);

// broker.c: acts for the command on descriptors it has resolved itself, never on a path that was only checked
int send_descriptor(int socket, int fd);
int receive_descriptor(int socket);
void broker_start(int listener);
void broker_handle(void); // one notification; call when the listener is readable
void broker_child_ended(pid_t child);                         // some child was buried: it may have been one of the broker's
void remember_terminal(int master, const char *canonical);    // what was just opened, if it is a pseudo-terminal's master

bool parse_size(const char *text, int *columns, int *rows); // "COLSxROWS", each 1 to 9999
bool path_is_under(const char *path, const char *root);
