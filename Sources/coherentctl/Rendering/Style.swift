// How text is dressed: colour or none, bars and dots of a Unicode terminal or plain ones, sizes for
// people or for programs. Made once from what the output is; rendering only reads it.
import CoherentSystem

struct Style {
  var usesColour = false
  var usesUnicode = false
  var columns = 80
  var showsLegend = true
  var printsRawBytes = false

  /// What suits a descriptor: colour only on a terminal, and not where NO_COLOR is set.
  static func forDescriptor(_ number: Int32) -> Style {
    let isTerminal = Terminal.isTerminal(number)
    let isPlain = Environment.get("NO_COLOR").map { !$0.isEmpty } ?? false
    return Style(
      usesColour: isTerminal && !isPlain && Environment.get("TERM") != "dumb",
      usesUnicode: localeIsUnicode(),
      columns: Terminal.width(number) ?? 80)
  }

  func good(_ text: String) -> String { paint(text, "32") }
  func warning(_ text: String) -> String { paint(text, "33") }
  func bad(_ text: String) -> String { paint(text, "31") }
  func strong(_ text: String) -> String { paint(text, "1") }
  func faint(_ text: String) -> String { paint(text, "2") }

  /// A colour that belongs to one of several owners; reversed where something is pinned.
  func owned(_ text: String, index: Int, isPinned: Bool, isFaint: Bool) -> String {
    let colours = ["36", "33", "32", "35", "34", "31", "96", "93", "92", "95", "94", "91"]
    let emphasis = isPinned ? "7;" : (isFaint ? "2;" : "")
    return paint(text, emphasis + colours[index % colours.count])
  }

  /// A line in reverse, as a header on a screen.
  func reversed(_ text: String) -> String { paint(text, "7") }

  /// A size in a table: one word.
  func size(_ bytes: UInt64) -> String {
    printsRawBytes ? String(bytes) : ByteText.word(bytes)
  }

  /// A size in a sentence.
  func proseSize(_ bytes: UInt64) -> String {
    printsRawBytes ? "\(bytes) B" : ByteText.prose(bytes)
  }

  private func paint(_ text: String, _ code: String) -> String {
    usesColour ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// The first of the locale's variables that is set decides, as in setlocale(3).
  private static func localeIsUnicode() -> Bool {
    for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
      if let value = Environment.get(name), !value.isEmpty {
        let lower = value.lowercased()
        return lower.hasSuffix("utf-8") || lower.hasSuffix("utf8")
      }
    }
    return false
  }
}
