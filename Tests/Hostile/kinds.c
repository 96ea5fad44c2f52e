/* Descriptors of every kind that a process without privilege can make, and some that need one. */
#include "hostile.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int unix_socket(int type, int has_data) {
  int pair[2];
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair)) return -1;
  if (has_data && write(pair[1], "data", 4) < 0) return -1;
  close(pair[1]);
  return pair[0];
}

/* One in whose queue another lies, which lingers. */
static int nested_socket(void) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return -1;
  int inner = lingering_socket(8);
  if (send_packet(pair[1], "x", 1, &inner, 1)) return -1;
  close(inner);
  close(pair[1]);
  return pair[0];
}

static int piped(int has_data) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) return -1;
  if (has_data && write(ends[1], "data", 4) < 0) return -1;
  return ends[has_data ? 0 : 1];
}

static int memory(int flags, int seals) {
  int made = memfd_create("hostile", MFD_CLOEXEC | (unsigned)flags);
  if (made < 0 || ftruncate(made, 4 << 20)) return -1;
  if (seals && fcntl(made, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK)) return -1;
  return made;
}

static int watching(void) {
  int made = epoll_create1(EPOLL_CLOEXEC);
  int inner = eventfd(1, EFD_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(made, EPOLL_CTL_ADD, inner, &event);
  return made;
}

static int timer(void) {
  int made = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
  struct itimerspec soon = {{0, 1000000}, {0, 1000000}};
  timerfd_settime(made, 0, &soon, NULL);
  return made;
}

static int ring(void) {
  struct io_uring_params parameters;
  memset(&parameters, 0, sizeof parameters);
  return (int)syscall(SYS_io_uring_setup, 8, &parameters);
}

static int signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  return signalfd(-1, &set, SFD_CLOEXEC);
}

/* A userfaultfd that serves memory of this process, which is no arena. */
static int strange_userfault(void) {
  return (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | 1);
}

static int terminal(int is_slave) {
  int made = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (made < 0 || !is_slave) return made;
  char name[64];
  if (unlockpt(made) || ptsname_r(made, name, sizeof name)) return -1;
  return open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static int locked_file(void) {
  char name[] = "/tmp/coherentd-hostile-XXXXXX";
  int made = mkostemp(name, O_CLOEXEC);
  if (made < 0) return -1;
  unlink(name);
  struct flock lock = {.l_type = F_WRLCK};
  fcntl(made, F_SETLK, &lock);
  return made;
}

int lingering_socket(int seconds) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 4) ||
      getsockname(listener, (struct sockaddr *)&address, &length))
    fail("a listening TCP socket");
  int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(made, (struct sockaddr *)&address, sizeof address)) fail("a TCP connection");
  fcntl(made, F_SETFL, O_NONBLOCK);
  static char bytes[65536];
  /* Until neither side's buffers take more, twice: the first time starts them growing. */
  for (int round = 0; round < 2; round++) {
    while (write(made, bytes, sizeof bytes) > 0) continue;
    usleep(20000);
  }
  struct linger linger = {1, seconds};
  if (setsockopt(made, SOL_SOCKET, SO_LINGER, &linger, sizeof linger)) fail("SO_LINGER");
  return made;
}

#define SOCKET(family, type, protocol) socket(family, (type) | SOCK_CLOEXEC, protocol)
#define KINDS(KIND)                                                                \
  KIND("unix stream", unix_socket(SOCK_STREAM, 0))                                 \
  KIND("unix stream with data", unix_socket(SOCK_STREAM, 1))                       \
  KIND("unix datagram with data", unix_socket(SOCK_DGRAM, 1))                      \
  KIND("unix packets with data", unix_socket(SOCK_SEQPACKET, 1))                   \
  KIND("unix with a lingering one inside", nested_socket())                        \
  KIND("tcp", SOCKET(AF_INET, SOCK_STREAM, 0))                                     \
  KIND("tcp, lingering", lingering_socket(8))                                      \
  KIND("tcp over ipv6", SOCKET(AF_INET6, SOCK_STREAM, 0))                          \
  KIND("udp", SOCKET(AF_INET, SOCK_DGRAM, 0))                                      \
  KIND("raw", SOCKET(AF_INET, SOCK_RAW, IPPROTO_ICMP))                             \
  KIND("packet", SOCKET(AF_PACKET, SOCK_RAW, 0))                                   \
  KIND("netlink", SOCKET(AF_NETLINK, SOCK_RAW, 0))                                 \
  KIND("vsock", SOCKET(AF_VSOCK, SOCK_STREAM, 0))                                  \
  KIND("crypto", SOCKET(AF_ALG, SOCK_SEQPACKET, 0))                                \
  KIND("pipe with data", piped(1))                                                 \
  KIND("pipe", piped(0))                                                           \
  KIND("memory file", memory(MFD_ALLOW_SEALING, 0))                                \
  KIND("memory file, sealed", memory(MFD_ALLOW_SEALING, 1))                        \
  KIND("memory file, huge", memory(MFD_HUGETLB, 0))                                \
  KIND("epoll", watching())                                                        \
  KIND("eventfd", eventfd(1, EFD_CLOEXEC))                                         \
  KIND("timerfd", timer())                                                         \
  KIND("pidfd", (int)syscall(SYS_pidfd_open, getpid(), 0))                         \
  KIND("io_uring", ring())                                                         \
  KIND("signalfd", signals())                                                      \
  KIND("inotify", inotify_init1(IN_CLOEXEC))                                       \
  KIND("userfaultfd of something else", strange_userfault())                       \
  KIND("O_PATH", open("/proc/self/exe", O_PATH | O_CLOEXEC))                       \
  KIND("directory", open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC))                 \
  KIND("file with a lock", locked_file())                                          \
  KIND("terminal", terminal(0))                                                    \
  KIND("terminal's other side", terminal(1))                                       \
  KIND("/dev/null", open("/dev/null", O_RDWR | O_CLOEXEC))                         \
  KIND("/dev/zero", open("/dev/zero", O_RDWR | O_CLOEXEC))                         \
  KIND("/dev/full", open("/dev/full", O_RDWR | O_CLOEXEC))                         \
  KIND("/dev/random", open("/dev/random", O_RDONLY | O_CLOEXEC))                   \
  KIND("/dev/fuse", open("/dev/fuse", O_RDWR | O_CLOEXEC))                         \
  KIND("/dev/userfaultfd", open("/dev/userfaultfd", O_RDWR | O_CLOEXEC))           \
  KIND("/dev/kmsg", open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC))          \
  KIND("/proc/self/mem", open("/proc/self/mem", O_RDWR | O_CLOEXEC))               \
  KIND("/proc/self/maps", open("/proc/self/maps", O_RDONLY | O_CLOEXEC))           \
  KIND("a namespace", open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC))

static const char *const names[] = {
#define KIND(name, expression) name,
    KINDS(KIND)
#undef KIND
};

int kind_count(void) { return (int)(sizeof names / sizeof *names); }

int make_kind(int kind, const char **name) {
  *name = names[kind];
  int number = 0;
#define KIND(name, expression) \
  if (number++ == kind) return expression;
  KINDS(KIND)
#undef KIND
  return -1;
}
