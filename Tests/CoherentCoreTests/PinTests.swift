// Pins: leases that end by unpin, by their deadline, by free or with the session.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct PinTests {
  /// A client with four frames of which the first `touched` are resident.
  private func world(_ touched: Int = 4) throws -> (CoreHarness, HandleID) {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    for index in 0..<touched { harness.touch(index) }
    return (harness, handle)
  }

  private func pin(_ harness: inout CoreHarness, _ range: HandleRange, _ lease: UInt32 = 50)
    -> PinID?
  {
    let request = Request.pin(range, leaseMilliseconds: lease, timeoutMilliseconds: 0)
    if case .pinned(let pin, _, _) = harness.ask(request) { return pin }
    return nil
  }

  private func held(_ pin: PinID?) throws -> PinID {
    guard let pin else { throw CoreHarness.NotGranted() }
    return pin
  }

  private func refusal(_ reply: Reply?) -> Refusal? {
    if case .refused(let refusal) = reply { return refusal }
    return nil
  }

  @Test func aResidentRangeIsPinnedAtOnceWholeFramesAtATime() throws {
    var (harness, handle) = try world()
    let range = HandleRange(handle: handle, offsetBytes: 65535, lengthBytes: 2)
    #expect(pin(&harness, range) != nil)
    #expect(harness.core.status().pinnedFrames == 2)
    harness.core.checkInvariants()
  }

  @Test func aLeaseOfZeroIsTheDefault() throws {
    var (harness, handle) = try world()
    let request = Request.pin(
      CoreHarness.range(handle, 0..<1), leaseMilliseconds: 0, timeoutMilliseconds: 0)
    guard case .pinned(_, let lease, _) = harness.ask(request) else {
      Issue.record("it is pinned")
      return
    }
    #expect(lease == 100)
  }

  @Test func unpinningTwiceIsRefused() throws {
    var (harness, handle) = try world()
    let pin = try held(pin(&harness, CoreHarness.range(handle, 0..<4)))
    #expect(harness.ask(.unpin(pin)) == .unpinned)
    #expect(refusal(harness.ask(.unpin(pin)))?.detail == .unknownPin)
    #expect(harness.core.status().pinnedFrames == 0)
  }

  @Test func aLeaseEndsAtItsDeadlineAndItsHolderHearsOfItOnce() throws {
    var (harness, handle) = try world()
    let pin = try held(pin(&harness, CoreHarness.range(handle, 0..<4), 50))
    harness.pass(milliseconds: 49)
    #expect(harness.core.status().pinnedFrames == 4)
    harness.pass(milliseconds: 1)
    #expect(
      harness.effects.contains(.notify(harness.client, .leaseRevoked(handle, pin, pins: 1))))
    #expect(harness.core.status().pinnedFrames == 0)
    #expect(refusal(harness.ask(.unpin(pin)))?.reason == .leaseExpired)
    #expect(refusal(harness.ask(.unpin(pin)))?.detail == .unknownPin)
  }

  @Test func aLeaseThatRanOutUnseenIsRefusedAllTheSame() throws {
    var (harness, handle) = try world()
    let pin = try held(pin(&harness, CoreHarness.range(handle, 0..<1), 50))
    harness.now = harness.now.adding(milliseconds: 51)
    #expect(refusal(harness.ask(.unpin(pin)))?.reason == .leaseExpired)
  }

  @Test func pinningWhatIsNotThereBringsItBackFirst() throws {
    var (harness, handle) = try world(2)
    let request = Request.pin(
      CoreHarness.range(handle, 0..<4), leaseMilliseconds: 50, timeoutMilliseconds: 10)
    #expect(harness.ask(request) == nil)
    #expect(harness.jobs.map(\.kind) == [.restore(.zero)])
    harness.finishJobs()
    guard case .pinned = harness.lastReply() else {
      Issue.record("it is granted when all frames are there")
      return
    }
    harness.core.checkInvariants()
  }

  @Test func aPinThatTimesOutLeavesNothingPinned() throws {
    var (harness, handle) = try world(2)
    let request = Request.pin(
      CoreHarness.range(handle, 0..<4), leaseMilliseconds: 50, timeoutMilliseconds: 10)
    harness.ask(request)
    harness.pass(milliseconds: 10)
    #expect(refusal(harness.lastReply())?.reason == .timedOut)
    #expect(harness.core.status().pinnedFrames == 0)
    harness.finishJobs()
    harness.core.checkInvariants()
  }

  @Test func aPinnedFrameIsEvictedByNobody() throws {
    var (harness, handle) = try world()
    _ = try held(pin(&harness, CoreHarness.range(handle, 0..<4)))
    harness.core.evict(
      token: 1, session: harness.client, handle: handle, frames: 4, timeoutMilliseconds: 10,
      harness.now, &harness.effects)
    harness.collectJobs()
    #expect(
      harness.effects.contains(
        .administrated(
          1,
          .evicted(
            frames: 0, skippedPinnedFrames: 4,
            holders: [PinHolder(session: harness.client, process: 7, frames: 4)]))))
    #expect(
      refusal(harness.ask(.advise(CoreHarness.range(handle, 0..<1), .discard)))?.reason
        == .notMigratable)
    #expect(harness.allocate(8, timeout: 10) == nil)
    #expect(harness.place(0) == .device)
  }

  @Test func freeingWhatIsPinnedEndsItsPins() throws {
    var (harness, handle) = try world()
    let pin = try held(pin(&harness, CoreHarness.range(handle, 0..<4)))
    #expect(harness.ask(.free(handle)) == .freed)
    #expect(refusal(harness.ask(.unpin(pin)))?.detail == .unknownPin)
    harness.finishJobs()
    #expect(harness.core.region.free == 8)
    harness.core.checkInvariants()
  }

  @Test func pinsAreLimitedAtTheLimitOnly() throws {
    var (harness, handle) = try world()
    let range = CoreHarness.range(handle, 0..<1)
    for _ in 0..<4 { #expect(pin(&harness, range) != nil) }
    let request = Request.pin(range, leaseMilliseconds: 1, timeoutMilliseconds: 0)
    #expect(refusal(harness.ask(request))?.detail == .tooManyPins)
  }
}
