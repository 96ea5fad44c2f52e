// A terminal that gives keys as they are pressed, without echo, for as long as this value lives.
// Whoever ends the process without ending the value leaves a terminal that nobody can use: so a
// program that has one takes its signals as something to read, and never exits below it.

import Glibc

/// The key-by-key mode of a terminal, ended with the value: termios(3).
package struct TerminalMode: ~Copyable {
  private let raw: CInt
  private let before: termios

  private init(_ raw: CInt, _ before: termios) {
    self.raw = raw
    self.before = before
  }

  /// Nil if `raw` is no terminal: tcgetattr(3), tcsetattr(3). Keys that send signals (Ctrl-C,
  /// Ctrl-Z) still do.
  package static func keys(of raw: CInt) -> TerminalMode? {
    var settings = termios()
    guard tcgetattr(raw, &settings) == 0 else { return nil }
    let before = settings
    settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
    // Reads return what is there, and at least one byte.
    withUnsafeMutableBytes(of: &settings.c_cc) { keys in
      keys[Int(VMIN)] = 1
      keys[Int(VTIME)] = 0
    }
    guard tcsetattr(raw, TCSANOW, &settings) == 0 else { return nil }
    return TerminalMode(raw, before)
  }

  deinit {
    // What was typed and not read is none of the shell's: TCSAFLUSH. A terminal that has gone is no
    // error.
    var settings = before
    _ = tcsetattr(raw, TCSAFLUSH, &settings)
  }
}
