// Counts and rates in at most five characters.

enum CountText {
  /// `0`, `0.3`, `12`, `9999`, `12.3k`, `123k`, `4.5M`.
  static func short(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return "0" }
    if value < 9.95 { return value < 0.05 ? "0" : DecimalText.tenths(value) }
    var value = value
    if value < 9_999.5 { return String(UInt64(value.rounded())) }
    for unit in ["k", "M", "G", "T"] {
      value /= 1000
      if value < 99.95 { return DecimalText.tenths(value) + unit }
      if value < 999.5 || unit == "T" {
        return String(UInt64(min(value, 9999).rounded())) + unit
      }
    }
    return "0"
  }
}
