// A control server with two sessions and a thousand allocations, for the program to talk to.
import CoherentControl
import CoherentSystem
import CoherentWire
import Synchronization

final class SampleDaemon: Sendable {
  let path: String
  let source: Source
  private let mode: UInt32
  private let server = Mutex<ControlServer?>(nil)
  private static let count = Atomic<Int>(0)

  init(
    mode: UInt32 = 0o600, sessions: UInt32 = 2, allocations: UInt64 = 1000,
    holdsOrders: Bool = false
  ) throws {
    let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
    path = "/tmp/coherentctl-\(Process.id)-\(number)"
    source = Source(sessions: sessions, allocations: allocations, holdsOrders: holdsOrders)
    self.mode = mode
    try startAgain()
  }

  /// Listens at the same path, after a stop.
  func startAgain() throws {
    let started = try ControlServer(
      listener: try LocalSocket.listen(path: path, kind: .stream, mode: mode),
      settings: ControlServer.Settings(
        administrators: AdministratorRule(
          daemonUser: Process.effectiveUser, group: 4_000_000, groupName: "sample"),
        info: ServiceInfo(vendor: "v", product: "coherentd", version: "9.9.9", url: "u"),
        report: { _ in }),
      source: source)
    server.withLock { $0 = started }
  }

  /// Ends every connection; the socket's file goes too.
  func stop() {
    server.withLock { $0.take() }?.stop()
    try? SmallFile.remove(path: path)
  }

  /// Another server at the same path, and only then the end of this one.
  func replace() throws {
    let old = server.withLock { $0.take() }
    try SmallFile.remove(path: path)
    try startAgain()
    old?.stop()
  }

  /// Something more has happened, so many times.
  func makeEvents(_ count: UInt64) {
    source.eventCount.add(count, ordering: .relaxed)
    server.withLock { $0?.wakeFollowers() }
  }

  deinit { stop() }

  final class Source: ControlSource {
    private let sessionCount: UInt32
    private let allocationCount: UInt64
    private let holdsOrders: Bool
    private let heldOrders = Atomic<Int>(0)
    let blockTable = Mutex(SampleBlocks())
    let eventCount = Atomic<UInt64>(0)
    /// Which process it says it is.
    let process = Atomic<Int32>(0)

    init(sessions: UInt32, allocations: UInt64, holdsOrders: Bool) {
      sessionCount = sessions
      allocationCount = allocations
      self.holdsOrders = holdsOrders
    }

    var all: [SessionReport] {
      (0..<sessionCount).map { number in
        var report = SessionReport(session: SessionID(rawValue: number))
        report.process = Int32(4711 + number)
        report.unit = number == 0 ? nil : "sample.service"
        report.command = "sample"
        return report
      }
    }

    /// Looks until an order has come; false when none ever does.
    func waitForOrder() -> Bool {
      let deadline = Clock.monotonicNanoseconds() + 20_000_000_000
      while heldOrders.load(ordering: .acquiring) == 0 {
        if Clock.monotonicNanoseconds() > deadline { return false }
        Thread.yield()
      }
      return true
    }

    func status() -> StatusReport {
      var report = StatusReport()
      report.version = "9.9.9"
      report.process = process.load(ordering: .relaxed)
      report.onlineBytes = 1 << 30
      report.freeBytes = 1 << 30
      report.sessions = 2
      report.allocations = allocationCount
      return report
    }

    func sessions(from cursor: ReportCursor, limit: Int) -> ReportPage<SessionReport> {
      ReportPage(entries: all, next: nil)
    }

    func allocations(
      of session: SessionID?, from cursor: ReportCursor, limit: Int
    ) throws(ControlError) -> ReportPage<AllocationReport> {
      if let session, session.rawValue > 1 { throw .noSuchSession(.init(session: session)) }
      let end = min(cursor.rawValue + UInt64(limit), allocationCount)
      let entries = (cursor.rawValue..<end).map { number in
        AllocationReport(
          allocation: HandleID(rawValue: number), session: SessionID(rawValue: UInt32(number % 2)))
      }
      return ReportPage(
        entries: entries.filter { session == nil || $0.session == session },
        next: end < allocationCount ? ReportCursor(rawValue: end) : nil)
    }

    var pin: PinReport {
      var report = PinReport(
        session: SessionID(rawValue: 1), allocation: HandleID(rawValue: 5))
      report.process = 4711
      report.command = "sample"
      report.remainingMilliseconds = 40
      return report
    }

    func pins(
      _ query: PinsQuery, from cursor: ReportCursor, limit: Int
    ) throws(ControlError) -> ReportPage<PinReport> {
      guard query.process ?? 4711 == 4711 else {
        throw .noSuchSession(.init(session: query.session, process: query.process))
      }
      return ReportPage(
        entries: query.session ?? pin.session == pin.session ? [pin] : [], next: nil)
    }

    func evict(_ order: EvictionOrder, completion: @escaping Completion<EvictionReport>) {
      if holdsOrders {
        heldOrders.wrappingAdd(1, ordering: .releasing)
        return
      }
      var report = EvictionReport()
      report.evictedBytes = order.bytes ?? 0
      report.evictedFrames = report.evictedBytes / 65536
      completion(.success(report))
    }

    /// Refused if any data is there.
    func reload(completion: @escaping Completion<ReloadReport>) {
      guard allocationCount == 0 else {
        return completion(
          .failure(.refused(.init(reason: "configurationRefused", message: "a.conf:1: wrong"))))
      }
      var report = ReloadReport()
      report.changed = ["[Limits] Sessions: 1 is 2 now"]
      report.waiting = ["[Region] Blocks stays at 8 until restart"]
      completion(.success(report))
    }

    func migrate(_ order: MigrationOrder, completion: @escaping Completion<MigrationReport>) {
      switch order.allocation.rawValue {
      case 404:
        completion(
          .failure(
            .noSuchAllocation(.init(session: order.session, allocation: order.allocation))))
      case 405: completion(.failure(.refused(.init(reason: "notMigratable", message: "pinned"))))
      default:
        var report = MigrationReport()
        report.movedFrames = 1
        completion(.success(report))
      }
    }
  }
}
