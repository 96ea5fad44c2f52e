// Why a write to standard output failed: the reader of a pipe left, which is no error of the
// program, or something else.

import Glibc

extension StandardOutput {
  /// Whether somebody may still read what is written: poll(2), POLLERR. Always true of a file.
  package static var hasReader: Bool {
    var request = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
    return poll(&request, 1, 0) < 1 || CInt(request.revents) & CInt(POLLERR) == 0
  }
}
