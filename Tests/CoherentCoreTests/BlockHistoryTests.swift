// Blocks in the history and on the map: each state they come to, what they evict, and why.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct BlockHistoryTests {
  /// Two blocks of four frames each.
  private func harness() -> CoreHarness {
    CoreHarness { $0.blockFrames = 4 }
  }

  private func entries(_ harness: inout CoreHarness) -> [HistoryEntry] {
    harness.core.checkInvariants()
    return harness.core.history(after: 0, limit: 1000).entries
  }

  @Test func whatALeavingBlockEvictsIsDueToIt() throws {
    var harness = harness()
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    let leaving = try harness.core.offlineBlocks(
      [1], timeoutMilliseconds: 1000, harness.now, &harness.effects)
    #expect(leaving == [1])
    harness.collectJobs()
    harness.finishJobs()
    let found = entries(&harness)
    let evicted = found.filter { $0.kind == .evicted }
    #expect(!evicted.isEmpty && evicted.allSatisfy { $0.origin == Origin(.blockOffline) })
    #expect(evicted.allSatisfy { $0.allocation == handle })
    #expect(evicted.reduce(0) { $0 + $1.bytes } == 4 * CoreHarness.frame)
    let states = found.filter { $0.kind == .block }
    #expect(states.map(\.state).first == .goingOffline && states.map(\.block).first == 1)
    let why = try #require(harness.explain(session: nil, handle: handle).first)
    #expect(why.parts.first { $0.place == .stored }?.entry?.origin == Origin(.blockOffline))
  }

  @Test func aBlockThatIsKeptComesBackOnline() throws {
    var harness = harness()
    let handle = try harness.given(8)
    for index in 0..<8 { harness.touch(index) }
    harness.ask(
      .pin(CoreHarness.range(handle, 0..<8), leaseMilliseconds: 5000, timeoutMilliseconds: 9))
    for isLate in [false, true] {
      _ = try harness.core.offlineBlocks(
        [0], timeoutMilliseconds: 50, harness.now, &harness.effects)
      harness.collectJobs()
      if isLate {
        harness.pass(milliseconds: 60)
      } else {
        let isKept = harness.core.keepBlock(0, harness.now, &harness.effects)
        #expect(isKept)
      }
    }
    let found = entries(&harness).filter { $0.kind == .block }
    #expect(found.last?.state == .online && found.last?.origin == Origin(.timedOut))
    #expect(found.filter { $0.state == .online }.map(\.origin.cause).first == .administrator)
  }

  @Test func theMapShowsNoBlockThatThereIsNot() throws {
    var harness = CoreHarness {
      $0.blockFrames = 4
      $0.maximumBlocks = 4
    }
    #expect(harness.core.map(fromFrame: 0, limit: 9).runs.map(\.block) == [0, 1])
    let added = try harness.add([3], .unbound)
    #expect(added == [3])
    let page = harness.core.map(fromFrame: 0, limit: 9)
    #expect(page.runs.map(\.block) == [0, 1, 3] && page.next == nil)
    #expect(page.runs.map(\.state) == [.free, .free, .offline])
    #expect(page.runs.map(\.firstFrame) == [0, 4, 12])
    #expect(harness.core.map(fromFrame: 4, limit: 1).next == 12)
    #expect(entries(&harness).last?.state == .offline)
  }
}
