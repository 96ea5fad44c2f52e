// What a terminal shows after some bytes: the few of its commands that a program of ours may send,
// carried out. Whatever else is sent is kept as a fault.

struct ScreenText {
  let columns: Int
  let rows: Int
  private(set) var lines: [[Character]]
  /// The other screen, which leaves the shell's as it was.
  private(set) var isAlternate = false
  private(set) var showsCursor = true
  private(set) var wraps = true
  /// Lines that were too long, and commands that nobody knows.
  private(set) var faults: [String] = []
  private var row = 0
  private var column = 0

  init(_ bytes: [UInt8], columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    lines = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    var rest = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\u{1B}": command(&rest)
      case "\r": column = 0
      case "\n": newline()
      case "\u{7}", "\u{8}": break
      default: put(Character(scalar))
      }
    }
  }

  /// The lines without what is blank at their ends.
  var text: [String] {
    lines.map { line in
      let end = line.lastIndex { $0 != " " }.map { $0 + 1 } ?? 0
      return String(line[..<end])
    }
  }

  func contains(_ text: String) -> Bool { self.text.contains { $0.contains(text) } }

  private mutating func put(_ character: Character) {
    if column >= columns {
      guard wraps else {
        faults.append("line \(row) is too long")
        return
      }
      column = 0
      newline()
    }
    lines[row][column] = character
    column += 1
  }

  private mutating func newline() {
    guard row == rows - 1 else {
      row += 1
      return
    }
    if isAlternate { faults.append("the page is too long") }
    lines.removeFirst()
    lines.append(Array(repeating: " ", count: columns))
  }

  private mutating func command(_ rest: inout ArraySlice<Unicode.Scalar>) {
    guard rest.popFirst() == "[" else {
      faults.append("no control sequence")
      return
    }
    let parameters = rest.prefix { $0.value < 0x40 }
    rest = rest.dropFirst(parameters.count)
    var words = String.UnicodeScalarView()
    words.append(contentsOf: parameters)
    // One that is not whole yet will come.
    guard let final = rest.popFirst() else { return }
    carryOut(String(words), final)
  }

  private mutating func carryOut(_ parameters: String, _ final: Unicode.Scalar) {
    switch (parameters, final) {
    case (_, "m"): break
    case ("", "H"): (row, column) = (0, 0)
    case ("", "K"):
      // The cursor of a full line is on its last character.
      for index in min(column, columns - 1)..<columns { lines[row][index] = " " }
    case ("?1049", "h"):
      isAlternate = true
      lines = Array(repeating: Array(repeating: " ", count: columns), count: rows)
    case ("?1049", "l"): isAlternate = false
    case ("?25", "h"): showsCursor = true
    case ("?25", "l"): showsCursor = false
    case ("?7", "h"): wraps = true
    case ("?7", "l"): wraps = false
    default: faults.append("unknown command \(parameters)\(final)")
    }
  }
}
