// This process: who it is, what it may hold, and how it ends.

import CLinux
import Glibc

/// What a process can ask and do about itself.
package enum Process {
  /// Its number: getpid(2).
  package static var id: Int32 { getpid() }

  /// The user that it acts as: geteuid(2).
  package static var effectiveUser: UInt32 { geteuid() }

  /// The file that it runs: proc(5), /proc/self/exe.
  package static func executablePath() throws(SystemError) -> String {
    guard let path = SymbolicLink.target(path: "/proc/self/exe") else {
      throw SystemError(operation: "readlink", code: errno, context: "of /proc/self/exe")
    }
    return path
  }

  /// Ends the process: exit(3).
  package static func exit(_ status: CInt) -> Never {
    Glibc.exit(status)
  }

  /// Ends it without running anything more of it: _exit(2). For a forked child.
  package static func exitAtOnce(_ status: CInt) -> Never {
    _exit(status)
  }

  /// Ends it as a crash would, at this instruction: kill(2) of itself with SIGKILL.
  package static func killItself() -> Never {
    kill(getpid(), SIGKILL)
    // The signal is delivered before kill returns to the thread that sent it.
    _exit(CInt(128) + SIGKILL)
  }

  /// Becomes another user for good: setgroups(2), setresgid(2), setresuid(2). Needs root.
  package static func assume(
    user: UInt32, group: UInt32, supplementaryGroups: [UInt32] = []
  ) throws(SystemError) {
    try checked("setresuid", "to user \(user), group \(group)") {
      clinux_assume_identity(user, group, supplementaryGroups, supplementaryGroups.count)
    }
  }

  /// Raises the number of descriptors that it may open as far as allowed; what it may then open:
  /// getrlimit(2), RLIMIT_NOFILE.
  @discardableResult
  package static func raiseDescriptorLimit() throws(SystemError) -> Int {
    Int(clamping: try ResourceLimit.descriptors.raise() ?? .max)
  }
}
