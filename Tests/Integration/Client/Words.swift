// A command in words, read from the left.

struct Words {
  private var rest: ArraySlice<Substring>

  init(_ text: String) { rest = text.split(separator: " ")[...] }

  mutating func text() throws -> String {
    guard let word = rest.popFirst() else { throw Misuse("a word is missing") }
    return String(word)
  }

  mutating func number() throws -> Int {
    let word = try text()
    guard let number = Int(word) else { throw Misuse("\(word) is no number") }
    return number
  }
}
