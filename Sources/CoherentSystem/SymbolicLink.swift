// Symbolic links, of which only the target is of interest: /proc names kernel objects with them.

import Glibc

/// A link whose target is a text.
package enum SymbolicLink {
  /// What the link at `path` says: readlink(2). Nil if there is no such link or no right to read
  /// it.
  package static func target(path: String) -> String? {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(PATH_MAX)) { buffer in
      let length = readlink(path, buffer.baseAddress!, buffer.count)
      return length < 0 ? nil : String(decoding: buffer[..<length], as: UTF8.self)
    }
  }
}
