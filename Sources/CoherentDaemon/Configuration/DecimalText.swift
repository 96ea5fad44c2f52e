// A whole number written in decimal digits and nothing else: no sign, no blank, no separator. It
// is owned by the configuration's parsers, which all read their digits here. A number that does
// not fit may never trap: it is no number.

enum DecimalText {
  /// The number, or nil where the text is no row of digits or does not fit in 64 bits.
  static func parse(_ text: Substring) -> UInt64? {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return UInt64(text)
  }

  /// Splits the digits that a text begins with from what follows them.
  static func split(_ text: Substring) -> (digits: Substring, rest: Substring) {
    let end = text.utf8.firstIndex { $0 < 0x30 || $0 > 0x39 } ?? text.endIndex
    return (text[..<end], text[end...])
  }
}
