/* A client that means harm: the protocol of coherentd in C, from its page alone, without any of the
 * checks that the library makes. Every attack is one function, which says `begun` once it is under
 * way and goes on until this process is killed. Nothing here is part of the product. */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <stddef.h>
#include <stdint.h>

struct setting {
  const char *socket;
  const char *control;
  int is_nobody;
};

struct client {
  int socket;
  int file;
  int device;
  int userfault;
  unsigned char *base;
  uint64_t arena_bytes;
  uint64_t frame_bytes;
  uint64_t number;
};

struct attack {
  const char *name;
  void (*run)(const struct setting *setting);
};

extern const struct attack descriptor_attacks[];
extern const struct attack memory_attacks[];
extern const struct attack crowd_attacks[];

/* Ends this process with a sentence when something fails that the attack needs. */
_Noreturn void fail(const char *what);
/* Says that the attack is under way. */
void begun(void);
/* Waits for the end. */
_Noreturn void stay(void);

/* The protocol: PROTOCOL.md. Each returns 0, or -1 where the daemon does not want it. */
int reach(const char *path, int type);
int send_packet(int socket, const void *packet, size_t length, const int *descriptors, int count);
int send_hello(int socket, const int *descriptors, int count);
int greet(struct client *client, const char *path);
int attach(struct client *client, unsigned char *base, int userfault);
unsigned char *map_arena(const struct client *client);
int make_userfault(const struct client *client);
/* Greets, maps, and attaches as the protocol wants it; ends this process where that fails. */
void begin(struct client *client, const char *path);
int ask_allocate(struct client *client, uint64_t bytes, uint64_t *handle, uint64_t *offset);
int ask_free(struct client *client, uint64_t handle);
int ask_statistics(struct client *client);
/* Migrates a range to host memory, out of this client's reach until it is touched. */
int ask_evict(struct client *client, uint64_t handle, uint64_t bytes);
int ask_discard(struct client *client, uint64_t handle, uint64_t bytes);

/* Descriptors of every kind that one can make here: opens the next kind, which it names; -1 where
 * this machine does not give it. */
int kind_count(void);
int make_kind(int kind, const char **name);
/* A TCP socket whose last close waits for this many seconds. */
int lingering_socket(int seconds);

#endif
