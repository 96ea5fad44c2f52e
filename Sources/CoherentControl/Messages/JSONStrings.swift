// Tells the bytes of JSON text that lie in strings from those that are its structure, for whoever
// goes through text byte by byte. Of text that is no JSON it says something, and never traps.

struct JSONStrings {
  private var isInside = false
  private var isEscaped = false

  /// Takes the text's next byte. True if it belongs to a string, which its quotes do too.
  mutating func contains(_ byte: UInt8) -> Bool {
    guard isInside else {
      isInside = byte == UInt8(ascii: "\"")
      return isInside
    }
    if isEscaped {
      isEscaped = false
    } else if byte == UInt8(ascii: "\\") {
      isEscaped = true
    } else if byte == UInt8(ascii: "\"") {
      isInside = false
    }
    return true
  }
}
