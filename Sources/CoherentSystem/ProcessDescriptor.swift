// A process by descriptor instead of by number: it means the same process for ever, also when that
// has exited and its number was given away.

import CLinux
import Glibc

/// An owned pidfd: pidfd_open(2).
package struct ProcessDescriptor: ~Copyable, Sendable {
  package let descriptor: Descriptor

  /// The number, to wait on: readable once the process has exited.
  package var raw: CInt { descriptor.raw }

  /// Opens a process by its number. ESRCH when there is none.
  package init(process: Int32) throws(SystemError) {
    descriptor = Descriptor(
      owning: try checked("pidfd_open", "of process \(process)") { clinux_pidfd_open(process, 0) })
  }

  /// Takes ownership of a pidfd, such as `LocalSocket.peerProcessDescriptor` gives.
  package init(adopting descriptor: consuming Descriptor) {
    self.descriptor = descriptor
  }

  /// Whether it has exited, reaped or not: poll(2).
  package var isGone: Bool { waitGone(timeoutMilliseconds: 0) }

  /// Waits for its exit, at most the time given; negative waits for ever. True if it has exited.
  package borrowing func waitGone(timeoutMilliseconds: Int32) -> Bool {
    Readiness.waitReadable(raw, timeoutMilliseconds: timeoutMilliseconds)
  }

  /// Sends a signal: pidfd_send_signal(2). False when the process is gone.
  @discardableResult
  package borrowing func send(signal: CInt) throws(SystemError) -> Bool {
    if clinux_pidfd_send_signal(raw, signal) == 0 { return true }
    let code = errno
    if code == ESRCH { return false }
    throw failure("pidfd_send_signal", code, "\(signal)")
  }
}
