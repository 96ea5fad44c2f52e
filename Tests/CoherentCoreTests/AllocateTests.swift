// Allocation and free at their limits, and every refusal with its numbers.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct AllocateTests {
  private func refusal(_ reply: Reply?) -> Refusal? {
    if case .refused(let refusal) = reply { return refusal }
    return nil
  }

  private func request(_ bytes: UInt64, _ alignment: UInt64 = 0, _ timeout: UInt32 = 0) -> Request {
    .allocate(
      sizeBytes: bytes, alignmentBytes: alignment, timeoutMilliseconds: timeout, priority: 128)
  }

  @Test func theWholeDeviceCanBePromisedAndNotOneByteMore() {
    var harness = CoreHarness { $0.oversubscribe = false }
    let refused = refusal(harness.ask(request(8 * CoreHarness.frame + 1)))
    #expect(refused?.reason == .outOfDeviceMemory && refused?.detail == .largerThanDevice)
    #expect(refused?.limit == 8 * CoreHarness.frame)
    #expect(harness.allocate(8) != nil)
    #expect(harness.core.region.free == 0)
  }

  @Test func aSizeIsRoundedUpToFrames() {
    for (bytes, frames) in [(UInt64(1), 1), (65535, 1), (65536, 1), (65537, 2)] {
      var harness = CoreHarness()
      guard case .allocated(_, _, let size, _) = harness.ask(request(bytes)) else {
        Issue.record("allocates \(bytes) bytes")
        continue
      }
      #expect(size == UInt64(frames) * CoreHarness.frame)
      #expect(harness.core.region.counts[.reserved] == frames)
    }
  }

  @Test func theReserveIsKeptForRestores() {
    var harness = CoreHarness { $0.minimumFrames = 2 }
    #expect(harness.core.reservedFrames(ofAllocation: 7) == 0, "more than it may reserve")
    #expect(harness.allocate(6) != nil)
    #expect(refusal(harness.ask(request(1)))?.reason == .outOfDeviceMemory)
    #expect(harness.core.region.free == 2)
  }

  @Test func theHostsLimitIsReservedAtAdmission() {
    var harness = CoreHarness { $0.hostLimitFrames = 3 }
    #expect(harness.allocate(3) != nil)
    let refused = refusal(harness.ask(request(1)))
    #expect(refused?.reason == .outOfHostMemory && refused?.available == 0)
    #expect(refused?.limit == 3 * CoreHarness.frame)
  }

  @Test(arguments: [false, true])
  func noMoreIsPromisedThanThereIsMemoryFor(isGroups: Bool) throws {
    var harness = CoreHarness()
    #expect(
      harness.core.noteHostMemory(leftFrames: 5, isGroups: isGroups)
        == HostPromise(promisableFrames: 5, reservedFrames: 0, isBoundByMemory: true))
    let handle = try harness.given(4)
    let refused = refusal(harness.ask(request(2 * CoreHarness.frame)))
    #expect(refused?.reason == .outOfHostMemory)
    #expect(refused?.detail == (isGroups ? .groupMemoryShort : .machineMemoryShort))
    #expect(refused?.available == CoreHarness.frame)
    #expect(refused?.limit == 5 * CoreHarness.frame)
    // What lies in the host has its memory: as much less is left, and as much may be promised.
    for index in 0..<4 { harness.touch(index) }
    harness.core.evict(
      token: 1, session: harness.client, handle: handle, frames: 4, timeoutMilliseconds: 10,
      harness.now, &harness.effects)
    for case .job(let job) in harness.effects { harness.jobs.append(job) }
    harness.finishJobs()
    #expect(harness.place(0) == .stored)
    #expect(
      harness.core.noteHostMemory(leftFrames: 1, isGroups: isGroups)
        == HostPromise(promisableFrames: 5, reservedFrames: 4, isBoundByMemory: true))
    // A promise that was given stays, also when memory has become scarce.
    #expect(harness.core.noteHostMemory(leftFrames: 0, isGroups: isGroups).promisableFrames == 4)
    #expect(refusal(harness.ask(request(1)))?.available == 0)
    harness.core.checkInvariants()
    #expect(!harness.core.noteHostMemory(leftFrames: .max, isGroups: false).isBoundByMemory)
    #expect(harness.allocate(1) != nil)
  }

  @Test func allocationsAreLimitedAtTheLimitOnly() throws {
    var harness = CoreHarness(online: 20)
    var handles: [HandleID] = []
    for _ in 0..<8 { handles.append(try harness.given(1)) }
    #expect(refusal(harness.ask(request(1)))?.detail == .tooManyAllocations)
    #expect(harness.ask(.free(handles[3])) == .freed)
    #expect(harness.allocate(1) != nil)
  }

  @Test func alignmentIsAPowerOfTwoUpToHalfAnArena() {
    var harness = CoreHarness()
    let before = harness.state
    for wrong in [3, CoreHarness.frame * 3, CoreHarness.frame * 64, .max] as [UInt64] {
      #expect(refusal(harness.ask(request(1, wrong)))?.detail == .badAlignment)
    }
    #expect(harness.state == before)
    #expect(harness.allocate(1) != nil)
    guard case .allocated(_, let offset, _, _) = harness.ask(request(1, CoreHarness.frame * 32))
    else {
      Issue.record("half an arena is an alignment")
      return
    }
    #expect(offset % (CoreHarness.frame * 32) == 0)
  }

  @Test func withoutRoomItSaysWhatThereIsAndWhoPinsTheRest() throws {
    var harness = CoreHarness()
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    harness.ask(
      .pin(CoreHarness.range(handle, 0..<8), leaseMilliseconds: 100, timeoutMilliseconds: 0))
    let other = harness.connect()
    #expect(harness.ask(request(CoreHarness.frame * 2, 0, 10), from: other) == nil)
    harness.pass(milliseconds: 10)
    let refused = try #require(refusal(harness.lastReply()))
    #expect(refused.reason == .outOfDeviceMemory && refused.asked == 2 * CoreHarness.frame)
    #expect(refused.available == 0 && refused.pinned == 8 * CoreHarness.frame)
    #expect(refused.holderProcess == 7 && refused.holderSession == harness.client.rawValue)
  }

  @Test func whoWaitsIsServedByWhatIsEvicted() throws {
    var harness = CoreHarness()
    _ = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    #expect(harness.allocate(2, timeout: 10) == nil)
    #expect(harness.jobs.map(\.kind) == [.evict(copies: true)])
    harness.finishJobs()
    guard case .allocated = harness.lastReply() else {
      Issue.record("it is granted when the frames are free")
      return
    }
    harness.core.checkInvariants()
  }

  @Test func aReservationThatNobodyTouchedIsTakenWithoutACopy() throws {
    var harness = CoreHarness()
    _ = try harness.given(8)
    guard harness.allocate(2, timeout: 10) != nil else {
      Issue.record("reservations are had at once")
      return
    }
    #expect(harness.jobs.isEmpty && harness.core.counters.evictedFrames == 2)
  }

  @Test func withoutOversubscriptionNothingIsTakenFromAnybody() throws {
    var harness = CoreHarness { $0.oversubscribe = false }
    _ = try harness.given(8)
    #expect(refusal(harness.ask(request(1)))?.reason == .outOfDeviceMemory)
    #expect(harness.ask(request(1, 0, 10)) == nil)
    #expect(harness.jobs.isEmpty && harness.core.counters.evictedFrames == 0)
    #expect(harness.core.hostReservedFrames == 0)
  }

  @Test func freedMemoryIsFreeWhenItsReleaseIsDone() throws {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    for index in [2, 0] { harness.touch(index) }
    #expect(harness.ask(.free(handle)) == .freed)
    #expect(harness.core.region.free == 6, "what was never touched is free at once")
    #expect(harness.jobs.map(\.kind) == [.release])
    #expect(refusal(harness.ask(.free(handle)))?.detail == .unknownHandle)
    harness.finishJobs()
    #expect(harness.core.region.free == 8 && harness.core.hostReservedFrames == 0)
    harness.core.checkInvariants()
  }

  @Test func aReleaseInPartsIsSoundBetweenThem() throws {
    var harness = CoreHarness { $0.runFrames = 8 }
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    harness.ask(.free(handle))
    harness.finishJobs()
    harness.core.checkInvariants()
    #expect(harness.core.region.free == 8)
  }
}
