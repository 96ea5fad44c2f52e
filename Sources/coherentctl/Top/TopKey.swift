// What was typed, as what it means: letters, and the sequences that terminals send for arrows.

enum TopKey: Equatable {
  case character(Character)
  case up
  case down
  case pageUp
  case pageDown
  case home
  case end
  /// Ctrl-C, where the terminal makes no signal of it.
  case interrupt

  /// The keys in what one read brought. What is no key is passed over.
  static func keys(in bytes: [UInt8]) -> [TopKey] {
    var keys: [TopKey] = []
    var rest = bytes[...]
    while let first = rest.first {
      guard first == 0x1B,
        rest.dropFirst().first == UInt8(ascii: "[") || rest.dropFirst().first == UInt8(ascii: "O")
      else {
        rest = rest.dropFirst()
        if first == 0x03 { keys.append(.interrupt) }
        if first >= 0x20 && first < 0x7F {
          keys.append(.character(Character(Unicode.Scalar(first))))
        }
        continue
      }
      // A sequence ends with its first letter or tilde.
      rest = rest.dropFirst(2)
      let parameters = rest.prefix { $0 < 0x40 }
      rest = rest.dropFirst(parameters.count)
      guard let final = rest.popFirst() else { break }
      switch (final, Array(parameters)) {
      case (UInt8(ascii: "A"), _): keys.append(.up)
      case (UInt8(ascii: "B"), _): keys.append(.down)
      case (UInt8(ascii: "~"), [UInt8(ascii: "5")]): keys.append(.pageUp)
      case (UInt8(ascii: "~"), [UInt8(ascii: "6")]): keys.append(.pageDown)
      case (UInt8(ascii: "H"), _): keys.append(.home)
      case (UInt8(ascii: "F"), _): keys.append(.end)
      case (UInt8(ascii: "~"), [UInt8(ascii: "1")]), (UInt8(ascii: "~"), [UInt8(ascii: "7")]):
        keys.append(.home)
      case (UInt8(ascii: "~"), [UInt8(ascii: "4")]), (UInt8(ascii: "~"), [UInt8(ascii: "8")]):
        keys.append(.end)
      default: break
      }
    }
    return keys
  }
}
