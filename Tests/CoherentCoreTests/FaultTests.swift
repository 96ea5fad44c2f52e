// Faults on every place, failures, and what a client may do while its data is on the way.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct FaultTests {
  /// Four frames of eight, of which the first was written to and evicted.
  private func stored() throws -> (CoreHarness, HandleID) {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    harness.touch(0)
    evict(&harness, handle)
    harness.finishJobs()
    return (harness, handle)
  }

  private func evict(_ harness: inout CoreHarness, _ handle: HandleID) {
    harness.effects = []
    harness.core.evict(
      token: 1, session: harness.client, handle: handle, frames: 1, timeoutMilliseconds: 100,
      harness.now, &harness.effects)
    for case .job(let job) in harness.effects { harness.jobs.append(job) }
  }

  @Test func anUntouchedFrameIsFilledWithZeros() throws {
    var harness = CoreHarness()
    _ = try harness.given(1)
    #expect(
      harness.touch(0) == .fill(FillOrder(first: 0, count: 1, source: .zero, writeProtected: false))
    )
    #expect(harness.place(0) == .device)
  }

  @Test func aStoredFrameIsReadCleanAndWrittenUnprotected() throws {
    var (harness, _) = try stored()
    #expect(harness.place(0) == .stored)
    #expect(
      harness.touch(0, isWrite: false)
        == .fill(FillOrder(first: 0, count: 1, source: .store, writeProtected: true)))
    #expect(harness.touch(0, isWrite: false) == .map(writeProtected: true, unprotects: false))
    #expect(harness.touch(0) == .map(writeProtected: false, unprotects: true))
    #expect(harness.staleCopies() == .drop(0..<1), "its copy is out of date")
    harness.core.droppedCopies(harness.client, 0..<1)
    #expect(harness.core.status().copiedFrames == 0)
  }

  @Test func aFrameThatWasOnlyReadIsEvictedWithoutACopy() throws {
    var (harness, handle) = try stored()
    harness.touch(0, isWrite: false)
    evict(&harness, handle)
    #expect(harness.jobs.map(\.kind) == [.evict(copies: false)])
  }

  @Test func whatIsOnItsWayIsWaitedFor() throws {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    harness.touch(0)
    evict(&harness, handle)
    #expect(harness.touch(0) == .wait)
    harness.finishJobs()
    #expect(harness.touch(0) != .wait)
  }

  @Test func whatIsNotAllocatedIsRefusedLoudly() throws {
    var harness = CoreHarness()
    #expect(harness.touch(0) == .poison)
    #expect(harness.touch(63) == .poison)
    let reply = harness.ask(
      .allocate(sizeBytes: 1, alignmentBytes: 0, timeoutMilliseconds: 0, priority: 0))
    guard case .allocated(_, _, _, let resets) = reply else {
      Issue.record("it is granted")
      return
    }
    #expect(resets, "what was poisoned is reset before use")
  }

  @Test func withAFullDeviceItIsRestoredToTheHostWithoutKeepingACopy() throws {
    var (harness, handle) = try stored()
    #expect(harness.allocate(5) != nil)
    harness.ask(
      .pin(CoreHarness.range(handle, 1..<4), leaseMilliseconds: 0, timeoutMilliseconds: 9))
    #expect(harness.core.region.free == 0)
    guard case .fill(let order) = harness.touch(0, isWrite: false) else {
      Issue.record("a fault on evicted data never waits for anybody")
      return
    }
    #expect(!order.writeProtected && harness.place(0) == .host)
    #expect(harness.staleCopies() == .drop(0..<1))
  }

  @Test func aFailedFillLeavesTheFrameAsItWas() throws {
    var (harness, _) = try stored()
    let before = harness.place(0)
    let decision = harness.core.fault(
      harness.client, frame: 0, isWrite: true, isWriteProtect: false, harness.now, &harness.effects)
    guard case .fill(let order) = decision else {
      Issue.record("it is to be filled")
      return
    }
    harness.core.fillFailed(harness.client, order, harness.now, &harness.effects)
    #expect(harness.place(0) == before)
    harness.core.checkInvariants()
  }

  @Test func aFailedCopyPausesItsSessionAndWakesUpAgain() throws {
    var harness = CoreHarness()
    _ = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    let other = harness.connect()
    #expect(harness.allocate(1, from: other, timeout: 1000) == nil)
    harness.finishJob(.failed)
    #expect(harness.jobs.isEmpty && harness.core.nextDeadline != nil)
    harness.pass(milliseconds: 100)
    harness.finishJobs()
    guard case .allocated = harness.lastReply() else {
      Issue.record("it goes on when the pause ends")
      return
    }
    harness.core.checkInvariants()
  }

  @Test func pressureEvictsBetweenTheWatermarks() throws {
    var harness = CoreHarness {
      $0.lowFrames = 3
      $0.highFrames = 5
      $0.runFrames = 1
    }
    let handle = try harness.given(5)
    for index in 0..<5 { harness.touch(index) }
    #expect(harness.jobs.isEmpty && !harness.core.isUnderPressure, "at the low watermark")
    #expect(harness.allocate(1) != nil)
    #expect(harness.core.isUnderPressure, "one below")
    harness.finishJobs()
    #expect(harness.core.region.free == 5 && !harness.core.isUnderPressure)
    #expect(harness.ask(.free(handle)) == .freed)
  }
}
