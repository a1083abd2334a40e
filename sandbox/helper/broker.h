// The broker's parts. All of it runs in the supervisor, on one notification at a time.
#pragma once

#include "sbx.h"

#include <fcntl.h>
#include <linux/seccomp.h>

#define PATH_SIZE 8192

// What a call's handler answers besides 0 and a negative errno.
enum { ANSWERED = 1 << 30, CONTINUE = 1 << 29, NOT_MINE = -(1 << 20) };

enum { MODE_NEW_FILE = 01777, MODE_NEW_DIR = 03777, SET_USER_ID = 04000 };

extern struct seccomp_notif *call; // the notification in hand

// broker.c
bool call_is_alive(void);
int give_descriptor(int fd, bool close_on_exec); // answers the call with it; closes it in any case
void answer_call(int error);
int in_child(void (*work)(void *), void *argument); // for what may block: the child answers
void broker_forget_umasks(void);

// broker-policy.c
enum change {
  CONTENT, // of an existing file: its bytes, mode, owner, times
  ENTRY,   // an entry is created or removed
  REPLACE, // an entry that may bring a subtree with it, or take one away: rename, symbolic link
  // Finer kinds, which differ only inside a '.git' that the command has made:
  METADATA, // as CONTENT: mode, owner, times, attributes
  REMOVE,   // as ENTRY: it goes
  INIT,     // as ENTRY: a directory is made
  INSTALL,  // as REPLACE: a file takes the place of a config or of a list of what to do, once it was looked at
  LINKED,   // as REPLACE, by a directory or a link: inside a '.git', what is below it was never looked at
};
int check_change(const char *canonical, enum change change); // 0 or -EACCES, which the caller of the sandbox is told
bool may_change(const char *canonical, enum change change);  // the same, not told
bool may_point_to_git(const char *canonical);                // whether the broker may put a worktree's '.git' there
bool is_git_trigger(const char *below, enum change exact);     // `below`: what follows a '.git' in a path, "/..."
bool in_private_temp(const char *canonical);
bool is_plain_device(const char *canonical);
bool is_in_shared_memory(const char *canonical);
bool may_connect(const char *canonical);
void remember_shared_memory(int dir, const char *name); // what was just made; "": the descriptor itself
bool is_own_shared_memory(int fd);
bool may_enter_shared_memory(int dir, const char *canonical); // whether an entry may be made there

// broker-git.c
void remember_git(int dir, const char *name); // a directory that was just made
bool may_change_made_git(const char *canonical, const char *at, size_t length, enum change change);
// Puts a copy of a config.lock, or of a list of what a rebase is to do, in place of `to` if it holds nothing that runs.
int install_checked(int from_dir, const char *from_canonical, int to_dir, const char *to_canonical);

// broker-worktree.c
void remember_worktree(int parent, const char *name, const char *canonical); // a directory that was just made
int open_in_worktree(int dir, const char *last, const char *canonical); // a descriptor, an error, or NOT_MINE
bool makes_repository(int dir, const char *last, const char *canonical); // an entry that makes or opens a bare one
bool changes_repository(const char *canonical);                          // a file that git obeys in a bare one

// broker-paths.c
int read_memory(uint64_t address, void *buffer, size_t size);
int read_string(uint64_t address, char *buffer); // PATH_MAX bytes
int status_number(const char *key, int base);
int umask_of_caller(void);
int absolute_path(int dir, const char *path, char *result);
struct own { // what a path or a call said: one of the command's own descriptors
  int fd;        // -1: it is none
  bool writable; // the very file that was opened, whatever its number stands for a moment later
};
int open_own(int number, struct own *own);
int open_path(const char *absolute, int flags, struct own *own); // an O_PATH descriptor as the command would see it
int open_parent(char *absolute, char **last, char *canonical);
int canonical_path(int fd, char *result);
void link_to_descriptor(char *link, size_t size, int fd); // the broker's own

// broker-open.c
int check_open(int handle, const struct own *own, const char *canonical, enum change change); // `own`: as with open_path, or NULL
int handle_open(int dir, uint64_t path_address, int flags, int mode);

// broker-terminals.c
void find_terminal(char *absolute); // "/dev/tty" becomes the command's own
bool may_change_device(int handle, const char *canonical, enum change change);

// count.c
bool may_be_born(void); // one more process or thread

// broker-calls.c
int handle_call(void);

// broker-connect.c
int take_descriptor(int fd); // a copy of one of the command's own
int handle_connect(int fd, uint64_t address, unsigned length);
int handle_listen(int fd, int backlog);
int handle_bind(uint64_t address, unsigned length);
