// The averages at exact numbers: what the kernel's formula gives for the same shares.

import Testing

@testable import CoherentCore

@Suite struct StallMeterTests {
  private static let period = StallMeter.periodNanoseconds

  private func isClose(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-9 }

  @Test func nothingHeldIsZero() {
    var meter = StallMeter()
    meter.endPeriod()
    meter.passPeriods(1 << 40, holds: false)
    #expect(meter.status == StallStatus())
  }

  @Test func aPeriodCountsWhenItIsOver() {
    var meter = StallMeter()
    meter.add(nanoseconds: Self.period / 2)
    #expect(meter.status.totalNanoseconds == Self.period / 2)
    #expect(meter.status.average10 == 0)
    meter.endPeriod()
    // 50 % of (1 - exp(-2/10)), (1 - exp(-2/60)) and (1 - exp(-2/300)).
    #expect(isClose(meter.status.average10, 9.063_462_346_100_908))
    #expect(isClose(meter.status.average60, 1.639_194_975_899_705))
    #expect(isClose(meter.status.average300, 0.332_224_687_248_283))
  }

  @Test func manyPeriodsAtOnceAreAsManyOneByOne() {
    var atOnce = StallMeter()
    var oneByOne = StallMeter()
    atOnce.passPeriods(7, holds: true)
    atOnce.passPeriods(5, holds: false)
    for _ in 0..<7 {
      oneByOne.add(nanoseconds: Self.period)
      oneByOne.endPeriod()
    }
    for _ in 0..<5 { oneByOne.endPeriod() }
    #expect(atOnce.status.totalNanoseconds == 7 * Self.period)
    #expect(atOnce.status.totalNanoseconds == oneByOne.status.totalNanoseconds)
    #expect(isClose(atOnce.status.average10, oneByOne.status.average10))
    #expect(isClose(atOnce.status.average60, oneByOne.status.average60))
    #expect(isClose(atOnce.status.average300, oneByOne.status.average300))
  }

  @Test func whatHoldsForLongIsAllOfTheTime() {
    var meter = StallMeter()
    meter.passPeriods(10_000, holds: true)
    #expect(isClose(meter.status.average10, 100) && isClose(meter.status.average300, 100))
    meter.passPeriods(10_000, holds: false)
    #expect(isClose(meter.status.average300, 0))
  }
}
