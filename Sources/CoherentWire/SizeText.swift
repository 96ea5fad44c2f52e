// A size as people write it: bytes, or a number with K, M, G or T, base 1024 ("64K", "64k" and
// "64KiB" are one). The configuration and the options of every program are read here, so that none
// takes what another refuses. What is written must be read back as the same number of bytes.

package enum SizeText {
  /// The suffixes with the power of two that each stands for, the largest first.
  private static let suffixes: [(letter: Character, shift: UInt64)] = [
    ("T", 40), ("G", 30), ("M", 20), ("K", 10),
  ]

  /// The size in bytes, or nil where the text is no size or does not fit in 64 bits.
  package static func parse(_ text: Substring) -> UInt64? {
    let digits = text.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard let number = UInt64(Substring(digits)),
      let shift = shift(text.utf8.dropFirst(digits.count))
    else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << shift)
    return overflow ? nil : bytes
  }

  /// What a unit stands for: none or B, K, M, G or T, each with or without iB, in any case. Not KB,
  /// which means 1000 to some.
  private static func shift(_ unit: Substring.UTF8View) -> UInt64? {
    let letters = unit.map { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") ? $0 - 32 : $0 }
    if letters.isEmpty || letters == [UInt8(ascii: "B")] { return 0 }
    guard letters.count == 1 || letters.dropFirst().elementsEqual("IB".utf8) else { return nil }
    return suffixes.first { $0.letter.asciiValue == letters[0] }?.shift
  }

  /// The shortest exact text: the largest suffix that leaves a whole number.
  package static func render(_ bytes: UInt64) -> String {
    guard bytes > 0,
      let suffix = suffixes.first(where: { bytes.isMultiple(of: 1 << $0.shift) })
    else { return String(bytes) }
    return "\(bytes >> suffix.shift)\(suffix.letter)"
  }
}
