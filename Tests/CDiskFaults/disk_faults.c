// A disk that loses what was not synced. It is no part of any program: tests have the dynamic linker load it before the
// libraries of plenaryd (ld.so(8), LD_PRELOAD), so that these functions stand before those of the C library.
//
// Writes to the database and its log reach the file at once, and what they replaced is remembered until the file is
// synced. At a cut the file is first put back to how it was when it was last synced; then each write since is done again,
// left out, or done for some of its sectors. Names of files are not lost: only what is in them.

#define _GNU_SOURCE

#include "disk_faults.h"

#if defined(__linux__) && defined(__GLIBC__)

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NEITHER, DATABASE, LOG, KINDS };
enum { DESCRIPTORS_MAX = 4096, SECTOR = 512 };

// One write, or one change of the length if `after` is null.
struct change {
  struct change *previous, *next;
  off_t offset, length_before, length_after;
  size_t count, count_before;
  unsigned char *before, *after;
};

static struct {
  char path[1024];
  struct change *first, *last;
} files[KINDS];

static unsigned char kinds[DESCRIPTORS_MAX];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static uint64_t seed;

__attribute__((constructor)) static void begin(void) {
  folder = getenv(PLENARY_DISK_FAULTS);
  const char *text = getenv(PLENARY_DISK_FAULTS_SEED);
  seed = text ? strtoull(text, NULL, 10) : 1;
}

static int is_asked_for(const char *name) {
  if (!folder) return 0;
  char path[1200];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return syscall(SYS_access, path, F_OK) == 0;
}

// SplitMix64.
static uint64_t chance(void) {
  uint64_t mixed = seed += 0x9E3779B97F4A7C15;
  mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
  mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
  return mixed ^ (mixed >> 31);
}

static int kind_of(const char *path) {
  const char *slash = strrchr(path, '/');
  const char *name = slash ? slash + 1 : path;
  if (!strcmp(name, "plenary.db")) return DATABASE;
  return strcmp(name, "plenary.db-wal") ? NEITHER : LOG;
}

static int kind_of_open(int fd) { return fd >= 0 && fd < DESCRIPTORS_MAX ? kinds[fd] : NEITHER; }

static off_t length(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 ? status.st_size : 0;
}

static ssize_t read_at(int fd, void *bytes, size_t count, off_t offset) {
  return syscall(SYS_pread64, fd, bytes, count, offset);
}

static ssize_t write_at(int fd, const void *bytes, size_t count, off_t offset) {
  return syscall(SYS_pwrite64, fd, bytes, count, offset);
}

static void forget(int kind) {
  for (struct change *change = files[kind].first; change;) {
    struct change *next = change->next;
    free(change->before);
    free(change->after);
    free(change);
    change = next;
  }
  files[kind].first = files[kind].last = NULL;
}

// Puts a file back to how it was when it was last synced, and does some of what was done since.
static void lose(int kind) {
  int fd = (int)syscall(SYS_openat, AT_FDCWD, files[kind].path, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return;
  for (struct change *change = files[kind].last; change; change = change->previous) {
    if (change->count_before) write_at(fd, change->before, change->count_before, change->offset);
    syscall(SYS_ftruncate, fd, change->length_before);
  }
  for (struct change *change = files[kind].first; change; change = change->next) {
    switch (chance() % 3) {
      case 0: break;
      case 1:
        if (change->after) write_at(fd, change->after, change->count, change->offset);
        else syscall(SYS_ftruncate, fd, change->length_after);
        break;
      default:
        if (!change->after) break;
        for (size_t start = 0; start < change->count; start += SECTOR) {
          if (chance() % 2) continue;
          size_t count = change->count - start < SECTOR ? change->count - start : SECTOR;
          write_at(fd, change->after + start, count, change->offset + (off_t)start);
        }
    }
  }
  syscall(SYS_close, fd);
}

// Called with the mutex, which nobody gets any more.
static void cut_if_asked(void) {
  if (!is_asked_for("cut")) return;
  lose(DATABASE);
  lose(LOG);
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

static void remember(int kind, struct change *change) {
  change->previous = files[kind].last;
  if (files[kind].last) files[kind].last->next = change;
  else files[kind].first = change;
  files[kind].last = change;
}

static ssize_t watched_write(int fd, int kind, const void *bytes, size_t count, off_t offset) {
  pthread_mutex_lock(&mutex);
  cut_if_asked();
  off_t before = length(fd);
  ssize_t written = -1;
  if (offset + (off_t)count > before && is_asked_for("full")) {
    errno = ENOSPC;
  } else {
    struct change *change = calloc(1, sizeof *change);
    change->offset = offset;
    change->count = count;
    change->length_before = before;
    change->before = malloc(count);
    change->after = malloc(count);
    memcpy(change->after, bytes, count);
    ssize_t found = read_at(fd, change->before, count, offset);
    change->count_before = found > 0 ? (size_t)found : 0;
    written = write_at(fd, bytes, count, offset);
    change->length_after = length(fd);
    remember(kind, change);
  }
  int code = errno;
  pthread_mutex_unlock(&mutex);
  errno = code;
  return written;
}

static int watched_truncate(int fd, int kind, off_t target) {
  pthread_mutex_lock(&mutex);
  cut_if_asked();
  struct change *change = calloc(1, sizeof *change);
  off_t before = length(fd);
  change->offset = target;
  change->length_before = before;
  change->length_after = target;
  if (before > target) {
    change->before = malloc((size_t)(before - target));
    ssize_t found = read_at(fd, change->before, (size_t)(before - target), target);
    change->count_before = found > 0 ? (size_t)found : 0;
  }
  remember(kind, change);
  int result = (int)syscall(SYS_ftruncate, fd, target);
  int code = errno;
  pthread_mutex_unlock(&mutex);
  errno = code;
  return result;
}

static int watched_sync(int fd, int kind, long call) {
  pthread_mutex_lock(&mutex);
  cut_if_asked();
  int result = -1;
  if (is_asked_for("fail-sync")) {
    errno = EIO;
  } else {
    result = (int)syscall(call, fd);
    if (result == 0) forget(kind);
  }
  int code = errno;
  pthread_mutex_unlock(&mutex);
  errno = code;
  return result;
}

static int watched_open(const char *path, int flags, mode_t mode) {
  int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
  if (fd < 0 || fd >= DESCRIPTORS_MAX || !folder) return fd;
  int kind = kind_of(path);
  if (kind) {
    pthread_mutex_lock(&mutex);
    // A log that was removed and made anew has nothing in common with the one before.
    if (strcmp(files[kind].path, path) || length(fd) == 0) forget(kind);
    snprintf(files[kind].path, sizeof files[kind].path, "%s", path);
    pthread_mutex_unlock(&mutex);
  }
  kinds[fd] = (unsigned char)kind;
  return fd;
}

static mode_t mode_of(int flags, va_list arguments) {
  return flags & (O_CREAT | O_TMPFILE) ? (mode_t)va_arg(arguments, unsigned) : 0;
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return watched_open(path, flags, mode);
}

int open64(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return watched_open(path, flags | O_LARGEFILE, mode);
}

int close(int fd) {
  if (kind_of_open(fd)) kinds[fd] = NEITHER;
  return (int)syscall(SYS_close, fd);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) {
  int kind = kind_of_open(fd);
  return kind ? watched_write(fd, kind, bytes, count, offset) : write_at(fd, bytes, count, offset);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) { return pwrite(fd, bytes, count, offset); }

int ftruncate(int fd, off_t target) {
  int kind = kind_of_open(fd);
  return kind ? watched_truncate(fd, kind, target) : (int)syscall(SYS_ftruncate, fd, target);
}

int ftruncate64(int fd, off_t target) { return ftruncate(fd, target); }

int fdatasync(int fd) {
  int kind = kind_of_open(fd);
  return kind ? watched_sync(fd, kind, SYS_fdatasync) : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd) {
  int kind = kind_of_open(fd);
  return kind ? watched_sync(fd, kind, SYS_fsync) : (int)syscall(SYS_fsync, fd);
}

// The writer asks for this hook right after it has made sure that synchronous is FULL, and nobody else does; SQLite itself
// calls it without a hook when it is told not to checkpoint by itself.
void *sqlite3_wal_hook(void *database, void *hook, void *context) {
  void *(*next)(void *, void *, void *) = (void *(*)(void *, void *, void *))dlsym(RTLD_NEXT, "sqlite3_wal_hook");
  if (hook && getenv(PLENARY_DISK_FAULTS_NORMAL)) {
    int (*execute)(void *, const char *, void *, void *, void *) =
        (int (*)(void *, const char *, void *, void *, void *))dlsym(RTLD_NEXT, "sqlite3_exec");
    if (execute) execute(database, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
  }
  return next ? next(database, hook, context) : NULL;
}

#else

// Elsewhere nothing is changed.
typedef int plenary_disk_faults_unused;

#endif
