// Allocations that are larger than the device: what they reserve, what touching them takes, and
// what else a client can ask of them.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct LargeAllocationTests {
  private func refusal(_ reply: Reply?) -> Refusal? {
    if case .refused(let refusal) = reply { return refusal }
    return nil
  }

  private func request(_ bytes: UInt64) -> Request {
    .allocate(sizeBytes: bytes, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 128)
  }

  @Test func itReservesHostMemoryAndNothingOfTheDevice() throws {
    var harness = CoreHarness()
    _ = try harness.given(20)
    #expect(harness.core.region.free == 8 && harness.core.hostReservedFrames == 20)
    #expect(harness.core.status().places[.stored] == 20)
    harness.core.checkInvariants()
  }

  @Test func onlyWhatIsTouchedTakesDeviceMemoryAndTheRestOfATouchGoesToTheHost() throws {
    var harness = CoreHarness()
    _ = try harness.given(20)
    harness.touch(19)
    #expect(harness.place(19) == .device && harness.core.region.free == 7)
    for index in 0..<20 {
      harness.touch(index)
      #expect(harness.place(index) == .device || harness.place(index) == .host)
    }
    #expect(harness.core.status().places[.device] == 8)
    #expect(harness.core.status().places[.host] == 12, "no access waits, and none is refused")
    harness.core.checkInvariants()
  }

  @Test func underTheWatermarksItIsEvictedLikeAnythingElse() throws {
    var harness = CoreHarness {
      $0.lowFrames = 2
      $0.highFrames = 4
      $0.runFrames = 2
    }
    _ = try harness.given(20)
    for index in 0..<20 {
      harness.touch(index)
      harness.finishJobs()
    }
    #expect(harness.core.counters.evictedFrames > 0 && harness.core.region.free >= 2)
    #expect(harness.core.status().places[.host] == 0)
    harness.core.checkInvariants()
  }

  @Test func theHostsPromiseCoversAllOfIt() throws {
    var harness = CoreHarness { $0.hostLimitFrames = 16 }
    let refused = refusal(harness.ask(request(17 * CoreHarness.frame)))
    #expect(refused?.reason == .outOfHostMemory && refused?.asked == 17 * CoreHarness.frame)
    #expect(refused?.available == 16 * CoreHarness.frame)
    _ = try harness.given(16)
    #expect(refusal(harness.ask(request(1)))?.reason == .outOfHostMemory)
  }

  @Test func nothingIsLargerThanItsArena() {
    var harness = CoreHarness { $0.hostLimitFrames = .max / 2 }
    for bytes in [64 * CoreHarness.frame + 1, 1 << 62, .max] {
      let refused = refusal(harness.ask(request(bytes)))
      #expect(refused?.reason == .overLimit && refused?.detail == .arenaFull)
      #expect(refused?.asked == bytes && refused?.limit == 64 * CoreHarness.frame)
    }
  }

  @Test func withoutOversubscriptionItIsRefusedWithTheNumbers() throws {
    var harness = CoreHarness { $0.oversubscribe = false }
    _ = try harness.given(3)
    for bytes in [8 * CoreHarness.frame + 1, 1 << 62, .max] {
      let refused = refusal(harness.ask(request(bytes)))
      #expect(refused?.reason == .outOfDeviceMemory && refused?.detail == .largerThanDevice)
      #expect(refused?.asked == bytes && refused?.limit == 8 * CoreHarness.frame)
      #expect(refused?.available == 5 * CoreHarness.frame)
    }
  }

  @Test func itEvictsNobodyByBeingGranted() throws {
    var harness = CoreHarness()
    _ = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    _ = try harness.given(20)
    #expect(harness.jobs.isEmpty && harness.core.status().places[.device] == 8)
  }

  @Test func itWaitsOnlyForWhatWasFreedToBeGivenBack() throws {
    var harness = CoreHarness { $0.hostLimitFrames = 20 }
    let first = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    harness.ask(.free(first))
    harness.ask(
      .allocate(
        sizeBytes: 20 * CoreHarness.frame, alignmentBytes: 0, timeoutMilliseconds: 1000,
        priority: 128))
    #expect(harness.lastReply() == nil)
    harness.finishJobs()
    guard case .allocated = harness.lastReply() else {
      Issue.record("it is granted when the promise is free")
      return
    }
    #expect(harness.core.region.free == 8)
    harness.core.checkInvariants()
  }

  @Test func everyRequestTakesIt() throws {
    var harness = CoreHarness()
    let handle = try harness.given(20)
    let whole = CoreHarness.range(handle, 0..<20)
    for index in 0..<20 { harness.touch(index) }
    harness.ask(.pin(whole, leaseMilliseconds: 10, timeoutMilliseconds: 0))
    harness.pass(milliseconds: 200)
    let refused = refusal(
      harness.ask(.migrate(whole, to: .device, timeoutMilliseconds: 100)))
    #expect(refused?.detail == .largerThanDevice && refused?.limit == 8 * CoreHarness.frame)
    harness.ask(
      .pin(whole, leaseMilliseconds: 0, timeoutMilliseconds: 1000, isLongTerm: true))
    harness.finishJobs()
    guard case .pinned(let pin, _, _) = harness.lastReply() else {
      Issue.record("all of it fits into host memory")
      return
    }
    #expect(harness.core.status().places[.host] == 20)
    harness.ask(.unpin(pin))
    harness.ask(.advise(whole, .discard))
    harness.finishJobs()
    #expect(harness.lastReply() == .advised(frames: 20))
    harness.ask(.free(handle))
    harness.finishJobs()
    #expect(harness.core.region.free == 8 && harness.core.hostReservedFrames == 0)
    harness.core.checkInvariants()
  }

  @Test func withoutAnyBlockItIsUsedInHostMemory() throws {
    var harness = CoreHarness {
      $0.blockFrames = 4
      $0.maximumBlocks = 2
    }
    let handle = try harness.given(20)
    for index in 0..<8 { harness.touch(index) }
    try harness.offline([0, 1])
    harness.finishJobs()
    harness.carve()
    #expect(harness.core.status().onlineFrames == 0)
    for index in 0..<20 {
      harness.touch(index)
      #expect(harness.place(index) == .host)
    }
    harness.core.checkInvariants()
    harness.ask(.free(handle))
    harness.finishJobs()
    #expect(harness.core.hostReservedFrames == 0)
  }

  @Test func whoWaitsWhileTheDeviceShrinksBelowItsWishWaitsForItNoMore() throws {
    var harness = CoreHarness {
      $0.blockFrames = 4
      $0.maximumBlocks = 2
    }
    let held = try harness.given(4)
    for index in 0..<4 { harness.touch(index) }
    harness.ask(
      .pin(CoreHarness.range(held, 0..<4), leaseMilliseconds: 5000, timeoutMilliseconds: 0))
    harness.ask(
      .allocate(
        sizeBytes: 6 * CoreHarness.frame, alignmentBytes: 0, timeoutMilliseconds: 1000,
        priority: 128))
    #expect(harness.lastReply() == nil, "it waits for the pin")
    try harness.offline([1])
    guard case .allocated = harness.lastReply() else {
      Issue.record("it is larger than what is left, and is granted")
      return
    }
    harness.core.checkInvariants()
  }
}
