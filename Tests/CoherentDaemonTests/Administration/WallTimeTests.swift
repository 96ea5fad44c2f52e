// Instants of the core by the clock of the wall.

import CoherentCore
import Testing

@testable import CoherentDaemon

@Suite struct WallTimeTests {
  private let clock = WallTime(
    monotonicNanoseconds: 50_000_000_000, wallNanoseconds: 1_000_000_000_000)

  private func at(_ seconds: UInt64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  @Test func anInstantIsAsOldByEitherClock() {
    #expect(clock.microseconds(at(50)) == 1_000_000_000)
    #expect(clock.microseconds(at(20)) == 970_000_000)
  }

  @Test func whatIsToComeIsNow() {
    #expect(clock.microseconds(at(51)) == 1_000_000_000)
    #expect(clock.age(of: at(51)) == "0 ms")
  }

  @Test func whatWasBefore1970IsItsBeginning() {
    let young = WallTime(monotonicNanoseconds: 50_000_000_000, wallNanoseconds: 1)
    #expect(young.microseconds(at(1)) == 0)
  }

  @Test func agesAreShort() {
    #expect(clock.age(of: at(41)) == "9000 ms")
    #expect(clock.age(of: at(30)) == "20 s")
    let old = WallTime(monotonicNanoseconds: 3_600_000_000_000, wallNanoseconds: 1)
    #expect(old.age(of: at(0)) == "60 min")
  }
}
