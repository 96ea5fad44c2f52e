/* Attacks by descriptors: what the daemon is sent, it has to close, and closing can wait. */
#include "hostile.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { linger_seconds = 8, at_once = 3, most = 253 };

/* Sends one packet, with descriptors that nobody else holds afterwards. */
static void give(int socket, const void *packet, size_t length, int *descriptors, int count) {
  send_packet(socket, packet, length, descriptors, count);
  for (int index = 0; index < count; index++) close(descriptors[index]);
}

static void lingering(int *descriptors, int count) {
  for (int index = 0; index < count; index++) descriptors[index] = lingering_socket(linger_seconds);
}

/* With the very first packet, on several connections. */
static void with_hello(const struct setting *setting) {
  for (int index = 0; index < at_once; index++) {
    int descriptor, socket = reach(setting->socket, SOCK_SEQPACKET);
    if (socket < 0) continue;
    lingering(&descriptor, 1);
    send_hello(socket, &descriptor, 1);
    close(descriptor);
  }
  begun();
  stay();
}

/* In place of the userfaultfd. */
static void with_attach(const struct setting *setting) {
  for (int index = 0; index < at_once; index++) {
    struct client client;
    int descriptor;
    if (greet(&client, setting->socket)) continue;
    lingering(&descriptor, 1);
    unsigned char packet[32] = {2, 0, 0, 0, 32, 0, 0, 0, 11};
    memcpy(packet + 24, &client.arena_bytes, 8);
    give(client.socket, packet, sizeof packet, &descriptor, 1);
    close(client.file);
  }
  begun();
  stay();
}

/* In a session, with a request that takes none. */
static void with_allocate(const struct setting *setting) {
  for (int index = 0; index < at_once; index++) {
    struct client client;
    int descriptor;
    begin(&client, setting->socket);
    lingering(&descriptor, 1);
    unsigned char packet[40] = {3, 0, 0, 0, 40, 0, 0, 0, 77, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    give(client.socket, packet, sizeof packet, &descriptor, 1);
  }
  begun();
  stay();
}

/* Behind a packet that is refused, so that it lies unread in the queue that is closed. */
static void unread(const struct setting *setting) {
  unsigned char wrong[40] = {3, 0, 0, 0, 40, 0, 0, 0, 5};
  for (int index = 0; index < at_once; index++) {
    int descriptor, socket = reach(setting->socket, SOCK_SEQPACKET);
    if (socket < 0) continue;
    lingering(&descriptor, 1);
    send_packet(socket, wrong, sizeof wrong, NULL, 0);
    send_hello(socket, &descriptor, 1);
    close(descriptor);
    close(socket);
  }
  begun();
  stay();
}

/* Unread behind much that a session has asked for, when its connection ends. */
static void unread_in_session(const struct setting *setting) {
  unsigned char packet[16] = {10, 0, 0, 0, 16, 0, 0, 0, 9};
  for (int index = 0; index < at_once; index++) {
    struct client client;
    int descriptor;
    begin(&client, setting->socket);
    lingering(&descriptor, 1);
    fcntl(client.socket, F_SETFL, O_NONBLOCK);
    for (int many = 0; many < 64; many++) send_packet(client.socket, packet, 16, NULL, 0);
    give(client.socket, packet, sizeof packet, &descriptor, 1);
    close(client.socket);
  }
  begun();
  stay();
}

static void on_control(const struct setting *setting) {
  int reached = 0;
  for (int index = 0; index < at_once; index++) {
    int descriptor, socket = reach(setting->control, SOCK_STREAM);
    if (socket < 0) continue;
    reached++;
    lingering(&descriptor, 1);
    /* Half of them in the middle of a call, half with garbage. */
    const char *text = index % 2 ? "{\"method\":" : "\0garbage\0";
    give(socket, text, 9, &descriptor, 1);
    if (index % 4 == 0) close(socket);
  }
  if (reached == 0) fail("the control socket");
  begun();
  stay();
}

/* As many as a packet can carry. */
static void very_many(const struct setting *setting) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  for (int index = 0; index < at_once; index++) {
    int descriptors[most], socket = reach(setting->socket, SOCK_SEQPACKET);
    if (socket < 0) continue;
    lingering(descriptors, 1);
    for (int copy = 1; copy < most; copy++) descriptors[copy] = dup(descriptors[0]);
    send_hello(socket, descriptors, most);
    for (int copy = 0; copy < most; copy++) close(descriptors[copy]);
  }
  begun();
  stay();
}

/* Every kind, alone and 253 at a time, at every step of the protocol. */
static void send_at(const struct setting *setting, int step, int *descriptors, int count) {
  struct client client = {.socket = -1, .file = -1};
  unsigned char packet[40] = {0};
  if (step == 0) {
    client.socket = reach(setting->socket, SOCK_SEQPACKET);
    send_packet(client.socket, "garbage", 7, descriptors, count);
  } else if (step == 1) {
    client.socket = reach(setting->socket, SOCK_SEQPACKET);
    send_hello(client.socket, descriptors, count);
  } else if (greet(&client, setting->socket) == 0) {
    packet[0] = 2;
    packet[4] = 32;
    packet[8] = 11;
    memcpy(packet + 24, &client.arena_bytes, 8);
    if (step == 2) {
      unsigned char *base = map_arena(&client);
      memcpy(packet + 16, &base, 8);
      send_packet(client.socket, packet, 32, descriptors, count);
      munmap(base, client.arena_bytes);
    } else {
      attach(&client, map_arena(&client), make_userfault(&client));
      packet[0] = 3;
      packet[4] = 40;
      packet[18] = 1;
      send_packet(client.socket, packet, 40, descriptors, count);
      munmap(client.base, client.arena_bytes);
      close(client.userfault);
    }
  }
  /* Until the daemon has closed it, so that one after the other is seen. */
  char answer[4096];
  struct timeval bound = {5, 0};
  setsockopt(client.socket, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof bound);
  while (recv(client.socket, answer, sizeof answer, 0) > 0) continue;
  close(client.socket);
  if (client.file >= 0) close(client.file);
  if (client.device > 0) close(client.device);
}

static void all_kinds(const struct setting *setting) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  begun();
  for (int kind = 0; kind < kind_count(); kind++) {
    for (int step = 0; step < 4; step++) {
      const char *name;
      int descriptors[most];
      descriptors[0] = make_kind(kind, &name);
      if (descriptors[0] < 0) {
        printf("not here: %s\n", name);
        break;
      }
      send_at(setting, step, descriptors, 1);
      for (int copy = 1; copy < most; copy++) descriptors[copy] = dup(descriptors[0]);
      send_at(setting, step, descriptors, most);
      for (int copy = 0; copy < most; copy++) close(descriptors[copy]);
    }
    printf("sent: %d\n", kind);
    fflush(stdout);
  }
  puts("done");
  fflush(stdout);
  stay();
}

const struct attack descriptor_attacks[] = {
    {"linger-hello", with_hello},     {"linger-attach", with_attach},
    {"linger-allocate", with_allocate}, {"linger-unread", unread},
    {"linger-behind", unread_in_session}, {"linger-control", on_control},
    {"linger-253", very_many},        {"descriptors", all_kinds},
    {NULL, NULL},
};
