// The program's complaints, and its log where there is no journal.

import Glibc

/// Descriptor 2.
package enum StandardError {
  /// Writes a text: write(2). False when that is not possible.
  @discardableResult
  package static func write(_ text: String) -> Bool {
    StandardStream.write(text, to: STDERR_FILENO)
  }
}
