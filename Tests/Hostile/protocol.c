/* The packets of a client: those of a well-behaved one, which an attack needs on its way. */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef USERFAULTFD_IOC_NEW
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00)
#endif

enum { most_descriptors = 253, packet_bytes = 4096, patience_milliseconds = 30000 };

static void put(unsigned char *packet, size_t offset, uint64_t value, size_t bytes) {
  memcpy(packet + offset, &value, bytes);
}

static uint64_t get(const unsigned char *packet, size_t offset, size_t bytes) {
  uint64_t value = 0;
  memcpy(&value, packet + offset, bytes);
  return value;
}

static void head(unsigned char *packet, unsigned kind, size_t length, uint64_t number) {
  memset(packet, 0, length);
  put(packet, 0, kind, 2);
  put(packet, 4, length, 4);
  put(packet, 8, number, 8);
}

int reach(const char *path, int type) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int made = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
  if (made < 0) return -1;
  if (connect(made, (struct sockaddr *)&address, sizeof address) == 0) return made;
  close(made);
  return -1;
}

int send_packet(int socket, const void *packet, size_t length, const int *descriptors, int count) {
  static _Thread_local char room[CMSG_SPACE(sizeof(int) * most_descriptors)];
  struct iovec bytes = {(void *)packet, length};
  struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
  if (count > 0) {
    message.msg_control = room;
    message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
    memcpy(CMSG_DATA(rights), descriptors, sizeof(int) * (size_t)count);
  }
  return sendmsg(socket, &message, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

int send_hello(int socket, const int *descriptors, int count) {
  unsigned char packet[32];
  head(packet, 1, sizeof packet, 1);
  put(packet, 16, 0x746E657265686F63, 8);
  put(packet, 24, 1, 2);
  put(packet, 26, 1, 2);
  return send_packet(socket, packet, sizeof packet, descriptors, count);
}

/* The next packet, with at most three descriptors; its length, or -1. */
static int receive(int socket, unsigned char *packet, int *descriptors, int *count) {
  struct pollfd ready = {socket, POLLIN, 0};
  if (poll(&ready, 1, patience_milliseconds) <= 0) return -1;
  char room[CMSG_SPACE(sizeof(int) * 3)];
  struct iovec bytes = {packet, packet_bytes};
  struct msghdr message = {
      .msg_iov = &bytes, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  if (length <= 0) return -1;
  *count = 0;
  struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
  if (rights != NULL && rights->cmsg_type == SCM_RIGHTS) {
    *count = (int)((rights->cmsg_len - CMSG_LEN(0)) / sizeof(int));
    memcpy(descriptors, CMSG_DATA(rights), sizeof(int) * (size_t)*count);
  }
  return (int)length;
}

/* Sends a request and takes its reply, passing over events; 0 if it was granted. */
static int ask(struct client *client, unsigned char *packet, size_t length, int descriptor) {
  uint64_t number = ++client->number;
  unsigned kind = (unsigned)get(packet, 0, 2);
  put(packet, 8, number, 8);
  if (send_packet(client->socket, packet, length, &descriptor, descriptor >= 0)) return -1;
  for (;;) {
    int descriptors[3], count;
    if (receive(client->socket, packet, descriptors, &count) < 0) return -1;
    if (get(packet, 8, 8) != number) continue;
    return get(packet, 0, 2) == (kind | 0x8000) ? 0 : -1;
  }
}

int greet(struct client *client, const char *path) {
  *client = (struct client){.socket = -1, .file = -1, .device = -1, .userfault = -1};
  client->number = 10;
  client->socket = reach(path, SOCK_SEQPACKET);
  if (client->socket < 0 || send_hello(client->socket, NULL, 0)) return -1;
  unsigned char packet[packet_bytes];
  int descriptors[3], count;
  if (receive(client->socket, packet, descriptors, &count) < 0) return -1;
  if (get(packet, 0, 2) != 0x8001 || count < 2) return -1;
  client->file = descriptors[0];
  client->device = count > 2 ? descriptors[2] : -1;
  close(descriptors[1]);
  client->arena_bytes = get(packet, 24, 8);
  client->frame_bytes = get(packet, 32, 4);
  return 0;
}

unsigned char *map_arena(const struct client *client) {
  void *base = mmap(NULL, client->arena_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, client->file, 0);
  if (base == MAP_FAILED) fail("mapping the arena");
  madvise(base, client->arena_bytes, MADV_DONTFORK);
  madvise(base, client->arena_bytes, MADV_DONTDUMP);
  return base;
}

int make_userfault(const struct client *client) {
  int flags = O_CLOEXEC | O_NONBLOCK;
  int made = client->device >= 0 ? ioctl(client->device, USERFAULTFD_IOC_NEW, flags)
                                 : (int)syscall(SYS_userfaultfd, flags);
  if (made < 0) made = (int)syscall(SYS_userfaultfd, flags | 1);
  if (made < 0) fail("userfaultfd");
  return made;
}

int attach(struct client *client, unsigned char *base, int userfault) {
  unsigned char packet[packet_bytes];
  head(packet, 2, 32, 0);
  put(packet, 16, (uint64_t)base, 8);
  put(packet, 24, client->arena_bytes, 8);
  client->base = base;
  client->userfault = userfault;
  return ask(client, packet, 32, userfault);
}

void begin(struct client *client, const char *path) {
  if (greet(client, path)) fail("hello");
  if (attach(client, map_arena(client), make_userfault(client))) fail("attach");
}

int ask_allocate(struct client *client, uint64_t bytes, uint64_t *handle, uint64_t *offset) {
  unsigned char packet[packet_bytes];
  head(packet, 3, 40, 0);
  put(packet, 16, bytes, 8);
  put(packet, 32, 10000, 4);
  put(packet, 36, 128, 1);
  if (ask(client, packet, 40, -1)) return -1;
  *handle = get(packet, 16, 8);
  *offset = get(packet, 24, 8);
  return 0;
}

int ask_free(struct client *client, uint64_t handle) {
  unsigned char packet[packet_bytes];
  head(packet, 4, 24, 0);
  put(packet, 16, handle, 8);
  return ask(client, packet, 24, -1);
}

int ask_statistics(struct client *client) {
  unsigned char packet[packet_bytes];
  head(packet, 10, 16, 0);
  return ask(client, packet, 16, -1);
}

int ask_evict(struct client *client, uint64_t handle, uint64_t bytes) {
  unsigned char packet[packet_bytes];
  head(packet, 7, 48, 0);
  put(packet, 16, handle, 8);
  put(packet, 32, bytes, 8);
  put(packet, 40, 10000, 4);
  put(packet, 44, 2, 1);
  return ask(client, packet, 48, -1);
}

int ask_discard(struct client *client, uint64_t handle, uint64_t bytes) {
  unsigned char packet[packet_bytes];
  head(packet, 8, 48, 0);
  put(packet, 16, handle, 8);
  put(packet, 32, bytes, 8);
  put(packet, 40, 3, 1);
  return ask(client, packet, 48, -1);
}
