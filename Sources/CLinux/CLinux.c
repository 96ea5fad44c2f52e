// The definitions behind CLinux.h: one call each, no logic. Whoever calls owns every descriptor
// that is returned. Newer constants that an older kernel header lacks are spelled out here.

#define _GNU_SOURCE

#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/falloc.h>
#include <linux/memfd.h>
#include <linux/mempolicy.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif
#ifndef USERFAULTFD_IOC_NEW
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00)
#endif

// Linux 6.6.
struct clinux_uffdio_poison {
  struct uffdio_range range;
  uint64_t mode;
  int64_t updated;
};
#define CLINUX_UFFDIO_POISON _IOWR(UFFDIO, 0x08, struct clinux_uffdio_poison)

const char *clinux_error_name(int code) { return strerrorname_np(code); }
const char *clinux_error_description(int code) { return strerrordesc_np(code); }

const unsigned int clinux_MFD_CLOEXEC = MFD_CLOEXEC;
const unsigned int clinux_MFD_ALLOW_SEALING = MFD_ALLOW_SEALING;
const unsigned int clinux_MFD_NOEXEC_SEAL = MFD_NOEXEC_SEAL;
const int clinux_FALLOC_FL_KEEP_SIZE = FALLOC_FL_KEEP_SIZE;
const int clinux_FALLOC_FL_PUNCH_HOLE = FALLOC_FL_PUNCH_HOLE;
const int clinux_F_SEAL_SEAL = F_SEAL_SEAL;
const int clinux_F_SEAL_SHRINK = F_SEAL_SHRINK;
const int clinux_F_SEAL_GROW = F_SEAL_GROW;
const int clinux_F_SEAL_WRITE = F_SEAL_WRITE;
const int clinux_F_SEAL_FUTURE_WRITE = F_SEAL_FUTURE_WRITE;
const int clinux_SEEK_DATA = SEEK_DATA;
const int clinux_SEEK_HOLE = SEEK_HOLE;

int clinux_memfd_create(const char *name, unsigned int flags) { return memfd_create(name, flags); }

int clinux_fallocate(int descriptor, int mode, off_t offset, off_t length) {
  return fallocate(descriptor, mode, offset, length);
}

int clinux_add_seals(int descriptor, int seals) { return fcntl(descriptor, F_ADD_SEALS, seals); }
int clinux_get_seals(int descriptor) { return fcntl(descriptor, F_GET_SEALS); }

// Linux 6.4, 6.6 and 6.4.
const uint64_t clinux_UFFD_FEATURE_WP_UNPOPULATED = 1ULL << 13;
const uint64_t clinux_UFFD_FEATURE_POISON = 1ULL << 14;
const uint64_t clinux_UFFDIO_CONTINUE_MODE_WP = 1ULL << 1;

int clinux_userfaultfd(int flags) { return (int)syscall(SYS_userfaultfd, flags); }

int clinux_userfaultfd_from_device(int device, int flags) {
  return ioctl(device, USERFAULTFD_IOC_NEW, flags);
}

int clinux_uffd_api(int descriptor, uint64_t *features, uint64_t *ioctls) {
  struct uffdio_api api = {.api = UFFD_API, .features = *features};
  int result = ioctl(descriptor, UFFDIO_API, &api);
  *features = api.features;
  *ioctls = api.ioctls;
  return result;
}

int clinux_uffd_register(
    int descriptor, uint64_t start, uint64_t length, uint64_t mode, uint64_t *ioctls) {
  struct uffdio_register request = {.range = {.start = start, .len = length}, .mode = mode};
  int result = ioctl(descriptor, UFFDIO_REGISTER, &request);
  *ioctls = request.ioctls;
  return result;
}

int clinux_uffd_unregister(int descriptor, uint64_t start, uint64_t length) {
  struct uffdio_range request = {.start = start, .len = length};
  return ioctl(descriptor, UFFDIO_UNREGISTER, &request);
}

int clinux_uffd_wake(int descriptor, uint64_t start, uint64_t length) {
  struct uffdio_range request = {.start = start, .len = length};
  return ioctl(descriptor, UFFDIO_WAKE, &request);
}

int clinux_uffd_copy(
    int descriptor, uint64_t start, const void *source, uint64_t length, uint64_t mode,
    int64_t *done) {
  struct uffdio_copy request = {
      .dst = start, .src = (uint64_t)(uintptr_t)source, .len = length, .mode = mode};
  int result = ioctl(descriptor, UFFDIO_COPY, &request);
  *done = request.copy;
  return result;
}

int clinux_uffd_zeropage(
    int descriptor, uint64_t start, uint64_t length, uint64_t mode, int64_t *done) {
  struct uffdio_zeropage request = {.range = {.start = start, .len = length}, .mode = mode};
  int result = ioctl(descriptor, UFFDIO_ZEROPAGE, &request);
  *done = request.zeropage;
  return result;
}

int clinux_uffd_writeprotect(int descriptor, uint64_t start, uint64_t length, uint64_t mode) {
  struct uffdio_writeprotect request = {.range = {.start = start, .len = length}, .mode = mode};
  return ioctl(descriptor, UFFDIO_WRITEPROTECT, &request);
}

int clinux_uffd_continue(
    int descriptor, uint64_t start, uint64_t length, uint64_t mode, int64_t *done) {
  struct uffdio_continue request = {.range = {.start = start, .len = length}, .mode = mode};
  int result = ioctl(descriptor, UFFDIO_CONTINUE, &request);
  *done = request.mapped;
  return result;
}

int clinux_uffd_poison(
    int descriptor, uint64_t start, uint64_t length, uint64_t mode, int64_t *done) {
  struct clinux_uffdio_poison request = {
      .range = {.start = start, .len = length}, .mode = mode};
  int result = ioctl(descriptor, CLINUX_UFFDIO_POISON, &request);
  *done = request.updated;
  return result;
}

const int clinux_MPOL_DEFAULT = MPOL_DEFAULT;
const int clinux_MPOL_PREFERRED = MPOL_PREFERRED;
const int clinux_MPOL_BIND = MPOL_BIND;

int clinux_set_mempolicy(int mode, const uint64_t *words, size_t count) {
  return (int)syscall(SYS_set_mempolicy, mode, count > 0 ? words : NULL, count * 64 + 1);
}

int clinux_get_mempolicy(int *mode, uint64_t *words, size_t count) {
  return (int)syscall(SYS_get_mempolicy, mode, words, count * 64, NULL, 0);
}

int clinux_locate_pages(const uintptr_t *pages, size_t count, int *nodes) {
  return (int)syscall(SYS_move_pages, 0, count, pages, NULL, nodes, 0);
}

ssize_t clinux_read_nowait(int descriptor, void *buffer, size_t length) {
  struct iovec vector = {.iov_base = buffer, .iov_len = length};
  return preadv2(descriptor, &vector, 1, -1, RWF_NOWAIT);
}

const int clinux_O_PATH = O_PATH;
const int clinux_SO_PEERGROUPS = SO_PEERGROUPS;
const int clinux_SO_PEERPIDFD = SO_PEERPIDFD;

int clinux_accept(int descriptor) { return accept4(descriptor, NULL, NULL, SOCK_CLOEXEC); }

int clinux_peer_credentials(int descriptor, pid_t *process, uid_t *user, gid_t *group) {
  struct ucred credentials = {0};
  socklen_t length = sizeof(credentials);
  int result = getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length);
  *process = credentials.pid;
  *user = credentials.uid;
  *group = credentials.gid;
  return result;
}

size_t clinux_cmsg_space(size_t length) { return CMSG_SPACE(length); }
size_t clinux_cmsg_len(size_t length) { return CMSG_LEN(length); }
struct cmsghdr *clinux_cmsg_first(const struct msghdr *message) { return CMSG_FIRSTHDR(message); }

struct cmsghdr *clinux_cmsg_next(const struct msghdr *message, const struct cmsghdr *current) {
  return CMSG_NXTHDR((struct msghdr *)message, (struct cmsghdr *)current);
}

void *clinux_cmsg_data(const struct cmsghdr *header) { return CMSG_DATA((struct cmsghdr *)header); }

const int clinux_CLD_EXITED = CLD_EXITED;

int clinux_pidfd_open(pid_t process, unsigned int flags) {
  return (int)syscall(SYS_pidfd_open, process, flags);
}

int clinux_pidfd_send_signal(int descriptor, int signal) {
  return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
}

int clinux_pidfd_wait(int descriptor, int options, pid_t *process, int *code, int *status) {
  siginfo_t information = {0};
  int result = waitid(P_PIDFD, (id_t)descriptor, &information, options);
  *process = information.si_pid;
  *code = information.si_code;
  *status = information.si_status;
  return result;
}

int clinux_set_affinity(pid_t process, const uint64_t *words, size_t count) {
  return sched_setaffinity(process, count * sizeof(uint64_t), (const cpu_set_t *)words);
}

int clinux_get_affinity(pid_t process, uint64_t *words, size_t count) {
  return sched_getaffinity(process, count * sizeof(uint64_t), (cpu_set_t *)words);
}

int clinux_set_thread_name(const char *name) { return pthread_setname_np(pthread_self(), name); }

int clinux_pipe(int *read_end, int *write_end) {
  int ends[2] = {-1, -1};
  int result = pipe2(ends, O_CLOEXEC);
  *read_end = ends[0];
  *write_end = ends[1];
  return result;
}

pid_t clinux_fork(void) { return fork(); }

int clinux_assume_identity(uid_t user, gid_t group, const gid_t *groups, size_t count) {
  if (setgroups(count, groups) < 0) return -1;
  if (setresgid(group, group, group) < 0) return -1;
  return setresuid(user, user, user);
}

static int place_stream(int descriptor, int stream) {
  if (descriptor < 0) return 0;
  if (descriptor == stream) return fcntl(stream, F_SETFD, 0);
  return dup2(descriptor, stream);
}

// Puts the passed descriptors where they belong, out of each other's way first, and writes whose
// they are. The report moves too, since it may stand in their place.
static int place_passed(const struct clinux_launch *launch, int *report) {
  int first_free = 3 + (int)launch->passed_count;
  if ((*report = fcntl(*report, F_DUPFD_CLOEXEC, first_free)) < 0) return -1;
  for (size_t index = 0; index < launch->passed_count; index += 1) {
    int copy = fcntl(launch->passed[index], F_DUPFD_CLOEXEC, first_free);
    if (copy < 0) return -1;
    launch->passed[index] = copy;
  }
  for (size_t index = 0; index < launch->passed_count; index += 1)
    if (dup2(launch->passed[index], 3 + (int)index) < 0) return -1;
  char digits[20];
  size_t count = 0;
  for (pid_t rest = getpid(); rest > 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
  for (size_t index = 0; index < count; index += 1)
    launch->process_digits[index] = digits[count - 1 - index];
  launch->process_digits[count] = 0;
  return 0;
}

static int prepare_child(const struct clinux_launch *launch, int *report) {
  if (launch->dies_with_parent && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return -1;
  if (place_stream(launch->standard_input, STDIN_FILENO) < 0) return -1;
  if (place_stream(launch->standard_output, STDOUT_FILENO) < 0) return -1;
  if (place_stream(launch->standard_error, STDERR_FILENO) < 0) return -1;
  if (launch->passed_count > 0 && place_passed(launch, report) < 0) return -1;
  for (size_t index = 0; index < launch->inherited_count; index += 1)
    if (fcntl(launch->inherited[index], F_SETFD, 0) < 0) return -1;
  if (launch->affinity_count > 0
      && clinux_set_affinity(0, launch->affinity, launch->affinity_count) < 0)
    return -1;
  if (launch->change_identity
      && clinux_assume_identity(launch->user, launch->group, NULL, 0) < 0)
    return -1;
  // setresuid clears the parent death signal; it is set again.
  if (launch->dies_with_parent && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0) return -1;
  // The daemon and its threads block signals; a new program starts with none blocked, and with the
  // default actions.
  struct sigaction standard = {.sa_handler = SIG_DFL};
  for (int signal = 1; signal < SIGRTMIN; signal += 1) sigaction(signal, &standard, NULL);
  sigset_t none;
  sigemptyset(&none);
  return sigprocmask(SIG_SETMASK, &none, NULL);
}

pid_t clinux_launch(const struct clinux_launch *launch) {
  pid_t child = fork();
  if (child != 0) return child;
  int report = launch->failure_report;
  if (prepare_child(launch, &report) == 0)
    execve(launch->path, launch->arguments, launch->environment);
  int code = errno;
  ssize_t reported = write(report, &code, sizeof(code));
  (void)reported;
  _exit(127);
}
