// Memory blocks by their numbers, neighbours as ranges, as the command line takes them.
import CoherentWire

enum BlockNames {
  /// More ranges than these are counted only.
  private static let mostRanges = 16

  /// `block 2`, `blocks 2-4, 7`; what is no list of blocks is `no block`.
  static func text(_ blocks: [Int]) -> String {
    guard !blocks.isEmpty else { return "no block" }
    let ranges = ranges(blocks.sorted())
    var parts = ranges.prefix(mostRanges).map { range in
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }
    let rest = ranges.dropFirst(mostRanges).reduce(0) { $0 + $1.count }
    if rest > 0 { parts.append("and \(rest) more") }
    return (blocks.count == 1 ? "block " : "blocks ") + parts.joined(separator: ", ")
  }

  /// With its verb: `block 2 is`, `blocks 2-4 are`.
  static func subject(_ blocks: [Int]) -> String {
    "\(text(blocks)) \(PluralText.verb(blocks.count))"
  }

  private static func ranges(_ blocks: [Int]) -> [ClosedRange<Int>] {
    var ranges: [ClosedRange<Int>] = []
    for block in blocks {
      if let last = ranges.last, last.upperBound + 1 == block {
        ranges[ranges.count - 1] = last.lowerBound...block
      } else {
        ranges.append(block...block)
      }
    }
    return ranges
  }
}
