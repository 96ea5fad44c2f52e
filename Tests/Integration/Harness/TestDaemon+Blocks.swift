// Orders about memory blocks, as an administrator's program gives them.

import CoherentControl
import CoherentSystem
import Testing

extension TestDaemon {
  func blocks() throws -> [BlockReport] {
    var control = try control()
    return try control.blocks()
  }

  /// Those that are online now and were not before.
  @discardableResult
  func online(_ blocks: [Int]) throws -> [Int] {
    var control = try control()
    return try control.onlineBlocks(BlocksOrder(blocks: blocks)).changed
  }

  func offline(_ blocks: [Int], timeoutMilliseconds: UInt32 = 60_000) throws {
    var control = try control()
    let order = OfflineOrder(blocks: blocks, timeoutMilliseconds: timeoutMilliseconds)
    #expect(try control.offlineBlocks(order).changed == blocks)
  }

  /// When no block goes any more, and what is carved is carved: the kernel's numbers are those of the
  /// blocks that are online, and of what lies in host memory and host stores beside them.
  func expectCommittedIsOnline(sourceLocation: SourceLocation = #_sourceLocation) throws {
    try eventually("what is committed is what is online", sourceLocation: sourceLocation) {
      let status = try status()
      let size = status.blockBytes
      // Writers go on meanwhile, so both are looked at twice.
      let committed = try MemoryFiles(process: process).region?.committedBytes ?? 0
      let again = try self.status()
      return status.blocksGoingOffline == 0 && status.onlineBytes == status.blocksOnline * size
        && again.deviceBytes == status.deviceBytes && again.evictedFrames == status.evictedFrames
        && again.restoredFrames == status.restoredFrames
        && committed == status.onlineBytes - status.deviceBytes
    }
  }
}
