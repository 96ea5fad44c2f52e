// Broken memory, for tests: a library that is loaded before libc and, while the file that the
// environment's COHERENTD_UNREADABLE names exists, answers as the kernel does for pages that the
// hardware lost. A read of a page or more gives EIO, a write from such a mapping EFAULT.

#define _GNU_SOURCE
#include "FailingReads.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int memory_is_broken(size_t count) {
  const char *path = getenv("COHERENTD_UNREADABLE");
  return count >= 4096 && path && access(path, F_OK) == 0;
}

ssize_t pread(int descriptor, void *buffer, size_t count, off_t offset) {
  ssize_t (*next)(int, void *, size_t, off_t) = dlsym(RTLD_NEXT, "pread");
  if (!memory_is_broken(count)) return next(descriptor, buffer, count, offset);
  errno = EIO;
  return -1;
}

ssize_t pwrite(int descriptor, const void *buffer, size_t count, off_t offset) {
  ssize_t (*next)(int, const void *, size_t, off_t) = dlsym(RTLD_NEXT, "pwrite");
  if (!memory_is_broken(count)) return next(descriptor, buffer, count, offset);
  errno = EFAULT;
  return -1;
}
