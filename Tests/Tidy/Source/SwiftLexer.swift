// Takes Swift source apart into code and comments, so that no rule mistakes the one for the other.
// It knows comments, strings and what is interpolated into them; it does not know Swift. Regular
// expression literals are not used in this project, and not recognized.

/// One pass over the bytes of one file.
struct SwiftLexer {
  private enum Mode: Equatable {
    case code
    /// Code inside of a string, until its parentheses are closed.
    case interpolation(openParentheses: Int)
    case string(hashes: Int, isMultiline: Bool)
    case lineComment
    case blockComment
  }

  private let bytes: [UInt8]
  private var position = 0
  /// The innermost mode is the last; there is always one.
  private var modes: [Mode] = [.code]
  private var text: [UInt8] = []
  private var code: [UInt8] = []
  private var comment: [UInt8] = []
  private var lines: [SwiftLine] = []

  private init(_ source: String) { bytes = Array(source.utf8) }

  /// The lines of a file. Of a string literal only the quotes count as code.
  static func lines(of source: String) -> [SwiftLine] {
    var lexer = SwiftLexer(source)
    while lexer.position < lexer.bytes.count { lexer.step() }
    if !lexer.text.isEmpty { lexer.endLine() }
    return lexer.lines
  }

  private mutating func step() {
    if bytes[position] == UInt8(ascii: "\n") {
      if modes.last == .lineComment { modes.removeLast() }
      endLine()
      position += 1
      return
    }
    switch modes.last ?? .code {
    case .code: stepInCode(openParentheses: nil)
    case .interpolation(let open): stepInCode(openParentheses: open)
    case .string(let hashes, let isMultiline): stepInString(hashes, isMultiline)
    case .lineComment: take(restOfLine, asComment: true)
    case .blockComment: stepInBlockComment()
    }
  }

  private mutating func stepInCode(openParentheses: Int?) {
    if isNext("//") { return begin(.lineComment, length: 2, asComment: true) }
    if isNext("/*") { return begin(.blockComment, length: 2, asComment: true) }
    if let (hashes, isMultiline) = stringBeginning() {
      let length = hashes + (isMultiline ? 3 : 1)
      return begin(.string(hashes: hashes, isMultiline: isMultiline), length: length)
    }
    if let open = openParentheses {
      let change = isNext("(") ? 1 : isNext(")") ? -1 : 0
      modes[modes.count - 1] = .interpolation(openParentheses: open + change)
      if open + change == 0 { modes.removeLast() }
    }
    take(1)
  }

  private mutating func stepInString(_ hashes: Int, _ isMultiline: Bool) {
    let isBackslash = isNext("\\")
    if isBackslash, self.hashes(at: position + 1) >= hashes {
      let next = position + 1 + hashes
      if next < bytes.count, bytes[next] == UInt8(ascii: "(") {
        return begin(.interpolation(openParentheses: 1), length: 2 + hashes)
      }
    }
    let quotes = isMultiline ? 3 : 1
    if isMultiline ? isNext("\"\"\"") : isNext("\""), self.hashes(at: position + quotes) >= hashes {
      modes.removeLast()
      return take(quotes + hashes)
    }
    // An escaped quote does not end the string.
    let isEscape = hashes == 0 && isBackslash && position + 1 < bytes.count
    let isEndOfLine = isEscape && bytes[position + 1] == UInt8(ascii: "\n")
    skip(isEscape && !isEndOfLine ? 2 : 1)
  }

  private mutating func stepInBlockComment() {
    if isNext("/*") { return begin(.blockComment, length: 2, asComment: true) }
    if isNext("*/") {
      modes.removeLast()
      return take(2, asComment: true)
    }
    take(1, asComment: true)
  }

  /// The kind of the string literal that begins here, if one does.
  private func stringBeginning() -> (hashes: Int, isMultiline: Bool)? {
    let hashes = hashes(at: position)
    let end = position + hashes
    guard end < bytes.count, bytes[end] == UInt8(ascii: "\"") else { return nil }
    return (hashes, bytes[end...].starts(with: "\"\"\"".utf8))
  }

  private func isNext(_ wanted: StaticString) -> Bool {
    wanted.withUTF8Buffer { wanted in
      guard position + wanted.count <= bytes.count else { return false }
      for index in 0..<wanted.count where bytes[position + index] != wanted[index] { return false }
      return true
    }
  }

  /// The number of `#` that stand at an index.
  private func hashes(at index: Int) -> Int {
    var end = index
    while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
    return end - index
  }

  private var restOfLine: Int {
    (bytes[position...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count) - position
  }

  private mutating func begin(_ mode: Mode, length: Int, asComment: Bool = false) {
    modes.append(mode)
    take(length, asComment: asComment)
  }

  private mutating func take(_ count: Int, asComment: Bool = false) {
    let taken = bytes[position..<position + count]
    if asComment { comment += taken } else { code += taken }
    skip(count)
  }

  private mutating func skip(_ count: Int) {
    text += bytes[position..<position + count]
    position += count
  }

  private mutating func endLine() {
    lines.append(
      SwiftLine(
        text: String(decoding: text, as: UTF8.self), code: String(decoding: code, as: UTF8.self),
        comment: String(decoding: comment, as: UTF8.self)))
    text.removeAll()
    code.removeAll()
    comment.removeAll()
  }
}
