// Sizes for people, in powers of 1024 with their IEC names: at most one decimal, none where it
// would be zero.

enum ByteText {
  private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

  /// `1.5G`, `64M`, `1023K`: five characters at most, for tables that are tight.
  static func short(_ bytes: UInt64) -> String {
    var exponent = 0
    while exponent < 6 && bytes >> (10 * (exponent + 1)) > 0 { exponent += 1 }
    guard exponent > 0 else { return "\(bytes)B" }
    let unit = units[exponent].prefix(1)
    // In the next unit already where it would round up to it.
    let value = Double(bytes) / Double(UInt64(1) << (10 * exponent))
    if value < 9.95 {
      let text = DecimalText.tenths(value)
      return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + unit
    }
    return "\(UInt64(min(value.rounded(), 1023)))\(unit)"
  }

  /// `1.5GiB`: one word, for tables.
  static func word(_ bytes: UInt64) -> String { text(bytes, separator: "") }

  /// `1.5 GiB`, for sentences.
  static func prose(_ bytes: UInt64) -> String { text(bytes, separator: " ") }

  private static func text(_ bytes: UInt64, separator: String) -> String {
    var exponent = 0
    while exponent < 6 && bytes >> (10 * (exponent + 1)) > 0 { exponent += 1 }
    let shift = 10 * exponent
    var whole = bytes >> shift
    // Tenths, rounded; they may round up to the next unit.
    let rest = bytes & (1 << shift - 1)
    let half: UInt64 = exponent == 0 ? 0 : 1 << (shift - 1)
    var tenths =
      shift < 60 ? (rest * 10 + half) >> shift : (rest / 16 * 10 + half / 16) >> (shift - 4)
    if tenths == 10 {
      tenths = 0
      whole += 1
      if whole == 1024 && exponent < 6 {
        whole = 1
        exponent += 1
      }
    }
    let number = tenths == 0 ? "\(whole)" : "\(whole).\(tenths)"
    return number + separator + units[exponent]
  }
}
