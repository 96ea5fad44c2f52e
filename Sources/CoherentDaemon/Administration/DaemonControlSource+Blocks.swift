// Memory blocks as administrators see them and order them about. What changes anything is performed
// by the block worker; lists and plans are a look under the core's lock.

import CoherentControl
import CoherentCore
import CoherentSystem
import CoherentWire
import Synchronization

/// Where the memory of the bound blocks was found to lie, at the last look.
final class BlockFindings: Sendable {
  private let findings = Mutex<[Int: BlockCheck.Finding]>([:])

  subscript(block: Int) -> BlockCheck.Finding? { findings.withLock { $0[block] } }

  func replace(by found: [Int: BlockCheck.Finding]) { findings.withLock { $0 = found } }
}

extension DaemonControlSource {
  /// The cursor is the number of the next block.
  func blocks(from cursor: ReportCursor, limit: Int) -> ReportPage<BlockReport> {
    let (page, now) = performer.engine.look { core, now in
      (core.blocksWithPins(from: Int(clamping: cursor.rawValue), limit: limit), now)
    }
    return ReportPage(
      entries: page.list.map { report($0, now) },
      next: page.next.map { ReportCursor(rawValue: UInt64($0)) })
  }

  private func report(_ status: BlockStatus, _ now: Instant) -> BlockReport {
    var report = BlockReport(block: status.block)
    report.state = CoherentControl.BlockState(rawValue: HistoryText.word(status.state))
    report.node = performer.nodes.node(of: status.kind)
    report.sizeBytes = performer.housekeeper.region.blockBytes
    report.freeBytes = bytes(status.freeFrames)
    report.reservedBytes = bytes(status.reservedFrames)
    report.deviceBytes = bytes(status.deviceFrames)
    report.movingBytes = bytes(status.movingFrames)
    report.isolatedBytes = bytes(status.isolatedFrames)
    report.pinnedBytes = status.pinnedFrames.map(bytes)
    report.holders = holders(status)
    report.pinnedUntilMilliseconds = status.pinnedUntil.map { milliseconds(from: now, to: $0) }
    report.lastFailure = status.lastFailure.map { $0 == .timedOut ? .timedOut : .cancelled }
    if status.state == .goingOffline {
      report.leftBytes = bytes(status.leftFrames)
      report.remainingMilliseconds = milliseconds(from: now, to: status.deadline)
    }
    if let found = findings[status.block], report.node != nil, status.state.isCounted {
      report.checkedPages = UInt64(found.pages)
      report.misplacedPages = UInt64(found.misplacedPages)
    }
    return report
  }

  private func holders(_ status: BlockStatus) -> [PinHolderReport] {
    status.holders.prefix(PinHolder.maximumNamed).map { holder in
      PinHolderReport(
        session: holder.session, process: Int32(bitPattern: holder.process),
        frames: UInt64(holder.frames))
    }
  }

  private func milliseconds(from start: Instant, to end: Instant) -> UInt64 {
    start < end ? (end.nanoseconds - start.nanoseconds + 999_999) / 1_000_000 : 0
  }

  func planOffline(_ order: OfflineOrder) throws(ControlError) -> [OfflinePlanReport] {
    let (result, states, now) = performer.engine.look { core, now in
      let states = order.blocks.map { core.blockState($0) }
      do throws(BlockFault) {
        return (Result<_, BlockFault>.success(try core.planOffline(order.blocks)), states, now)
      } catch {
        return (.failure(error), states, now)
      }
    }
    if let missing = zip(order.blocks, states).first(where: { $0.1 == .absent }) {
      throw .noSuchBlock(.init(block: missing.0))
    }
    var reports: [OfflinePlanReport] = []
    for (block, state) in zip(order.blocks, states) {
      var report = OfflinePlanReport(block: block)
      report.state = CoherentControl.BlockState(rawValue: HistoryText.word(state))
      report.boundMilliseconds = UInt64(order.timeoutMilliseconds)
      switch result {
      case .failure(let fault):
        // What is not online has nothing that could be refused.
        if state == .online, case .refused(let detail) = ControlError(fault) {
          report.refusal = detail.message
        }
      case .success(let plans):
        if let plan = plans.first(where: { $0.status.block == block }) {
          fill(&report, plan, now)
        } else {
          report.boundMilliseconds = 0
        }
      }
      reports.append(report)
    }
    return reports
  }

  private func fill(_ report: inout OfflinePlanReport, _ plan: OfflinePlan, _ now: Instant) {
    report.freeBytes = bytes(plan.status.freeFrames)
    report.movedBytes = bytes(plan.movedFrames)
    report.evictedBytes = bytes(plan.evictedFrames)
    if plan.status.state == .goingOffline {
      report.boundMilliseconds = milliseconds(from: now, to: plan.status.deadline)
    }
    guard plan.delayedFrames > 0 else { return }
    report.pinnedBytes = bytes(plan.delayedFrames)
    report.holders = holders(plan.status)
    report.pinnedUntilMilliseconds = plan.status.pinnedUntil.map {
      milliseconds(from: now, to: $0)
    }
  }

  // MARK: orders

  func addBlocks(_ order: AddBlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    let node = configuration.node
    post(.soon, completion) { orders throws(ControlError) in try orders.add(order, usualNode: node)
    }
  }

  func onlineBlocks(_ order: BlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    post(.inMinutes, completion) { orders throws(ControlError) in try orders.online(order) }
  }

  func offlineBlocks(_ order: OfflineOrder, completion: @escaping Completion<BlockChangeReport>) {
    post(.soon, completion) { orders throws(ControlError) in try orders.offline(order) }
  }

  func removeBlocks(_ order: BlocksOrder, completion: @escaping Completion<BlockChangeReport>) {
    post(.soon, completion) { orders throws(ControlError) in try orders.remove(order) }
  }

  /// What is found elsewhere than it should be is an error, and said so in the journal.
  func checkBlocks(completion: @escaping Completion<BlockCheckReport>) {
    post(.inMinutes, completion) { [findings, performer] orders throws(ControlError) in
      let check = try orders.check()
      findings.replace(by: check.findings)
      var report = BlockCheckReport()
      report.evictedPages = UInt64(check.evicted.pages)
      report.misplacedEvictedPages = UInt64(check.evicted.misplacedPages)
      if check.evicted.misplacedPages > 0 {
        performer.log.error(
          "of \(check.evicted.pages) pages of evicted data, \(check.evicted.misplacedPages) lie on "
            + "nodes that blocks are bound to")
      }
      for (block, finding) in check.findings.sorted(by: { $0.key < $1.key }) {
        report.checkedPages += UInt64(finding.pages)
        report.misplacedPages += UInt64(finding.misplacedPages)
        guard finding.misplacedPages > 0 else { continue }
        performer.log.error(
          "of \(finding.pages) pages of memory block \(block), \(finding.misplacedPages) lie on "
            + "other nodes than the block's")
      }
      return report
    }
  }

  private func post<Answer: Sendable>(
    _ patience: BlockWorker.Patience, _ completion: @escaping Completion<Answer>,
    _ order: @escaping @Sendable (BlockOrders) throws(ControlError) -> Answer
  ) {
    worker.post(patience) { orders in
      do throws(ControlError) {
        guard let orders else { throw .tooLate }
        completion(.success(try order(orders)))
      } catch {
        completion(.failure(error))
      }
    }
  }
}
