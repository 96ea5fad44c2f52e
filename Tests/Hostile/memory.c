/* Attacks by memory: the file that a client shares with the daemon, its mapping and its faults. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { writers = 2000, stack_bytes = 64 << 10 };
static const uint64_t committed_bytes = 512 << 20;
static const uint64_t buffer_bytes = 1 << 20;

/* Commits much memory in the unused part of its file, and ends with it, again and again. */
static void commit_and_exit(const struct setting *setting) {
  begun();
  for (;;) {
    int child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
      struct client client;
      begin(&client, setting->socket);
      fallocate(client.file, 0, (off_t)(client.arena_bytes / 2), (off_t)committed_bytes);
      _exit(0);
    }
    waitpid(child, NULL, 0);
    usleep(200000);
  }
}

struct write_order {
  struct client *client;
  const unsigned char *from;
  off_t to;
};

static void *write_once(void *argument) {
  struct write_order *order = argument;
  /* The kernel holds the file's lock while it waits for the pager's answer to this fault. */
  ssize_t ignored = pwrite(order->client->file, order->from, 4096, order->to);
  (void)ignored;
  return NULL;
}

static void inode_lock(const struct setting *setting) {
  static struct client client;
  static struct write_order order;
  begin(&client, setting->socket);
  uint64_t handle, offset;
  if (ask_allocate(&client, 2 << 20, &handle, &offset)) fail("allocate");
  for (uint64_t page = client.frame_bytes; page < 2 << 20; page += client.frame_bytes)
    client.base[offset + page] = 1;
  order = (struct write_order){&client, client.base + offset,
                               (off_t)(client.arena_bytes - 256 * 4096)};
  pthread_t thread;
  if (pthread_create(&thread, NULL, write_once, &order)) fail("a thread");
  usleep(100000);
  begun();
  stay();
}

static void *write_on(void *argument) {
  struct client *client = argument;
  static unsigned char bytes[1 << 20];
  for (;;) {
    ssize_t written = pwrite(client->file, bytes, sizeof bytes, (off_t)(client->arena_bytes / 2));
    if (written < 0 && errno != EINTR) usleep(1000);
  }
  return NULL;
}

/* Many threads take the lock of their own file in turn; the lock is fair. */
static void many_writers(const struct setting *setting) {
  static struct client client;
  begin(&client, setting->socket);
  uint64_t handle, offset;
  if (ask_allocate(&client, buffer_bytes, &handle, &offset)) fail("allocate");
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, stack_bytes);
  int started = 0;
  for (; started < writers; started++) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, write_on, &client)) break;
  }
  if (started < 100) fail("a hundred threads");
  begun();
  for (;;) {
    client.base[offset] = 1;
    if (ask_discard(&client, handle, buffer_bytes)) stay();
  }
}

/* A range that is no arena; 0 to 7. */
static void *map_wrongly(const struct client *client, int kind, int strange) {
  int both = PROT_READ | PROT_WRITE, unnamed = MAP_ANONYMOUS | MAP_NORESERVE;
  uint64_t length = client->arena_bytes;
  switch (kind) {
    case 0: return mmap(NULL, length, both, MAP_SHARED | unnamed, -1, 0);
    case 1: return mmap(NULL, length, both, MAP_PRIVATE | unnamed, -1, 0);
    case 2: return mmap(NULL, length, both, MAP_SHARED, strange, 0);
    case 3: return mmap(NULL, length, both, MAP_PRIVATE | MAP_NORESERVE, client->file, 0);
    case 4: return mmap(NULL, length, both, MAP_SHARED, client->file, 4096);
    case 5: return mmap(NULL, length, PROT_READ, MAP_SHARED, client->file, 0);
    case 6: return mmap(NULL, length / 2, both, MAP_SHARED, client->file, 0);
    default: {
      unsigned char *base = map_arena(client);
      munmap(base + (16 << 20), 16 << 20);
      return base;
    }
  }
}

/* Attaches with one of them, and touches what it was granted: for a moment, since this process may
 * hang in it or end by it. */
static void attach_wrongly(const struct setting *setting, int kind) {
  struct client client;
  uint64_t handle, offset;
  if (greet(&client, setting->socket)) _exit(1);
  int strange = memfd_create("strange", MFD_CLOEXEC);
  if (ftruncate(strange, (off_t)client.arena_bytes)) _exit(1);
  void *base = map_wrongly(&client, kind, strange);
  if (base == MAP_FAILED || attach(&client, base, make_userfault(&client))) _exit(0);
  if (ask_allocate(&client, buffer_bytes, &handle, &offset)) _exit(0);
  *(volatile unsigned char *)(client.base + offset) = 1;
  stay();
}

static void wrong_mapping(const struct setting *setting) {
  begun();
  for (int kind = 0;; kind = (kind + 1) % 8) {
    int child = fork();
    if (child == 0) attach_wrongly(setting, kind);
    usleep(150000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
  }
}

/* Moves a buffer away while it is evicted, and touches it at both places. */
static void remap(const struct setting *setting) {
  begun();
  for (;;) {
    int child = fork();
    if (child == 0) {
      struct client client;
      uint64_t handle, offset;
      begin(&client, setting->socket);
      if (ask_allocate(&client, buffer_bytes, &handle, &offset)) fail("allocate");
      memset(client.base + offset, 7, buffer_bytes);
      ask_evict(&client, handle, buffer_bytes);
      int how = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
      volatile unsigned char *moved =
          mremap(client.base + offset, buffer_bytes, buffer_bytes, how, NULL);
      if (moved == MAP_FAILED)
        moved = mremap(client.base + offset, buffer_bytes, buffer_bytes * 2, MREMAP_MAYMOVE);
      if (moved != MAP_FAILED) moved[0] = 1;
      client.base[offset] = 1;
      _exit(0);
    }
    usleep(300000);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
  }
}

/* Takes its own faults before the daemon can, and leaves them unanswered. */
static void *steal(void *argument) {
  struct uffd_msg message;
  int userfault = dup(*(int *)argument);
  fcntl(userfault, F_SETFL, 0);
  for (;;)
    if (read(userfault, &message, sizeof message) < 0 && errno != EAGAIN) return NULL;
}

static void steal_faults(const struct setting *setting) {
  static struct client client;
  uint64_t handle, offset;
  begin(&client, setting->socket);
  if (ask_allocate(&client, buffer_bytes, &handle, &offset)) fail("allocate");
  pthread_t thread;
  if (pthread_create(&thread, NULL, steal, &client.userfault)) fail("a thread");
  begun();
  for (;;) {
    memset(client.base + offset, 1, buffer_bytes);
    if (ask_discard(&client, handle, buffer_bytes)) stay();
  }
}

static void close_userfault(const struct setting *setting) {
  begun();
  for (;;) {
    struct client client;
    uint64_t handle, offset;
    if (greet(&client, setting->socket)) {
      usleep(10000);
      continue;
    }
    if (attach(&client, map_arena(&client), make_userfault(&client)) == 0) {
      close(client.userfault);
      if (ask_allocate(&client, buffer_bytes, &handle, &offset) == 0) {
        memset(client.base + offset, 3, buffer_bytes);
        ask_evict(&client, handle, buffer_bytes);
        memset(client.base + offset, 4, buffer_bytes);
      }
    }
    munmap(client.base, client.arena_bytes);
    close(client.socket);
    close(client.file);
  }
}

/* Stops, again and again, while the pager works for it. */
static void stop(const struct setting *setting) {
  int child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    struct client client;
    uint64_t handle, offset;
    begin(&client, setting->socket);
    if (ask_allocate(&client, buffer_bytes, &handle, &offset)) fail("allocate");
    for (;;) {
      memset(client.base + offset, 1, buffer_bytes);
      if (ask_evict(&client, handle, buffer_bytes)) stay();
    }
  }
  usleep(200000);
  begun();
  for (;;) {
    kill(child, SIGSTOP);
    usleep(700000);
    kill(child, SIGCONT);
    usleep(2000);
    if (waitpid(child, NULL, WNOHANG) == child) stay();
  }
}

const struct attack memory_attacks[] = {
    {"commit-exit", commit_and_exit}, {"inode-lock", inode_lock}, {"writers", many_writers},
    {"wrong-mapping", wrong_mapping}, {"remap", remap},           {"steal-faults", steal_faults},
    {"close-userfault", close_userfault}, {"stop", stop},         {NULL, NULL},
};
