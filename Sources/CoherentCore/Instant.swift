// Time as the core knows it: a number that the caller passes in with every event. The core has no
// clock, so that a simulator can run years in a second and a trace replays exactly.

/// Nanoseconds of a monotonic clock.
package struct Instant: Hashable, Comparable, Sendable {
  package let nanoseconds: UInt64

  package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  package static let never = Instant(nanoseconds: .max)

  package static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

  /// Saturates, so that no bound a client asks for can wrap around into the past.
  package func adding(milliseconds: UInt32) -> Instant {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(UInt64(milliseconds) * 1_000_000)
    return Instant(nanoseconds: overflow ? .max : sum)
  }
}
