// What a person looks at.

import Glibc

/// A terminal behind a descriptor.
package enum Terminal {
  /// Whether descriptor `raw` is one: isatty(3).
  package static func isTerminal(_ raw: CInt) -> Bool {
    isatty(raw) == 1
  }

  /// Its columns: ioctl_tty(2), TIOCGWINSZ. Nil for anything else, and where the size is unknown.
  package static func width(_ raw: CInt) -> Int? {
    var size = winsize()
    guard ioctl(raw, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }
}
