// How much of the time a state held: in all, and as averages of the last 10, 60 and 300 seconds.
// The averages are made as the kernel's pressure files make theirs (Documentation/accounting/
// psi.rst): once in a period of two seconds, from the share of it in which the state held, with
// weights that fall by e over the length of the window.

/// What a meter says at one moment.
package struct StallStatus: Equatable, Sendable {
  /// Per cent of the time.
  package var average10 = 0.0
  package var average60 = 0.0
  package var average300 = 0.0
  package var totalNanoseconds: UInt64 = 0
}

struct StallMeter {
  static let periodNanoseconds: UInt64 = 2_000_000_000
  /// exp(-2/10), exp(-2/60) and exp(-2/300): what is left of an average after one period.
  private static let remains10 = 0.818_730_753_077_981_8
  private static let remains60 = 0.967_216_100_482_005_9
  private static let remains300 = 0.993_355_506_255_034_4

  private(set) var status = StallStatus()
  /// For how long it held in the period that is not over.
  private var periodHeld: UInt64 = 0

  /// The state held for so long, within the present period.
  mutating func add(nanoseconds: UInt64) {
    status.totalNanoseconds += nanoseconds
    periodHeld += nanoseconds
  }

  /// The present period is over.
  mutating func endPeriod() {
    let share = 100 * Double(periodHeld) / Double(Self.periodNanoseconds)
    periodHeld = 0
    average(share, periods: 1)
  }

  /// So many whole periods went by in which it held all the time, or never.
  mutating func passPeriods(_ count: UInt64, holds: Bool) {
    if holds { status.totalNanoseconds += count * Self.periodNanoseconds }
    average(holds ? 100 : 0, periods: count)
  }

  private mutating func average(_ share: Double, periods: UInt64) {
    status.average10 = Self.next(status.average10, share, Self.remains10, periods)
    status.average60 = Self.next(status.average60, share, Self.remains60, periods)
    status.average300 = Self.next(status.average300, share, Self.remains300, periods)
  }

  private static func next(
    _ average: Double, _ share: Double, _ remains: Double, _ periods: UInt64
  ) -> Double {
    average == share ? average : share + (average - share) * power(remains, periods)
  }

  /// By squaring: O(log exponent).
  private static func power(_ base: Double, _ exponent: UInt64) -> Double {
    var result = 1.0
    var square = base
    var left = exponent
    while left > 0 {
      if left & 1 == 1 { result *= square }
      square *= square
      left >>= 1
    }
    return result
  }
}
