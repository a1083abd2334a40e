// An attempt: its name on the command line, and what it does. It returns a negative number with errno set if it was refused.
#pragma once

#include <stddef.h>

struct attempt {
  const char *name;
  long (*attempt)(void);
};

extern const char *a, *b, *c; // the attempt's arguments, "" if not given
extern const struct attempt more_attempts[];
extern const size_t more_count;
extern const struct attempt shared_attempts[];
extern const size_t shared_count;

// For these "refused before looking at the arguments" is what counts.
long reached(long result);
