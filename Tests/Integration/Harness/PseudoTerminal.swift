// A terminal that a program may write to: pts(4), ioctl_tty(2).

import CoherentSystem
import Glibc

struct PseudoTerminal: ~Copyable {
  private let master: Descriptor
  let slave: Descriptor

  // _IOW('T', 0x31, int) and _IOR('T', 0x30, unsigned int), which Swift does not import.
  private static let unlock: UInt = 0x4004_5431
  private static let askNumber: UInt = 0x8004_5430

  init() throws {
    let first = Descriptor(owning: try Self.open("/dev/ptmx"))
    var locked: CInt = 0
    var number: CInt = 0
    let isOpen =
      ioctl(first.raw, Self.unlock, &locked) == 0 && ioctl(first.raw, Self.askNumber, &number) == 0
    guard isOpen else { throw TestFailure("no terminal: errno \(errno)") }
    let second = Descriptor(owning: try Self.open("/dev/pts/\(number)"))
    master = first
    slave = second
  }

  private static func open(_ path: String) throws -> CInt {
    let number = Glibc.open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard number >= 0 else { throw TestFailure("\(path): errno \(errno)") }
    return number
  }

  /// What was written so far; the kernel keeps a few thousand bytes.
  borrowing func contents() -> String {
    var bytes = [UInt8](repeating: 0, count: 65_536)
    guard Readiness.waitReadable(master.raw, timeoutMilliseconds: 0) else { return "" }
    return String(decoding: bytes[..<max(read(master.raw, &bytes, bytes.count), 0)], as: UTF8.self)
  }
}
