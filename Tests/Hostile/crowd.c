/* Attacks by number: connections, handshakes, sessions and requests, more than anybody needs. */
#include "hostile.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { crowd = 256, sessions = 40 };

static void allow_many(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static void hellos(const struct setting *setting) {
  allow_many();
  for (int index = 0; index < crowd; index++) {
    int socket = reach(setting->socket, SOCK_SEQPACKET);
    if (socket >= 0) send_hello(socket, NULL, 0);
  }
  begun();
  stay();
}

static void idle(const struct setting *setting) {
  allow_many();
  for (int index = 0; index < crowd; index++) reach(setting->socket, SOCK_SEQPACKET);
  begun();
  stay();
}

static void idle_control(const struct setting *setting) {
  allow_many();
  int reached = 0;
  for (int index = 0; index < crowd; index++) reached += reach(setting->control, SOCK_STREAM) >= 0;
  if (reached == 0) fail("the control socket");
  begun();
  stay();
}

/* Requests without end whose replies nobody reads, on several sessions. */
static void flood(const struct setting *setting) {
  static const unsigned char packet[16] = {10, 0, 0, 0, 16, 0, 0, 0, 9};
  struct client clients[4];
  for (int index = 0; index < 4; index++) {
    begin(&clients[index], setting->socket);
    fcntl(clients[index].socket, F_SETFL, O_NONBLOCK);
  }
  begun();
  for (;;) {
    int sent = 0;
    for (int index = 0; index < 4; index++)
      sent += send_packet(clients[index].socket, packet, sizeof packet, NULL, 0) == 0;
    if (sent == 0) usleep(1000);
  }
}

/* Allocates and frees without end, as large as it may. */
static void churn(const struct setting *setting) {
  struct client client;
  begin(&client, setting->socket);
  begun();
  for (;;) {
    uint64_t handle, offset;
    if (ask_allocate(&client, 4 << 20, &handle, &offset)) {
      usleep(1000);
      continue;
    }
    for (uint64_t page = 0; page < 4 << 20; page += client.frame_bytes)
      client.base[offset + page] = 1;
    ask_free(&client, handle);
  }
}

/* Sessions of one user, each with a request that waits. */
static void waiters(const struct setting *setting) {
  allow_many();
  /* More than there ever is, with a timeout of ten seconds. */
  unsigned char packet[40] = {3, 0, 0, 0, 40, 0, 0, 0, 7};
  packet[16 + 3] = 4;
  packet[32] = 0x10;
  packet[33] = 0x27;
  packet[36] = 128;
  for (int index = 0; index < sessions; index++) {
    struct client client;
    if (greet(&client, setting->socket)) continue;
    if (attach(&client, map_arena(&client), make_userfault(&client))) continue;
    for (int many = 0; many < 64; many++) send_packet(client.socket, packet, 40, NULL, 0);
  }
  begun();
  stay();
}

/* Connects and leaves, as fast as it can. */
static void come_and_go(const struct setting *setting) {
  begun();
  for (;;) {
    int socket = reach(setting->socket, SOCK_SEQPACKET);
    if (socket < 0) continue;
    send_hello(socket, NULL, 0);
    close(socket);
  }
}

const struct attack crowd_attacks[] = {
    {"hellos", hellos}, {"idle", idle},       {"idle-control", idle_control}, {"flood", flood},
    {"churn", churn},   {"waiters", waiters}, {"come-and-go", come_and_go},   {NULL, NULL},
};
