// The program's complaints, and its log where there is no journal.

import Glibc

/// Descriptor 2.
package enum StandardError {
  /// Writes a text: write(2). False when that is not possible.
  @discardableResult
  package static func write(_ text: String) -> Bool {
    StandardStream.write(text, to: STDERR_FILENO)
  }

  /// The same for at most so long: poll(2), write(2).
  @discardableResult
  package static func write(_ text: String, milliseconds: Int32) -> Bool {
    StandardStream.write(text, to: STDERR_FILENO, milliseconds: milliseconds)
  }

  /// Whether it is this very file, by the numbers of its device and its inode: fstat(2).
  package static func isFile(device: UInt64, inode: UInt64) -> Bool {
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return false }
    return UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode
  }
}
