// Lays compact JSON out for people: one member or element a line, two spaces a level. It only adds
// white space, so that what it prints is the same value.

package enum JSONLayout {
  /// `text` is valid and compact, as `JSONCoding.encode` makes it. O(length).
  package static func pretty(_ text: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count * 2)
    var level = 0
    var strings = JSONStrings()
    for (index, byte) in text.enumerated() {
      if strings.contains(byte) {
        out.append(byte)
        continue
      }
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        level += 1
        out.append(byte)
        if !closes(text, index + 1) { breakLine(&out, level) }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        level -= 1
        if !opens(text, index - 1) { breakLine(&out, level) }
        out.append(byte)
      case UInt8(ascii: ","):
        out.append(byte)
        breakLine(&out, level)
      case UInt8(ascii: ":"): out.append(contentsOf: [byte, UInt8(ascii: " ")])
      default: out.append(byte)
      }
    }
    return out
  }

  private static func breakLine(_ out: inout [UInt8], _ level: Int) {
    out.append(UInt8(ascii: "\n"))
    out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
  }

  private static func closes(_ text: [UInt8], _ index: Int) -> Bool {
    index < text.count && (text[index] == UInt8(ascii: "}") || text[index] == UInt8(ascii: "]"))
  }

  private static func opens(_ text: [UInt8], _ index: Int) -> Bool {
    index >= 0 && (text[index] == UInt8(ascii: "{") || text[index] == UInt8(ascii: "["))
  }
}
