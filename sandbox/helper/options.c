// Arguments. Anything unknown, relative or repeated where it may not be is refused before anything is done.
#include "sbx.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_path(struct list *list, const char *path) {
  if (path[0] != '/') fail_text("path must be absolute", path);
  if (strlen(path) >= 4096) fail_text("path too long", path);
  if (list->count == LIST_MAX) fail_text("too many paths", path);
  list->items[list->count++] = path;
}

static void add_name(struct list *list, const char *name) {
  if (!*name || strchr(name, '/') || strlen(name) > 255) fail_text("not a file name", name);
  if (list->count == LIST_MAX) fail_text("too many names", name);
  list->items[list->count++] = name;
}

static uint64_t parse_bytes(const char *text) {
  size_t length = strlen(text);
  if (length < 1 || length > 18 || strspn(text, "0123456789") != length) fail_text("bad number", text);
  return strtoull(text, NULL, 10);
}

// "A.B.C.D:PORT" on the loopback network, in the one form that has no second meaning.
static void parse_proxy(const char *text) {
  unsigned part[4], port;
  char copy[32], end;
  if (strlen(text) > 21 || sscanf(text, "%3u.%3u.%3u.%3u:%5u%c", part, part + 1, part + 2, part + 3, &port, &end) != 5)
    fail_text("bad proxy", text);
  snprintf(copy, sizeof copy, "%u.%u.%u.%u:%u", part[0], part[1], part[2], part[3], port);
  bool fits = part[0] == 127 && part[1] < 256 && part[2] < 256 && part[3] < 256 && port >= 1024 && port < 65536;
  if (!fits || strcmp(copy, text)) fail_text("bad proxy", text);
  options.proxy_address = htonl(part[0] << 24 | part[1] << 16 | part[2] << 8 | part[3]);
  options.proxy_port = (uint16_t)port;
}

static int parse_number(const char *text, int low, int high) {
  char *end;
  long value = strtol(text, &end, 10);
  if (!*text || *end || value < low || value > high) fail_text("bad number", text);
  return (int)value;
}

bool parse_size(const char *text, int *columns, int *rows) {
  char end;
  if (strlen(text) > 9 || strspn(text, "0123456789x") != strlen(text)) return false;
  if (sscanf(text, "%dx%d%c", columns, rows, &end) != 2) return false;
  return *columns >= 1 && *columns <= 9999 && *rows >= 1 && *rows <= 9999;
}

static struct list *path_list(const char *option) {
  static const struct {
    const char *option;
    struct list *list;
  } lists[] = {
      {"--read", &options.read},       {"--write", &options.write}, {"--expose", &options.expose},
      {"--protect", &options.protect}, {"--pin", &options.pin},     {"--hide", &options.hide},
      {"--temp", &options.temp},     {"--socket", &options.socket},
  };
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    if (!strcmp(option, lists[i].option)) return lists[i].list;
  return NULL;
}

static bool parse_switch(const char *option) {
  if (!strcmp(option, "--network")) options.network = true;
  else if (!strcmp(option, "--broker")) options.broker = true;
  else if (!strcmp(option, "--patient")) options.patient = true;
  else if (!strcmp(option, "--counted")) options.counted = true;
  else if (!strcmp(option, "--git-commit")) options.git_commit = true;
  else return false;
  return true;
}

static void parse_value(const char *option, const char *value) {
  struct list *list = path_list(option);
  if (list) add_path(list, value);
  else if (!strcmp(option, "--name")) add_name(&options.name, value);
  else if (!strcmp(option, "--level")) options.level = parse_number(value, 0, 2);
  else if (!strcmp(option, "--proxy")) parse_proxy(value);
  else if (!strcmp(option, "--processes")) options.processes = parse_number(value, 16, 4000000);
  else if (!strcmp(option, "--memory")) options.memory = parse_bytes(value);
  else if (!strcmp(option, "--terminal")) {
    if (!parse_size(value, &options.columns, &options.rows)) fail_text("bad size", value);
  } else if (!strcmp(option, "--channel")) options.channel = parse_number(value, 3, 1023);
  else if (!strcmp(option, "--cwd")) {
    if (value[0] != '/') fail_text("path must be absolute", value);
    options.cwd = value;
  } else if (!strcmp(option, "--temp-from")) {
    if (value[0] != '/') fail_text("path must be absolute", value);
    options.temp_from = value;
  } else fail_text("unknown option", option);
}

void parse_options(int argc, char **argv) {
  options.channel = -1;
  options.level = -1;
  int i = 1;
  while (i < argc && strcmp(argv[i], "--")) {
    if (parse_switch(argv[i])) {
      i++;
      continue;
    }
    if (i + 1 >= argc || !strcmp(argv[i + 1], "--")) fail_text("unknown option, or option without a value", argv[i]);
    parse_value(argv[i], argv[i + 1]);
    i += 2;
  }
  if (options.level < 0) fail_text("missing", "--level");
  if (options.channel < 0) fail_text("missing", "--channel");
  if (!options.cwd) fail_text("missing", "--cwd");
  if (options.proxy_port && options.network) fail_text("--proxy", "the network is open");
  if (options.proxy_port && options.level == 2 && !options.broker) fail_text("--proxy", "needs --broker");
  if (options.counted && !(options.broker && options.processes)) fail_text("--counted", "needs --broker and --processes");
  if (i + 1 >= argc) fail_text("missing", "-- command");
  options.command = argv + i + 1;
}
