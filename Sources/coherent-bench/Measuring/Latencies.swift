// The times that single operations took, of which the median is wanted: an operation that the
// scheduler or another process interrupted says nothing about the program. The room is taken before
// the measuring begins.

import CoherentSystem

struct Latencies {
  private var nanoseconds: [UInt64] = []

  init(capacity: Int) { nanoseconds.reserveCapacity(capacity) }

  mutating func add(from start: UInt64, to end: UInt64) { nanoseconds.append(end - start) }

  var count: Int { nanoseconds.count }

  /// So many hundredths of the operations took at most this long. There is at least one.
  func percentileNanoseconds(_ hundredths: Int) -> UInt64 {
    nanoseconds.sorted()[(nanoseconds.count - 1) * hundredths / 100]
  }

  mutating func add(_ others: Latencies) { nanoseconds += others.nanoseconds }

  /// Half of the operations took at most this long. There is at least one.
  var medianMicroseconds: Double { Sample(nanoseconds.map { Double($0) }).median / 1000 }
}
