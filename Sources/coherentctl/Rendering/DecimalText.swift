// Numbers with a fixed number of decimals. What no clock and no counter can give (no number,
// negative, beyond all bounds) is shown as zero or as much as there can be, and never traps.

enum DecimalText {
  private static let largest = 1e15

  /// `12.34`, as in the kernel's pressure files.
  static func hundredths(_ value: Double) -> String {
    let parts = UInt64((bounded(value) * 100).rounded())
    let rest = parts % 100
    return "\(parts / 100).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// `12.3`.
  static func tenths(_ value: Double) -> String {
    let parts = UInt64((bounded(value) * 10).rounded())
    return "\(parts / 10).\(parts % 10)"
  }

  private static func bounded(_ value: Double) -> Double {
    value.isFinite ? min(max(value, 0), largest) : (value == .infinity ? largest : 0)
  }
}
