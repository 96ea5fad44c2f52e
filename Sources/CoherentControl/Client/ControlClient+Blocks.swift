// The calls about memory blocks.

extension ControlClient {
  /// How long the daemon may take to commit the memory of many blocks, or to look at their pages.
  package static let memoryMilliseconds: UInt32 = 300_000

  /// Every known memory block.
  package mutating func blocks() throws(ControlFailure) -> [BlockReport] {
    var blocks: [BlockReport] = []
    try stream("ListBlocks", NoParameters(), BlocksAnswer.self) { blocks += $0.blocks }
    return blocks
  }

  package mutating func checkBlocks() throws(ControlFailure) -> BlockCheckReport {
    try call(
      "CheckBlocks", NoParameters(), BlockCheckReport.self,
      extraMilliseconds: Self.memoryMilliseconds)
  }

  package mutating func addBlocks(
    _ order: AddBlocksOrder
  ) throws(ControlFailure) -> BlockChangeReport {
    try call("AddBlocks", order, BlockChangeReport.self)
  }

  /// `wait` may wait until the descriptor that it is given is readable; false gives the answer up.
  package mutating func onlineBlocks(
    _ order: BlocksOrder, waiting wait: (CInt) -> Bool = { _ in true }
  ) throws(ControlFailure) -> BlockChangeReport {
    try call(
      "OnlineBlocks", order, BlockChangeReport.self, extraMilliseconds: Self.memoryMilliseconds,
      waiting: wait)
  }

  /// Returns when the blocks are going offline.
  package mutating func offlineBlocks(
    _ order: OfflineOrder
  ) throws(ControlFailure) -> BlockChangeReport {
    try call("OfflineBlocks", order, BlockChangeReport.self)
  }

  package mutating func planOffline(
    _ order: OfflineOrder
  ) throws(ControlFailure) -> [OfflinePlanReport] {
    try call("PlanOffline", order, OfflinePlansAnswer.self).plans
  }

  package mutating func removeBlocks(
    _ order: BlocksOrder
  ) throws(ControlFailure) -> BlockChangeReport {
    try call("RemoveBlocks", order, BlockChangeReport.self)
  }
}
