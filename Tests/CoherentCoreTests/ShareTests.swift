// Two users and one device: whatever one of them takes, the other one is refused nothing that it
// has room for in its own share.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct ShareTests {
  private static let good = UserID(rawValue: 1000)

  private func world(
    online: Int = 8, _ change: (inout CoreConfiguration) -> Void = { _ in }
  ) -> CoreHarness {
    CoreHarness(online: online) {
      $0.userSharePercent = 75
      $0.maximumSessions = 8
      change(&$0)
    }
  }

  private func allocate(_ frames: Int, timeout: UInt32 = 0) -> Request {
    .allocate(
      sizeBytes: UInt64(frames) * CoreHarness.frame, alignmentBytes: 0,
      timeoutMilliseconds: timeout, priority: 128)
  }

  private func refusal(_ harness: inout CoreHarness, _ request: Request, _ id: SessionID? = nil)
    throws -> Refusal
  {
    guard case .refused(let refusal) = harness.ask(request, from: id) else {
      throw CoreHarness.NotGranted()
    }
    return refusal
  }

  @Test func sessionsBeyondAShareAreRefusedAndAnotherUserIsAdmitted() throws {
    var harness = world()
    for _ in 0..<5 { #expect(harness.connect().rawValue != 0) }
    guard case .failure(let refusal) = harness.core.connect(process: 9, harness.now) else {
      throw CoreHarness.NotGranted()
    }
    #expect(refusal.reason == .overLimit && refusal.detail == .shareOfSessions)
    #expect(refusal.asked == 7 && refusal.limit == 6 && refusal.protected == 2)
    #expect(refusal.available == 0 && refusal.user == 0)
    #expect(harness.core.counters.refusedByShare == 1)
    let other = try harness.connected(Self.good)
    #expect(harness.allocate(1, from: other) != nil)
    #expect(
      harness.core.users(after: nil, limit: 9).map(\.charges).map { $0[.sessions] } == [6, 1])
    harness.core.checkInvariants()
    harness.end(other)
    #expect(harness.core.users(after: nil, limit: 9).map(\.user) == [.root])
    harness.core.checkInvariants()
  }

  @Test func aNumberThatNoSessionWasMadeOfTakesNoPlace() throws {
    var harness = world()
    for _ in 0..<1000 { _ = harness.core.takeSessionNumber() }
    let number = harness.core.takeSessionNumber()
    #expect(harness.core.status().sessions == 1)
    guard case .success(number) = harness.core.connect(number, process: 1, harness.now) else {
      throw CoreHarness.NotGranted()
    }
    #expect(harness.connect().rawValue > number.rawValue)
    harness.core.checkInvariants()
  }

  @Test func promisedHostMemoryBeyondAShareIsRefusedAndAnotherUserHasTheRest() throws {
    var harness = world(online: 16) { $0.hostLimitFrames = 16 }
    #expect(harness.allocate(10) != nil)
    let refused = try refusal(&harness, allocate(3))
    #expect(refused.reason == .overLimit && refused.detail == .shareOfHostMemory)
    #expect(refused.asked == 3 * CoreHarness.frame && refused.limit == 12 * CoreHarness.frame)
    #expect(refused.available == 2 * CoreHarness.frame)
    #expect(refused.protected == 4 * CoreHarness.frame)
    let last = try harness.given(2)
    #expect(try refusal(&harness, allocate(1, timeout: 50)).detail == .shareOfHostMemory)
    let other = try harness.connected(Self.good)
    #expect(harness.allocate(4, from: other) != nil)
    let full = try refusal(&harness, allocate(1), other)
    #expect(full.reason == .outOfHostMemory, "the table itself is full")
    #expect(harness.ask(.free(last)) == .freed)
    #expect(harness.allocate(2) != nil)
    harness.core.checkInvariants()
  }

  @Test func whatWasFreedCountsUntilItIsGivenBackAndIsWaitedFor() throws {
    var harness = world(online: 16) { $0.hostLimitFrames = 16 }
    let handle = try harness.given(12)
    for index in 0..<12 { harness.touch(index) }
    #expect(harness.ask(.free(handle)) == .freed)
    #expect(!harness.jobs.isEmpty, "it is given back in the background")
    #expect(try refusal(&harness, allocate(12)).detail == .shareOfHostMemory)
    #expect(harness.ask(allocate(12, timeout: 100)) == nil, "it waits for its own memory")
    harness.finishJobs()
    guard case .allocated = harness.lastReply() else { throw CoreHarness.NotGranted() }
    harness.core.checkInvariants()
  }

  @Test func withoutOversubscriptionNothingIsPromised() throws {
    var harness = world(online: 16) {
      $0.oversubscribe = false
      $0.hostLimitFrames = 4
    }
    #expect(harness.allocate(16) != nil, "the device's own memory is not the host's")
    #expect(harness.core.hostReservedFrames == 0)
    harness.core.checkInvariants()
  }

  @Test func allocationsBeyondAShareAreRefusedAndAnotherUserHasTheRest() throws {
    var harness = world(online: 16) { $0.maximumAllocations = 8 }
    for _ in 0..<6 { #expect(harness.allocate(1) != nil) }
    let refused = try refusal(&harness, allocate(1))
    #expect(refused.detail == .shareOfAllocations && refused.asked == 7 && refused.limit == 6)
    let second = harness.connect()
    #expect(try refusal(&harness, allocate(1), second).detail == .shareOfAllocations)
    let other = try harness.connected(Self.good)
    for _ in 0..<2 { #expect(harness.allocate(1, from: other) != nil) }
    #expect(try refusal(&harness, allocate(1), other).detail == .tooManyAllocations)
    #expect(harness.core.counters.refusedByShare == 2)
    harness.core.checkInvariants()
  }

  /// A world in which the first user has as many requests waiting as it may.
  private func waiting() throws -> CoreHarness {
    var harness = world { $0.maximumWaiters = 8 }
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    let pin = Request.pin(
      CoreHarness.range(handle, 0..<8), leaseMilliseconds: 10_000, timeoutMilliseconds: 0,
      isLongTerm: false)
    guard case .pinned = harness.ask(pin) else { throw CoreHarness.NotGranted() }
    let second = harness.connect()
    for id in [harness.client, second] {
      for _ in 0..<3 { #expect(harness.ask(allocate(1, timeout: 1000), from: id) == nil) }
    }
    return harness
  }

  @Test func waitersBeyondAShareAreRefusedAndAnotherUserWaits() throws {
    var harness = try waiting()
    let refused = try refusal(&harness, allocate(1, timeout: 1000))
    #expect(refused.detail == .shareOfWaiters && refused.asked == 7 && refused.limit == 6)
    let other = try harness.connected(Self.good)
    for _ in 0..<2 { #expect(harness.ask(allocate(1, timeout: 1000), from: other) == nil) }
    let full = try refusal(&harness, allocate(1, timeout: 1000), other)
    #expect(full.detail == .tooManyWaiters && full.asked == 9 && full.limit == 8)
    harness.core.checkInvariants()
    harness.pass(milliseconds: 1000)
    #expect(harness.core.waiters.count == 0)
    #expect(harness.ask(allocate(1, timeout: 1000)) == nil, "there is room for it again")
    harness.core.checkInvariants()
  }

  @Test func anAdministratorsOrderNeedsNoRoomAmongTheClients() throws {
    var harness = try waiting()
    let other = try harness.connected(Self.good)
    for _ in 0..<2 { #expect(harness.ask(allocate(1, timeout: 1000), from: other) == nil) }
    harness.effects = []
    harness.core.evict(
      token: 5, session: nil, handle: nil, frames: 1, timeoutMilliseconds: 100, harness.now,
      &harness.effects)
    harness.collectJobs()
    for case .administrated(5, .refused(let refusal)) in harness.effects {
      Issue.record("it is refused: \(refusal)")
    }
    harness.pass(milliseconds: 100)
    harness.core.checkInvariants()
  }

  @Test func aDiscardNeedsNoRoomAmongThoseWhoWaitForMemory() throws {
    var harness = world { $0.maximumWaiters = 4 }
    let spare = try harness.given(1)
    let pinned = try harness.given(7)
    for index in 0..<8 { harness.touch(index) }
    let pin = Request.pin(
      CoreHarness.range(pinned, 0..<7), leaseMilliseconds: 10_000, timeoutMilliseconds: 0,
      isLongTerm: false)
    guard case .pinned = harness.ask(pin) else { throw CoreHarness.NotGranted() }
    for _ in 0..<3 { #expect(harness.ask(allocate(2, timeout: 1000)) == nil) }
    harness.finishJobs()
    #expect(harness.place(0) == .stored)
    #expect(try refusal(&harness, allocate(2, timeout: 1000)).detail == .shareOfWaiters)
    let range = CoreHarness.range(spare, 0..<1)
    #expect(harness.ask(.advise(range, .discard)) == nil, "it waits for its own pager")
    harness.core.checkInvariants()
    harness.finishJob()
    #expect(harness.lastReply() == .advised(frames: 1))
    harness.core.checkInvariants()
  }

  @Test func aShareThatIsLoweredTakesNothingAwayAndRefusesTheNext() throws {
    var harness = world(online: 16) { $0.hostLimitFrames = 16 }
    let handle = try harness.given(12)
    harness.reconfigure { $0.userSharePercent = 25 }
    #expect(try refusal(&harness, allocate(1)).limit == 4 * CoreHarness.frame)
    #expect(harness.ask(.free(handle)) == .freed)
    #expect(harness.allocate(4) != nil)
    harness.reconfigure { $0.userSharePercent = 100 }
    #expect(harness.allocate(12) != nil)
    harness.core.checkInvariants()
  }

  @Test func chargesAreTheSameAfterTheDaemonsDeath() throws {
    var harness = world(online: 16)
    _ = try harness.given(3)
    let other = try harness.connected(Self.good)
    #expect(harness.allocate(2, from: other) != nil)
    let before = harness.core.users(after: nil, limit: 9)
    let configuration = harness.core.configuration
    let sessions = harness.ledger.recovered(harness.board).map { found in
      var session = found
      if session.id == other { session.user = Self.good }
      return session
    }
    let after = try Core.recovered(
      configuration, sessions, filled: [Bool](repeating: true, count: 16), nextSession: 9,
      hostFrames: 0, harness.now)
    after.checkInvariants()
    #expect(after.users(after: nil, limit: 9) == before && before.count == 2)
    #expect(after.users(after: .root, limit: 9).map(\.user) == [Self.good])
  }
}

extension CoreHarness {
  /// A client of that user, attached.
  fileprivate mutating func connected(_ user: UserID) throws -> SessionID {
    guard case .success(let id) = core.connect(process: 8, user: user, now) else {
      throw NotGranted()
    }
    core.attached(id)
    return id
  }

  fileprivate mutating func end(_ id: SessionID) {
    effects = []
    core.disconnect(id, now, &effects)
    while let range = core.releaseNext(id, limit: 4) { core.released(id, range, now, &effects) }
    core.ended(id, now, &effects)
    collectJobs()
  }
}
