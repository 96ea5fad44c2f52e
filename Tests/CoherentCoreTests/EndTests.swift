// The end of a session in every phase of what it had under way: everything it held is free again.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct EndTests {
  private func end(_ harness: inout CoreHarness) {
    harness.core.disconnect(harness.client, harness.now, &harness.effects)
    for job in harness.jobs {
      harness.core.completed(job, .cancelled, harness.now, &harness.effects)
    }
    harness.jobs = []
    while let range = harness.core.releaseNext(harness.client, limit: 2) {
      #expect(range.count <= 2)
      harness.core.released(harness.client, range, harness.now, &harness.effects)
      harness.core.checkInvariants()
    }
    harness.core.ended(harness.client, harness.now, &harness.effects)
    harness.core.checkInvariants()
    #expect(harness.core.region.free == 8 && harness.core.hostReservedFrames == 0)
    #expect(harness.core.allocationCount == 0 && harness.core.waiters.count == 0)
    #expect(harness.core.sessions.count == 0)
  }

  private func world() throws -> (CoreHarness, HandleID) {
    var harness = CoreHarness()
    let handle = try harness.given(6)
    for index in (0..<4).reversed() { harness.touch(index) }
    return (harness, handle)
  }

  @Test func withNothingUnderWay() throws {
    var (harness, _) = try world()
    end(&harness)
  }

  @Test func withAPinHeldAndOneAskedFor() throws {
    var (harness, handle) = try world()
    for frames in [0..<2, 3..<6] {
      harness.ask(
        .pin(CoreHarness.range(handle, frames), leaseMilliseconds: 9, timeoutMilliseconds: 9))
    }
    end(&harness)
  }

  @Test func withAMigrationAndADiscardUnderWay() throws {
    var (harness, handle) = try world()
    harness.ask(.migrate(CoreHarness.range(handle, 0..<2), to: .host, timeoutMilliseconds: 9))
    harness.ask(.advise(CoreHarness.range(handle, 2..<3), .discard))
    end(&harness)
  }

  @Test func withAnAllocationWaitingAndAnotherBeingReleased() throws {
    var (harness, handle) = try world()
    harness.ask(
      .allocate(
        sizeBytes: 8 * CoreHarness.frame, alignmentBytes: 0, timeoutMilliseconds: 9, priority: 0))
    harness.ask(.free(handle))
    end(&harness)
  }

  @Test func withAFillThatComesTooLate() throws {
    var (harness, _) = try world()
    let decision = harness.core.fault(
      harness.client, frame: 4, isWrite: true, isWriteProtect: false, harness.now, &harness.effects)
    guard case .fill(let order) = decision else {
      Issue.record("it is to be filled")
      return
    }
    harness.core.disconnect(harness.client, harness.now, &harness.effects)
    harness.core.filled(harness.client, order, harness.now, &harness.effects)
    end(&harness)
  }

  @Test func anOrderOnItIsAnsweredAndOneOnAllGoesOn() throws {
    var (harness, handle) = try world()
    for (token, session) in [(UInt64(1), harness.client as SessionID?), (2, nil)] {
      harness.core.evict(
        token: token, session: session, handle: session == nil ? nil : handle, frames: 2,
        timeoutMilliseconds: 100, harness.now, &harness.effects)
    }
    for case .job(let job) in harness.effects { harness.jobs.append(job) }
    end(&harness)
    let tokens = harness.effects.compactMap { effect in
      if case .administrated(let token, _) = effect { token } else { nil }
    }
    #expect(tokens.sorted() == [1, 2])
  }

  @Test func whoWaitsGetsWhatASessionThatEndsHeld() throws {
    var (harness, _) = try world()
    let first = harness.client
    harness.ask(
      .pin(
        CoreHarness.range(HandleID(rawValue: 0), 0..<4), leaseMilliseconds: 1000,
        timeoutMilliseconds: 0))
    let other = harness.connect()
    #expect(harness.allocate(8, from: other, timeout: 1000) == nil)
    harness.effects = []
    harness.core.disconnect(first, harness.now, &harness.effects)
    while let range = harness.core.releaseNext(first, limit: 8) {
      harness.core.released(first, range, harness.now, &harness.effects)
    }
    harness.core.ended(first, harness.now, &harness.effects)
    guard case .allocated = harness.lastReply() else {
      Issue.record("it is granted at once")
      return
    }
    harness.core.checkInvariants()
  }
}
