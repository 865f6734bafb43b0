#ifndef PLENARY_CALL_COUNTER_H
#define PLENARY_CALL_COUNTER_H

#include <stdint.h>

/// The environment variable that names the file of the counters. The file is as long as they are, or longer.
#define PLENARY_CALL_COUNTS "PLENARY_CALL_COUNTS"

/// What a process has done since it started, in the order in which it stands in the file.
struct plenary_call_counts {
  /// malloc, calloc, realloc, posix_memalign, aligned_alloc, memalign.
  _Atomic(uint64_t) allocations;
  /// read, recv, recvmsg, readv.
  _Atomic(uint64_t) reads;
  /// write, writev, send, sendmsg.
  _Atomic(uint64_t) writes;
  /// epoll_wait, epoll_pwait.
  _Atomic(uint64_t) polls;
  /// What those writes wrote.
  _Atomic(uint64_t) bytes_written;
};

#endif
