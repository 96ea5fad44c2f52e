// Which processors the two sides of a conversation may use. Waking a processor that sleeps costs
// more than everything else in a small request, so both cases are measured apart.

struct Placement: Equatable, Sendable {
  let label: String
  /// Nil: wherever the kernel puts it.
  let client: [Int]?
  let server: [Int]?

  /// Beside a daemon that was running before.
  static let asFound = Placement(label: "as found", client: nil, server: nil)

  /// `processors` are those that may be used, at least one.
  static func all(processors: [Int]) -> [Placement] {
    let first = processors.first!
    let last = processors.last!
    let same = Placement(label: "same core", client: [first], server: [first])
    if first == last { return [same] }
    return [same, Placement(label: "across cores", client: [first], server: [last])]
  }
}
