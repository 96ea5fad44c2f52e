// Standard error of a process that must not hang in it, not even while it dies: what the Swift
// runtime says of a crash is written by write(2), and a full pipe that nobody reads would keep the
// process alive for ever. The flags of an open file are shared with every process that has it, so
// they are never changed: it is opened a second time.

import CLinux
import Glibc

extension StandardError {
  /// From here on nothing waits in a write for long, where that can be had: a pipe or a terminal is
  /// opened again for this process alone, with O_NONBLOCK (open(2) of /proc/self/fd/2, dup2(2)); a
  /// socket that belongs to this process, as systemd's to the journal does, gets a bound
  /// (setsockopt(2), SO_SNDTIMEO). Whatever cannot be had stays as it was. Before the first thread.
  package static func stopWaiting(ownSocket: Bool = false) {
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return }
    switch status.st_mode & S_IFMT {
    case S_IFIFO: openAgain(status)
    case S_IFCHR where isatty(STDERR_FILENO) == 1: openAgain(status)
    case S_IFSOCK where ownSocket: boundSends()
    default: break
    }
  }

  private static func openAgain(_ before: stat) {
    let flags = O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
    let number = retryingInterrupts { open("/proc/self/fd/2", flags) }
    // Another user's pipe cannot be opened, nor one that nobody reads.
    guard number >= 0 else { return }
    let opened = Descriptor(owning: number)
    var status = stat()
    guard fstat(number, &status) == 0, status.st_dev == before.st_dev,
      status.st_ino == before.st_ino
    else { return }
    _ = retryingInterrupts { dup2(opened.raw, STDERR_FILENO) }
  }

  private static func boundSends() {
    var bound = timeval(tv_sec: 1, tv_usec: 0)
    _ = setsockopt(
      STDERR_FILENO, SOL_SOCKET, SO_SNDTIMEO, &bound, socklen_t(MemoryLayout<timeval>.size))
  }
}
