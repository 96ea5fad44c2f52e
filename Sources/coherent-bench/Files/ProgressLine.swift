// Progress on standard error: one line that is written again and again on a terminal, a line every
// few seconds elsewhere.

import CoherentSystem

struct ProgressLine {
  private let isTerminal = Terminal.isTerminal(2)
  private var shownAt: UInt64 = 0

  private static let terminalNanoseconds: UInt64 = 200_000_000
  private static let logNanoseconds: UInt64 = 3_000_000_000

  /// Shows what `text` gives, if it is time.
  mutating func show(_ text: () throws -> String) rethrows {
    let now = Clock.monotonicNanoseconds()
    let interval = isTerminal ? Self.terminalNanoseconds : Self.logNanoseconds
    guard now >= shownAt + interval else { return }
    shownAt = now
    let line = try text()
    if isTerminal {
      let width = (Terminal.width(2) ?? 80) - 1
      StandardError.write("\r\(line.prefix(width))\u{1B}[K")
    } else {
      StandardError.write(line + "\n")
    }
  }

  /// Takes the line away before the summary.
  func end() {
    if isTerminal { StandardError.write("\r\u{1B}[K") }
  }
}
