// Numbers as people read them: as many digits as mean something.

enum FindingText {
  /// Four significant digits.
  static func rounded(_ value: Double) -> Double {
    guard value.isFinite, value != 0 else { return 0 }
    var scale = 1.0
    while abs(value) * scale < 1000 { scale *= 10 }
    return (value * scale).rounded() / scale
  }

  /// `12345`, `123.4`, `12.34`, `0.12`.
  static func number(_ value: Double) -> String {
    switch abs(value) {
    case ..<100: fixed(value, digits: 2)
    case ..<1000: fixed(value, digits: 1)
    default: fixed(value, digits: 0)
    }
  }

  /// With so many digits behind the point, at most 9. The value is small enough for an Int.
  static func fixed(_ value: Double, digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((value.magnitude * Double(scale)).rounded())
    let sign = value < 0 && scaled != 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % scale)
    let zeros = String(repeating: "0", count: digits - fraction.count)
    return "\(sign)\(scaled / scale).\(zeros)\(fraction)"
  }

  static func target(_ target: Target) -> String {
    switch target {
    case .ratioAtMost(let limit, let noise):
      noise == 0 ? "<= \(fixed(limit, digits: 2))" : "\(fixed(limit, digits: 2))"
    case .ratioAtLeast(let limit): ">= \(fixed(limit, digits: 2))"
    case .valueAtMost(let limit): "<= \(number(limit))"
    case .excessAtMost(let limit): "<= floor + \(number(limit))"
    case .bothAtMost(let ratio, let value): "<= \(fixed(ratio, digits: 2)), \(number(value))"
    }
  }
}
