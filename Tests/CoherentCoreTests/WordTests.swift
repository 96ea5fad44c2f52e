// Fast pins as the core sees them: when an allocation is lent out, how its word is taken back, and
// whom that hurts.

import CoherentShared
import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct WordTests {
  @Test func aPinOfAWholeResidentAllocationLendsItOut() throws {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    for index in 0..<4 { harness.touch(index) }
    #expect(!harness.canPinFast(handle), "nobody pinned it yet")
    _ = try harness.pinned(handle, 0..<3)
    #expect(!harness.canPinFast(handle), "a range is not all of it")
    _ = try harness.pinned(handle, 0..<4)
    #expect(harness.canPinFast(handle))
    #expect(harness.core.region.evictable == 0, "what is lent out is in nobody's way")
    harness.core.checkInvariants()
  }

  @Test func aPinThatHadToWaitLendsOutWhenAllOfItIsThere() throws {
    var harness = CoreHarness()
    let handle = try harness.given(2)
    harness.ask(
      .pin(CoreHarness.range(handle, 0..<2), leaseMilliseconds: 50, timeoutMilliseconds: 50))
    #expect(!harness.canPinFast(handle))
    harness.finishJobs()
    #expect(harness.canPinFast(handle))
  }

  @Test func aWordThatNobodyPinsIsTakenForAnEvictionAtOnce() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(8)
    #expect(harness.allocate(4, timeout: 10) == nil, "it waits for the eviction")
    #expect(harness.wordState(handle) == .closed && !harness.canPinFast(handle))
    #expect(harness.jobs.contains { $0.kind == .evict(copies: true) })
    harness.finishJobs()
    #expect(harness.lastReply() != nil)
    harness.core.checkInvariants()
  }

  @Test func aPinnedWordRefusesAndSendsNewPinsBehind() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(8)
    let token = try harness.fastPin(handle)
    #expect(harness.allocate(4, timeout: 1000) == nil)
    #expect(harness.wordState(handle) == .closing && harness.jobs.isEmpty)
    #expect(!harness.canPinFast(handle), "an eviction waits")
    #expect(harness.fastUnpin(handle, token) == .lastUnderEviction)
    #expect(harness.ask(.release(handle)) == .released)
    #expect(harness.wordState(handle) == .closed)
    #expect(!harness.jobs.isEmpty, "the release begins the eviction")
    harness.core.checkInvariants()
  }

  @Test func aLeaseThatIsWaitedForEndsAtItsDeadlineAndNotBefore() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(8)
    let tokens = try [harness.fastPin(handle), harness.fastPin(handle)]
    harness.ask(
      .allocate(
        sizeBytes: 4 * CoreHarness.frame, alignmentBytes: 0, timeoutMilliseconds: 1000,
        priority: 0))
    harness.pass(milliseconds: 99)
    #expect(harness.revokedFastPins == [] && harness.jobs.isEmpty)
    harness.pass(milliseconds: 1)
    #expect(harness.revokedFastPins == [2], "both holders lose their pins, and hear of it once")
    #expect(!harness.jobs.isEmpty, "the eviction has begun")
    #expect(harness.core.counters.expiredLeases == 2)
    for token in tokens { #expect(harness.fastUnpin(handle, token) == .leaseExpired) }
    harness.core.checkInvariants()
  }

  @Test func aHolderThatWasSeenALeaseAgoIsRevokedAtOnce() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(8)
    _ = try harness.fastPin(handle)
    harness.pass(milliseconds: 50)  // seen by a sweep
    harness.now = harness.now.adding(milliseconds: 100)  // and no sweep came since
    #expect(harness.allocate(4, timeout: 1000) == nil)
    #expect(harness.revokedFastPins == [1] && !harness.jobs.isEmpty)
  }

  @Test func timeThatASweepHasSeenCountsTowardsTheLease() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(8)
    _ = try harness.fastPin(handle)
    harness.pass(milliseconds: 50)
    harness.now = harness.now.adding(milliseconds: 40)
    #expect(harness.allocate(4, timeout: 1000) == nil)
    harness.now = harness.now.adding(milliseconds: 59)
    harness.pass(milliseconds: 0)
    #expect(harness.wordState(handle) == .closing, "99 ms since it was seen")
    harness.pass(milliseconds: 1)
    #expect(harness.wordState(handle) == .closed)
  }

  @Test func theDeadlineOfAnEarlierClosingRevokesNoLaterPin() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(8)
    let token = try harness.fastPin(handle)
    harness.order(1, of: handle)
    #expect(harness.wordState(handle) == .closing)
    #expect(harness.fastUnpin(handle, token) == .lastUnderEviction)
    #expect(harness.ask(.release(handle)) == .released)
    try harness.pinOnce(handle, 8)
    harness.pass(milliseconds: 60)
    let later = try harness.fastPin(handle)
    harness.order(1, of: handle)
    #expect(harness.wordState(handle) == .closing)
    harness.pass(milliseconds: 45)
    #expect(harness.fastUnpin(handle, later) == .lastUnderEviction, "it was held for 45 ms only")
  }

  @Test func aReleaseThatNobodyWaitsForChangesNothing() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(4)
    let before = harness.state
    #expect(harness.ask(.release(handle)) == .released)
    #expect(harness.state == before && harness.wordState(handle) == .open)
    let token = try harness.fastPin(handle)
    harness.order(1, of: handle)
    #expect(harness.ask(.release(handle)) == .released, "a lie: it is pinned")
    #expect(harness.wordState(handle) == .closing)
    #expect(harness.fastUnpin(handle, token) == .lastUnderEviction)
  }

  @Test func freeingEndsFastPins() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(4)
    let token = try harness.fastPin(handle)
    #expect(harness.ask(.free(handle)) == .freed)
    #expect(harness.fastUnpin(handle, token) == .leaseExpired)
    harness.finishJobs()
    #expect(harness.core.region.free == 8)
    harness.core.checkInvariants()
  }

  @Test func discardingEndsFastPinsUnlessItIsRefused() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(4)
    let token = try harness.fastPin(handle)
    let pin = try harness.pinned(handle, 0..<1)
    let discard = Request.advise(CoreHarness.range(handle, 0..<2), .discard)
    #expect(harness.ask(discard).refusal?.reason == .notMigratable)
    #expect(harness.canPinFast(handle), "what was refused has changed nothing")
    #expect(harness.ask(.unpin(pin)) == .unpinned)
    #expect(harness.ask(discard) == nil)
    #expect(harness.fastUnpin(handle, token) == .leaseExpired)
    harness.finishJobs()
    #expect(harness.lastReply() == .advised(frames: 2))
    harness.core.checkInvariants()
  }

  @Test func migratingTakesTheWordAndWaitsForItsPins() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(4)
    let token = try harness.fastPin(handle)
    let range = CoreHarness.range(handle, 0..<4)
    #expect(harness.ask(.migrate(range, to: .host, timeoutMilliseconds: 1000)) == nil)
    #expect(harness.jobs.isEmpty && harness.wordState(handle) == .closing)
    #expect(harness.fastUnpin(handle, token) == .lastUnderEviction)
    harness.effects = []
    harness.core.request(
      .release(handle), number: RequestID(rawValue: 999), from: harness.client, harness.now,
      &harness.effects)
    harness.collectJobs()
    harness.finishJobs()
    #expect((0..<4).allSatisfy { harness.place($0) == .host })
    harness.core.checkInvariants()
  }

  @Test func theEndOfASessionNeedsNoWord() throws {
    var harness = CoreHarness()
    let other = harness.connect()
    let handle = try harness.lent(8, from: other)
    _ = try harness.fastPin(handle, from: other)
    #expect(harness.allocate(8, timeout: 1000) == nil)
    harness.effects = []
    harness.core.disconnect(other, harness.now, &harness.effects)
    harness.collectJobs()
    harness.core.checkInvariants()
    while let range = harness.core.releaseNext(other, limit: 8) {
      harness.core.released(other, range, harness.now, &harness.effects)
    }
    harness.core.ended(other, harness.now, &harness.effects)
    harness.board.remove(other)
    #expect(harness.lastReply() != nil, "its memory is had at once")
    harness.core.checkInvariants()
  }

  @Test func whoHasLeftIsNobodysHolder() throws {
    var harness = CoreHarness()
    let other = harness.connect()
    let handle = try harness.lent(8, from: other)
    _ = try harness.fastPin(handle, from: other)
    #expect(harness.allocate(4, timeout: 20) == nil)
    harness.core.disconnect(other, harness.now, &harness.effects)
    harness.pass(milliseconds: 20)
    let refused = harness.lastReply().refusal
    #expect(refused?.reason == .outOfDeviceMemory && refused?.pinned == 0)
    #expect(refused?.holderSession == 0)
  }

  @Test func aRefusalNamesWhoeverPinsFast() throws {
    var harness = CoreHarness()
    let other = harness.connect()
    let handle = try harness.lent(8, from: other)
    _ = try harness.fastPin(handle, from: other)
    #expect(harness.allocate(4, timeout: 20) == nil)
    harness.pass(milliseconds: 20)
    let refused = harness.lastReply().refusal
    #expect(refused?.pinned == 8 * CoreHarness.frame)
    #expect(refused?.holderSession == other.rawValue)
  }

  @Test func aFrameThatIsPinnedInBothWaysIsCountedOnce() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(8)
    _ = try harness.fastPin(handle)
    _ = try harness.pinned(handle, 0..<4, lease: 90)
    harness.pass(milliseconds: 50)  // a sweep has seen the fast pin
    #expect(harness.core.status().pinnedFrames == 8)
    guard case .statistics(let statistics)? = harness.ask(.statistics) else {
      Issue.record("statistics are answered")
      return
    }
    #expect(statistics.pinnedBytes == 8 * CoreHarness.frame)
    harness.core.checkInvariants()
  }

  @Test func stoppingLeavesWhatIsLentOutWhereItIs() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(4)
    let token = try harness.fastPin(handle)
    let stored = try harness.given(4)
    for index in 4..<8 { harness.touch(index) }
    harness.order(4, of: stored)
    harness.finishJobs()
    harness.effects = []
    harness.core.beginStopping(harness.now, &harness.effects)
    harness.collectJobs()
    guard let order = harness.core.surrenderNext(harness.client, limit: 8) else {
      Issue.record("what is stored is brought back")
      return
    }
    #expect(order.first == 4 && order.count == 4)
    harness.core.filled(harness.client, order, harness.now, &harness.effects)
    harness.collectJobs()
    #expect(harness.core.surrenderNext(harness.client, limit: 8) == nil)
    #expect(harness.fastUnpin(handle, token) == .unpinned)
    for _ in 0..<40 { harness.pass(milliseconds: 50) }
    #expect((0..<4).allSatisfy { harness.place($0) == .device })
    harness.core.checkInvariants()
  }
}
