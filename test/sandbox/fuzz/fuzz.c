// Feeds the helper's parsers: its arguments, and what the broker makes of paths. Built with sanitizers by fuzz.test.ts.
// fuzz SECONDS SEED; ends with 0 when nothing was found, and prints what it tried.
#define _GNU_SOURCE
#include "../../../sandbox/helper/broker.h"

#include <ctype.h>
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct options options;
struct seccomp_notif *call;
static jmp_buf refused;
static char shown[PATH_SIZE + 64]; // what was in hand
static uint64_t state;
static unsigned long accepted, turned_down, judged;

static _Noreturn void die(int line) {
  fprintf(stderr, "fuzz.c:%d does not hold: %s\n", line, shown);
  abort();
}

// What the parsers need of the rest.
_Noreturn void fail_text(const char *what, const char *detail) {
  if (!what[0] || strlen(detail) > 1u << 20) die(__LINE__);
  longjmp(refused, 1);
}
_Noreturn void fail(const char *what) { fail_text(what, strerror(errno)); }
void tell_blocked(const char *what, const char *path) {
  if (!what[0] || path[0] != '/') die(__LINE__);
}
int landlock_abi(void) { return 7; }
int send_descriptor(int socket, int fd) { return socket + fd; }
int take_descriptor(int fd) { return fd < 0 ? fd : -EBADF; }

static uint32_t next(uint32_t below) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return (uint32_t)(state >> 16) % below;
}

static const char *const words[] = {
    "--level", "--channel", "--cwd", "--read", "--write", "--expose", "--protect", "--pin", "--hide", "--temp", "--socket",
    "--name", "--terminal", "--temp-from", "--proxy", "--processes", "--memory", "--network", "--broker", "--git-commit",
    "--patient", "--", "1", "2", "0", "3", "80x24", "9999x9999", "10000x1", "1x1x1", "/", "/work", "/work/a", "/work/.git",
    "/tmp", "//", "", ".git", "a/b", "127.0.0.1:43128", "127.1.2.3:65535", "127.0.0.1:80", "127.0.0.01:43128",
    "128.0.0.1:2000", "127.0.0.1:43128x", "8192", "99999999999999999999", "-1", "0x10", " 1", "true", "\xff\xfe", "%s%n"};
enum { WORDS = sizeof words / sizeof *words };

static char *random_word(void) {
  if (next(8)) return strdup(words[next(WORDS)]);
  size_t size = next(4) ? next(32) : next(6000);
  char *word = malloc(size + 1);
  for (size_t i = 0; i < size; i++) word[i] = next(4) ? "/.x-:0123456789git"[next(18)] : (char)(1 + next(255));
  word[size] = 0;
  return word;
}

static void check_accepted(char **argv, int argc) {
  if (options.level < 0 || options.level > 2 || options.channel < 3 || options.channel > 1023) die(__LINE__);
  if (!options.cwd || options.cwd[0] != '/') die(__LINE__);
  if (options.command <= argv || options.command >= argv + argc || !*options.command) die(__LINE__);
  if (options.columns < 0 || options.columns > 9999 || options.rows < 0 || options.rows > 9999) die(__LINE__);
  if (options.proxy_port && ((options.proxy_address & 0xff) != 127 || options.proxy_port < 1024)) die(__LINE__);
  if (options.processes && (options.processes < 16 || options.processes > 4000000)) die(__LINE__);
  const struct list *lists[] = {&options.read, &options.write, &options.expose, &options.protect,
                                &options.pin,  &options.hide,  &options.temp,   &options.socket};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    for (int at = 0; at < lists[i]->count; at++)
      if (lists[i]->items[at][0] != '/' || strlen(lists[i]->items[at]) >= 4096) die(__LINE__);
}

static void fuzz_arguments(void) {
  enum { MOST = 40 };
  char *argv[MOST + 1];
  int argc = 1 + (int)next(MOST);
  argv[0] = strdup("sbx");
  for (int i = 1; i < argc; i++) argv[i] = random_word();
  if (next(2) && argc > 9) { // a beginning that can be right, so that the end is reached
    static const char *const start[] = {"--level", "1", "--channel", "3", "--cwd", "/work"};
    for (int i = 0; i < 6; i++) free(argv[i + 1]), argv[i + 1] = strdup(start[i]);
  }
  argv[argc] = NULL;
  memset(&options, 0, sizeof options);
  if (setjmp(refused) == 0) {
    parse_options(argc, argv);
    check_accepted(argv, argc);
    accepted++;
  } else turned_down++;
  for (int i = 0; i < argc; i++) free(argv[i]);
}

// "/work/../" and the like never reach the policy: the kernel has resolved them.
static void random_path(char *path, size_t size) {
  static const char *const parts[] = {"work",  "tmp",    "a",      ".git", ".GIT",   "hooks",   "config", "config.lock", "objects",
                                      "info",  "HEAD",   "modules", "sub", "secret", ".gitx",   "x.git",  "worktrees",   "refs",
                                      "index", "commondir", "gitdir", "git-rebase-todo", "remotes", "b", ".vscode", "tasks.json", "GIT~1", ".git.", ".Git ", ".git:x", ".g\xe2\x80\x8cit", ".codex",
                                      ".CODEX", "codex~1", "strategy", "rebase-merge", "sequencer", "opts"};
  path[0] = 0;
  for (uint32_t left = 1 + next(7); left; left--) {
    size_t used = strlen(path);
    snprintf(path + used, size - used, "/%s", parts[next(sizeof parts / sizeof *parts)]);
  }
}

static void add(struct list *list, const char *item) { list->items[list->count++] = item; }

static bool has_git(const char *path) {
  for (const char *at = path; (at = strchr(at, '/')); at++)
    if (!strncasecmp(at, "/.git", 5) && (!at[5] || strchr("/. :", at[5])) && strncmp(at + 5, ".x", 2)) return true;
  if (strcasestr(path, "/git~1") || strstr(path, "/.g\xe2\x80\x8cit")) return true;
  return false;
}

// What must hold whatever the policy says of the rest.
static void fuzz_policy(void) {
  memset(&options, 0, sizeof options);
  options.level = 1 + (int)next(2);
  options.git_commit = next(2);
  add(&options.write, "/work");
  if (next(2)) add(&options.write, "/work/a");
  if (next(2)) add(&options.temp, "/tmp");
  if (next(2)) add(&options.hide, "/work/secret");
  add(&options.protect, "/work/.vscode/tasks.json");
  add(&options.name, ".git");
  add(&options.name, ".codex");
  if (!options.git_commit) add(&options.protect, "/work/.git"); // as the policy's compiler does
  char path[PATH_SIZE];
  random_path(path, sizeof path);
  enum change change = (enum change)next(LINKED + 1);
  snprintf(shown, sizeof shown, "%s change %d commit %d", path, change, options.git_commit);
  bool allowed = check_change(path, change) == 0;
  bool temp = options.temp.count && path_is_under(path, "/tmp");
  judged++;
  if (allowed && !path_is_under(path, "/work") && !temp) die(__LINE__);
  if (allowed && options.hide.count && path_is_under(path, "/work/secret")) die(__LINE__);
  if (allowed && path_is_under(path, "/work/.vscode/tasks.json")) die(__LINE__);
  // A new repository in a folder below may come into being; nothing else may have that name.
  if (allowed && !temp && has_git(path) && !options.git_commit && change != INIT) die(__LINE__);
  if (allowed && !options.git_commit && path_is_under(path, "/work/.git")) die(__LINE__);
  if (allowed && !temp && (strcasestr(path, "/.codex") || strcasestr(path, "/codex~1"))) die(__LINE__);
  if (allowed && !temp && strstr(path, "/.git/rebase-merge/strategy") && change != REMOVE) {
    const char *after = strstr(path, "/.git/rebase-merge/strategy") + 27;
    if (!*after) die(__LINE__);
  }
  if (allowed && !temp && (strcasestr(path, "/.git/hooks") || strcasestr(path, "/.git/config.lock"))) {
    const char *after = strcasestr(path, "/.git/hooks");
    if (!after || !after[11] || after[11] == '/') die(__LINE__);
  }
  if (may_connect(path) != (check_change(path, CONTENT) == 0)) die(__LINE__);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  time_t end = time(NULL) + atoi(argv[1]);
  state = strtoull(argv[2], NULL, 10) * 2654435761u + 88172645463325252ull;
  call = calloc(1, 4096);
  do
    for (int round = 0; round < 1000; round++) {
      fuzz_arguments();
      for (int paths = 0; paths < 8; paths++) fuzz_policy();
    }
  while (time(NULL) < end);
  printf("%lu accepted, %lu turned down, %lu paths judged\n", accepted, turned_down, judged);
  free(call);
  return 0;
}
