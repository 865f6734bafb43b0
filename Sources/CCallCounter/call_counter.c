// Counts what a program allocates and asks of the kernel. It is no part of any program: `plenary-bench counts` has the
// dynamic linker load it before the program's libraries (ld.so(8), LD_PRELOAD), so that these functions stand before
// those of the C library. They count and do the same. Without the variable, nobody sees the counts.

#define _GNU_SOURCE

#include "call_counter.h"

#if defined(__linux__) && defined(__GLIBC__)

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// What glibc's own functions are called besides. Asking the linker for them could allocate.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

// Libraries allocate before the file is mapped.
static struct plenary_call_counts unseen;
static struct plenary_call_counts *_Atomic counts = &unseen;

__attribute__((constructor)) static void map_counts(void) {
  const char *path = getenv(PLENARY_CALL_COUNTS);
  if (!path) return;
  int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof unseen, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (mapped != MAP_FAILED) counts = mapped;
}

#define COUNT(what) atomic_fetch_add_explicit(&counts->what, 1, memory_order_relaxed)

static ssize_t counted_write(ssize_t written) {
  COUNT(writes);
  if (written > 0) atomic_fetch_add_explicit(&counts->bytes_written, (uint64_t)written, memory_order_relaxed);
  return written;
}

void *malloc(size_t size) {
  COUNT(allocations);
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  COUNT(allocations);
  return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
  COUNT(allocations);
  return __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size) {
  COUNT(allocations);
  return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  COUNT(allocations);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  COUNT(allocations);
  void *allocated = __libc_memalign(alignment, size);
  if (!allocated) return ENOMEM;
  *memory = allocated;
  return 0;
}

ssize_t read(int file, void *buffer, size_t size) {
  COUNT(reads);
  return syscall(SYS_read, file, buffer, size);
}

ssize_t recv(int file, void *buffer, size_t size, int flags) {
  COUNT(reads);
  return syscall(SYS_recvfrom, file, buffer, size, flags, NULL, NULL);
}

ssize_t recvmsg(int file, struct msghdr *message, int flags) {
  COUNT(reads);
  return syscall(SYS_recvmsg, file, message, flags);
}

ssize_t readv(int file, const struct iovec *vectors, int count) {
  COUNT(reads);
  return syscall(SYS_readv, file, vectors, count);
}

ssize_t write(int file, const void *bytes, size_t size) { return counted_write(syscall(SYS_write, file, bytes, size)); }

ssize_t writev(int file, const struct iovec *vectors, int count) {
  return counted_write(syscall(SYS_writev, file, vectors, count));
}

ssize_t send(int file, const void *bytes, size_t size, int flags) {
  return counted_write(syscall(SYS_sendto, file, bytes, size, flags, NULL, 0));
}

ssize_t sendmsg(int file, const struct msghdr *message, int flags) {
  return counted_write(syscall(SYS_sendmsg, file, message, flags));
}

// The kernel's signal set has 64 bits, whatever sigset_t has.
enum { kernel_signal_set_bytes = 8 };

int epoll_wait(int poll, struct epoll_event *events, int count, int milliseconds) {
  COUNT(polls);
  return (int)syscall(SYS_epoll_pwait, poll, events, count, milliseconds, NULL, kernel_signal_set_bytes);
}

int epoll_pwait(int poll, struct epoll_event *events, int count, int milliseconds, const sigset_t *signals) {
  COUNT(polls);
  return (int)syscall(SYS_epoll_pwait, poll, events, count, milliseconds, signals, kernel_signal_set_bytes);
}

#endif
