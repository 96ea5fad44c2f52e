// What somebody types at a program.

import Glibc

/// Descriptor 0.
package enum StandardInput {
  package static let raw = STDIN_FILENO

  /// What is there, at most `maximumBytes`; waits for a byte: read(2). Nil at the end, and when the
  /// terminal has gone.
  package static func read(maximumBytes: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: maximumBytes)
    let count = retryingInterrupts { Glibc.read(STDIN_FILENO, &bytes, maximumBytes) }
    return count > 0 ? Array(bytes[..<count]) : nil
  }
}
