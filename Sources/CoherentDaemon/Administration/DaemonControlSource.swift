// What administrators see and order, as the administration module asks for it: a short look under
// the core's lock, the text made outside it.

import CoherentControl
import CoherentCore
import CoherentSystem
import CoherentWire

final class DaemonControlSource: ControlSource {
  let performer: Performer
  private let inEffect: ConfigurationInEffect
  private let region: RegionFile
  let worker: BlockWorker
  private let accountant: Accountant
  let findings = BlockFindings()
  private let startedNanoseconds = Clock.monotonicNanoseconds()

  init(
    performer: Performer, inEffect: ConfigurationInEffect, region: RegionFile, worker: BlockWorker,
    accountant: Accountant
  ) {
    self.worker = worker
    self.accountant = accountant
    self.performer = performer
    self.inEffect = inEffect
    self.region = region
  }

  var configuration: Configuration { inEffect.current }

  func status() -> StatusReport {
    let (core, stalls) = performer.engine.look { core, now in (core.status(), core.pressure(now)) }
    let configuration = configuration
    var report = StatusReport()
    report.version = DaemonOptions.version
    report.process = Process.id
    report.uptimeMilliseconds = (Clock.monotonicNanoseconds() - startedNanoseconds) / 1_000_000
    report.capacityBytes =
      UInt64(core.blocks.values.reduce(0, +)) * configuration.blockSizeBytes
    report.onlineBytes = bytes(core.onlineFrames)
    report.freeBytes = bytes(core.device[.free] ?? 0)
    report.reservedBytes = bytes(core.device[.reserved] ?? 0)
    report.deviceBytes = bytes(core.device[.device] ?? 0)
    report.evictingBytes = bytes(core.device[.evicting] ?? 0)
    report.restoringBytes = bytes(core.device[.restoring] ?? 0)
    report.releasingBytes = bytes(core.device[.releasing] ?? 0)
    report.withheldBytes = bytes(core.withheldFrames)
    report.isolatedBytes = bytes(core.device[.isolated] ?? 0)
    report.hostBytes = bytes(core.places[.host])
    report.storedBytes = bytes(core.places[.stored])
    report.pinnedBytes = bytes(core.pinnedFrames)
    report.hostLimitBytes = configuration.hostLimitBytes
    report.hostReservedBytes = bytes(core.hostReservedFrames)
    // What the memory files hold: the region's filled frames, what lies in the arenas (on device
    // frames or in host memory), and the copies in the host stores.
    let carved = core.frames(.device, .evicting, .restoring, .releasing)
    report.committedBytes =
      bytes(core.filledFrames) + bytes(carved) + report.hostBytes + bytes(core.copiedFrames)
    let totals = accountant.totals
    report.kernelCommittedBytes = totals.kernelBytes
    report.unaccountedBytes = totals.unaccountedBytes
    accountant.wake()  // so that who asks again sees what it is now
    report.frameBytes = configuration.frameSizeBytes
    report.blockBytes = configuration.blockSizeBytes
    report.blocks = UInt64(core.blocks.values.reduce(0, +))
    report.blocksOnline = UInt64(core.blocks[.online] ?? 0)
    report.blocksOffline = UInt64(core.blocks[.offline] ?? 0)
    report.blocksGoingOffline = UInt64(core.blocks[.goingOffline] ?? 0)
    report.watermarkMinimumBytes = bytes(core.minimumFrames)
    report.watermarkLowBytes = bytes(core.lowFrames)
    report.watermarkHighBytes = bytes(core.highFrames)
    report.isUnderPressure = core.isUnderPressure
    tellOfClients(core, &report)
    report.stallMicroseconds = stalls.some.totalNanoseconds / 1000
    if let keeper = performer.keeper {
      report.generation = UInt64(keeper.ledger.generation)
      report.storedDescriptorsExpected = UInt64(keeper.expectedDescriptors)
    }
    return report
  }

  /// Who there is, and what was done for them.
  private func tellOfClients(_ core: CoreStatus, _ report: inout StatusReport) {
    report.sessions = UInt64(core.sessions)
    report.allocations = UInt64(core.allocations)
    report.pins = UInt64(core.pins)
    report.waiters = UInt64(core.waiters)
    report.closings = UInt64(Closer.shared.underWay)
    report.users = UInt64(core.users)
    report.faults = core.counters.faults
    report.evictedFrames = core.counters.evictedFrames
    report.restoredFrames = core.counters.restoredFrames
    report.lostFrames = core.counters.lostFrames
    report.refusedRequests = core.counters.refusedRequests
    report.refusedByShare = core.counters.refusedByShare
    report.misbehavedClients = performer.misbehavedCount
    report.droppedLogLines = performer.log.droppedLines
  }

  /// The line that `systemctl status` shows.
  func sentence() -> String {
    let core = performer.engine.look { core, _ in core.status() }
    let free = bytes(core.device[.free] ?? 0) >> 20
    var parts = [
      "\(bytes(core.onlineFrames) >> 20) MiB device memory", "\(free) MiB free",
      "\(bytes(core.places[.stored]) >> 20) MiB evicted",
      PluralText.count(core.sessions, "session"), PluralText.count(core.allocations, "allocation"),
    ]
    if core.isUnderPressure { parts.append("under pressure") }
    if let leaving = core.blocks[.goingOffline] {
      parts.append("\(PluralText.count(leaving, "block")) going offline")
    }
    return parts.joined(separator: ", ")
  }

  func bytes(_ frames: Int) -> UInt64 { UInt64(frames) * performer.frameBytes }

  // MARK: lists

  func sessions(from cursor: ReportCursor, limit: Int) -> ReportPage<SessionReport> {
    let page = performer.engine.look { core, now in
      core.see(now)
      return core.sessions(fromSlot: Int(cursor.rawValue), limit: limit)
    }
    let now = Clock.monotonicNanoseconds()
    let entries = page.list.map { status in
      var report = SessionReport(session: status.id)
      report.process = Int32(status.process)
      report.state = status.isEnding ? .ending : status.isAttached ? .active : .connecting
      report.arenaBytes = configuration.arenaSizeBytes
      report.allocations = UInt64(status.allocations)
      report.reservedBytes = bytes(status.places[.untouched])
      report.deviceBytes = bytes(status.places[.device])
      report.hostBytes = bytes(status.places[.host])
      report.storedBytes = bytes(status.places[.stored])
      report.pinnedBytes = bytes(status.pinnedFrames)
      report.withheldBytes = bytes(status.withheldFrames)
      report.faults = status.counters.faults
      report.evictedFrames = status.counters.evictedFrames
      report.restoredFrames = status.counters.restoredFrames
      report.stallMicroseconds = status.stalledNanoseconds / 1000
      if let session = performer.sessions[status.id] {
        let process = ProcessDescription(of: session.peer.process, session.process)
        report.command = process.command
        report.unit = process.unit
        report.user = session.peer.user
        report.kernelCommittedBytes = session.account.kernelBytes
        report.unaccountedBytes = session.account.unaccountedBytes
        report.ageMilliseconds = (now - session.sinceNanoseconds) / 1_000_000
      }
      return report
    }
    return ReportPage(entries: entries, next: page.next.map { ReportCursor(rawValue: UInt64($0)) })
  }

  /// The cursor's high half is the session's number when all are listed, the low half the slot.
  func allocations(
    of session: SessionID?, from cursor: ReportCursor, limit: Int
  ) throws(ControlError) -> ReportPage<AllocationReport> {
    let slot = Int(cursor.rawValue & 0xffff_ffff)
    let wanted = session ?? nextSession(UInt32(cursor.rawValue >> 32))
    guard let wanted else { return ReportPage(entries: [], next: nil) }
    if session != nil, cursor == .start,
      performer.engine.look({ core, _ in core.session(wanted) }) == nil
    {
      throw .noSuchSession(ControlError.SubjectDetail(session: wanted))
    }
    let page = performer.engine.look { core, _ in
      core.allocations(of: wanted, fromSlot: slot, limit: limit)
    }
    let number = UInt64(wanted.rawValue)
    var next = page.next.map { ReportCursor(rawValue: number << 32 | UInt64($0)) }
    if next == nil, session == nil, nextSession(wanted.rawValue + 1) != nil {
      next = ReportCursor(rawValue: (number + 1) << 32)
    }
    return ReportPage(entries: page.list.map(report), next: next)
  }

  private func nextSession(_ atLeast: UInt32) -> SessionID? {
    performer.sessions.all.map(\.id).filter { $0.rawValue >= atLeast }.min()
  }

  private func report(_ status: AllocationStatus) -> AllocationReport {
    var report = AllocationReport(allocation: status.handle, session: status.session)
    report.process = Int32(status.process)
    report.offsetBytes = bytes(status.firstFrame)
    report.sizeBytes = bytes(status.frames)
    report.priority = status.priority
    report.untouchedBytes = bytes(status.places[.untouched])
    report.deviceBytes = bytes(status.places[.device])
    report.hostBytes = bytes(status.places[.host])
    report.storedBytes = bytes(status.places[.stored])
    report.pinnedBytes = bytes(status.pinnedFrames)
    return report
  }

  // MARK: orders

  func evict(
    _ given: CoherentControl.EvictionOrder,
    completion: @escaping @Sendable (Result<EvictionReport, ControlError>) -> Void
  ) {
    let order: CoherentControl.EvictionOrder
    do throws(ControlError) {
      order = try narrowed(given)
    } catch {
      return completion(.failure(error))
    }
    let frameBytes = configuration.frameSizeBytes
    let token = performer.order { [self] answer in
      switch answer {
      case .evicted(let frames, let skipped, let holders):
        var report = EvictionReport()
        report.evictedFrames = UInt64(frames)
        report.evictedBytes = UInt64(frames) * frameBytes
        report.skippedPinnedFrames = UInt64(skipped)
        report.holders = holders.map { holder in
          PinHolderReport(
            session: holder.session, process: Int32(bitPattern: holder.process),
            frames: UInt64(holder.frames))
        }
        completion(.success(report))
      case .refused(let refusal):
        completion(.failure(error(refusal, order.session, order.allocation)))
      case .migrated:
        invariant(false, "an eviction is answered as one")
      }
    }
    let frames = order.bytes.map { bytes in
      Int(bytes / frameBytes) + (bytes.isMultiple(of: frameBytes) ? 0 : 1)
    }
    var effects: [Effect] = []
    performer.engine.step(&effects) { core, now, effects in
      core.evict(
        token: token, session: order.session, handle: order.allocation, frames: frames ?? .max,
        timeoutMilliseconds: order.timeoutMilliseconds, now, &effects)
    }
    performer.perform(&effects)
  }

  func migrate(
    _ order: MigrationOrder,
    completion: @escaping @Sendable (Result<MigrationReport, ControlError>) -> Void
  ) {
    let token = performer.order { [self] answer in
      switch answer {
      case .migrated(let moved, let already):
        var report = MigrationReport()
        report.movedFrames = UInt64(moved)
        report.alreadyFrames = UInt64(already)
        completion(.success(report))
      case .refused(let refusal):
        completion(.failure(error(refusal, order.session, order.allocation)))
      case .evicted:
        invariant(false, "a migration is answered as one")
      }
    }
    var effects: [Effect] = []
    performer.engine.step(&effects) { core, now, effects in
      core.migrate(
        token: token, session: order.session, handle: order.allocation, to: order.target,
        timeoutMilliseconds: order.timeoutMilliseconds, now, &effects)
    }
    performer.perform(&effects)
  }

  /// The control loop does it, between two requests of clients.
  func reload(completion: @escaping @Sendable (Result<ReloadReport, ControlError>) -> Void) {
    performer.mailbox.post(
      .reload { outcome in
        guard outcome.problems.isEmpty else {
          let message = outcome.problems.joined(separator: "; ")
          return completion(
            .failure(
              .refused(
                ControlError.MessageDetail(reason: "configurationRefused", message: message))))
        }
        var report = ReloadReport()
        report.changed = outcome.changed
        report.waiting = outcome.waiting
        completion(.success(report))
      })
  }
}
