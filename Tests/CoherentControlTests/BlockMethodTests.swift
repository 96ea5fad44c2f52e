// The calls about blocks and about seeing, through a real server: what the source says arrives, and
// so does what it refuses.

import CoherentControl
import CoherentWire
import Testing

@Suite struct BlockMethodTests {
  private func failure(_ body: () throws(ControlFailure) -> Void) -> ControlFailure? {
    do throws(ControlFailure) {
      try body()
      return nil
    } catch {
      return error
    }
  }

  @Test func everyBlockIsListedOnce() throws {
    let harness = try ServerHarness()
    var client = try harness.client()
    #expect(try client.blocks() == (0..<100).map(harness.source.block))
    #expect(try client.checkBlocks().misplacedPages == 3)
  }

  @Test func ordersAnswerWhatChangedAndWhatWasSoAlready() throws {
    let harness = try ServerHarness()
    var client = try harness.client()
    let change = BlockChangeReport(changed: [1, 3], already: [2])
    #expect(try client.onlineBlocks(BlocksOrder(blocks: [3, 2, 1])) == change)
    #expect(try client.offlineBlocks(OfflineOrder(blocks: [1, 2, 3])) == change)
    #expect(try client.removeBlocks(BlocksOrder(blocks: [5])) == .init(changed: [5]))
    #expect(try client.addBlocks(AddBlocksOrder(blocks: [200])) == .init(changed: [200]))
    #expect(try client.addBlocks(AddBlocksOrder(count: 2)) == .init(changed: [0, 1]))
    #expect(
      try client.planOffline(OfflineOrder(blocks: [1, 2])) == [1, 2].map(harness.source.plan))
  }

  @Test func whatIsRefusedIsNamed() throws {
    let harness = try ServerHarness()
    #expect(
      failure { () throws(ControlFailure) in
        var client = try ControlClient(path: harness.path)
        _ = try client.onlineBlocks(BlocksOrder(blocks: [100]))
      } == .call(.control(.noSuchBlock(.init(block: 100)))))
    #expect(
      failure { () throws(ControlFailure) in
        var client = try ControlClient(path: harness.path)
        _ = try client.removeBlocks(BlocksOrder(blocks: [2]))
      }
        == .call(
          .control(.wrongBlockState(.init(block: 2, state: .online, message: "it is online")))))
    #expect(
      failure { () throws(ControlFailure) in
        var client = try ControlClient(path: harness.path)
        _ = try client.why(WhyQuery(session: nil, allocation: HandleID(rawValue: 404)))
      } == .call(.control(.noSuchAllocation(.init(allocation: HandleID(rawValue: 404))))))
  }

  @Test func theMapThePressureAndTheReasonsArriveWhole() throws {
    let harness = try ServerHarness()
    var client = try harness.client()
    let map = try client.map()
    #expect(map.frameBytes == 65536 && map.blockFrames == 2048)
    #expect(map.runs == (0..<2000).map(harness.source.run))
    #expect(try client.pressure() == harness.source.pressure())
    let why = try client.why(WhyQuery(session: nil, allocation: HandleID(rawValue: 1)))
    #expect(why.why.map(\.session.rawValue) == [1, 2])
  }
}
