// A size as administrators write it: bytes, or a number with the suffix K, M, G or T, base 1024
// ("64K", "4G"). It is owned by the configuration, whose every size is read and written here. What
// is written must be read back as the same number of bytes.

package enum SizeText {
  /// The suffixes with the power of two that each stands for, the largest first.
  private static let suffixes: [(letter: Character, shift: UInt64)] = [
    ("T", 40), ("G", 30), ("M", 20), ("K", 10),
  ]

  /// The size in bytes, or nil where the text is no size or does not fit in 64 bits.
  package static func parse(_ text: Substring) -> UInt64? {
    guard let last = text.last,
      let suffix = suffixes.first(where: { $0.letter == last })
    else { return DecimalText.parse(text) }
    guard let number = DecimalText.parse(text.dropLast()) else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << suffix.shift)
    return overflow ? nil : bytes
  }

  /// The shortest exact text: the largest suffix that leaves a whole number.
  package static func render(_ bytes: UInt64) -> String {
    guard bytes > 0,
      let suffix = suffixes.first(where: { bytes.isMultiple(of: 1 << $0.shift) })
    else { return String(bytes) }
    return "\(bytes >> suffix.shift)\(suffix.letter)"
  }
}
