// A child process with one owner, who waits for its end. Held by descriptor, so that a signal never
// reaches another process that got its number.

import CLinux
import Glibc

/// A child of this process. One that is forgotten without `wait` runs on, and its exit status stays
/// with the kernel until this process ends.
package struct ChildProcess: ~Copyable, Sendable {
  /// How it ended.
  package enum Exit: Equatable, Sendable {
    case status(CInt)
    case signal(CInt)
  }

  package let process: Int32
  package let descriptor: ProcessDescriptor

  /// `process` is a child that nobody has waited for. Without a descriptor for it (EMFILE) it is
  /// ended again: kill(2), waitpid(2).
  init(process: Int32) throws(SystemError) {
    self.process = process
    do throws(SystemError) {
      descriptor = try ProcessDescriptor(process: process)
    } catch {
      Glibc.kill(process, SIGKILL)
      _ = retryingInterrupts { waitpid(process, nil, 0) }
      throw error
    }
  }

  /// Waits for its end: waitid(2), P_PIDFD. Once.
  package consuming func wait() throws(SystemError) -> Exit {
    var child: pid_t = 0
    var code: CInt = 0
    var status: CInt = 0
    let number = descriptor.raw
    try checked("waitid", "for process \(process)") {
      clinux_pidfd_wait(number, WEXITED, &child, &code, &status)
    }
    return code == clinux_CLD_EXITED ? .status(status) : .signal(status)
  }

  /// Waits until it has ended, without taking its exit: poll(2). False when the time ran out.
  package borrowing func waitEnded(timeoutMilliseconds: Int32) -> Bool {
    descriptor.waitGone(timeoutMilliseconds: timeoutMilliseconds)
  }

  /// Sends a signal: pidfd_send_signal(2). False when it has been waited for already.
  @discardableResult
  package borrowing func kill(signal: CInt) throws(SystemError) -> Bool {
    try descriptor.send(signal: signal)
  }
}
