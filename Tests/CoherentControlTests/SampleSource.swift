// A daemon for the tests: a table of sessions and allocations, and orders that are held back until
// the test lets them go.
import CoherentControl
import CoherentWire
import Synchronization

final class SampleSource: ControlSource {
  struct Held: Sendable {
    var evictions: [(EvictionOrder, @Sendable (Result<EvictionReport, ControlError>) -> Void)] = []
    var migrations: [(MigrationOrder, @Sendable (Result<MigrationReport, ControlError>) -> Void)] =
      []
    var pagesAsked = 0
    /// The numbers of the events that are remembered; the next one is made with the last.
    var events: Range<UInt64> = 1..<1
    var looksForEvents = 0
  }

  let sessionCount: UInt64
  let allocationCount: UInt64
  /// Every so many pages of allocations there is one without an entry.
  let emptyPageStride: UInt64
  /// Orders stay in `held` until the test completes them; otherwise they are done at once.
  let holdsOrders: Bool
  let held = Mutex(Held())
  let blockCount = 100
  let runCount: UInt64 = 2000

  init(
    sessions: UInt64 = 3, allocations: UInt64 = 10, emptyPageStride: UInt64 = 5,
    holdsOrders: Bool = false
  ) {
    sessionCount = sessions
    allocationCount = allocations
    self.emptyPageStride = emptyPageStride
    self.holdsOrders = holdsOrders
  }

  func status() -> StatusReport {
    var report = StatusReport()
    report.version = "1.2.3"
    report.process = 4711
    report.uptimeMilliseconds = 90_061_000
    report.capacityBytes = 4 << 30
    report.onlineBytes = 4 << 30
    report.freeBytes = 1 << 30
    report.deviceBytes = 3 << 30
    report.frameBytes = 65536
    report.sessions = sessionCount
    report.allocations = allocationCount
    report.faults = UInt64.max
    return report
  }

  func session(_ number: UInt64) -> SessionReport {
    var report = SessionReport(session: SessionID(rawValue: UInt32(number)))
    report.process = Int32(100 + number)
    report.user = 1000
    report.unit = number.isMultiple(of: 2) ? "job@\(number).service" : nil
    report.command = "worker \"\(number)\"\u{1}"
    report.deviceBytes = number << 16
    return report
  }

  func allocation(_ number: UInt64) -> AllocationReport {
    var report = AllocationReport(
      allocation: HandleID(rawValue: number | 0xFFFF_FFFF << 32),
      session: SessionID(rawValue: UInt32(number % max(sessionCount, 1))))
    report.process = 100
    report.offsetBytes = number << 16
    report.sizeBytes = 65536
    report.priority = 128
    return report
  }

  func sessions(from cursor: ReportCursor, limit: Int) -> ReportPage<SessionReport> {
    let end = min(cursor.rawValue + UInt64(limit), sessionCount)
    return ReportPage(
      entries: (cursor.rawValue..<end).map(session),
      next: end < sessionCount ? ReportCursor(rawValue: end) : nil)
  }

  /// The cursor counts half pages: even ones hold entries, odd ones may be without.
  func allocations(
    of session: SessionID?, from cursor: ReportCursor, limit: Int
  ) throws(ControlError) -> ReportPage<AllocationReport> {
    if let session, session.rawValue >= sessionCount {
      throw .noSuchSession(ControlError.SubjectDetail(session: session))
    }
    held.withLock { $0.pagesAsked += 1 }
    let page = cursor.rawValue
    let hole = page % emptyPageStride == emptyPageStride - 1
    let first = (page - page / emptyPageStride) * UInt64(limit)
    let end = hole ? first : min(first + UInt64(limit), allocationCount)
    let entries = first < end ? (first..<end).map(allocation) : []
    let isLast = !hole && end >= allocationCount
    return ReportPage(
      entries: entries.filter { session == nil || $0.session == session },
      next: isLast ? nil : ReportCursor(rawValue: page + 1))
  }

  func pin(_ number: UInt64) -> PinReport {
    var report = PinReport(
      session: SessionID(rawValue: UInt32(number)), allocation: HandleID(rawValue: .max - number))
    report.process = Int32(100 + number)
    report.unit = number.isMultiple(of: 2) ? "job@\(number).service" : nil
    report.kind = number.isMultiple(of: 2) ? .fast : .longTerm
    report.isHeldExact = report.kind != .fast
    report.remainingMilliseconds = report.kind == .fast ? 7 : nil
    report.renewals = .max
    var waiter = PinWaiterReport()
    report.waiters = [waiter]
    waiter.session = SessionID(rawValue: 9)
    waiter.process = 109
    waiter.wish = .migrateToHost
    report.waiters.append(waiter)
    report.waiting = 2
    return report
  }

  /// One pin a session; the process of a session is its number and a hundred.
  func pins(
    _ query: PinsQuery, from cursor: ReportCursor, limit: Int
  ) throws(ControlError) -> ReportPage<PinReport> {
    if let session = query.session, UInt64(session.rawValue) >= sessionCount {
      throw .noSuchSession(ControlError.SubjectDetail(session: session))
    }
    let end = min(cursor.rawValue + UInt64(limit), sessionCount)
    let entries = (cursor.rawValue..<end).map(pin).filter { pin in
      pin.session == query.session ?? pin.session && pin.process == query.process ?? pin.process
    }
    return ReportPage(
      entries: entries, next: end < sessionCount ? ReportCursor(rawValue: end) : nil)
  }

  func evict(
    _ order: EvictionOrder,
    completion: @escaping @Sendable (Result<EvictionReport, ControlError>) -> Void
  ) {
    if holdsOrders {
      held.withLock { $0.evictions.append((order, completion)) }
      return
    }
    var report = EvictionReport()
    report.evictedBytes = order.bytes ?? 0
    report.evictedFrames = report.evictedBytes / 65536
    report.skippedPinnedFrames = 2
    report.holders = [PinHolderReport(session: SessionID(rawValue: 1), process: 101, frames: 2)]
    completion(.success(report))
  }

  func migrate(
    _ order: MigrationOrder,
    completion: @escaping @Sendable (Result<MigrationReport, ControlError>) -> Void
  ) {
    if holdsOrders {
      held.withLock { $0.migrations.append((order, completion)) }
      return
    }
    guard order.allocation.rawValue != 404 else {
      completion(
        .failure(
          .noSuchAllocation(
            ControlError.SubjectDetail(session: order.session, allocation: order.allocation))))
      return
    }
    var report = MigrationReport()
    report.movedFrames = order.target == .device ? 7 : 1
    report.alreadyFrames = 9
    completion(.success(report))
  }

  func reload(completion: @escaping @Sendable (Result<ReloadReport, ControlError>) -> Void) {
    var report = ReloadReport()
    report.changed = ["[Limits] Sessions: 1 is 2 now"]
    completion(.success(report))
  }
}
