// The terminal while `top` has it: its other screen, keys as they are pressed, no cursor, no line
// wrapped. Everything is put back when this value ends, and at no other time: so `top` returns, and
// never exits below it.
import CoherentSystem

struct TopScreen: ~Copyable {
  private static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
  private static let leave = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"

  /// Nil where nothing can be typed.
  private let mode: TerminalMode?

  init() {
    mode = TerminalMode.keys(of: StandardInput.raw)
    StandardOutput.write(Self.enter)
  }

  deinit {
    // A terminal that has gone takes nothing, and needs nothing.
    StandardOutput.write(Self.leave)
  }

  /// Shows the lines from the top, in one write so that nothing flickers. False if the terminal has
  /// gone.
  func draw(_ lines: [String]) -> Bool {
    var text = "\u{1B}[H"
    for (index, line) in lines.enumerated() {
      // Before the line: at the end of a full one it would take the last character.
      text += (index > 0 ? "\r\n" : "") + "\u{1B}[K" + line
    }
    return StandardOutput.write(text)
  }
}
