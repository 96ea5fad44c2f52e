// Gives orders about memory blocks at random, as long as it is asked to: one at a time, to whatever
// state a block is in.

import CoherentControl
import CoherentSystem

struct BlockPlug: ~Copyable {
  private var control: ControlClient
  private var random: SeededNumbers
  private(set) var onlined = 0
  private(set) var offlined = 0

  private static let blocks = 5

  init(_ daemon: TestDaemon, seed: UInt64) throws {
    control = try daemon.control()
    random = SeededNumbers(seed: seed)
  }

  /// One order. Throws unless it is done, or refused for a reason that there may be.
  mutating func next() throws {
    let block = Int.random(in: 0..<Self.blocks, using: &random)
    let order = BlocksOrder(blocks: [block])
    do throws(ControlFailure) {
      switch Int.random(in: 0..<8, using: &random) {
      case 0: _ = try control.addBlocks(AddBlocksOrder(blocks: [block]))
      case 1: _ = try control.removeBlocks(order)
      case 2, 3, 4: onlined += try control.onlineBlocks(order).changed.count
      default:
        let timeout = UInt32.random(in: 0...400, using: &random)
        offlined += try control.offlineBlocks(
          OfflineOrder(blocks: [block], timeoutMilliseconds: timeout)
        ).changed.count
      }
    } catch {
      switch error {
      case .call(.control(.noSuchBlock)), .call(.control(.wrongBlockState)): break
      default: throw error
      }
    }
  }

  /// Has every block online again.
  mutating func bringEverythingOnline() throws {
    let all = BlocksOrder(blocks: Array(0..<Self.blocks))
    _ = try control.addBlocks(AddBlocksOrder(blocks: all.blocks))
    _ = try control.onlineBlocks(all)
  }
}
