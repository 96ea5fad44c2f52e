// Finds where types and functions are declared, and where functions end, by words and braces. It
// reads what `swift format` leaves behind; other code may deceive it.

/// A declaration of a type or of something with a body.
struct Declaration: Equatable {
  enum Kind: Equatable {
    case type
    case function
  }

  let kind: Kind
  let name: String
  /// From 1.
  let line: Int
  /// The number of lines up to the closing brace; 1 where there is no body.
  let lineCount: Int

  /// All declarations of a file, in order.
  static func all(in file: SwiftFile) -> [Declaration] {
    file.lines.indices.compactMap { index in
      let words = declaringWords(of: file.lines[index].code)
      guard let keyword = words.first else { return nil }
      if typeKeywords.contains(keyword), words.count > 1 {
        return Declaration(kind: .type, name: words[1], line: index + 1, lineCount: 1)
      }
      guard functionKeywords.contains(keyword) else { return nil }
      // A variable has a body if its line opens one.
      if keyword == "var", !file.lines[index].code.contains("{") { return nil }
      let isNamed = ["func", "var"].contains(keyword) && words.count > 1
      let count = bodyEnd(in: file.lines, from: index).map { $0 - index + 1 } ?? 1
      return Declaration(
        kind: .function, name: isNamed ? words[1] : keyword, line: index + 1, lineCount: count)
    }
  }

  /// The words of a line from its first declaring keyword, or nothing where it declares nothing.
  private static func declaringWords(of code: String) -> [String] {
    var rest = code[...]
    while true {
      rest = rest.drop(while: \.isWhitespace)
      let isAttribute = rest.first == "@"
      if isAttribute { rest = rest.dropFirst() }
      let word = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      guard !word.isEmpty else { return [] }
      let after = rest.dropFirst(word.count)
      if !isAttribute, typeKeywords.contains(word) || functionKeywords.contains(word) {
        let isClassMember = word == "class" && after.contains(" func ") || after.contains(" var ")
        if !isClassMember { return SwiftLine(text: "", code: String(rest), comment: "").words }
      } else if !isAttribute, !modifiers.contains(word) {
        return []
      }
      rest = after.first == "(" ? afterParentheses(after) : after
    }
  }

  private static func afterParentheses(_ text: Substring) -> Substring {
    var depth = 0
    for index in text.indices {
      if text[index] == "(" { depth += 1 }
      if text[index] == ")" { depth -= 1 }
      if depth == 0 { return text[text.index(after: index)...] }
    }
    return ""
  }

  /// The line, from 0, of the brace that closes what begins at `start`; nil where there is no body.
  private static func bodyEnd(in lines: [SwiftLine], from start: Int) -> Int? {
    var parentheses = 0
    var braces = 0
    for index in start..<lines.count {
      // A new declaration where none can be part of the old one: that had no body.
      let isOther = index > start && parentheses == 0 && braces == 0
      if isOther, !declaringWords(of: lines[index].code).isEmpty { return nil }
      for character in lines[index].code {
        switch character {
        case "(", "[": parentheses += 1
        case ")", "]": parentheses -= 1
        case "{" where parentheses == 0 || braces > 0: braces += 1
        case "}" where braces > 0:
          braces -= 1
          if braces == 0 { return index }
        case "}" where parentheses == 0: return nil
        default: break
        }
      }
    }
    return nil
  }

  private static let typeKeywords: Set = [
    "class", "struct", "enum", "protocol", "actor", "typealias", "extension",
  ]
  private static let functionKeywords: Set = ["func", "init", "deinit", "subscript", "var"]
  private static let modifiers: Set = [
    "public", "package", "internal", "private", "fileprivate", "open", "static", "final",
    "mutating", "nonmutating", "consuming", "borrowing", "nonisolated", "override", "convenience",
    "required", "indirect", "prefix", "postfix", "infix", "lazy", "weak", "unowned", "class",
  ]
}
