// What the interface has and this daemon has not yet: answered in good order, and empty.

import CoherentControl

extension DaemonControlSource {
  private static let pending = ControlError.refused(
    .init(reason: "unavailable", message: "this daemon does not know how yet"))

  func blocks(from cursor: ReportCursor, limit: Int) -> ReportPage<BlockReport> {
    ReportPage(entries: [], next: nil)
  }
  func checkBlocks(completion: @escaping Completion<BlockCheckReport>) {
    completion(.success(BlockCheckReport()))
  }
  func addBlocks(_ order: AddBlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    completion(.failure(Self.pending))
  }
  func onlineBlocks(_ order: BlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    completion(.failure(Self.pending))
  }
  func offlineBlocks(_ order: OfflineOrder, completion: @escaping Completion<BlockChangeReport>) {
    completion(.failure(Self.pending))
  }
  func removeBlocks(_ order: BlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    completion(.failure(Self.pending))
  }
  func planOffline(_ order: OfflineOrder) throws(ControlError) -> [OfflinePlanReport] {
    throw Self.pending
  }
}
