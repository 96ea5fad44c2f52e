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

  /// For work that the daemon does while its client waits: on one processor, and on all, where its
  /// background work has one of its own.
  static func shares(processors: [Int]) -> [Placement] {
    let last = processors.last!
    let one = Placement(label: "daemon on one core", client: processors, server: [last])
    if processors.count == 1 { return [one] }
    let all = Placement(
      label: "daemon on \(processors.count) cores", client: processors, server: processors)
    return [one, all]
  }
}
