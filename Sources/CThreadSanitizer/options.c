// What the address sanitizer takes for leaks at the end of a process are constants of Swift and caches of Foundation, made
// once and kept. Calls, tasks and connections that are left behind are counted by the census of each server instead.

#include "thread_sanitizer.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)

const char *__asan_default_options(void);

const char *__asan_default_options(void) { return "detect_leaks=0"; }

#endif
#endif
