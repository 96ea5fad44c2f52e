// The frames that lie in bound blocks, as a check of their pages asks for them.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct BoundRunTests {
  private func harness(_ kind: MemoryKind) -> CoreHarness {
    CoreHarness(online: 8) { configuration in
      configuration.blockFrames = 4
      configuration.maximumBlocks = 2
      configuration.startingKind = kind
    }
  }

  @Test func listsWhatLiesInBoundBlocksAndNothingElse() throws {
    var harness = harness(MemoryKind(rawValue: 1))
    let client = harness.client
    _ = try harness.given(6)
    #expect(harness.core.boundRuns(of: client, from: 0, limit: 8).runs == [], "nothing touched")
    for index in [5, 4, 3, 1, 0] { _ = harness.touch(index) }
    let (runs, next) = harness.core.boundRuns(of: client, from: 0, limit: 8)
    #expect(next == nil)
    #expect(runs.reduce(0) { $0 + $1.count } == 5)
    for run in runs {
      for frame in run.first..<run.end {
        #expect(harness.blockOf(frame: frame) == run.block)
        #expect(harness.core.boundBlock(of: client, frame: frame) == run.block)
        #expect(harness.target(frame) == .device(MemoryKind(rawValue: 1)))
      }
    }
    #expect(harness.core.boundBlock(of: client, frame: 2) == nil)
    #expect(harness.core.boundBlock(of: client, frame: 1000) == nil)
  }

  @Test func comesInPagesThatMissNothing() throws {
    var harness = harness(MemoryKind(rawValue: 7))
    let client = harness.client
    _ = try harness.given(6)
    for index in [0, 2, 4] { _ = harness.touch(index) }
    var frames: [Int] = []
    var next: Int? = 0
    while let from = next {
      let page = harness.core.boundRuns(of: client, from: from, limit: 1)
      #expect(page.runs.count <= 1)
      frames += page.runs.flatMap { $0.first..<$0.end }
      next = page.next
    }
    #expect(frames == [0, 2, 4])
  }

  @Test func unboundMemoryIsNotLookedAt() throws {
    var harness = harness(.unbound)
    _ = try harness.given(2)
    _ = harness.touch(0)
    #expect(harness.core.boundRuns(of: harness.client, from: 0, limit: 8).runs == [])
    #expect(harness.core.boundBlock(of: harness.client, frame: 0) == nil)
  }
}
