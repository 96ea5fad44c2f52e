// Words under pressure: who gives way, in what order, and that nobody who renews his pins can keep
// an eviction waiting.

import CoherentShared
import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct WordPressureTests {
  @Test func theOldestWordsAreTakenWhenNothingElseCanBeEvicted() throws {
    var harness = CoreHarness()
    let first = try harness.lent(2)
    let second = try harness.lent(2)
    let cold = try harness.given(4)
    #expect(harness.allocate(4) == nil && harness.allocate(4, timeout: 10) != nil)
    #expect(harness.canPinFast(first) && harness.canPinFast(second), "reservations go first")
    _ = cold
    #expect(harness.allocate(6, timeout: 10) == nil)
    #expect(!harness.canPinFast(first), "the oldest goes")
    #expect(harness.canPinFast(second), "one was enough")
  }

  @Test func aHolderThatRenewsByRequestsCannotStarveAnEviction() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(8)
    var pin = try harness.pinned(handle, 0..<8, lease: 1000)
    let other = harness.connect()
    harness.ask(
      .allocate(
        sizeBytes: 8 * CoreHarness.frame, alignmentBytes: 0, timeoutMilliseconds: 10_000,
        priority: 0), from: other)
    // It asks for its next pin before it gives back the last, for ever.
    let next = Request.pin(
      CoreHarness.range(handle, 0..<8), leaseMilliseconds: 1000, timeoutMilliseconds: 5000)
    var renewals = 0
    while harness.jobs.isEmpty, renewals < 10 {
      let reply = harness.ask(next)
      renewals += 1
      harness.pass(milliseconds: 500)
      harness.ask(.unpin(pin))
      guard case .pinned(let renewed, _, _) = reply else { break }
      pin = renewed
    }
    #expect(renewals == 1, "its next pin stands behind the eviction")
    #expect(!harness.jobs.isEmpty, "the eviction begins when the first pin has ended")
    harness.core.checkInvariants()
    harness.finishJobs()
    #expect(harness.core.sessions[1].arena.allocations.count == 1, "the other was served")
    for _ in 0..<4 { harness.finishJobs() }
    #expect(harness.core.status().pins == 1, "and then the one who had to stand behind")
    harness.core.checkInvariants()
  }

  @Test func aRangeThatIsPinnedAgainAndAgainCannotStarveAMigration() throws {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    for index in 0..<4 { harness.touch(index) }
    let pin = try harness.pinned(handle, 0..<2, lease: 1000)
    let whole = CoreHarness.range(handle, 0..<4)
    #expect(harness.ask(.migrate(whole, to: .host, timeoutMilliseconds: 5000)) == nil)
    let again = Request.pin(
      CoreHarness.range(handle, 1..<2), leaseMilliseconds: 1000, timeoutMilliseconds: 5000)
    #expect(harness.ask(again) == nil, "it stands behind the migration")
    harness.ask(.unpin(pin))
    harness.finishJobs()
    #expect((0..<4).allSatisfy { harness.place($0) == .host })
    #expect(harness.core.status().pins == 1)
    harness.core.checkInvariants()
  }

  @Test func whoStandsBehindAnEvictionTimesOutOnTime() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(8)
    _ = try harness.fastPin(handle)
    #expect(harness.allocate(8, timeout: 1000) == nil)
    let range = CoreHarness.range(handle, 0..<8)
    let atOnce = Request.pin(range, leaseMilliseconds: 50, timeoutMilliseconds: 0)
    #expect(harness.ask(atOnce).refusal?.reason == .timedOut)
    #expect(
      harness.ask(.pin(range, leaseMilliseconds: 50, timeoutMilliseconds: 10)) == nil)
    harness.pass(milliseconds: 10)
    #expect(harness.lastReply().refusal?.reason == .timedOut)
    harness.core.checkInvariants()
  }

  @Test func whoStandsBehindIsLetPassWhenNobodyWaitsAnyMore() throws {
    var harness = CoreHarness()
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    _ = try harness.pinned(handle, 0..<7, lease: 5000)
    _ = try harness.pinned(handle, 7..<8, lease: 5000)
    #expect(harness.allocate(8, timeout: 100) == nil)
    let range = CoreHarness.range(handle, 0..<8)
    #expect(harness.ask(.pin(range, leaseMilliseconds: 50, timeoutMilliseconds: 500)) == nil)
    harness.pass(milliseconds: 100)
    #expect(harness.lastReply().isPinned, "the allocation timed out")
    harness.core.checkInvariants()
  }

  @Test func anOrderTakesTheWordsOfWhatItEvicts() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(4)
    let other = try harness.lent(4)
    harness.order(4, of: handle)
    #expect(harness.wordState(handle) == .closed && harness.wordState(other) == .open)
    harness.finishJobs()
    #expect(harness.orderAnswer == .evicted(frames: 4, skippedPinnedFrames: 0, holders: []))
  }

  @Test func aWordThatNobodyUsesIsTakenBackByTheSweep() throws {
    var harness = CoreHarness()
    let idle = try harness.lent(2)
    let busy = try harness.lent(2)
    for _ in 0..<22 {
      let token = try harness.fastPin(busy)
      #expect(harness.fastUnpin(busy, token) == .unpinned)
      harness.pass(milliseconds: 50)
    }
    #expect(harness.wordState(idle) == .closed, "so that coldness is seen")
    #expect(harness.wordState(busy) == .open)
    #expect(harness.core.region.evictable == 2)
    #expect(harness.revokedFastPins == [])
    harness.core.checkInvariants()
  }

  @Test func aHolderThatNobodyWaitsForLosesItsPinAtTheSweepAfterItsLease() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(4)
    let token = try harness.fastPin(handle)
    harness.pass(milliseconds: 50)  // the sweep sees it first
    harness.pass(milliseconds: 50)
    #expect(harness.revokedFastPins == [])
    harness.pass(milliseconds: 50)
    #expect(harness.revokedFastPins == [1])
    #expect(harness.fastUnpin(handle, token) == .leaseExpired)
    #expect(harness.wordState(handle) == .closed)
  }

  @Test func aHolderThatPinsAnewIsNotTakenForTheOneOfALeaseAgo() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(4)
    var token = try harness.fastPin(handle)
    for _ in 0..<20 {
      harness.pass(milliseconds: 50)
      #expect(harness.revokedFastPins == [])
      #expect(harness.fastUnpin(handle, token) == .unpinned)
      token = try harness.fastPin(handle)
    }
    #expect(harness.wordState(handle) == .open)
  }

  @Test func whatASweepSawIsForgottenWhenTheWordIsOpenedAgain() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(4)
    let token = try harness.fastPin(handle)
    harness.pass(milliseconds: 50)
    #expect(harness.fastUnpin(handle, token) == .unpinned)
    harness.order(0, of: handle)
    #expect(harness.wordState(handle) == .closed)
    try harness.pinOnce(handle, 4)
    // Words wrap; this one counts as many pins as when it was seen.
    let word = harness.board[harness.client, CoreHarness.word(handle)]
    harness.board[harness.client, CoreHarness.word(handle)] = ControlWord(
      rawValue: word.rawValue &- 1 << 40)
    _ = try harness.fastPin(handle)
    harness.pass(milliseconds: 50)
    harness.now = harness.now.adding(milliseconds: 20)
    harness.pass(milliseconds: 0)
    #expect(harness.revokedFastPins == [], "it was held for 70 ms")
  }

  @Test func endedWordsLeaveNothingInTheQueues() throws {
    var harness = CoreHarness()
    let handle = try harness.lent(1)
    for _ in 0..<5000 {
      let token = try harness.fastPin(handle)
      harness.order(0, of: handle)
      #expect(harness.fastUnpin(handle, token) == .lastUnderEviction)
      harness.ask(.release(handle))
      try harness.pinOnce(handle, 1)
    }
    #expect(harness.core.openWords.count < 2100)
    #expect(harness.core.deadlines.count < 2100)
  }

  @Test func aSweepLooksAtABoundedNumberOfWordsInOneEvent() throws {
    let count = 100_000
    var harness = CoreHarness(online: count) {
      $0.arenaFrames = count
      $0.hostLimitFrames = count
      $0.maximumAllocations = count
      $0.maximumAllocationsPerSession = count
    }
    for _ in 0..<count { _ = try harness.lent(1) }
    var looks: [Range<Int>] = []
    while looks.last?.upperBound != count, let next = harness.core.nextDeadline {
      harness.now = next
      harness.core.tick(harness.now, &harness.effects)
      var looked = 0
      while let operation = harness.core.nextWordOperation() {
        guard case .sweep(_, let first, let limit) = operation else { continue }
        let reports = (first..<min(first + limit, count)).map {
          WordReport(word: $0, epoch: 0, isPinned: false)
        }
        if first == 0 { looks = [] }
        looks.append(first..<min(first + limit, count))
        looked += looks[looks.count - 1].count
        harness.core.answered(operation, .swept(reports), harness.now, &harness.effects)
      }
      #expect(looked <= 4096)
    }
    #expect(looks.reduce(0) { $0 + $1.count } == count, "all of them in the end, each once")
  }
}
