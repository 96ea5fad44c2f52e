/* `hostile-client SOCKET CONTROL ATTACK [nobody]`: one attack, until it is killed; `list` instead
 * of all that names them. It says `begun` in a line of its own, and ends with 1 and a sentence where
 * something is missing that the attack needs. */
#include "hostile.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static const struct attack *const all[] = {descriptor_attacks, memory_attacks, crowd_attacks};

void fail(const char *what) {
  printf("failed: %s: %s\n", what, strerror(errno));
  fflush(stdout);
  _exit(1);
}

void begun(void) {
  puts("begun");
  fflush(stdout);
}

void stay(void) {
  for (;;) pause();
}

static void become_nobody(void) {
  if (setgroups(0, NULL) || setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534))
    fail("becoming nobody");
  /* As a program of that user would be that was started by its shell. */
  prctl(PR_SET_DUMPABLE, 1);
}

int main(int count, char **words) {
  int lists = count == 2 && !strcmp(words[1], "list");
  if (!lists && count != 4 && count != 5) {
    fputs("hostile-client SOCKET CONTROL ATTACK [nobody] | hostile-client list\n", stderr);
    return 64;
  }
  struct setting setting = {lists ? NULL : words[1], lists ? NULL : words[2], count == 5};
  if (setting.is_nobody) become_nobody();
  for (size_t part = 0; part < sizeof all / sizeof *all; part++) {
    for (const struct attack *attack = all[part]; attack->name != NULL; attack++) {
      if (lists) puts(attack->name);
      if (!lists && !strcmp(attack->name, words[3])) attack->run(&setting);
    }
  }
  return lists ? 0 : 64;
}
