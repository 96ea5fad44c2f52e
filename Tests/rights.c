/* Whether this machine lets its programs do what some tests need: `rights WORD` exits with 0 if it
 * does, and otherwise with 1 and the kernel's answer in one line; 2 is an unknown word. The tests
 * try the same through the project's own code. Tests/run-tests.sh asks here whenever one of them
 * was skipped, so that a mistake over there cannot pass for a right that is missing. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

static int answer(const char *operation, int failed) {
  if (!failed) return 0;
  printf("%s: %s\n", operation, strerror(errno));
  return 1;
}

static int userfault(int flags) {
  return answer("userfaultfd", syscall(SYS_userfaultfd, flags) < 0);
}

static int other_user(void) {
  if (answer("setgroups", setgroups(0, NULL))) return 1;
  if (answer("setresgid", setresgid(65534, 65534, 65534))) return 1;
  return answer("setresuid", setresuid(65534, 65534, 65534));
}

static int memory_policy(void) {
  int mode;
  if (answer("get_mempolicy", syscall(SYS_get_mempolicy, &mode, NULL, 0, NULL, 0))) return 1;
  return answer("set_mempolicy", syscall(SYS_set_mempolicy, 0, NULL, 0));
}

/* What Tests/System/systemd-sandbox does before it boots: namespaces, mounts, a cgroup. This
 * process is alone in its mount namespace from here on, so nothing of it stays but the cgroup. */
static int namespaces(void) {
  const char *program = "/lib/systemd/systemd";
  if (answer(program, access(program, X_OK))) return 1;
  int kinds = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
              CLONE_NEWCGROUP;
  if (answer("unshare", unshare(kinds))) return 1;
  if (answer("mount of /", mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))) return 1;
  if (answer("mount of tmpfs", mount("none", "/mnt", "tmpfs", 0, NULL))) return 1;
  if (answer("mount of cgroup2", mount("none", "/mnt", "cgroup2", 0, NULL))) return 1;
  char path[64];
  snprintf(path, sizeof path, "/mnt/coherentd-rights-%d", getpid());
  if (answer("mkdir of a cgroup", mkdir(path, 0755))) return 1;
  return answer("rmdir of a cgroup", rmdir(path));
}

static int device(const char *path) {
  return answer(path, open(path, O_RDWR | O_CLOEXEC) < 0);
}

static int memory_lock(void) {
  static char page[1];
  struct rlimit none = {0, 0};
  if (answer("setrlimit", setrlimit(RLIMIT_MEMLOCK, &none))) return 1;
  return answer("mlock", mlock(page, sizeof page));
}

static int fuse_mount(void) {
  char options[64];
  int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
  if (device < 0) return answer("/dev/fuse", 1);
  if (answer("unshare", unshare(CLONE_NEWNS))) return 1;
  if (answer("mount of /", mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))) return 1;
  snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", device);
  return answer("mount of fuse", mount("none", "/mnt", "fuse", 0, options));
}

static int linux_version(int major, int minor) {
  struct utsname name;
  int has_major = 0, has_minor = 0;
  uname(&name);
  sscanf(name.release, "%d.%d", &has_major, &has_minor);
  if (has_major > major || (has_major == major && has_minor >= minor)) return 0;
  printf("this is Linux %s\n", name.release);
  return 1;
}

static int privileged_faults(void) {
  FILE *file = fopen("/proc/sys/vm/unprivileged_userfaultfd", "r");
  if (file == NULL) return answer("vm.unprivileged_userfaultfd", 1);
  int set = fgetc(file) != '0';
  if (set) puts("vm.unprivileged_userfaultfd is not 0");
  return set;
}

static int is_root(void) {
  if (geteuid() == 0) return 0;
  printf("this is user %d\n", (int)geteuid());
  return 1;
}

int main(int count, char **words) {
  const char *word = count == 2 ? words[1] : "";
  if (!strcmp(word, "root")) return is_root();
  if (!strcmp(word, "other-user")) return other_user();
  if (!strcmp(word, "userfaultfd")) return userfault(O_CLOEXEC | 1);
  if (!strcmp(word, "full-userfaultfd")) return userfault(O_CLOEXEC);
  if (!strcmp(word, "userfaultfd-device")) return device("/dev/userfaultfd");
  if (!strcmp(word, "memory-policy")) return memory_policy();
  if (!strcmp(word, "systemd-in-namespaces")) return is_root() || namespaces();
  if (!strcmp(word, "memory-lock")) return memory_lock();
  if (!strcmp(word, "fuse-mount")) return fuse_mount();
  if (!strcmp(word, "privileged-faults")) return privileged_faults();
  if (!strcmp(word, "ipv6")) return answer("IPv6", access("/proc/net/if_inet6", F_OK));
  int major, minor;
  if (sscanf(word, "linux-%d.%d", &major, &minor) == 2) return linux_version(major, minor);
  return 2;
}
