// The numbers that several repetitions of one measurement gave. The median is what is quoted; the
// extremes say how far it can be believed.

struct Sample: Equatable, Sendable {
  private(set) var values: [Double] = []

  init() {}

  init(_ values: [Double]) { self.values = values }

  mutating func add(_ value: Double) { values.append(value) }

  var isEmpty: Bool { values.isEmpty }

  /// The middle value, or the mean of the two in the middle. O(n log n), as are the others. There
  /// is at least one value.
  var median: Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }

  var minimum: Double { values.min()! }
  var maximum: Double { values.max()! }
}
