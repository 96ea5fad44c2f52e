// Long-term pins: in host memory, by whatever way they are asked for, and never on the device.

import CoherentShared
import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct LongTermPinTests {
  /// Where the frames of an allocation lie before the pin is asked for.
  enum Beginning: CaseIterable {
    case untouched, device, stored, host, mixed, evicting, restoring
  }

  private func longTerm(
    _ handle: HandleID, _ frames: Range<Int>, timeout: UInt32 = 1000
  ) -> Request {
    .pin(
      CoreHarness.range(handle, frames), leaseMilliseconds: 0, timeoutMilliseconds: timeout,
      isLongTerm: true)
  }

  private func granted(_ reply: Reply?) throws -> (pin: PinID, moved: UInt32) {
    guard case .pinned(let pin, _, let moved) = reply else { throw CoreHarness.NotGranted() }
    return (pin, moved)
  }

  /// Four frames of eight, in the places of `beginning`; what is under way is not finished.
  private func world(_ beginning: Beginning) throws -> (CoreHarness, HandleID) {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    if beginning == .untouched { return (harness, handle) }
    for index in 0..<(beginning == .mixed ? 2 : 4) { harness.touch(index) }
    switch beginning {
    case .stored, .evicting, .restoring: harness.order(4, of: handle)
    case .host:
      let range = CoreHarness.range(handle, 0..<4)
      harness.ask(.migrate(range, to: .host, timeoutMilliseconds: 1000))
    case .mixed: harness.order(1, of: handle)
    default: break
    }
    if beginning == .evicting { return (harness, handle) }
    harness.finishJobs()
    if beginning == .restoring {
      harness.ask(.advise(CoreHarness.range(handle, 0..<4), .willNeed))
    }
    return (harness, handle)
  }

  @Test(arguments: Beginning.allCases)
  func fromEveryPlaceItEndsInTheHost(_ beginning: Beginning) throws {
    var (harness, handle) = try world(beginning)
    let isThere = beginning == .host
    let reply = harness.ask(longTerm(handle, 1..<3))
    #expect((reply != nil) == isThere)
    harness.finishJobs()
    let (_, moved) = try granted(isThere ? reply : harness.lastReply())
    #expect(moved == (isThere ? 0 : 2))
    #expect((1..<3).allSatisfy { harness.place($0) == .host })
    if !isThere { #expect(harness.place(0) != .host, "the range, and only the range") }
    harness.core.checkInvariants()
    let range = CoreHarness.range(handle, 0..<4)
    // Whatever is asked for afterwards: there it stays.
    harness.ask(.migrate(range, to: .device, timeoutMilliseconds: 100))
    harness.finishJobs()
    harness.ask(.advise(range, .willNeed))
    harness.ask(.advise(range, .cold))
    harness.ask(.advise(range, .discard))
    harness.order(8)
    harness.order(8, of: handle)
    harness.finishJobs()
    for index in 0..<4 { harness.touch(index) }
    for _ in 0..<5 {
      harness.pass(milliseconds: 1000)
      harness.finishJobs()
      harness.core.checkInvariants()
    }
    #expect((1..<3).allSatisfy { harness.place($0) == .host })
  }

  @Test func itsDeviceFramesAreFreeAndTheyAreCounted() throws {
    var (harness, handle) = try world(.device)
    #expect(harness.core.region.free == 4)
    harness.ask(longTerm(handle, 0..<3))
    harness.finishJobs()
    #expect(try granted(harness.lastReply()).moved == 3)
    #expect(harness.core.region.free == 7)
    #expect(harness.core.status().pinnedFrames == 3)
  }

  @Test func onesOwnShortPinsDoNotStandInItsWay() throws {
    var (harness, handle) = try world(.device)
    let short = try harness.pinned(handle, 0..<4, lease: 5000)
    let token = try harness.fastPin(handle)
    #expect(harness.ask(longTerm(handle, 0..<2)) == nil)
    harness.finishJobs()
    #expect(try granted(harness.lastReply()).moved == 2)
    #expect(harness.place(2) == .device)
    #expect(harness.fastUnpin(handle, token) == .leaseExpired, "the fast ones end")
    #expect(harness.ask(.unpin(short)) == .unpinned, "the others hold")
    harness.core.checkInvariants()
  }

  @Test func whatIsInTheHostAlreadyIsPinnedWithoutEndingAnything() throws {
    var (harness, handle) = try world(.host)
    try harness.pinOnce(handle, 4)
    let token = try harness.fastPin(handle)
    #expect(try granted(harness.ask(longTerm(handle, 0..<4, timeout: 0))).moved == 0)
    #expect(harness.fastUnpin(handle, token) == .unpinned)
    harness.core.checkInvariants()
  }

  @Test func aRefusalHasChangedNothing() throws {
    var (harness, handle) = try world(.device)
    let other = harness.connect()
    try harness.pinOnce(handle, 4)
    let token = try harness.fastPin(handle)
    for _ in 0..<3 { #expect(harness.allocate(8, from: other, timeout: 1000) == nil) }
    let third = harness.connect()
    for _ in 0..<3 { #expect(harness.allocate(8, from: third, timeout: 1000) == nil) }
    let before = harness.state
    #expect(harness.ask(longTerm(handle, 0..<4)).refusal?.detail == .tooManyWaiters)
    #expect(harness.ask(longTerm(handle, 0..<4, timeout: 0)).refusal?.reason == .timedOut)
    #expect(harness.state == before)
    #expect(harness.fastUnpin(handle, token) != .leaseExpired)
  }

  @Test func withoutOversubscriptionThereIsNoRoomForIt() throws {
    var harness = CoreHarness { $0.oversubscribe = false }
    let handle = try harness.given(4)
    #expect(harness.ask(longTerm(handle, 0..<4)).refusal?.reason == .notMigratable)
  }

  @Test func onceItTimedOutNothingIsKeptInTheHostForIt() throws {
    var (harness, handle) = try world(.device)
    #expect(harness.ask(longTerm(handle, 0..<4, timeout: 10)) == nil)
    harness.finishJob()
    harness.pass(milliseconds: 10)
    #expect(harness.lastReply().refusal?.reason == .timedOut)
    harness.finishJobs()
    #expect(harness.core.status().pinnedFrames == 0)
    for _ in 0..<3 {
      harness.pass(milliseconds: 1000)
      harness.finishJobs()
    }
    for index in 0..<4 { harness.touch(index) }
    #expect((0..<4).allSatisfy { harness.place($0) == .device })
    harness.core.checkInvariants()
  }

  @Test func ofTwoThatOverlapEachHoldsItsOwn() throws {
    var (harness, handle) = try world(.device)
    harness.ask(longTerm(handle, 0..<3))
    harness.finishJobs()
    let first = try granted(harness.lastReply())
    harness.ask(longTerm(handle, 2..<4))
    harness.finishJobs()
    let second = try granted(harness.lastReply())
    #expect(first.moved == 3 && second.moved == 1, "what was there is not moved twice")
    #expect(harness.ask(.unpin(first.pin)) == .unpinned)
    for _ in 0..<5 {
      harness.pass(milliseconds: 1000)
      harness.finishJobs()
    }
    for index in 0..<4 { harness.touch(index) }
    #expect((0..<2).allSatisfy { harness.place($0) == .device }, "these may go back")
    #expect((2..<4).allSatisfy { harness.place($0) == .host }, "these may not")
    harness.core.checkInvariants()
  }

  @Test func whatItsOwnerHadMovedToTheHostStaysThereWhenItEnds() throws {
    var (harness, handle) = try world(.host)
    let pin = try granted(harness.ask(longTerm(handle, 0..<4))).pin
    #expect(harness.ask(.unpin(pin)) == .unpinned)
    for _ in 0..<5 {
      harness.pass(milliseconds: 1000)
      harness.finishJobs()
    }
    #expect((0..<4).allSatisfy { harness.place($0) == .host })
    #expect(harness.core.status().pinnedFrames == 0)
  }

  @Test func aShortPinThatWaitsAndALongTermPinDoNotMoveFramesToAndFro() throws {
    var (harness, handle) = try world(.stored)
    let range = CoreHarness.range(handle, 0..<4)
    #expect(
      harness.ask(.pin(range, leaseMilliseconds: 500, timeoutMilliseconds: 60_000)) == nil)
    harness.ask(longTerm(handle, 0..<4, timeout: 60_000))
    var jobs = 0
    while !harness.jobs.isEmpty, jobs < 100 {
      harness.finishJob()
      jobs += 1
    }
    #expect(jobs < 20, "both are granted, and then there is peace")
    #expect(harness.core.status().pins == 2)
    harness.core.checkInvariants()
  }

  @Test func aMigrationThatWaitsAndALongTermPinDoNotMoveFramesToAndFro() throws {
    var (harness, handle) = try world(.stored)
    let range = CoreHarness.range(handle, 0..<4)
    harness.ask(.migrate(range, to: .device, timeoutMilliseconds: 60_000))
    harness.ask(longTerm(handle, 0..<4, timeout: 60_000))
    var jobs = 0
    while !harness.jobs.isEmpty, jobs < 100 {
      harness.finishJob()
      jobs += 1
    }
    #expect(jobs < 20)
    #expect(harness.core.status().pins == 1)
    harness.core.checkInvariants()
  }

  @Test func migratingItToTheDeviceIsRefusedAndNamesItsHolder() throws {
    var (harness, handle) = try world(.device)
    harness.ask(longTerm(handle, 1..<2))
    harness.finishJobs()
    let range = CoreHarness.range(handle, 0..<4)
    let refused = harness.ask(.migrate(range, to: .device, timeoutMilliseconds: 100)).refusal
    #expect(refused?.reason == .notMigratable && refused?.pinned == CoreHarness.frame)
    #expect(refused?.holderSession == harness.client.rawValue && refused?.holderProcess == 7)
    let beside = CoreHarness.range(handle, 2..<4)
    #expect(harness.ask(.migrate(beside, to: .device, timeoutMilliseconds: 100)).refusal == nil)
  }

  @Test func discardingItIsRefusedAndNamesItsHolder() throws {
    var (harness, handle) = try world(.device)
    harness.ask(longTerm(handle, 1..<2))
    harness.finishJobs()
    let refused = harness.ask(.advise(CoreHarness.range(handle, 0..<4), .discard)).refusal
    #expect(refused?.reason == .notMigratable)
    #expect(refused?.holderSession == harness.client.rawValue)
  }

  @Test func itEndsWithItsAllocationAndWithItsSession() throws {
    var (harness, handle) = try world(.device)
    harness.ask(longTerm(handle, 0..<4))
    harness.finishJobs()
    let pin = try granted(harness.lastReply()).pin
    #expect(harness.ask(.free(handle)) == .freed)
    #expect(harness.ask(.unpin(pin)).refusal?.detail == .unknownPin)
    harness.finishJobs()
    let second = try harness.given(4)
    harness.ask(longTerm(second, 0..<4))
    harness.finishJobs()
    harness.core.disconnect(harness.client, harness.now, &harness.effects)
    #expect(harness.core.status().pinnedFrames == 0 && harness.core.status().pins == 0)
    harness.core.checkInvariants()
  }

  @Test func itHasNoDeadline() throws {
    var (harness, handle) = try world(.device)
    harness.ask(longTerm(handle, 0..<4))
    harness.finishJobs()
    let pin = try granted(harness.lastReply()).pin
    for _ in 0..<10 { harness.pass(milliseconds: 3_600_000) }
    #expect(harness.core.status().pins == 1)
    #expect(harness.ask(.unpin(pin)) == .unpinned)
  }

  @Test func whatItMovedTogetherItMovedInLongRuns() throws {
    var (harness, handle) = try world(.device)
    harness.ask(longTerm(handle, 0..<4))
    #expect(harness.jobs.map(\.count) == [4])
  }
}
