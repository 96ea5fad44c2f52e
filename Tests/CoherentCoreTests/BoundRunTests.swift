// The frames that lie in bound blocks or in host memory, as a check of their pages asks for them.

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
    #expect(harness.core.placedRuns(of: client, from: 0, limit: 8).runs == [], "nothing touched")
    for index in [5, 4, 3, 1, 0] { _ = harness.touch(index) }
    let (runs, next) = harness.core.placedRuns(of: client, from: 0, limit: 8)
    #expect(next == nil)
    #expect(runs.reduce(0) { $0 + $1.count } == 5)
    for run in runs {
      for frame in run.first..<run.end {
        #expect(run.spot == .block(harness.blockOf(frame: frame)))
        #expect(harness.core.spot(of: client, frame: frame) == run.spot)
        #expect(harness.target(frame) == .device(MemoryKind(rawValue: 1)))
      }
    }
    #expect(harness.core.spot(of: client, frame: 2) == nil)
    #expect(harness.core.spot(of: client, frame: 1000) == nil)
  }

  @Test func listsWhatIsEvictedAndWhatIsKeptInHost() throws {
    var harness = harness(MemoryKind(rawValue: 1))
    let client = harness.client
    let handle = try harness.given(3)
    for index in 0..<3 { _ = harness.touch(index) }
    harness.effects = []
    harness.core.evict(
      token: 1, session: client, handle: handle, frames: 1, timeoutMilliseconds: 100, harness.now,
      &harness.effects)
    harness.collectJobs()
    harness.finishJobs()
    let onDevice = (0..<3).filter { harness.place($0) == .device }
    try #require(onDevice.count == 2)
    let range = onDevice[0]..<onDevice[0] + 1
    harness.ask(
      .migrate(CoreHarness.range(handle, range), to: .host, timeoutMilliseconds: 1000))
    harness.finishJobs()
    let runs = harness.core.placedRuns(of: client, from: 0, limit: 8).runs
    #expect(runs.map(\.first) == [0, 1, 2] && runs.map(\.count) == [1, 1, 1])
    let block = FrameSpot.block(harness.blockOf(frame: onDevice[1]))
    #expect(Set(runs.map(\.spot)) == [.host, .store, block])
  }

  @Test func comesInPagesThatMissNothing() throws {
    var harness = harness(MemoryKind(rawValue: 7))
    let client = harness.client
    _ = try harness.given(6)
    for index in [0, 2, 4] { _ = harness.touch(index) }
    var frames: [Int] = []
    var next: Int? = 0
    while let from = next {
      let page = harness.core.placedRuns(of: client, from: from, limit: 1)
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
    #expect(harness.core.placedRuns(of: harness.client, from: 0, limit: 8).runs == [])
    #expect(harness.core.spot(of: harness.client, frame: 0) == nil)
  }
}
