// What a test needs of the machine and may not have in a container: tried here once, by asking the
// kernel. A test is skipped only by one of these words, with the kernel's own answer as its reason:
// Tests/run-tests.sh tries the same word again by other means (Tests/rights.c), and a test that was
// skipped although what it needs is there fails the run.

import CoherentSystem
import Glibc

package enum KernelRight: String, CustomStringConvertible, Sendable {
  /// Being root.
  case root
  /// Starting a program as another user.
  case otherUser = "other-user"
  /// A userfaultfd of any kind, without which there is neither daemon nor client.
  case userfaultfd
  /// A userfaultfd whose faults the kernel's own accesses take, too.
  case fullUserfaultfd = "full-userfaultfd"
  /// /dev/userfaultfd.
  case userfaultfdDevice = "userfaultfd-device"
  /// Asking and saying from which node memory comes.
  case memoryPolicy = "memory-policy"
  /// Locking memory without a limit.
  case memoryLock = "memory-lock"
  /// Mounting a file system whose other side is a program.
  case fuseMount = "fuse-mount"

  package var isThere: Bool { obstacle == nil }

  /// What is said of a test that is skipped.
  package var description: String { "needs \(rawValue): \(obstacle ?? "it is there")" }

  /// The kernel's answer, where it refuses. Another failure than a refusal is none: whoever needs
  /// it goes on and fails.
  private var obstacle: String? {
    switch self {
    case .root: Process.effectiveUser == 0 ? nil : "this is user \(Process.effectiveUser)"
    case .otherUser: Self.refusal(Self.tryOtherUser)
    case .userfaultfd:
      Self.refusal { () throws(SystemError) in
        _ = try Userfault.create(userModeOnly: true)
      }
    case .fullUserfaultfd:
      Self.refusal { () throws(SystemError) in
        _ = try Userfault.create(userModeOnly: false)
      }
    case .userfaultfdDevice:
      Self.refusal { () throws(SystemError) in
        _ = try Userfault.openDevice()
      }
    case .memoryLock: Self.refusal(Self.lookForLock)
    case .fuseMount: Self.refusal(Self.tryFuseMount)
    case .memoryPolicy:
      Self.refusal { () throws(SystemError) in
        try MemoryPolicy.current().apply()
      }
    }
  }

  private static func tryOtherUser() throws(SystemError) {
    var launch = Launch(path: "/bin/true", arguments: [])
    launch.identity = Launch.Identity(user: 65534, group: 65534)
    _ = try Process.spawn(launch).wait()
  }

  /// CAP_IPC_LOCK, capabilities(7), as proc(5) shows it.
  private static func lookForLock() throws(SystemError) {
    let status = try SmallFile.read(path: "/proc/self/status", maximumBytes: 1 << 16)
    let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
    let words = lines.first { $0.hasPrefix("CapEff:") }?.split(separator: "\t")
    let mask = words?.last.flatMap { UInt64($0, radix: 16) } ?? 0
    if mask & 1 << 14 == 0 {
      throw SystemError(operation: "mlock", code: EPERM, context: "without CAP_IPC_LOCK")
    }
  }

  /// Whoever may mount is told that there is no such file system: mount(2).
  private static func tryFuseMount() throws(SystemError) {
    guard SmallFile.exists(path: "/dev/fuse") else {
      throw SystemError(operation: "access", code: ENOENT, context: "to /dev/fuse")
    }
    if mount("none", "/", "no such file system", 0, nil) != 0, errno != ENODEV {
      throw SystemError(operation: "mount", code: errno, context: "of anything")
    }
  }

  private static func refusal(_ attempt: () throws(SystemError) -> Void) -> String? {
    do throws(SystemError) {
      try attempt()
      return nil
    } catch {
      return [EPERM, EACCES, ENOSYS, ENOENT, ENXIO].contains(error.code) ? "\(error)" : nil
    }
  }
}
