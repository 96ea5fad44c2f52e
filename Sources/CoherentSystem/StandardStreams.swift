// The three descriptors that every program expects to have: 0, 1 and 2. Whoever starts a program
// may have closed them; the next file that is opened would then get such a number, and what is
// meant for a terminal or a log would be written into it. So each program calls this before
// anything else.

import Glibc

package enum StandardStreams {
  /// Opens /dev/null for each of the three that is not open: open(2), dup2(2). The others stay as
  /// they are. Where that cannot be had the process ends at once, with status 71 (EX_OSERR of
  /// sysexits.h(3head)): there is nobody to tell.
  package static func complete() {
    for wanted in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where !isOpen(wanted) {
      // Programs that are started inherit them, so they are not close-on-exec.
      let flags = wanted == STDIN_FILENO ? O_RDONLY : O_WRONLY
      let number = retryingInterrupts { open("/dev/null", flags | O_NOCTTY) }
      guard number >= 0 else { Process.exitAtOnce(71) }
      // The lowest free number is the wanted one, unless another thread was faster.
      guard number != wanted else { continue }
      guard retryingInterrupts({ dup2(number, wanted) }) == wanted else { Process.exitAtOnce(71) }
      closeOwned(number)
    }
  }

  private static func isOpen(_ number: CInt) -> Bool {
    fcntl(number, F_GETFD) != -1 || errno != EBADF
  }
}
