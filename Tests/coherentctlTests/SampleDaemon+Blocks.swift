// The sample daemon's side of hot-plug.
import CoherentControl

extension SampleDaemon.Source {
  func blocks(from cursor: ReportCursor, limit: Int) -> ReportPage<BlockReport> {
    ReportPage(entries: blockTable.withLock { $0.look() }, next: nil)
  }

  func checkBlocks(completion: @escaping Completion<BlockCheckReport>) {
    completion(.success(BlockCheckReport(checkedPages: 1024)))
  }

  func addBlocks(_ order: AddBlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    answer(completion) { (blocks) throws(ControlError) in try blocks.add(order) }
  }

  func onlineBlocks(_ order: BlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    let isSlow = blockTable.withLock { blocks in
      blocks.onlineOrders += 1
      return blocks.isSlow
    }
    if isSlow { return }
    answer(completion) { (blocks) throws(ControlError) in try blocks.putOnline(order.blocks) }
  }

  func offlineBlocks(_ order: OfflineOrder, completion: @escaping Completion<BlockChangeReport>) {
    answer(completion) { (blocks) throws(ControlError) in try blocks.takeOffline(order.blocks) }
  }

  func removeBlocks(_ order: BlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    answer(completion) { (blocks) throws(ControlError) in try blocks.remove(order.blocks) }
  }

  func planOffline(_ order: OfflineOrder) throws(ControlError) -> [OfflinePlanReport] {
    try blockTable.withLock { (blocks) throws(ControlError) in try blocks.plan(order) }
  }

  private func answer(
    _ completion: Completion<BlockChangeReport>,
    _ change: (inout SampleBlocks) throws(ControlError) -> BlockChangeReport
  ) {
    do throws(ControlError) {
      completion(
        .success(
          try blockTable.withLock { (blocks) throws(ControlError) in try change(&blocks) }))
    } catch {
      completion(.failure(error))
    }
  }
}
