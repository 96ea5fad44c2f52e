// A core with one attached client, and a pager that does at once what it is told: for tests that
// look at what is decided, not at what happens in between.

import CoherentShared
import CoherentWire
import TestSupport

@testable import CoherentCore

struct CoreHarness {
  var core: Core
  var now = Instant(nanoseconds: 1_000_000_000)
  var jobs: [Job] = []
  var effects: [Effect] = []
  var board = WordBoard()
  var ledger = LedgerBoard()
  private(set) var client = SessionID(rawValue: 0)
  private var nextRequest: UInt64 = 1

  static let frame: UInt64 = 65536

  init(online: Int = 8, _ change: (inout CoreConfiguration) -> Void = { _ in }) {
    var configuration = CoreConfiguration()
    configuration.onlineFrames = online
    configuration.arenaFrames = 64
    configuration.hostLimitFrames = 64
    configuration.maximumSessions = 3
    configuration.maximumAllocationsPerSession = 8
    configuration.maximumPinsPerSession = 4
    configuration.maximumRequestsInFlight = 4
    configuration.maximumWaiters = 6
    configuration.keepsLedger = true
    change(&configuration)
    core = Core(configuration)
    client = connect()
  }

  mutating func connect() -> SessionID {
    guard case .success(let id) = core.connect(process: 7, now) else {
      return SessionID(rawValue: 0)
    }
    core.attached(id)
    return id
  }

  /// Sends a request and returns what was answered at once, nil if it waits.
  @discardableResult
  mutating func ask(_ request: Request, from id: SessionID? = nil) -> Reply? {
    let number = RequestID(rawValue: nextRequest)
    nextRequest += 1
    effects = []
    core.request(request, number: number, from: id ?? client, now, &effects)
    collectJobs()
    return reply(to: number)
  }

  /// Sends a request as one that was sent before, under a number of the caller's choice.
  mutating func askAgain(_ request: Request, _ number: UInt64) -> Reply? {
    effects = []
    core.request(
      request, number: RequestID(rawValue: number), from: client, isRepeat: true, now, &effects)
    collectJobs()
    return reply(to: RequestID(rawValue: number))
  }

  /// The reply to the request that was sent last, if it is among the effects.
  func lastReply() -> Reply? { reply(to: RequestID(rawValue: nextRequest - 1)) }

  private func reply(to number: RequestID) -> Reply? {
    for case .reply(_, number, let reply) in effects { return reply }
    return nil
  }

  mutating func allocate(
    _ frames: Int, from id: SessionID? = nil, timeout: UInt32 = 0, priority: UInt8 = 128
  ) -> HandleID? {
    let request = Request.allocate(
      sizeBytes: UInt64(frames) * Self.frame, alignmentBytes: 0, timeoutMilliseconds: timeout,
      priority: priority)
    if case .allocated(let handle, _, _, _) = ask(request, from: id) { return handle }
    return nil
  }

  struct NotGranted: Error {}

  /// As `allocate`, for tests that are about something else.
  mutating func given(_ frames: Int) throws -> HandleID {
    guard let handle = allocate(frames) else { throw NotGranted() }
    return handle
  }

  static func range(_ handle: HandleID, _ frames: Range<Int>) -> HandleRange {
    HandleRange(
      handle: handle, offsetBytes: UInt64(frames.lowerBound) * frame,
      lengthBytes: UInt64(frames.count) * frame)
  }

  /// A thread reads or writes the frame of the arena; the pager does what is decided.
  @discardableResult
  mutating func touch(_ index: Int, isWrite: Bool = true, from id: SessionID? = nil)
    -> FaultDecision
  {
    effects = []
    let id = id ?? client
    let decision = core.fault(
      id, frame: index, isWrite: isWrite, isWriteProtect: false, now, &effects)
    if case .fill(let order) = decision { core.filled(id, order, now, &effects) }
    collectJobs()
    return decision
  }

  /// The pager does the oldest job.
  mutating func finishJob(_ outcome: JobOutcome = .done) {
    effects = []
    core.completed(jobs.removeFirst(), outcome, now, &effects)
    collectJobs()
  }

  mutating func finishJobs() {
    while !jobs.isEmpty { finishJob() }
  }

  mutating func pass(milliseconds: UInt32) {
    now = now.adding(milliseconds: milliseconds)
    effects = []
    core.tick(now, &effects)
    collectJobs()
  }

  /// What the shell does after every event: first the words, then the rest.
  mutating func collectJobs() {
    board.work(for: &core, now, &effects)
    ledger.note(from: &core)
    for case .job(let job) in effects { jobs.append(job) }
  }

  /// The stale copies to drop when nothing has been evicted for long.
  mutating func staleCopies() -> StaleCopies {
    core.takeStaleCopies(client, now.adding(milliseconds: Core.staleMilliseconds))
  }

  func place(_ index: Int) -> Place {
    core.sessions[core.sessions.slot(of: client) ?? 0].arena.frames[index].place
  }

  /// Everything a request could change, but for the count of refusals.
  var state: String {
    var parts = ["\(core.region.counts) \(core.hostReservedFrames) \(core.frameQueue)"]
    for slot in 0..<core.sessions.endSlot where core.sessions.holds(slot: slot) {
      let session = core.sessions[slot]
      parts.append("\(session.arena.frames) \(session.arena.space.takenFrames)")
      parts.append("\(session.pins.count) \(session.waiters) \(session.arena.stale)")
    }
    return parts.joined(separator: "\n")
  }
}
