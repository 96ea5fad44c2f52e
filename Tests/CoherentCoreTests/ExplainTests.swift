// Why a part of an allocation is where it is: every reason, brought about.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct ExplainTests {
  private func explain(_ harness: CoreHarness, _ handle: HandleID) throws -> Explanation {
    let found = harness.explain(session: harness.client, handle: handle)
    let explanation = try #require(found.first)
    #expect(found.count == 1)
    #expect(explanation.parts.reduce(0) { $0 + $1.frames } == explanation.allocation.frames)
    #expect(explanation.allocation.places.sum == explanation.allocation.frames)
    return explanation
  }

  private func evict(_ harness: inout CoreHarness, _ handle: HandleID, frames: Int = .max) {
    harness.effects = []
    harness.core.evict(
      token: 1, session: harness.client, handle: handle, frames: frames,
      timeoutMilliseconds: 100, harness.now, &harness.effects)
    harness.collectJobs()
  }

  @Test func whatIsNotThereIsNotExplained() throws {
    var harness = CoreHarness()
    let handle = try harness.given(1)
    #expect(harness.explain(session: nil, handle: handle).count == 1)
    #expect(harness.explain(session: SessionID(rawValue: 9), handle: handle).isEmpty)
    #expect(harness.ask(.free(handle)) == .freed)
    #expect(harness.explain(session: nil, handle: handle).isEmpty)
  }

  @Test func aHandleOfTwoSessionsIsExplainedTwice() throws {
    var harness = CoreHarness()
    let handle = try harness.given(1)
    let other = harness.connect()
    #expect(harness.allocate(2, from: other) == handle)
    let found = harness.explain(session: nil, handle: handle)
    #expect(found.map(\.allocation.session) == [harness.client, other])
  }

  @Test func whatWasNeverEvictedIsReservedOrPlaced() throws {
    var harness = CoreHarness()
    let handle = try harness.given(3)
    harness.touch(1)
    let found = try explain(harness, handle)
    #expect(
      found.parts == [
        .init(place: .untouched, reason: .reserved, frames: 2),
        .init(place: .device, reason: .placed, frames: 1),
      ])
    #expect(found.history.isEmpty && found.rememberedSince == nil)
  }

  @Test func whatWasEvictedNamesByWhom() throws {
    var harness = CoreHarness { $0.runFrames = 1 }
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    evict(&harness, handle, frames: 3)
    harness.finishJobs()
    harness.touch(2)
    let other = harness.connect()
    #expect(harness.allocate(4, from: other, timeout: 1000) == nil)
    harness.finishJobs()
    let found = try explain(harness, handle)
    let stored = found.parts.filter { $0.place == .stored }
    let byOrder = stored.filter { $0.entry?.origin == Origin(.administrator) }
    #expect(byOrder.map(\.frames) == [2] && byOrder.map(\.reason) == [.evicted])
    let others = stored.filter { $0.entry?.origin.cause == .allocation }
    #expect(others.reduce(0) { $0 + $1.frames } == 2)
    #expect(others.allSatisfy { $0.entry?.origin.session == other })
    #expect(found.history.map(\.kind) == [.evicted, .restored, .evicted])
    #expect(
      found.history.map(\.origin.cause) == [.administrator, .access, .allocation], "oldest first")
  }

  @Test func whatCameBackSaysWhy() throws {
    var harness = CoreHarness()
    let handle = try harness.given(2)
    for index in 0..<2 { harness.touch(index) }
    evict(&harness, handle)
    #expect(try explain(harness, handle).movingFrames == 2)
    #expect(try explain(harness, handle).parts.map(\.place) == [.device])
    harness.finishJobs()
    harness.touch(0)
    let found = try explain(harness, handle)
    let back = found.parts.first { $0.place == .device }
    #expect(back?.reason == .restored && back?.entry?.origin == Origin(.access))
    #expect(found.movingFrames == 0)
  }

  @Test func aReservationThatWasTakenIsNoContents() throws {
    var harness = CoreHarness()
    let handle = try harness.given(2)
    harness.touch(0)
    evict(&harness, handle)
    harness.finishJobs()
    #expect(try explain(harness, handle).parts.map(\.reason) == [.evicted, .empty])
    harness.ask(.advise(CoreHarness.range(handle, 0..<1), .discard))
    harness.finishJobs()
    let found = try explain(harness, handle)
    #expect(found.parts.map(\.place) == [.stored] && found.parts.map(\.reason) == [.empty])
  }

  @Test func hostMemoryHasItsThreeReasons() throws {
    var harness = CoreHarness()
    let handle = try harness.given(3)
    for index in 0..<3 { harness.touch(index) }
    harness.ask(
      .pin(
        CoreHarness.range(handle, 1..<2), leaseMilliseconds: 0, timeoutMilliseconds: 9,
        isLongTerm: true))
    harness.finishJobs()
    evict(&harness, handle)
    harness.finishJobs()
    harness.ask(.migrate(CoreHarness.range(handle, 0..<1), to: .host, timeoutMilliseconds: 9))
    harness.finishJobs()
    let filler = try harness.given(8)
    harness.ask(
      .pin(CoreHarness.range(filler, 0..<8), leaseMilliseconds: 50, timeoutMilliseconds: 9))
    harness.finishJobs()
    harness.touch(2)
    let found = try explain(harness, handle)
    let inHost = found.parts.filter { $0.place == .host }
    #expect(inHost.map(\.reason) == [.keptInHost, .pinnedInHost, .deviceWasFull])
  }

  @Test func whatIsNoLongerRememberedIsSaidToBeSo() throws {
    var harness = CoreHarness()
    let handle = try harness.given(1)
    harness.touch(0)
    evict(&harness, handle)
    harness.finishJobs()
    let other = try harness.given(1)
    for _ in 0...History.capacity / 2 {
      harness.touch(1)
      evict(&harness, other)
      harness.finishJobs()
      // What was read is not added to any more: each round has entries of its own.
      _ = harness.core.history(after: harness.core.historyNumber - 1, limit: 1)
    }
    let found = try explain(harness, handle)
    #expect(found.parts.map(\.reason) == [.evicted] && found.parts[0].entry == nil)
    #expect(found.history.isEmpty && found.rememberedSince != nil)
  }
}
