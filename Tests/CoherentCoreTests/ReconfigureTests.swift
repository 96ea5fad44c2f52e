// New numbers for a core that is in use: what is granted stays, what is asked is judged by them.

import CoherentWire
import Testing

@testable import CoherentCore

extension CoreHarness {
  mutating func reconfigure(_ change: (inout CoreConfiguration) -> Void) {
    var configuration = core.configuration
    change(&configuration)
    effects = []
    core.reconfigure(configuration, now, &effects)
    core.checkInvariants()
  }
}

@Suite struct ReconfigureTests {
  private func detail(_ reply: Reply?) -> Refusal.Detail? {
    guard case .refused(let refusal) = reply else { return nil }
    return refusal.detail
  }

  private func allocate(_ frames: Int, timeout: UInt32 = 0) -> Request {
    .allocate(
      sizeBytes: UInt64(frames) * CoreHarness.frame, alignmentBytes: 0,
      timeoutMilliseconds: timeout, priority: 128)
  }

  @Test func aHostLimitBelowItsUseKeepsWhatIsPromisedAndRefusesMore() throws {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    harness.reconfigure { $0.hostLimitFrames = 2 }
    #expect(harness.core.hostReservedFrames == 4)
    guard case .refused(let refusal) = harness.ask(allocate(1)) else {
      Issue.record("it was not refused")
      return
    }
    #expect(refusal.reason == .outOfHostMemory && refusal.available == 0)
    #expect(refusal.limit == 2 * CoreHarness.frame)
    harness.ask(.free(handle))
    harness.finishJobs()
    harness.core.checkInvariants()
    #expect(harness.allocate(2) != nil && harness.allocate(1) == nil)
  }

  @Test func allocationsAboveALowerLimitStayAndTheNextIsRefused() throws {
    var harness = CoreHarness()
    for _ in 0..<3 { _ = try harness.given(1) }
    harness.reconfigure { $0.maximumAllocationsPerSession = 2 }
    #expect(detail(harness.ask(allocate(1))) == .tooManyAllocations)
    #expect(harness.core.allocationCount == 3)
    harness.reconfigure { $0.maximumAllocationsPerSession = 4 }
    #expect(harness.allocate(1) != nil)
    #expect(detail(harness.ask(allocate(1))) == .tooManyAllocations)
  }

  @Test func aSessionHasNoMoreAllocationsThanItBeganWithAndANewOneHas() throws {
    var harness = CoreHarness { $0.maximumAllocationsPerSession = 1 }
    _ = try harness.given(1)
    harness.reconfigure { $0.maximumAllocationsPerSession = 2 }
    #expect(detail(harness.ask(allocate(1))) == .tooManyAllocations)
    let newcomer = harness.connect()
    for _ in 0..<2 { #expect(harness.allocate(1, from: newcomer) != nil) }
  }

  @Test func sessionsAboveALowerLimitStayAndTheNextIsRefused() {
    var harness = CoreHarness()
    let second = harness.connect()
    harness.reconfigure { $0.maximumSessions = 1 }
    #expect(harness.allocate(1) != nil && harness.allocate(1, from: second) != nil)
    guard case .failure(let refusal) = harness.core.connect(process: 9, harness.now) else {
      Issue.record("it was admitted")
      return
    }
    #expect(refusal.detail == .tooManySessions && refusal.limit == 1)
  }

  @Test func pinsThatWaitAreGrantedAlsoIfTheirNumberWasLowered() throws {
    var harness = CoreHarness()
    let handle = try harness.given(2)
    harness.touch(0)
    harness.touch(1)
    harness.core.evict(
      token: 1, session: harness.client, handle: handle, frames: 2, timeoutMilliseconds: 1000,
      harness.now, &harness.effects)
    for case .job(let job) in harness.effects { harness.jobs.append(job) }
    harness.finishJobs()
    let pin = Request.pin(
      CoreHarness.range(handle, 0..<1), leaseMilliseconds: 50, timeoutMilliseconds: 1000,
      isLongTerm: false)
    for _ in 0..<3 { #expect(harness.ask(pin) == nil) }
    harness.reconfigure { $0.maximumPinsPerSession = 1 }
    #expect(detail(harness.ask(pin)) == .tooManyPins)
    harness.finishJobs()
    #expect(harness.core.status().pins == 3, "what was admitted is granted")
    harness.core.checkInvariants()
    #expect(detail(harness.ask(pin)) == .tooManyPins)
  }

  @Test func higherWatermarksBeginPressureAndLowerOnesEndIt() throws {
    var harness = CoreHarness()
    _ = try harness.given(6)
    for index in 0..<6 { harness.touch(index) }
    harness.reconfigure {
      $0.lowFrames = 3
      $0.highFrames = 4
    }
    #expect(harness.effects.contains(.pressure(true)) && harness.core.isUnderPressure)
    #expect(harness.effects.contains { if case .job = $0 { true } else { false } })
    harness.reconfigure {
      $0.lowFrames = 1
      $0.highFrames = 2
    }
    #expect(harness.effects.contains(.pressure(false)) && !harness.core.isUnderPressure)
    harness.reconfigure { _ in }
    #expect(harness.effects.isEmpty, "the same numbers again change nothing")
  }

  @Test func aHigherLimitGrantsWhatWaits() throws {
    var harness = CoreHarness { $0.minimumFrames = 4 }
    let handle = try harness.given(4)
    let pin = Request.pin(
      CoreHarness.range(handle, 0..<4), leaseMilliseconds: 1000, timeoutMilliseconds: 0,
      isLongTerm: false)
    for index in 0..<4 { harness.touch(index) }
    guard case .pinned = harness.ask(pin) else {
      Issue.record("not pinned")
      return
    }
    #expect(harness.ask(allocate(2, timeout: 1000)) == nil, "the reserve is in the way")
    harness.reconfigure { $0.minimumFrames = 2 }
    guard case .allocated = harness.lastReply() else {
      Issue.record("not granted: \(harness.effects)")
      return
    }
  }

  @Test func whoWaitsForMoreThanTheDeviceMayGiveWaitsForItNoMore() throws {
    var harness = CoreHarness()
    let handle = try harness.given(6)
    for index in 0..<6 { harness.touch(index) }
    harness.ask(
      .pin(
        CoreHarness.range(handle, 0..<6), leaseMilliseconds: 10_000, timeoutMilliseconds: 0,
        isLongTerm: false))
    #expect(harness.ask(allocate(5, timeout: 1000)) == nil)
    harness.reconfigure { $0.minimumFrames = 4 }
    guard case .allocated = harness.lastReply() else {
      Issue.record("it still waits")
      return
    }
    #expect(harness.core.status().waiters == 0 && harness.core.region.free == 2)
  }

  @Test func aLowerTimeoutAndLeaseBoundsWhatIsAskedFromNowOn() throws {
    var harness = CoreHarness()
    let handle = try harness.given(1)
    harness.touch(0)
    harness.reconfigure {
      $0.maximumTimeoutMilliseconds = 10
      $0.maximumLeaseMilliseconds = 20
      $0.defaultLeaseMilliseconds = 5
    }
    #expect(detail(harness.ask(allocate(1, timeout: 11))) == .timeoutTooLong)
    let range = CoreHarness.range(handle, 0..<1)
    guard
      case .refused(let refusal) = harness.ask(
        .pin(range, leaseMilliseconds: 21, timeoutMilliseconds: 0))
    else {
      Issue.record("the lease was granted")
      return
    }
    #expect(refusal.reason == .leaseTooLong && refusal.limit == 20)
    let granted = harness.ask(
      .pin(range, leaseMilliseconds: 0, timeoutMilliseconds: 0))
    guard case .pinned(_, let lease, _) = granted else {
      Issue.record("not pinned: \(String(describing: granted))")
      return
    }
    #expect(lease == 5)
  }
}
