// Every refusal that is due to a pin names who holds it, and no refusal names somebody who is not
// in the way.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct HolderTests {
  private func refusal(_ reply: Reply?) throws -> Refusal {
    guard case .refused(let refusal) = reply else { throw CoreHarness.NotGranted() }
    return refusal
  }

  /// Asks for something that is not done in time, and lets that time pass.
  private func late(_ harness: inout CoreHarness, _ request: Request, from id: SessionID? = nil)
    throws -> Refusal
  {
    #expect(harness.ask(request, from: id) == nil)
    harness.finishJobs()
    harness.pass(milliseconds: 20)
    return try refusal(harness.lastReply())
  }

  /// An allocation of which every frame is on the device.
  private func resident(_ harness: inout CoreHarness, _ frames: Int, from id: SessionID) throws
    -> HandleID
  {
    guard let handle = harness.allocate(frames, from: id) else { throw CoreHarness.NotGranted() }
    let slot = try #require(harness.core.sessions.slot(of: id))
    let table = harness.core.sessions[slot].arena.allocations
    let range = table[slot: Int(handle.rawValue & 0xffff_ffff)].range
    for index in range { harness.touch(index, from: id) }
    return handle
  }

  private func pin(
    _ harness: inout CoreHarness, _ handle: HandleID, _ frames: Range<Int>,
    from id: SessionID? = nil, isLongTerm: Bool = false
  ) {
    harness.ask(
      .pin(
        CoreHarness.range(handle, frames), leaseMilliseconds: isLongTerm ? 0 : 1000,
        timeoutMilliseconds: isLongTerm ? 10 : 0, isLongTerm: isLongTerm), from: id)
    harness.finishJobs()
  }

  private func allocation(_ frames: Int) -> Request {
    .allocate(
      sizeBytes: UInt64(frames) * CoreHarness.frame, alignmentBytes: 0, timeoutMilliseconds: 20,
      priority: 128)
  }

  private func migration(_ handle: HandleID, _ target: MigrationTarget, timeout: UInt32 = 20)
    -> Request
  {
    .migrate(CoreHarness.range(handle, 0..<4), to: target, timeoutMilliseconds: timeout)
  }

  // MARK: allocations

  @Test func anAllocationThatIsLateNamesWhoPinsMostOfTheDevice() throws {
    var harness = CoreHarness()
    let other = harness.connect()
    let small = try resident(&harness, 2, from: harness.client)
    let large = try resident(&harness, 4, from: other)
    pin(&harness, small, 0..<2)
    pin(&harness, large, 0..<3, from: other)
    let refused = try late(&harness, allocation(6))
    #expect(refused.reason == .outOfDeviceMemory && refused.holderSession == other.rawValue)
    #expect(refused.pinned == 5 * CoreHarness.frame)
  }

  @Test func aLongTermPinIsInNoAllocationsWay() throws {
    var harness = CoreHarness()
    let other = harness.connect()
    let long = try resident(&harness, 4, from: harness.client)
    pin(&harness, long, 0..<4, isLongTerm: true)
    let short = try resident(&harness, 2, from: other)
    pin(&harness, short, 0..<2, from: other)
    #expect(harness.core.status().pinnedFrames == 6)
    let refused = try late(&harness, allocation(7))
    #expect(refused.holderSession == other.rawValue && refused.pinned == 2 * CoreHarness.frame)
    harness.core.checkInvariants()
  }

  @Test func aFastPinIsNamedLikeAnyOther() throws {
    var harness = CoreHarness()
    let other = harness.connect()
    let handle = try resident(&harness, 4, from: other)
    pin(&harness, handle, 0..<4, from: other)
    let word = Int(handle.rawValue & 0xffff_ffff)
    #expect(harness.board.pin(other, word) != nil)
    harness.pass(milliseconds: 990)
    #expect(harness.board.pin(other, word) != nil)
    harness.pass(milliseconds: 10)
    let refused = try late(&harness, allocation(6))
    #expect(refused.holderSession == other.rawValue && refused.pinned == 4 * CoreHarness.frame)
  }

  @Test func whereNothingIsEvictedNoPinIsInTheWay() throws {
    var harness = CoreHarness { $0.oversubscribe = false }
    let handle = try resident(&harness, 8, from: harness.client)
    pin(&harness, handle, 0..<8)
    let refused = try late(&harness, allocation(1))
    #expect(refused.reason == .outOfDeviceMemory && refused.holderProcess == 0)
  }

  // MARK: migrations

  @Test func aMigrationWithoutTimeNamesTheHolderAtOnce() throws {
    var harness = CoreHarness()
    let handle = try resident(&harness, 4, from: harness.client)
    pin(&harness, handle, 1..<2)
    let refused = try refusal(harness.ask(migration(handle, .host, timeout: 0)))
    #expect(refused.reason == .timedOut && refused.holderSession == harness.client.rawValue)
    #expect(refused.pinned == CoreHarness.frame)
  }

  @Test func aMigrationToAFullDeviceNamesWhoPinsIt() throws {
    var harness = CoreHarness()
    let handle = try resident(&harness, 4, from: harness.client)
    harness.ask(migration(handle, .host))
    harness.finishJobs()
    let other = harness.connect()
    let full = try resident(&harness, 8, from: other)
    pin(&harness, full, 0..<8, from: other)
    let refused = try late(&harness, migration(handle, .device))
    #expect(refused.reason == .timedOut && refused.holderSession == other.rawValue)
    #expect(refused.pinned == 8 * CoreHarness.frame)
  }

  @Test func aLateLongTermPinBlamesNotItsOwnShortOne() throws {
    var harness = CoreHarness()
    let handle = try resident(&harness, 4, from: harness.client)
    pin(&harness, handle, 0..<4)
    let request = Request.pin(
      CoreHarness.range(handle, 0..<4), leaseMilliseconds: 0, timeoutMilliseconds: 20,
      isLongTerm: true)
    #expect(harness.ask(request) == nil)
    harness.pass(milliseconds: 20)
    let refused = try refusal(harness.lastReply())
    #expect(refused.reason == .timedOut && refused.holderProcess == 0)
  }

  @Test func aLatePinNamesNobodySinceNoPinIsInItsWay() throws {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    let request = Request.pin(
      CoreHarness.range(handle, 0..<4), leaseMilliseconds: 50, timeoutMilliseconds: 20)
    #expect(harness.ask(request) == nil)
    harness.pass(milliseconds: 20)
    let refused = try refusal(harness.lastReply())
    #expect(refused.reason == .timedOut && refused.holderProcess == 0)
  }

  @Test func aDiscardOfWhatIsPinnedSaysHowMuchAndByWhom() throws {
    var harness = CoreHarness()
    let handle = try resident(&harness, 4, from: harness.client)
    pin(&harness, handle, 1..<3)
    let refused = try refusal(
      harness.ask(.advise(CoreHarness.range(handle, 0..<4), .discard)))
    #expect(refused.reason == .notMigratable && refused.pinned == 2 * CoreHarness.frame)
    #expect(refused.holderProcess == 7 && refused.holderSession == harness.client.rawValue)
  }

  // MARK: evictions

  private func evict(_ harness: inout CoreHarness, _ id: SessionID?, frames: Int = .max)
    -> AdministrationAnswer?
  {
    harness.effects = []
    harness.core.evict(
      token: 1, session: id, handle: nil, frames: frames, timeoutMilliseconds: 10, harness.now,
      &harness.effects)
    harness.collectJobs()
    harness.finishJobs()
    for case .administrated(1, let answer) in harness.effects { return answer }
    return nil
  }

  @Test func anEvictionNamesTheHoldersOfWhatStaysTheMostFirst() throws {
    var harness = CoreHarness()
    let other = harness.connect()
    let small = try resident(&harness, 3, from: harness.client)
    let large = try resident(&harness, 4, from: other)
    pin(&harness, small, 0..<1)
    pin(&harness, large, 0..<3, from: other)
    let one = PinHolder(session: harness.client, process: 7, frames: 1)
    let three = PinHolder(session: other, process: 7, frames: 3)
    #expect(
      evict(&harness, nil, frames: 1) == .evicted(frames: 1, skippedPinnedFrames: 0, holders: []))
    #expect(
      evict(&harness, other) == .evicted(frames: 1, skippedPinnedFrames: 3, holders: [three]))
    guard case .evicted(_, 4, let holders) = evict(&harness, nil) else {
      Issue.record("what is pinned stays and is counted")
      return
    }
    #expect(holders == [three, one])
  }
}
