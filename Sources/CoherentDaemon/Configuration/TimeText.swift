// A span of time as systemd writes it: numbers with units, added up ("1min 30s", "100ms"); a
// number alone is in seconds. It is owned by the configuration, whose every time is read and
// written here, in whole milliseconds. What is written must be read back as the same time.

package enum TimeText {
  /// The units with their milliseconds, the spelling that is written first and the largest first.
  private static let units: [(names: [String], milliseconds: UInt64)] = [
    (["h", "hr", "hour", "hours"], 3_600_000),
    (["min", "m", "minute", "minutes"], 60_000),
    (["s", "sec", "second", "seconds"], 1_000),
    (["ms", "msec"], 1),
  ]

  /// The time in milliseconds, or nil where the text is no time or does not fit in 64 bits.
  package static func parse(_ text: Substring) -> UInt64? {
    var rest = trimmed(text)
    guard !rest.isEmpty else { return nil }
    if let seconds = DecimalText.parse(rest) { return product(seconds, 1_000) }
    var sum: UInt64 = 0
    while !rest.isEmpty {
      let (digits, afterDigits) = DecimalText.split(rest)
      let unitAndRest = trimmed(afterDigits)
      let unitEnd = unitAndRest.firstIndex { !$0.isLetter } ?? unitAndRest.endIndex
      let name = unitAndRest[..<unitEnd]
      guard let number = DecimalText.parse(digits),
        let unit = units.first(where: { $0.names.contains(String(name)) }),
        let part = product(number, unit.milliseconds)
      else { return nil }
      let (total, overflow) = sum.addingReportingOverflow(part)
      guard !overflow else { return nil }
      sum = total
      rest = trimmed(unitAndRest[unitEnd...])
    }
    return sum
  }

  /// The time in the fewest parts: "1min 30s", "1s 500ms".
  package static func render(_ milliseconds: UInt64) -> String {
    guard milliseconds > 0 else { return "0" }
    var rest = milliseconds
    var parts: [String] = []
    for unit in units where rest >= unit.milliseconds {
      parts.append("\(rest / unit.milliseconds)\(unit.names[0])")
      rest %= unit.milliseconds
    }
    return parts.joined(separator: " ")
  }

  private static func product(_ number: UInt64, _ factor: UInt64) -> UInt64? {
    let (result, overflow) = number.multipliedReportingOverflow(by: factor)
    return overflow ? nil : result
  }

  private static func trimmed(_ text: Substring) -> Substring {
    text.drop { $0 == " " || $0 == "\t" }
  }
}
