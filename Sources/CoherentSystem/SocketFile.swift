// The file that a listening socket has in a directory. Known by its inode, which its owner holds
// open, and not by its path: what may never happen is that the file of somebody who listens at the
// same path by now is removed.

import CLinux
import Glibc

/// An owned hold on a socket's file: as long as it lasts, no other file has the same numbers.
package struct SocketFile: ~Copyable, Sendable {
  package let path: String
  private let descriptor: Descriptor

  /// The socket that is at `path` now: open(2), O_PATH. ENOTSOCK for anything else.
  package init(path: String) throws(SystemError) {
    let number = try checked("open", "of the socket \(path)") {
      open(path, clinux_O_PATH | O_NOFOLLOW | O_CLOEXEC)
    }
    let opened = Descriptor(owning: number)
    guard let status = Self.status(of: number), status.st_mode & S_IFMT == S_IFSOCK else {
      throw SystemError(operation: "open", code: ENOTSOCK, context: "of the socket \(path)")
    }
    self.path = path
    descriptor = opened
  }

  /// Whether the path still leads to this file: lstat(2), fstat(2).
  package var isInPlace: Bool {
    var there = stat()
    guard lstat(path, &there) == 0, let own = Self.status(of: descriptor.raw) else { return false }
    return own.st_dev == there.st_dev && own.st_ino == there.st_ino
  }

  /// Whether two holds are on one file.
  package borrowing func isSame(as other: borrowing SocketFile) -> Bool {
    guard let own = Self.status(of: descriptor.raw),
      let its = Self.status(of: other.descriptor.raw)
    else { return false }
    return own.st_dev == its.st_dev && own.st_ino == its.st_ino
  }

  /// Removes it, if it is still what is at its path: unlink(2). False where something else is, or
  /// nothing.
  @discardableResult
  package borrowing func remove() -> Bool { isInPlace && unlink(path) == 0 }

  private static func status(of number: CInt) -> stat? {
    var status = stat()
    return fstat(number, &status) == 0 ? status : nil
  }
}
