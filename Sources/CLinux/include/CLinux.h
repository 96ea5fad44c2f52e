// What Swift cannot import from Linux: calls that glibc hides behind _GNU_SOURCE, ioctl numbers
// that are function-like macros, and the control message macros. No logic: each function is one
// system call or one macro, with the result and the errno of the original.
//
// _GNU_SOURCE is never defined in this header: it would give the importer a second fd_set. So what
// needs it is declared here and defined out of line.

#ifndef COHERENT_CLINUX_H
#define COHERENT_CLINUX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>

#include <linux/userfaultfd.h>

// Names of error numbers: strerrorname_np(3), strerrordesc_np(3). NULL where unknown.
const char *clinux_error_name(int code);
const char *clinux_error_description(int code);

// memfd_create(2), fallocate(2), fcntl(2) with F_ADD_SEALS and F_GET_SEALS.
extern const unsigned int clinux_MFD_CLOEXEC;
extern const unsigned int clinux_MFD_ALLOW_SEALING;
extern const unsigned int clinux_MFD_NOEXEC_SEAL;
extern const int clinux_FALLOC_FL_KEEP_SIZE;
extern const int clinux_FALLOC_FL_PUNCH_HOLE;
extern const int clinux_F_SEAL_SEAL;
extern const int clinux_F_SEAL_SHRINK;
extern const int clinux_F_SEAL_GROW;
extern const int clinux_F_SEAL_WRITE;
extern const int clinux_F_SEAL_FUTURE_WRITE;
extern const int clinux_SEEK_DATA;
extern const int clinux_SEEK_HOLE;
int clinux_memfd_create(const char *name, unsigned int flags);
int clinux_fallocate(int descriptor, int mode, off_t offset, off_t length);
int clinux_add_seals(int descriptor, int seals);
int clinux_get_seals(int descriptor);

// userfaultfd(2) and ioctl_userfaultfd(2). `done` receives what the kernel reports: bytes, or a
// negative error number.
extern const uint64_t clinux_UFFD_FEATURE_WP_UNPOPULATED;
extern const uint64_t clinux_UFFD_FEATURE_POISON;
extern const uint64_t clinux_UFFDIO_CONTINUE_MODE_WP;
int clinux_userfaultfd(int flags);
int clinux_userfaultfd_from_device(int device, int flags);
int clinux_uffd_api(int descriptor, uint64_t *features, uint64_t *ioctls);
int clinux_uffd_register(
    int descriptor, uint64_t start, uint64_t length, uint64_t mode, uint64_t *ioctls);
int clinux_uffd_unregister(int descriptor, uint64_t start, uint64_t length);
int clinux_uffd_wake(int descriptor, uint64_t start, uint64_t length);
int clinux_uffd_copy(
    int descriptor, uint64_t start, const void *source, uint64_t length, uint64_t mode,
    int64_t *done);
int clinux_uffd_zeropage(
    int descriptor, uint64_t start, uint64_t length, uint64_t mode, int64_t *done);
int clinux_uffd_writeprotect(int descriptor, uint64_t start, uint64_t length, uint64_t mode);
int clinux_uffd_continue(
    int descriptor, uint64_t start, uint64_t length, uint64_t mode, int64_t *done);
int clinux_uffd_poison(
    int descriptor, uint64_t start, uint64_t length, uint64_t mode, int64_t *done);

// set_mempolicy(2), get_mempolicy(2) of the calling thread; move_pages(2) of this process with no
// target, which only asks. Masks are 64-bit words, with the kernel's odd count of bits.
extern const int clinux_MPOL_DEFAULT;
extern const int clinux_MPOL_PREFERRED;
extern const int clinux_MPOL_BIND;
int clinux_set_mempolicy(int mode, const uint64_t *words, size_t count);
int clinux_get_mempolicy(int *mode, uint64_t *words, size_t count);
int clinux_locate_pages(const uintptr_t *pages, size_t count, int *nodes);

// preadv2(2) with RWF_NOWAIT at the current position.
ssize_t clinux_read_nowait(int descriptor, void *buffer, size_t length);

// Sockets: accept4(2), unix(7) and the control messages of cmsg(3).
extern const int clinux_O_PATH;
extern const int clinux_SO_PEERGROUPS;
extern const int clinux_SO_PEERPIDFD;
int clinux_accept(int descriptor);
int clinux_peer_credentials(int descriptor, pid_t *process, uid_t *user, gid_t *group);
size_t clinux_cmsg_space(size_t length);
size_t clinux_cmsg_len(size_t length);
struct cmsghdr *clinux_cmsg_first(const struct msghdr *message);
struct cmsghdr *clinux_cmsg_next(const struct msghdr *message, const struct cmsghdr *current);
void *clinux_cmsg_data(const struct cmsghdr *header);

// pidfd_open(2), pidfd_send_signal(2), waitid(2) with P_PIDFD; code and status as in siginfo_t.
extern const int clinux_CLD_EXITED;
int clinux_pidfd_open(pid_t process, unsigned int flags);
int clinux_pidfd_send_signal(int descriptor, int signal);
int clinux_pidfd_wait(int descriptor, int options, pid_t *process, int *code, int *status);

// sched_setaffinity(2), sched_getaffinity(2) over 64-bit words of the mask; pthread_setname_np(3).
int clinux_set_affinity(pid_t process, const uint64_t *words, size_t count);
int clinux_get_affinity(pid_t process, uint64_t *words, size_t count);
int clinux_set_thread_name(const char *name);

// pipe2(2) with O_CLOEXEC.
int clinux_pipe(int *read_end, int *write_end);

// fork(2): the child may run only what is async-signal-safe.
pid_t clinux_fork(void);
// setgroups(2), setresgid(2), setresuid(2), in this order; -1 at the first that fails.
int clinux_assume_identity(uid_t user, gid_t group, const gid_t *groups, size_t count);

// What a new program starts with. Absent: affinity_count 0, inherited_count 0, change_identity 0,
// standard streams -1.
struct clinux_launch {
  const char *path;
  char *const *arguments;
  char *const *environment;
  const int *inherited;
  size_t inherited_count;
  // Descriptors that it gets as 3, 4 and so on, as sd_listen_fds(3) expects them, and where in its
  // environment the digits of its own number are to stand.
  int *passed;
  size_t passed_count;
  char *process_digits;
  const uint64_t *affinity;
  size_t affinity_count;
  int standard_input;
  int standard_output;
  int standard_error;
  int change_identity;
  uid_t user;
  gid_t group;
  int dies_with_parent;
  // The write end of a close-on-exec pipe: the error number is written to it when the start fails.
  int failure_report;
};
// fork(2) and execve(2). More than one call, and therefore here: between the two only
// async-signal-safe code may run, which Swift promises for none of its own.
pid_t clinux_launch(const struct clinux_launch *launch);

#endif
