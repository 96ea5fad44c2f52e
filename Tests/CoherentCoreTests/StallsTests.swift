// Who stalls, and when all work does: at exact numbers, with sessions that are busy and idle.

import Testing

@testable import CoherentCore

@Suite struct StallsTests {
  private static let second: UInt64 = 1_000_000_000

  private func at(_ seconds: Double) -> Instant {
    Instant(nanoseconds: UInt64(seconds * Double(Self.second)))
  }

  private func totals(_ stalls: inout Stalls, _ seconds: Double) -> [Double] {
    let (some, full) = stalls.status(at(seconds))
    stalls.checkInvariants()
    return [some, full].map { Double($0.totalNanoseconds) / Double(Self.second) }
  }

  @Test func aSessionThatIsAloneHoldsUpEverything() {
    var stalls = Stalls()
    stalls.began(0, at(1))
    #expect(totals(&stalls, 1.5) == [0.5, 0.5])
    stalls.ended(0, at(2.25))
    #expect(totals(&stalls, 9) == [1.25, 1.25])
    #expect(stalls.totalNanoseconds(0, at(9)) == 1_250_000_000)
  }

  @Test func severalWaitsOfASessionAreOneStall() {
    var stalls = Stalls()
    stalls.began(3, at(1))
    stalls.began(3, at(2))
    stalls.ended(3, at(3))
    #expect(stalls.isStalled(3) && stalls.totalNanoseconds(3, at(3)) == 2 * Self.second)
    stalls.ended(3, at(4))
    #expect(!stalls.isStalled(3) && stalls.stalledSessions == 0)
    #expect(totals(&stalls, 5) == [3, 3])
  }

  @Test func aBusyNeighbourMakesItSomeForTwoSeconds() {
    var stalls = Stalls()
    stalls.acted(1, at(10))
    stalls.began(0, at(11))
    #expect(totals(&stalls, 11.5) == [0.5, 0])
    #expect(totals(&stalls, 12) == [1, 0])
    #expect(totals(&stalls, 13.5) == [2.5, 1.5], "from the twelfth second on nobody else works")
    stalls.acted(1, at(14))
    #expect(totals(&stalls, 15) == [4, 2])
    stalls.ended(0, at(15))
    #expect(totals(&stalls, 30) == [4, 2])
  }

  @Test func whoHasJustStalledIsBusy() {
    var stalls = Stalls()
    stalls.began(0, at(10))
    stalls.began(1, at(10))
    stalls.ended(1, at(13))
    #expect(totals(&stalls, 13) == [3, 3])
    #expect(totals(&stalls, 16) == [6, 4])
  }

  @Test func theBusiestOfSeveralCounts() {
    var stalls = Stalls()
    for slot in 0..<4 { stalls.acted(slot, at(10 + Double(slot))) }
    stalls.acted(1, at(14))
    stalls.began(2, at(14))
    #expect(totals(&stalls, 17) == [3, 1], "the last of the others was active at 14 s")
    stalls.began(1, at(17))
    stalls.closed(2, at(18))
    #expect(totals(&stalls, 18) == [4, 2])
    #expect(stalls.totalNanoseconds(2, at(99)) == 4 * Self.second)
    stalls.forget(2)
    #expect(stalls.totalNanoseconds(2, at(99)) == 0)
  }

  @Test func aSessionThatEndsWhileItWaitsWaitsNoLonger() {
    var stalls = Stalls()
    stalls.began(0, at(1))
    stalls.began(0, at(1))
    stalls.closed(0, at(4))
    #expect(stalls.stalledSessions == 0 && stalls.waits(0) == 0)
    stalls.forget(0)
    stalls.acted(0, at(5))
    stalls.closed(0, at(6))
    stalls.forget(0)
    #expect(totals(&stalls, 100) == [3, 3])
  }

  @Test func theAveragesAreThoseOfWholePeriods() {
    var stalls = Stalls()
    stalls.began(0, at(2))
    #expect(stalls.status(at(3.999)).some.average10 == 0, "its period is not over")
    stalls.ended(0, at(5))
    let (some, full) = stalls.status(at(6))
    #expect(some == full)
    // Periods of 0 %, 100 % and 50 %: 100 (1 - e) e + 50 (1 - e), of which e is exp(-2/10).
    #expect(abs(some.average10 - 23.904_533_050_335_168) < 1e-9)
    let later = stalls.status(at(26)).some
    #expect(abs(later.average10 - some.average10 * 0.135_335_283_236_612_7) < 1e-9)
    #expect(later.totalNanoseconds == 3 * Self.second)
  }

  @Test func timeThatGoesBackwardsIsTaken() {
    var stalls = Stalls()
    stalls.began(0, at(5))
    stalls.ended(0, at(4))
    #expect(totals(&stalls, 5) == [0, 0])
  }
}
