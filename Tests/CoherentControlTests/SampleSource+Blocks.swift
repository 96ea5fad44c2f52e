// The sample's memory blocks: an even one is online and complete, an odd one is going offline.
import CoherentControl
import CoherentWire

extension SampleSource {
  func block(_ number: Int) -> BlockReport {
    var report = BlockReport(block: number)
    report.sizeBytes = 128 << 20
    guard !number.isMultiple(of: 2) else {
      report.state = .online
      report.freeBytes = report.sizeBytes
      return report
    }
    report.state = .goingOffline
    report.node = 1
    report.isolatedBytes = 64 << 20
    report.deviceBytes = 64 << 20
    report.pinnedBytes = 1 << 20
    report.leftBytes = 64 << 20
    report.holders = [PinHolderReport(session: SessionID(rawValue: 1), process: 101, frames: 16)]
    report.pinnedUntilMilliseconds = .max
    report.remainingMilliseconds = 59_000
    report.lastFailure = .timedOut
    report.checkedPages = 1024
    report.misplacedPages = 3
    return report
  }

  func plan(_ number: Int) -> OfflinePlanReport {
    var report = OfflinePlanReport(block: number)
    report.movedBytes = .max
    report.boundMilliseconds = 60_000
    guard !number.isMultiple(of: 2) else { return report }
    report.pinnedUntilMilliseconds = 40
    report.refusal = "block \(number) is promised"
    report.holders = block(number).holders
    return report
  }

  func blocks(from cursor: ReportCursor, limit: Int) -> ReportPage<BlockReport> {
    let end = min(Int(cursor.rawValue) + limit, blockCount)
    return ReportPage(
      entries: (Int(cursor.rawValue)..<end).map(block),
      next: end < blockCount ? ReportCursor(rawValue: UInt64(end)) : nil)
  }

  func checkBlocks(completion: @escaping Completion<BlockCheckReport>) {
    completion(.success(BlockCheckReport(checkedPages: 1024, misplacedPages: 3)))
  }

  func addBlocks(_ order: AddBlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    completion(.success(BlockChangeReport(changed: order.blocks ?? Array(0..<(order.count ?? 0)))))
  }

  func onlineBlocks(_ order: BlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    change(order.blocks, completion)
  }

  func offlineBlocks(_ order: OfflineOrder, completion: @escaping Completion<BlockChangeReport>) {
    change(order.blocks, completion)
  }

  func removeBlocks(_ order: BlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    guard let online = order.blocks.first(where: { $0.isMultiple(of: 2) }) else {
      return change(order.blocks, completion)
    }
    completion(
      .failure(.wrongBlockState(.init(block: online, state: .online, message: "it is online"))))
  }

  /// Of known blocks every second one is as wanted already.
  private func change(_ blocks: [Int], _ completion: Completion<BlockChangeReport>) {
    if let stranger = blocks.first(where: { $0 >= blockCount }) {
      return completion(.failure(.noSuchBlock(.init(block: stranger))))
    }
    completion(
      .success(
        BlockChangeReport(
          changed: blocks.filter { !$0.isMultiple(of: 2) },
          already: blocks.filter { $0.isMultiple(of: 2) })))
  }

  func planOffline(_ order: OfflineOrder) throws(ControlError) -> [OfflinePlanReport] {
    if let stranger = order.blocks.first(where: { $0 >= blockCount }) {
      throw .noSuchBlock(.init(block: stranger))
    }
    return order.blocks.map(plan)
  }
}
