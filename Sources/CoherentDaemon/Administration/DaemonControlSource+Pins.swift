// The list of pins: who holds what, and who waits for it. A page is of one session. What the core
// and the words say is taken under the lock; who the process is, is read outside it.

import CoherentControl
import CoherentCore
import CoherentSystem
import CoherentWire

extension DaemonControlSource {
  /// The cursor's high half is the session's number, the low half the slot; its highest bit tells
  /// slots of words from those of pins.
  private static let wordBit: UInt64 = 1 << 31

  func pins(
    _ query: PinsQuery, from cursor: ReportCursor, limit: Int
  ) throws(ControlError) -> ReportPage<PinReport> {
    let matching = performer.sessions.all.filter { session in
      session.id == query.session ?? session.id
        && session.peer.process == query.process ?? session.peer.process
    }
    if matching.isEmpty, cursor == .start, query.session != nil || query.process != nil {
      throw .noSuchSession(
        ControlError.SubjectDetail(session: query.session, process: query.process))
    }
    let number = cursor.rawValue >> 32
    let later = matching.filter { UInt64($0.id.rawValue) >= number }
      .sorted { $0.id < $1.id }
    guard let session = later.first else { return ReportPage(entries: [], next: nil) }
    let isContinued = UInt64(session.id.rawValue) == number
    let page = performer.engine.pins(
      of: session.id, from: Self.position(isContinued ? cursor : .start), limit: limit)
    let next =
      page.next.map { Self.cursor(session.id, $0) }
      ?? later.dropFirst().first.map { Self.cursor($0.id, .pin(0)) }
    return ReportPage(entries: reports(page.list, session), next: next)
  }

  private static func position(_ cursor: ReportCursor) -> Core.PinCursor {
    let slot = Int(cursor.rawValue & (wordBit - 1))
    return cursor.rawValue & wordBit == 0 ? .pin(slot) : .word(slot)
  }

  private static func cursor(_ session: SessionID, _ position: Core.PinCursor) -> ReportCursor {
    let low =
      switch position {
      case .pin(let slot): UInt64(slot)
      case .word(let slot): UInt64(slot) | wordBit
      }
    return ReportCursor(rawValue: UInt64(session.rawValue) << 32 | low)
  }

  // MARK: reports

  private func reports(_ list: [PinStatus], _ session: ClientSession) -> [PinReport] {
    guard !list.isEmpty else { return [] }
    let now = Instant(nanoseconds: Clock.monotonicNanoseconds())
    let process = ProcessDescription(of: session.peer.process, session.process)
    return list.map { status in
      var report = PinReport(session: status.session, allocation: status.handle)
      report.process = session.peer.process
      report.user = session.peer.user
      report.unit = process.unit
      report.command = process.command
      switch status.kind {
      case .request: report.kind = .request
      case .fast: report.kind = .fast
      case .longTerm: report.kind = .longTerm
      }
      report.offsetBytes = bytes(status.firstFrame)
      report.lengthBytes = bytes(status.frames)
      report.count = UInt64(status.count)
      report.heldMilliseconds = Self.milliseconds(from: status.since, to: now)
      report.isHeldExact = status.kind != .fast
      report.remainingMilliseconds =
        status.kind == .longTerm ? nil : Self.milliseconds(from: now, to: status.until)
      report.renewals = status.renewals
      report.waiting = UInt64(status.waiting)
      report.waiters = status.waiters.map { self.report($0, now) }
      return report
    }
  }

  private func report(_ status: WaiterStatus, _ now: Instant) -> PinWaiterReport {
    var report = PinWaiterReport()
    report.session = status.session
    report.process = status.session.map { _ in Int32(bitPattern: status.process) }
    switch status.wish {
    case .allocate: report.wish = .allocate
    case .migrate(.device): report.wish = .migrateToDevice
    case .migrate(.host): report.wish = .migrateToHost
    }
    report.bytes = bytes(status.frames)
    report.waitingMilliseconds = Self.milliseconds(from: status.since, to: now)
    report.remainingMilliseconds = Self.milliseconds(from: now, to: status.until)
    return report
  }

  /// None, if the end is before the beginning: what is over is over.
  private static func milliseconds(from start: Instant, to end: Instant) -> UInt64 {
    start < end ? (end.nanoseconds - start.nanoseconds) / 1_000_000 : 0
  }
}
