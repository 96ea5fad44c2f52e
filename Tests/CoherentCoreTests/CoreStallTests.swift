// What counts as a wait for the device: faults from their decision to their settling, once however
// often they are reported, and requests of clients until they are answered.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct CoreStallTests {
  private func fault(_ harness: inout CoreHarness, _ index: Int) -> FaultDecision {
    harness.effects = []
    defer { harness.collectJobs() }
    return harness.core.fault(
      harness.client, frame: index, isWrite: true, isWriteProtect: false, harness.now,
      &harness.effects)
  }

  private func stalled(_ harness: inout CoreHarness) -> UInt64 {
    harness.core.checkInvariants()
    harness.core.see(harness.now)
    return (harness.core.session(harness.client)?.stalledNanoseconds ?? 0) / 1_000_000
  }

  private func evict(_ harness: inout CoreHarness, _ handle: HandleID) {
    harness.effects = []
    harness.core.evict(
      token: 1, session: harness.client, handle: handle, frames: .max, timeoutMilliseconds: 1000,
      harness.now, &harness.effects)
    harness.collectJobs()
  }

  @Test func aFirstTouchStallsUntilItIsFilled() throws {
    var harness = CoreHarness()
    _ = try harness.given(2)
    guard case .fill(let order) = fault(&harness, 0) else {
      Issue.record("it is to be filled")
      return
    }
    harness.pass(milliseconds: 3)
    #expect(stalled(&harness) == 3)
    harness.core.filled(harness.client, order, harness.now, &harness.effects)
    harness.pass(milliseconds: 5)
    #expect(stalled(&harness) == 3)
    let (some, full) = harness.core.pressure(harness.now)
    #expect(some == full && some.totalNanoseconds == 3_000_000)
  }

  @Test func whatIsThereStallsNobody() throws {
    var harness = CoreHarness()
    _ = try harness.given(2)
    harness.touch(0)
    _ = fault(&harness, 0)
    harness.pass(milliseconds: 5)
    _ = fault(&harness, 63)
    harness.pass(milliseconds: 5)
    #expect(stalled(&harness) == 0)
  }

  @Test func aRepeatedFaultIsOneWait() throws {
    var harness = CoreHarness()
    let handle = try harness.given(2)
    harness.touch(0)
    evict(&harness, handle)
    #expect(fault(&harness, 0) == .wait && fault(&harness, 0) == .wait)
    harness.pass(milliseconds: 4)
    #expect(stalled(&harness) == 4)
    harness.finishJobs()
    harness.pass(milliseconds: 9)
    #expect(stalled(&harness) == 4, "it was evicted: whoever waited asks again")
    guard case .fill(let order) = fault(&harness, 0) else {
      Issue.record("it is to be filled")
      return
    }
    #expect(fault(&harness, 0) == .wait)
    harness.pass(milliseconds: 2)
    harness.core.filled(harness.client, order, harness.now, &harness.effects)
    #expect(stalled(&harness) == 6)
  }

  @Test func aFailedFillGoesOnStallingUntilItSucceedsOrIsFreed() throws {
    for isFreed in [false, true] {
      var harness = CoreHarness()
      let handle = try harness.given(2)
      harness.touch(0)
      evict(&harness, handle)
      harness.finishJobs()
      guard case .fill(let order) = fault(&harness, 0) else {
        Issue.record("it is to be filled")
        return
      }
      harness.core.fillFailed(harness.client, order, harness.now, &harness.effects)
      harness.pass(milliseconds: 10)
      #expect(stalled(&harness) == 10)
      if isFreed {
        #expect(harness.ask(.free(handle)) == .freed)
      } else {
        guard case .fill(let again) = fault(&harness, 0) else {
          Issue.record("it is tried again")
          return
        }
        harness.core.filled(harness.client, again, harness.now, &harness.effects)
      }
      harness.pass(milliseconds: 10)
      harness.finishJobs()
      #expect(stalled(&harness) == 10)
    }
  }

  @Test func requestsThatWaitStall() throws {
    var harness = CoreHarness()
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    #expect(harness.allocate(1, timeout: 1000) == nil)
    harness.pass(milliseconds: 2)
    harness.finishJobs()
    #expect(harness.core.status().waiters == 0)
    harness.ask(.migrate(CoreHarness.range(handle, 0..<2), to: .host, timeoutMilliseconds: 99))
    harness.pass(milliseconds: 3)
    harness.finishJobs()
    evict(&harness, handle)
    harness.finishJobs()
    harness.ask(
      .pin(CoreHarness.range(handle, 0..<2), leaseMilliseconds: 0, timeoutMilliseconds: 99))
    harness.pass(milliseconds: 4)
    harness.finishJobs()
    harness.pass(milliseconds: 50)
    #expect(stalled(&harness) == 9)
  }

  @Test func aRequestThatTimesOutHasStalledToItsEnd() throws {
    var harness = CoreHarness()
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    harness.ask(
      .pin(CoreHarness.range(handle, 0..<8), leaseMilliseconds: 5000, timeoutMilliseconds: 9))
    #expect(harness.allocate(1, timeout: 20) == nil)
    harness.pass(milliseconds: 20)
    harness.pass(milliseconds: 20)
    #expect(stalled(&harness) == 20)
  }

  @Test func ordersAndDiscardsStallNobody() throws {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    for index in 0..<4 { harness.touch(index) }
    evict(&harness, handle)
    harness.pass(milliseconds: 5)
    harness.finishJobs()
    harness.touch(0)
    harness.ask(.advise(CoreHarness.range(handle, 0..<4), .discard))
    harness.pass(milliseconds: 5)
    harness.finishJobs()
    #expect(stalled(&harness) == 0)
  }

  @Test func aSessionThatEndsWhileItStallsStallsNoLonger() throws {
    var harness = CoreHarness()
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    evict(&harness, handle)
    #expect(fault(&harness, 0) == .wait)
    #expect(harness.allocate(1, timeout: 1000) == nil)
    harness.pass(milliseconds: 7)
    harness.core.disconnect(harness.client, harness.now, &harness.effects)
    harness.core.checkInvariants()
    harness.pass(milliseconds: 100)
    #expect(harness.core.pressure(harness.now).some.totalNanoseconds == 7_000_000)
    while let range = harness.core.releaseNext(harness.client, limit: 8) {
      harness.core.released(harness.client, range, harness.now, &harness.effects)
    }
    harness.core.ended(harness.client, harness.now, &harness.effects)
    harness.core.checkInvariants()
    let next = harness.connect()
    #expect(harness.core.session(next)?.stalledNanoseconds == 0, "a slot is used again")
  }
}
