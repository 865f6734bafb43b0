// The thread sanitizer sees what is compiled for it, and the part of Swift's Mutex that waits is not: it stands in
// libswiftSynchronization. Whoever has waited for a mutex seems to have raced for it. In a build for the sanitizer this
// takes its place: the symbol is the library's, a program's own comes first, and the sanitizer sees the exchange.
//
// The word is 0 while the mutex is free and else its owner's thread id. Nobody ever says here that he waits, so that
// whoever unlocks always does it by one exchange, in the code that is compiled for the sanitizer.

#define _POSIX_C_SOURCE 199309L

#include "thread_sanitizer.h"

void plenary_thread_sanitizer_sees_mutexes(void) {}

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

typedef _Atomic(uint32_t) word;

// Synchronization._MutexHandle._lockSlow(Swift.UInt32) -> ()
__attribute__((swiftcall)) void lock_slow(uint32_t self, __attribute__((swift_context)) word *handle)
    __asm__("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");

__attribute__((swiftcall)) void lock_slow(uint32_t self, __attribute__((swift_context)) word *handle) {
  const struct timespec pause = {.tv_sec = 0, .tv_nsec = 50000};
  uint32_t expected = 0;
  while (!atomic_compare_exchange_weak_explicit(handle, &expected, self, memory_order_acquire, memory_order_relaxed)) {
    expected = 0;
    nanosleep(&pause, NULL);
  }
}

// Every empty array is this one object of the library, whose count of zero is written again by whoever appends nothing.
// A RawOutcome is handed over by a continuation; one that is resumed before its task waits for it passes through the
// library alone.
const char *__tsan_default_suppressions(void);

const char *__tsan_default_suppressions(void) {
  return "race:_swiftEmptyArrayStorage\n"
         "race:10RawOutcome\n";
}

#endif
#endif
