// A part of some memory: a number of bytes, or a percentage of a total that may change while the
// daemon runs (memory blocks come and go). It is owned by the configuration; whoever applies it
// brings the total. It may never overflow, whatever the total.

import CoherentWire

package enum MemoryShare: Equatable, Sendable {
  case bytes(UInt64)
  /// Hundredths of a percent: 250 is 2.5%.
  case hundredthsOfPercent(UInt64)

  /// The share in bytes of a total, rounded down; the largest number where it does not fit.
  package func bytes(ofTotalBytes total: UInt64) -> UInt64 {
    switch self {
    case .bytes(let bytes): return bytes
    case .hundredthsOfPercent(let hundredths):
      let product = total.multipliedFullWidth(by: hundredths)
      guard product.high < 10_000 else { return .max }
      return UInt64(10_000).dividingFullWidth(product).quotient
    }
  }

  /// Reads "5%", "2.5%", "0.25%" or a size; nil where the text is neither or does not fit.
  package static func parse(_ text: Substring) -> MemoryShare? {
    guard text.last == "%" else { return SizeText.parse(text).map { .bytes($0) } }
    let (whole, rest) = DecimalText.split(text.dropLast())
    guard let percent = DecimalText.parse(whole) else { return nil }
    var hundredths: UInt64 = 0
    if !rest.isEmpty {
      let digits = rest.dropFirst()
      guard rest.first == ".", digits.utf8.count <= 2, let number = DecimalText.parse(digits)
      else { return nil }
      hundredths = digits.utf8.count == 1 ? number * 10 : number
    }
    let (scaled, overflow) = percent.multipliedReportingOverflow(by: 100)
    guard !overflow else { return nil }
    let (sum, carried) = scaled.addingReportingOverflow(hundredths)
    return carried ? nil : .hundredthsOfPercent(sum)
  }

  /// The text that `parse` reads back as the same share.
  package func render() -> String {
    switch self {
    case .bytes(let bytes): return SizeText.render(bytes)
    case .hundredthsOfPercent(let hundredths):
      let (percent, part) = hundredths.quotientAndRemainder(dividingBy: 100)
      guard part > 0 else { return "\(percent)%" }
      guard !part.isMultiple(of: 10) else { return "\(percent).\(part / 10)%" }
      return part < 10 ? "\(percent).0\(part)%" : "\(percent).\(part)%"
    }
  }
}
