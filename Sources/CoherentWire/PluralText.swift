// So many of something, as all programs and the daemon say it.

package enum PluralText {
  /// `1 block`, `2 blocks`, `0 frames`: the noun as it is of one.
  package static func count(_ number: UInt64, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  package static func count(_ number: Int, _ noun: String) -> String {
    count(UInt64(max(number, 0)), noun)
  }

  /// The verb for so many: `is` of one, `are` of any other number.
  package static func verb(_ number: Int) -> String { number == 1 ? "is" : "are" }
}
