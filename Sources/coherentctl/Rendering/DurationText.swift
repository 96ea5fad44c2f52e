// Times for people: the two largest units that matter.

enum DurationText {
  /// `1d 2h`, `3min 20s`, `20s`, `250ms`.
  static func plain(_ milliseconds: UInt64) -> String {
    if milliseconds < 1000 { return "\(milliseconds)ms" }
    let parts: [(UInt64, String)] = [
      (milliseconds / 86_400_000, "d"), (milliseconds / 3_600_000 % 24, "h"),
      (milliseconds / 60_000 % 60, "min"), (milliseconds / 1000 % 60, "s"),
    ]
    let first = parts.firstIndex { $0.0 > 0 } ?? parts.count - 1
    return parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }
      .joined(separator: " ")
  }

  /// A bound: never shown as less than it is.
  static func bound(_ milliseconds: UInt64) -> String {
    let (rounded, overflows) = milliseconds.addingReportingOverflow(999)
    return plain(milliseconds < 1000 || overflows ? milliseconds : rounded / 1000 * 1000)
  }

  /// The same in one word, for tables.
  static func word(_ milliseconds: UInt64) -> String {
    plain(milliseconds).filter { $0 != " " }
  }
}
