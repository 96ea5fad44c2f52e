// The map: runs that are alike, whose they are, and pages that fit together.

import CoherentWire
import Testing

@testable import CoherentCore

@Suite struct MapTests {
  private func runs(_ core: Core, pageLimit: Int = 100) -> [MapRun] {
    var runs: [MapRun] = []
    var next: Int? = 0
    while let first = next {
      let page = core.map(fromFrame: first, limit: pageLimit)
      #expect(page.runs.count <= pageLimit)
      runs += page.runs
      next = page.next
    }
    return runs
  }

  @Test func anEmptyDeviceIsOneRun() {
    let harness = CoreHarness()
    let found = runs(harness.core)
    #expect(found.map(\.frames) == [8] && found.map(\.state) == [.free])
    #expect(found[0].session == nil)
  }

  @Test func everyFrameIsInOneRun() throws {
    var harness = CoreHarness()
    _ = try harness.given(3)
    harness.touch(0)
    let other = harness.connect()
    #expect(harness.allocate(2, from: other) != nil)
    for limit in [1, 2, 100] {
      let found = runs(harness.core, pageLimit: limit)
      var end = 0
      for run in found {
        #expect(run.firstFrame == end && run.frames > 0)
        end += run.frames
      }
      #expect(end == 8)
      func frames(_ state: DeviceFrame.State, _ id: SessionID?) -> Int {
        found.filter { $0.state == state && $0.session == id }.reduce(0) { $0 + $1.frames }
      }
      #expect(frames(.device, harness.client) == 1 && frames(.reserved, harness.client) == 2)
      #expect(frames(.reserved, other) == 2 && frames(.free, nil) == 3)
    }
  }

  @Test func pinsAreShown() throws {
    var harness = CoreHarness()
    let handle = try harness.given(4)
    for index in 0..<4 { harness.touch(index) }
    harness.ask(
      .pin(CoreHarness.range(handle, 1..<3), leaseMilliseconds: 50, timeoutMilliseconds: 9))
    let pinned = runs(harness.core).filter(\.isPinned)
    #expect(pinned.reduce(0) { $0 + $1.frames } == 2)
    #expect(pinned.allSatisfy { $0.session == harness.client && $0.process == 7 })
    harness.pass(milliseconds: 60)
    #expect(!runs(harness.core).contains { $0.isPinned })
  }

  @Test func whoLeavesIsShownUntilItsMemoryIsFree() throws {
    var harness = CoreHarness()
    _ = try harness.given(2)
    harness.touch(0)
    harness.core.disconnect(harness.client, harness.now, &harness.effects)
    #expect(runs(harness.core).contains { $0.session == harness.client })
    while let range = harness.core.releaseNext(harness.client, limit: 8) {
      harness.core.released(harness.client, range, harness.now, &harness.effects)
    }
    harness.core.ended(harness.client, harness.now, &harness.effects)
    #expect(runs(harness.core).map(\.state) == [.free])
  }
}
