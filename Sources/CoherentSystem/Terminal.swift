// What a person looks at.

import Glibc

/// A terminal behind a descriptor.
package enum Terminal {
  package struct Size: Equatable, Sendable {
    package var columns: Int
    package var rows: Int

    package init(columns: Int, rows: Int) {
      self.columns = columns
      self.rows = rows
    }
  }

  /// Whether descriptor `raw` is one: isatty(3).
  package static func isTerminal(_ raw: CInt) -> Bool {
    isatty(raw) == 1
  }

  /// Its size: ioctl_tty(2), TIOCGWINSZ. Nil for anything else, and where the size is unknown.
  package static func size(_ raw: CInt) -> Size? {
    var size = winsize()
    guard ioctl(raw, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
  }

  /// Its columns, as `size`.
  package static func width(_ raw: CInt) -> Int? { size(raw)?.columns }
}
