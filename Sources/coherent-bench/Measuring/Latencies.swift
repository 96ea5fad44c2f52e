// The times that single operations took, of which the median is wanted: an operation that the
// scheduler or another process interrupted says nothing about the program. The room is taken before
// the measuring begins.

import CoherentSystem

struct Latencies {
  private var nanoseconds: [UInt64] = []

  init(capacity: Int) { nanoseconds.reserveCapacity(capacity) }

  mutating func add(from start: UInt64, to end: UInt64) { nanoseconds.append(end - start) }

  /// Half of the operations took at most this long. There is at least one.
  var medianMicroseconds: Double { Sample(nanoseconds.map { Double($0) }).median / 1000 }
}
