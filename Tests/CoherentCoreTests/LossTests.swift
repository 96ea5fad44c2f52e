// Copies that cannot be read: the frame is lost alone, counted once, and never reads as zero.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct LossTests {
  /// Four frames, all written to and evicted.
  private func evicted() throws -> (CoreHarness, HandleID) {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    for index in 0..<4 { harness.touch(index) }
    harness.effects = []
    harness.core.evict(
      token: 1, session: harness.client, handle: handle, frames: 4, timeoutMilliseconds: 100,
      harness.now, &harness.effects)
    harness.collectJobs()
    harness.finishJobs()
    return (harness, handle)
  }

  private func fault(_ harness: inout CoreHarness, _ index: Int) -> FaultDecision {
    harness.effects = []
    return harness.core.fault(
      harness.client, frame: index, isWrite: false, isWriteProtect: false, harness.now,
      &harness.effects)
  }

  private func fail(_ harness: inout CoreHarness, _ decision: FaultDecision) throws -> Bool {
    guard case .fill(let order) = decision else { throw CoreHarness.NotGranted() }
    return harness.core.copyUnreadable(harness.client, order, harness.now, &harness.effects)
  }

  private func lost(_ harness: CoreHarness) -> UInt64 { harness.core.status().counters.lostFrames }

  @Test func aFrameWhoseCopyCannotBeReadIsLostAndCountedOnce() throws {
    var (harness, _) = try evicted()
    #expect(try fail(&harness, fault(&harness, 1)))
    #expect(lost(harness) == 1)
    #expect(fault(&harness, 1) == .lost)
    #expect(fault(&harness, 1) == .lost)
    #expect(lost(harness) == 1)
    #expect(harness.core.history(after: 0, limit: 1000).entries.count { $0.kind == .dataLost } == 1)
    guard case .fill = fault(&harness, 0) else {
      Issue.record("its neighbour is whole")
      return
    }
  }

  @Test func ofARunEachFrameIsTriedByItself() throws {
    var (harness, _) = try evicted()
    harness.touch(0, isWrite: false)
    let decision = fault(&harness, 1)
    guard case .fill(let order) = decision, order.count > 1 else {
      Issue.record("who walks gets more than one frame: \(decision)")
      return
    }
    #expect(try !fail(&harness, decision))
    #expect(lost(harness) == 0)
    guard case .fill(let single) = fault(&harness, 1), single.count == 1 else {
      Issue.record("the frame is tried alone")
      return
    }
  }

  @Test func whatIsDiscardedOrAllocatedAnewIsWhole() throws {
    var (harness, handle) = try evicted()
    #expect(try fail(&harness, fault(&harness, 1)))
    harness.ask(.advise(CoreHarness.range(handle, 0..<4), .discard))
    harness.finishJobs()
    guard case .fill(let order) = fault(&harness, 1), order.source == .zero else {
      Issue.record("a discarded frame reads as zero")
      return
    }
    #expect(lost(harness) == 1, "what was lost stays counted")
  }

  @Test func theDaemonsStopGoesOnWithTheFramesThatAreWhole() throws {
    var (harness, _) = try evicted()
    harness.effects = []
    harness.core.beginStopping(harness.now, &harness.effects)
    guard let run = harness.core.surrenderNext(harness.client, limit: 8) else {
      Issue.record("there is a run to bring back")
      return
    }
    #expect(run.count == 4)
    #expect(try !fail(&harness, .fill(run)))
    var whole = 0
    while let order = harness.core.surrenderNext(harness.client, limit: 1) {
      if order.first == 2 {
        #expect(try fail(&harness, .fill(order)))
      } else {
        harness.core.filled(harness.client, order, harness.now, &harness.effects)
        whole += 1
      }
    }
    #expect(whole == 3 && lost(harness) == 1)
  }

  @Test func aPartOfAFrameCountsAsOne() {
    var harness = CoreHarness()
    harness.core.noteLost(
      session: SessionID(rawValue: 40), process: 12, bytes: 1, because: .stopping, harness.now)
    harness.core.noteLost(
      session: SessionID(rawValue: 41), process: 12, bytes: 0, because: .stopping, harness.now)
    #expect(lost(harness) == 1)
  }
}
