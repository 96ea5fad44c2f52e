// Migration both ways, advice, and an administrator's orders.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct MigrationTests {
  private func world() throws -> (CoreHarness, HandleID) {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    for index in 0..<4 { harness.touch(index) }
    return (harness, handle)
  }

  private func migrate(_ handle: HandleID, _ target: MigrationTarget) -> Request {
    .migrate(CoreHarness.range(handle, 0..<4), to: target, timeoutMilliseconds: 100)
  }

  @Test func toTheHostAndBackEveryFrameArrives() throws {
    var (harness, handle) = try world()
    #expect(harness.ask(migrate(handle, .host)) == nil)
    harness.finishJobs()
    #expect(harness.lastReply() == .migrated(movedFrames: 4, alreadyFrames: 0))
    #expect((0..<4).allSatisfy { harness.place($0) == .host })
    #expect(harness.core.region.free == 8)
    #expect(harness.ask(migrate(handle, .device)) == nil)
    harness.finishJobs()
    #expect(harness.lastReply() == .migrated(movedFrames: 4, alreadyFrames: 0))
    #expect((0..<4).allSatisfy { harness.place($0) == .device })
    harness.core.checkInvariants()
  }

  @Test func whatIsThereAlreadyIsAnsweredAtOnce() throws {
    var (harness, handle) = try world()
    #expect(
      harness.ask(migrate(handle, .device)) == .migrated(movedFrames: 0, alreadyFrames: 4))
  }

  @Test func aMigrationWaitsForAPinAndNamesItsHolder() throws {
    var (harness, handle) = try world()
    harness.ask(
      .pin(CoreHarness.range(handle, 0..<1), leaseMilliseconds: 500, timeoutMilliseconds: 0))
    #expect(harness.ask(migrate(handle, .host)) == nil)
    harness.finishJobs()
    harness.pass(milliseconds: 100)
    guard case .refused(let refusal) = harness.lastReply() else {
      Issue.record("it times out")
      return
    }
    #expect(refusal.reason == .timedOut && refusal.pinned == CoreHarness.frame)
    #expect(refusal.holderProcess == 7)
  }

  @Test func withoutOversubscriptionNothingMovesToTheHost() throws {
    var harness = CoreHarness { $0.oversubscribe = false }
    let handle = try harness.given(4)
    guard case .refused(let refusal) = harness.ask(migrate(handle, .host)) else {
      Issue.record("it is refused")
      return
    }
    #expect(refusal.reason == .notMigratable)
  }

  @Test func aDiscardIsAnsweredWhenTheContentsAreGone() throws {
    var (harness, handle) = try world()
    #expect(harness.ask(.advise(CoreHarness.range(handle, 0..<2), .discard)) == nil)
    #expect(harness.jobs.map(\.kind) == [.discard])
    harness.pass(milliseconds: 60_000)
    #expect(harness.lastReply() == nil, "it is never refused once it was begun")
    harness.finishJobs()
    #expect(harness.lastReply() == .advised(frames: 2))
    #expect(harness.place(0) == .stored && harness.core.region.free == 6)
    guard case .fill(let order) = harness.touch(0) else {
      Issue.record("its next access fills it")
      return
    }
    #expect(order.source == .zero)
  }

  @Test func withoutOversubscriptionADiscardKeepsItsDeviceFrame() throws {
    var harness = CoreHarness { $0.oversubscribe = false }
    let handle = try harness.given(8)
    harness.touch(0)
    harness.ask(.advise(CoreHarness.range(handle, 0..<1), .discard))
    harness.finishJobs()
    #expect(harness.place(0) == .untouched && harness.core.region.free == 0)
    harness.core.checkInvariants()
  }

  @Test func whatIsColdIsEvictedFirst() throws {
    var (harness, handle) = try world()
    #expect(harness.ask(.advise(CoreHarness.range(handle, 3..<4), .cold)) == .advised(frames: 1))
    harness.core.evict(
      token: 1, session: nil, handle: nil, frames: 1, timeoutMilliseconds: 10, harness.now,
      &harness.effects)
    guard case .job(let job)? = harness.effects.last else {
      Issue.record("an eviction begins")
      return
    }
    #expect((job.first..<job.end).contains(3))
  }

  @Test func whatWillBeNeededComesBackWithoutPressure() throws {
    var (harness, handle) = try world()
    harness.ask(migrate(handle, .host))
    harness.core.evict(
      token: 1, session: harness.client, handle: handle, frames: 4, timeoutMilliseconds: 100,
      harness.now, &harness.effects)
    harness.finishJobs()
    harness.core.checkInvariants()
    #expect(harness.ask(.advise(CoreHarness.range(handle, 0..<4), .willNeed)) != nil)
  }

  @Test func anAdministratorsOrderCountsWhatItMoved() throws {
    var (harness, handle) = try world()
    harness.effects = []
    harness.core.evict(
      token: 9, session: harness.client, handle: handle, frames: 4, timeoutMilliseconds: 100,
      harness.now, &harness.effects)
    for case .job(let job) in harness.effects { harness.jobs.append(job) }
    harness.finishJobs()
    #expect(
      harness.effects.contains(
        .administrated(9, .evicted(frames: 4, skippedPinnedFrames: 0, holders: []))))
    harness.core.migrate(
      token: 10, session: harness.client, handle: handle, to: .device, timeoutMilliseconds: 100,
      harness.now, &harness.effects)
    for case .job(let job) in harness.effects { harness.jobs.append(job) }
    harness.finishJobs()
    #expect(
      harness.effects.contains(.administrated(10, .migrated(movedFrames: 4, alreadyFrames: 0))))
  }
}
